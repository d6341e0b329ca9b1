"""Text as wide as Textual counts it."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def cells(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fitted(text: str, width: int, right: bool = False, ellipsis: bool = True) -> str:
    """The text in exactly so many cells: cut, with an ellipsis if wanted, or filled with blanks."""
    length = cells(text)
    if length > width and not ellipsis:
        return set_cell_size(text, width)
    if length > width:
        return set_cell_size(set_cell_size(text, max(0, width - 1)) + "…", width)
    return " " * (width - length) + text if right else text + " " * (width - length)
