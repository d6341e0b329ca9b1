"""The one line at the bottom: the keys that are most of use here. All of them are in the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from textual import events
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from stepwell_tui.keys import key_text

GAP = 2
_ALWAYS = ("palette", "help", "quit")


class Key(msgspec.Struct, frozen=True):
    """A key with what it does; `id` is that of its action, `press` what a click on it presses."""

    id: str
    press: str
    key: str
    label: str

    @property
    def width(self) -> int:
        """Cells."""
        return len(self.key) + 1 + len(self.label)


def fitting(keys: Sequence[Key], width: int) -> list[Key]:
    """Those that there is room for; how to go anywhere, help and the way out are always among them."""
    kept = [key for key in keys if key.id in _ALWAYS]
    room = width - sum(key.width + GAP for key in kept)
    for key in keys:
        if key not in kept:
            room -= key.width + GAP
            if room < 0:
                break
            kept.append(key)
    return [key for key in keys if key in kept]


class KeyLine(Widget):
    """One widget, however many keys there are."""

    DEFAULT_CSS = "KeyLine { height: 1; background: $panel; padding: 0 1; dock: bottom; }"

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()

    def _keys(self) -> Iterator[Key]:
        seen = set()
        for _, binding, enabled, _ in self.screen.active_bindings.values():
            if binding.show and enabled and binding.action not in seen:
                seen.add(binding.action)
                yield Key(binding.id or "", binding.key, key_text(binding.key), binding.description)

    def render(self) -> Content:
        """The line."""
        parts: list[Content | tuple[str, str]] = []
        for key in fitting(list(self._keys()), self.size.width + GAP):
            parts += [(key.key, "bold $accent"), (f" {key.label}{' ' * GAP}", "")]
        return Content.assemble(*parts)

    def on_click(self, event: events.Click) -> None:
        """A click is as good as the key."""
        event.stop()
        at = event.x - self.styles.padding.left
        for key in fitting(list(self._keys()), self.size.width + GAP):
            if 0 <= at < key.width:
                self.app.simulate_key(key.press)
                return
            at -= key.width + GAP
