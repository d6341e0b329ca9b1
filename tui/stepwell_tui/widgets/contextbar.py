"""The one line at the top: which workspace, where in it, how many runs go on, which commit."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.context import Facts

Part = tuple[str, str]
"""Safe text and its style."""


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
        """The line, cut where it does not fit."""
        left, right = Content.assemble(*self._left()), Content.assemble(*self._right())
        room = self.size.width - right.cell_length - 1
        return left.truncate(max(0, room), ellipsis=True, pad=True) + " " + right

    def _left(self) -> list[Part]:
        parts = [(safe_line(self.facts.workspace), "bold $primary")]
        for at, crumb in enumerate(self.crumbs):
            parts += [(" › ", "$soft"), (safe_line(crumb), "bold" if at == len(self.crumbs) - 1 else "")]
        if self.status:
            look = look_of(self.status)
            parts += [("  ", ""), (f"{look.glyph} {safe_line(look.word)}", f"bold ${STATUS_COLOURS[look.colour]}")]
        if self.note:
            parts.append((f"  {safe_line(self.note)}", "$soft"))
        return parts

    def _right(self) -> list[Part]:
        running = [(f"● {self.facts.running} running", "bold $live")] if self.facts.running else []
        git = [(safe_line(self.facts.git), "$soft")] if self.facts.git else []
        return [*running, *([("   ", "")] if running and git else []), *git]
