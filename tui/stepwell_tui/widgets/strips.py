"""The text of lines that were selected with the mouse."""

from __future__ import annotations

from collections.abc import Callable

from textual.selection import Selection

_MOST_SELECTED = 5000


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
