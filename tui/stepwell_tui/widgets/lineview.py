"""What widgets have in common that draw line after line: styles by name, text that fits, and text that can be selected."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import ClassVar

from rich.cells import get_character_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.widgets.fitting import fitted

_SELECTED = "screen--selection"

Span = tuple[int, int, str]
"""From a character up to another one, and the component class whose style is between."""

_TONES_CSS = "\n".join(
    f".tone--{colour} {{ {'text-style: bold' if colour == 'bold' else f'color: ${variable}'}; }}"
    for colour, variable in STATUS_COLOURS.items()
)


class LineView(ScrollView):
    """Has the component classes `tone--green` and so on for the colours of `render.status`."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{colour}" for colour in STATUS_COLOURS}
    DEFAULT_CSS = "LineView { scrollbar-size: 0 1;\n" + _TONES_CSS + "}"

    def __init__(self, *, id: str | None, classes: str | None) -> None:  # noqa: A002 - as in Textual
        super().__init__(id=id, classes=classes)
        self._brushes: dict[tuple[str, ...], Style] = {}
        self._area: Size | None = None
        self._painting = False

    @property
    def area(self) -> Size:
        """The cells in which lines are drawn."""
        return self._area or self.scrollable_size

    def render_lines(self, crop: Region) -> list[Strip]:
        """Paint, with styles and sizes looked up once for all lines."""
        self._brushes, self._area, self._painting = {}, self.scrollable_size, True
        try:
            return super().render_lines(crop)
        finally:
            self._area, self._painting = None, False

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Textual tells a scrollbar of scrolling only while it is there: one that comes later is told where the view is."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def extend(self, size: Size) -> None:
        """Other bounds of scrolling. The screen is laid out anew, which paints all of it, only if a scrollbar comes or goes."""
        before, area = self.virtual_size, self.scrollable_size
        bars = [(one.width > area.width, one.height > area.height) for one in (before, size)]
        if bars[0] != bars[1] or not self.show_vertical_scrollbar:
            self.virtual_size = size
        elif size != before:
            self.set_reactive(LineView.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self.scroll_y = self.validate_scroll_y(self.scroll_y)

    def brush(self, names: tuple[str, ...]) -> Style:
        """The style of the widget with these component classes over it."""
        found = self._brushes.get(names)
        if found is None:
            found = self.get_visual_style(*names).rich_style
            if self._painting:
                self._brushes[names] = found
        return found

    def blank(self) -> Strip:
        """A line without anything."""
        return Strip.blank(self.area.width, self.brush(()))

    def line(
        self,
        text: str,
        spans: Iterable[Span] = (),
        *,
        names: tuple[str, ...] = (),
        number: int | None = None,
        begin: int = 0,
        left: int = 0,
    ) -> Strip:
        """As much of a text as there is room for, in the style of `names`, with spans over it.

        `number` is that of the line, if text of it may be selected; the text begins with character `begin` of it, in which spans
        are counted, too. `left` cells of it are out of view.
        """
        first, text = _from_cell(text, left) if left else (0, text)
        begin += first
        parts = [(low - begin, high - begin, self.brush((*names, name))) for low, high, name in spans]
        if number is not None:
            parts += self._selected(number, begin, len(text))
        segments = _segments(fitted(text, self.area.width, ellipsis=False), self.brush(names), parts)
        strip = Strip(segments, self.area.width)
        # Painting needs no offsets, which are dear; finding what is under the mouse does.
        return strip if self._painting or number is None else strip.apply_offsets(begin, number)

    def _selected(self, number: int, begin: int, length: int) -> list[tuple[int, int, Style]]:
        selection = self.text_selection
        span = selection.get_span(number) if selection else None
        if span is None:
            return []
        style = self.screen.get_component_rich_style(_SELECTED)
        return [(span[0] - begin, length if span[1] == -1 else span[1] - begin, style)]


def _from_cell(text: str, left: int) -> tuple[int, str]:
    """What is left of a text without its first cells, and with which character that begins."""
    if text.isascii():
        return left, text[left:]
    used = 0
    for at, character in enumerate(text):
        if used >= left:
            return at, " " * (used - left) + text[at:]
        used += get_character_cell_size(character)
    return len(text), ""


def _segments(text: str, base: Style, parts: list[tuple[int, int, Style]]) -> list[Segment]:
    """The text in a style, with others put over parts of it; later ones over earlier ones."""
    if not parts:
        return [Segment(text, base)]
    length = len(text)
    parts = [(max(0, low), min(length, high), style) for low, high, style in parts]
    bounds = sorted({0, length, *(at for low, high, _ in parts if low < high for at in (low, high))})
    segments = []
    for start, end in pairwise(bounds):
        style = base
        for low, high, over in parts:
            if low <= start and end <= high:
                style = style + over
        segments.append(Segment(text[start:end], style))
    return segments
