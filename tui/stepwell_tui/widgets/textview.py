"""Text of a file or a diff: any number of lines, of which only those in view are drawn."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from stepwell_tui.keys import bindings

_HIGHLIGHTED_BYTES = 48 << 10


class TextView(ScrollView, can_focus=True):
    """Lines that are not wrapped; it is scrolled both ways."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    TextView { text-wrap: nowrap; scrollbar-size: 1 1; overflow: auto auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("lines")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, classes=classes)
        self._lines: list[Content] = []

    def put(self, lines: list[Content], *, from_top: bool = True) -> None:
        """Show these lines, which hold no line ends, from the top on or where one was."""
        self._lines = lines
        self.virtual_size = Size(max((line.cell_length for line in lines), default=0), len(lines))
        if from_top:
            self.scroll_to(0, 0, animate=False, force=True, immediate=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line, from where it is scrolled to."""
        left, top = self.scroll_offset
        width, index = self.size.width, top + y
        if index >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line = self._marked(index)
        strips = Visual.to_strips(self, line, max(line.cell_length, 1), 1, self.visual_style, apply_selection=False)
        return strips[0].crop_extend(left, left + width, self.rich_style).apply_offsets(left, index)

    def _marked(self, index: int) -> Content:
        line, selection = self._lines[index], self.text_selection
        span = selection.get_span(index) if selection else None
        if span is None:
            return line
        style = Style.from_styles(self.screen.get_component_styles("screen--selection"))
        return line.stylize(style, span[0], None if span[1] == -1 else span[1])

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(line.plain for line in self._lines)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What is selected with the mouse."""
        return selection.extract(self.text), "\n"


def plain_lines(text: str) -> list[Content]:
    """Safe text as it is."""
    return [Content(line) for line in text.removesuffix("\n").split("\n")]


def code_lines(text: str, path: str) -> list[Content]:
    """Safe text in the colours of its language, by the file's name. Takes up to half a second: call it in a thread."""
    if len(text) > _HIGHLIGHTED_BYTES:
        return plain_lines(text)
    from textual.highlight import highlight

    return highlight(text.removesuffix("\n"), path=path).split("\n", allow_blank=True)


def diff_lines(text: str) -> list[Content]:
    """A unified diff: what came is green and begins with a plus, what went is red and begins with a minus."""
    return [Content.styled(line, _diff_style(line)) for line in text.removesuffix("\n").split("\n")]


def _diff_style(line: str) -> str:
    if line.startswith(("+++", "---", "diff ", "index ")):
        return "bold"
    return {"+": "$text-success", "-": "$text-error", "@": "$text-accent"}.get(line[:1], "")


def pair_lines(pairs: list[tuple[str, str]]) -> list[Content]:
    """Names and values, one below the other; both safe and of one line."""
    width = min(max((len(name) for name, _ in pairs), default=0), 24)
    return [Content.assemble((f"{name:{width}}  ", "$soft"), value) for name, value in pairs]
