"""What is shown where there is nothing yet: a sentence, and the key or command that fills the place."""

from __future__ import annotations

from textwrap import wrap

from textual.strip import Strip

from stepwell_tui.render.text import safe_line
from stepwell_tui.widgets.fitting import cells, fitted
from stepwell_tui.widgets.lineview import LineView


def empty_lines(sentence: str, hint: str, width: int, height: int) -> dict[int, str]:
    """Both in the middle of so many lines of so many cells, by number of line, wrapped; without room only the sentence."""
    lines = [safe_line(line) for text in (sentence, hint) for line in text.splitlines() if line]
    said = [part for line in lines for part in wrap(line, max(width, 1))][:height]
    top = max(0, (height - len(said)) // 2)
    return {top + at: _centred(line, width) for at, line in enumerate(said)}


def _centred(text: str, width: int) -> str:
    return fitted(" " * max(0, (width - cells(text)) // 2) + text, width)


class Empty(LineView):
    """The same as a widget of its own."""

    DEFAULT_CSS = "Empty { width: 1fr; height: 1fr; }"

    def __init__(
        self,
        sentence: str,
        hint: str = "",
        *,
        id: str | None = None,  # noqa: A002 - as in Textual
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._said = sentence, hint

    def say(self, sentence: str, hint: str = "") -> None:
        """Something else."""
        self._said = sentence, hint
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        return self.line(empty_lines(*self._said, *self.area).get(y, ""), names=("tone--dim",))
