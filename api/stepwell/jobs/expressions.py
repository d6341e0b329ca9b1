"""`${{ … }}` and `$[[ … ]]` in texts."""

from __future__ import annotations

import re

import msgspec

_EXPRESSION = re.compile(r"\$\{\{\s*([^{}]*?)\s*\}\}")
_SEGMENT = re.compile(r"\$\[\[(.*?)\]\]", re.DOTALL)


class Expression(msgspec.Struct, frozen=True):
    """One `${{ a.b.c }}`: its dotted parts."""

    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """As an author writes it."""
        return "${{" + ".".join(self.parts) + "}}"


Piece = str | Expression


class Optional(msgspec.Struct, frozen=True):
    """What stood between `$[[` and `]]`."""

    pieces: tuple[Piece, ...]


def is_expression(value: object) -> bool:
    """Whether a value is text with an expression in it."""
    return isinstance(value, str) and "${{" in value and _EXPRESSION.search(value) is not None


def pieces(text: str) -> tuple[Piece, ...]:
    """Text and expressions in turn; empty texts are left out."""
    found: list[Piece] = []
    position = 0
    for match in _EXPRESSION.finditer(text):
        if match.start() > position:
            found.append(text[position : match.start()])
        found.append(Expression(tuple(part.strip() for part in match[1].split("."))))
        position = match.end()
    if position < len(text):
        found.append(text[position:])
    return tuple(found)


def segments(text: str) -> tuple[Piece | Optional, ...]:
    """The pieces of a command, with optional segments as such."""
    found: list[Piece | Optional] = []
    position = 0
    for match in _SEGMENT.finditer(text):
        found += pieces(text[position : match.start()])
        found.append(Optional(pieces(match[1])))
        position = match.end()
    return (*found, *pieces(text[position:]))


def single(text: object) -> Expression | None:
    """The expression that a text is, with nothing around it; else None."""
    if not isinstance(text, str):
        return None
    found = pieces(text.strip())
    return found[0] if len(found) == 1 and isinstance(found[0], Expression) else None
