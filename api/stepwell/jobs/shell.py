"""From a command with expressions to the tokens of `bash -c`.

Literals are pasted in as they are, as Azure does it. Paths are pasted too, but where one holds a blank or another character
that the shell would take apart it is quoted, in the way that fits the quotes around it: Azure's paths never have such, local ones do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

from stepwell.jobs.expressions import Expression, Optional, Piece, segments
from stepwell.sdk.shell import argument_tokens, open_quote
from stepwell_runner.graph.model import Fact, InputRef, Joined, OutputRef, Quoted, Text, Token

_QUOTES: dict[str, Literal["", "'", '"']] = {"": "", "'": "'", '"': '"'}

Resolve = Callable[[Expression], Token | None]
"""What an expression stands for; None when it has no value, which is fine in an optional segment only."""


def command_text(text: str, resolve: Resolve, missing: Callable[[Expression], Token]) -> Token:
    """A command as one token. `missing` is asked what stands for an expression without a value outside of optional segments."""
    parts: list[Token] = []
    quote = ""
    for piece in _kept(segments(text), resolve):
        if isinstance(piece, str):
            parts.append(Text(piece))
            quote = open_quote(piece, quote)
            continue
        token = resolve(piece) or missing(piece)
        parts.append(Quoted(token, _QUOTES[quote]) if isinstance(token, InputRef | OutputRef | Fact) else token)
    return joined(parts)


def argument_words(text: str, resolve: Resolve, missing: Callable[[Expression], Token]) -> tuple[Token, ...]:
    """Arguments of a script as words: quotes and blanks as in a shell, and nothing else of it. ValueError for an open quote."""
    return argument_tokens(
        [Text(piece) if isinstance(piece, str) else resolve(piece) or missing(piece) for piece in _kept(segments(text), resolve)]
    )


def _kept(found: Iterable[Piece | Optional], resolve: Resolve) -> Iterable[Piece]:
    for piece in found:
        if not isinstance(piece, Optional):
            yield piece
        elif all(resolve(inner) is not None for inner in piece.pieces if isinstance(inner, Expression)):
            yield from piece.pieces


def joined(parts: list[Token]) -> Token:
    """One token for several, with texts side by side made one."""
    merged: list[Token] = []
    for part in parts:
        if isinstance(part, Text) and merged and isinstance(merged[-1], Text):
            merged[-1] = Text(merged[-1].text + part.text)
        elif part != Text(""):
            merged.append(part)
    return merged[0] if len(merged) == 1 else Joined(tuple(merged)) if merged else Text("")
