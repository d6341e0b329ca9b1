"""Every key that works on a screen: from the bindings that are in force there, so it cannot be out of date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from stepwell_tui.actions import SCOPES
from stepwell_tui.keys import key_text
from stepwell_tui.modals.box import Box, Scroller

KEYS_WIDTH = 11
_ORDER = {action.id: place for place, action in enumerate(action for scope in SCOPES.values() for action in scope)}


class Line(msgspec.Struct, frozen=True):
    """What some keys do, as people read them: `: ctrl+p` does `Go to`."""

    keys: str
    label: str


def lines(bindings: Iterable[ActiveBinding]) -> tuple[list[Line], list[Line]]:
    """What keys do on the screen itself, and what they do everywhere. Keys for the same thing share a line.

    What can be done comes first, in the order of `actions`, then what moves about; the library's own, which have no id, come last.
    """
    shown = [one for one in bindings if one.binding.description and not one.binding.system and one.enabled]
    shown.sort(key=lambda one: _ORDER.get(one.binding.id or "", len(_ORDER) + (one.binding.id is None)))
    return _lines(one for one in shown if not _is_common(one)), _lines(one for one in shown if _is_common(one))


def _is_common(one: ActiveBinding) -> bool:
    return isinstance(one.node, App) or one.binding.action.startswith(("app.", "screen."))


def _lines(bindings: Iterable[ActiveBinding]) -> list[Line]:
    found: dict[tuple[str, str], list[str]] = {}
    for _, binding, _, _ in bindings:
        # Terminals keep the super key for themselves, but for a few.
        if not binding.key.startswith("super+"):
            found.setdefault((binding.action, binding.description), []).append(key_text(binding.key))
    return [Line(" ".join(sorted(keys, key=len)), label) for (_, label), keys in found.items()]


class Help(Box[None]):
    """The keys of a screen, as it is when this is made, next to those that work everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,q,question_mark,f1", "cancel", "Close", show=False)]
    DEFAULT_CSS = """
    Help #box { width: 76; }
    Help Horizontal { height: auto; }
    Help Horizontal Static { width: 1fr; height: auto; margin: 0 1 0 0; }
    """

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__("Keys", "esc closes")
        self._here, self._everywhere = lines(screen.active_bindings.values())

    def content(self) -> ComposeResult:
        """Two columns, or one when the screen has no keys of its own."""
        with Scroller(), Horizontal():
            if self._here:
                yield Static(_table("Here", self._here))
            yield Static(_table("Everywhere", self._everywhere))


def _table(title: str, column: list[Line]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=KEYS_WIDTH, style="bold", overflow="fold")
    table.add_column(overflow="fold")
    table.add_row(Text(title, style="underline"), "")
    for line in column:
        table.add_row(Text(line.keys), Text(line.label))
    return table
