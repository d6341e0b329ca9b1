"""The one line at the top: which workspace, where in it, how many runs go on, which commit."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from stepwell_tui.render.text import safe_line
from stepwell_tui.views.context import Facts


class ContextBar(Widget):
    """`workspace › place › thing` on the left, what goes on to the right."""

    DEFAULT_CSS = """
    ContextBar { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """

    facts: reactive[Facts] = reactive(Facts(""))
    crumbs: reactive[tuple[str, ...]] = reactive(())

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self.set_reactive(ContextBar.facts, facts)

    def render(self) -> Text:
        """The line, cut where it does not fit."""
        left = Text(" › ".join(safe_line(part) for part in (self.facts.workspace, *self.crumbs)), no_wrap=True)
        left.stylize("bold", 0, len(safe_line(self.facts.workspace)))
        right = Text("   ".join(part for part in (self._going_on(), safe_line(self.facts.git)) if part))
        room = self.size.width - right.cell_len - 1
        left.truncate(max(0, room), overflow="ellipsis", pad=True)
        return Text.assemble(left, " ", right, no_wrap=True, overflow="crop")

    def _going_on(self) -> str:
        return f"● {self.facts.running} running" if self.facts.running else ""
