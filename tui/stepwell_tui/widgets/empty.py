"""What is shown where there is nothing yet: a sentence, and the key or command that fills the place."""

from __future__ import annotations

from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from stepwell_tui.render.text import safe_line
from stepwell_tui.widgets.fitting import cells, fitted
from stepwell_tui.widgets.strips import painted


def empty_lines(sentence: str, hint: str, width: int, height: int) -> dict[int, str]:
    """Both in the middle of so many lines of so many cells, by number of line; without room only the sentence."""
    said = [safe_line(line) for text in (sentence, hint) for line in text.splitlines() if line][:height]
    top = max(0, (height - len(said)) // 2)
    return {top + at: _centred(line, width) for at, line in enumerate(said)}


def _centred(text: str, width: int) -> str:
    return fitted(" " * max(0, (width - cells(text)) // 2) + text, width)


class Empty(Widget):
    """The same as a widget of its own."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"empty--text"}
    DEFAULT_CSS = """
    Empty { width: 1fr; height: 1fr; .empty--text { color: $text-muted; } }
    """

    def __init__(self, sentence: str, hint: str = "", *, id: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id)
        self._said = sentence, hint

    def say(self, sentence: str, hint: str = "") -> None:
        """Something else."""
        self._said = sentence, hint
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        lines = empty_lines(*self._said, *self.size)
        return painted(lines.get(y, "").ljust(self.size.width), self.get_visual_style("empty--text").rich_style)
