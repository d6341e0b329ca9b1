"""The Python of a driver: a script, or the code cells of a notebook with what is not Python blanked out."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import msgspec

from stepwell_store.errors import UsageError


class Piece(msgspec.Struct, frozen=True):
    """A part of a driver that is parsed on its own; `cell` counts code cells from 1, None in a script."""

    text: str
    cell: int | None = None

    def place(self, line: int) -> str:
        """Where a line of it is, as a person finds it."""
        return f"line {line}" if self.cell is None else f"cell {self.cell}, line {line}"


def pieces(path: Path) -> list[Piece]:
    """The parts of a driver. UsageError when it cannot be read, or is no notebook though it is called one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"this is no text in UTF-8: {error}", where=str(path)) from None
    return _cells(text, path) if path.suffix == ".ipynb" else [Piece(text)]


def _cells(text: str, path: Path) -> list[Piece]:
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"this is no notebook: {error!r}", where=str(path)) from None
    return [Piece(_python(source), number) for number, source in enumerate(sources, 1)]


def _python(cell: str) -> str:
    """A cell without magics and shell lines; its lines keep their numbers."""
    lines = cell.splitlines()
    if lines and lines[0].lstrip().startswith("%%") and not lines[0].lstrip().startswith(("%%time", "%%capture")):
        return ""
    return "\n".join(_blanked(line) for line in lines)


def _blanked(line: str) -> str:
    bare = line.lstrip()
    is_python = not bare.startswith(("%", "!", "?")) and not bare.rstrip().endswith("?")
    return line if is_python else line[: len(line) - len(bare)] + "pass"


def parsed(piece: Piece, path: Path) -> ast.Module:
    """Its syntax tree. UsageError names the line that is not Python."""
    try:
        return ast.parse(piece.text)
    except SyntaxError as error:
        raise UsageError(f"this is not valid Python: {error.msg}", where=f"{path}, {piece.place(error.lineno or 1)}") from None
