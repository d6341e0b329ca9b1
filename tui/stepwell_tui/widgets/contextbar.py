"""The one line at the top: which workspace, where in it, how many runs go on, which commit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.context import Facts

Part = tuple[str, str]
"""Safe text and its style."""


class _Shown(NamedTuple):
    """How much of it is shown."""

    way: tuple[str, ...]
    note: bool = False
    git: bool = False


class ContextBar(Widget):
    """`workspace › place › thing` on the left, what goes on to the right. `status` is that of the thing, `note` is said of it."""

    DEFAULT_CSS = """
    ContextBar { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """

    facts: reactive[Facts] = reactive(Facts(""))
    crumbs: reactive[tuple[str, ...]] = reactive(())
    status: reactive[str] = reactive("")
    note: reactive[str] = reactive("")

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.set_reactive(ContextBar.facts, facts)

    def render(self) -> Content:
        """The line, with as much in it as fits."""
        for shown in self._forms():
            left, right = Content.assemble(*self._left(shown)), Content.assemble(*self._right(shown))
            room = self.size.width - right.cell_length - 1
            if left.cell_length <= room:
                break
        return left.truncate(max(0, room), ellipsis=True, pad=True) + " " + right

    def _forms(self) -> Iterator[_Shown]:
        """The fullest first. What one looks at and how it stands go last."""
        way = (self.facts.workspace, *self.crumbs)
        yield _Shown(way, note=True, git=True)
        yield _Shown(way, note=True)
        yield _Shown((*way[:1], *self.crumbs[-2:]), note=True)
        yield _Shown((*way[:1], *self.crumbs[-1:]), note=True)
        yield _Shown((*way[:1], *self.crumbs[-1:]))
        yield _Shown(way[-1:])

    def _left(self, shown: _Shown) -> list[Part]:
        parts: list[Part] = []
        for at, crumb in enumerate(shown.way):
            is_workspace, is_last = crumb is self.facts.workspace, at == len(shown.way) - 1
            parts += [*([(" › ", "$soft")] if at else []),
                      (safe_line(crumb), "bold $primary" if is_workspace else "bold" if is_last else "")]
        if self.status:
            look = look_of(self.status)
            parts += [("  ", ""), (f"{look.glyph} {safe_line(look.word)}", f"bold ${STATUS_COLOURS[look.colour]}")]
        if self.note and shown.note:
            parts.append((f"  {safe_line(self.note)}", "$soft"))
        return parts

    def _right(self, shown: _Shown) -> list[Part]:
        running = [(f"● {self.facts.running} running", "bold $live")] if self.facts.running else []
        git = [(safe_line(self.facts.git), "$soft")] if self.facts.git and shown.git else []
        return [*running, *([("   ", "")] if running and git else []), *git]
