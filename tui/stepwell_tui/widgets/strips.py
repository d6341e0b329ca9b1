"""Lines of text as Textual draws them: in styles, with selected text marked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.widgets.fitting import cells

_MOST_SELECTED = 5000

Span = tuple[int, int, Style]
"""From a character up to another one, and the style of what is between."""

TONES = {f"tone--{colour}" for colour in STATUS_COLOURS}
"""Component classes for the colours of `render.status`."""
TONES_CSS = "\n".join(
    f".tone--{colour} {{ {'text-style: bold' if colour == 'bold' else f'color: ${variable}'}; }}"
    for colour, variable in STATUS_COLOURS.items()
)
"""Their rules, to be put into the DEFAULT_CSS of a widget."""


def painted(text: str, base: Style, spans: Iterable[Span] = ()) -> Strip:
    """The text in a style, with others put over parts of it; later spans over earlier ones."""
    parts = [(max(0, start), min(len(text), end), style) for start, end, style in spans]
    bounds = sorted({0, len(text), *(at for start, end, _ in parts if start < end for at in (start, end))})
    segments = []
    for start, end in pairwise(bounds):
        style = base
        for low, high, over in parts:
            if low <= start and end <= high:
                style = style + over
        segments.append(Segment(text[start:end], style))
    return Strip(segments, cells(text))


def selected_span(selection: Selection | None, line: int, length: int, style: Style) -> list[Span]:
    """What of a line is selected, as a span; an empty list when nothing is."""
    span = selection.get_span(line) if selection else None
    if span is None:
        return []
    start, end = span
    return [(start, length if end == -1 else end, style)]


def selected_text(selection: Selection, count: int, text: Callable[[int], str]) -> str:
    """The selected part of lines that are asked for by number, of which there are `count`: some thousands of them at most."""
    first = selection.start.y if selection.start else 0
    last = min(count - 1, selection.end.y if selection.end else count - 1, first + _MOST_SELECTED)
    lines = []
    for line in range(first, last + 1):
        whole = text(line)
        start, end = selection.get_span(line) or (0, 0)
        lines.append(whole[start : len(whole) if end == -1 else end])
    return "\n".join(lines)


def shown(strip: Strip, left: int, width: int, base: Style, offset: Offset) -> Strip:
    """The part of a line that is in view, which Textual can find again under the mouse by `offset`: its first character and line."""
    return strip.crop_extend(left, left + width, base).apply_offsets(offset.x, offset.y)
