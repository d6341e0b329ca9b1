"""Command lines with references in them: split into words where that is enough, else run by bash."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from stepwell.sdk.exceptions import PipelineError
from stepwell_runner.graph.model import Joined, PythonRef, Text, Token

_QUOTED = re.compile(r"'[^']*'|\"[^\"$`\\]*\"")
_SYNTAX = re.compile(r"[|&;<>()$`*?\[\]{}~#!\n]|^\s*\w+=")
_MARK = re.compile("\0(\\d+)\0")
_PYTHON: tuple[Token, ...] = (Text("python"), Text("python3"))


def command_tokens(items: Iterable[list[Token]]) -> tuple[Token, ...]:
    """The command line for items that are joined with blanks; each item is text and references in turn.

    PipelineError for an open quote.
    """
    references: list[Token] = []
    text = " ".join("".join(_marked(token, references) for token in item) for item in items)
    if needs_shell(text):
        return (Text("bash"), Text("-c"), Text(_positional(text)), Text("bash"), *references)
    try:
        words = [_word(word, references) for word in shlex.split(text)]
    except ValueError as error:
        raise PipelineError(f"the command cannot be split into words: {error}", where=_MARK.sub("...", text)) from None
    if words[0] in _PYTHON:
        words[0] = PythonRef()
    return tuple(words)


def argument_tokens(item: list[Token]) -> tuple[Token, ...]:
    """Text and references in turn, split into words by the shell's rules; ValueError for an open quote."""
    references: list[Token] = []
    text = "".join(_marked(token, references) for token in item)
    return tuple(_word(word, references) for word in shlex.split(text))


def needs_shell(text: str) -> bool:
    """Whether a command is more than words and quotes."""
    return bool(_SYNTAX.search(_QUOTED.sub("", text)))


def _marked(token: Token, references: list[Token]) -> str:
    """The token itself when it is text, else a mark `NUL number NUL` for its place in `references`."""
    if isinstance(token, Text):
        return token.text
    references.append(token)
    return f"\0{len(references) - 1}\0"


def _word(word: str, references: list[Token]) -> Token:
    pieces = _MARK.split(word)
    parts = [references[int(piece)] if index % 2 else Text(piece) for index, piece in enumerate(pieces) if index % 2 or piece]
    return parts[0] if len(parts) == 1 else Joined(tuple(parts)) if parts else Text("")


def _positional(text: str) -> str:
    """Marks as the positional parameters of the shell, quoted so that each stays one word, also inside quotes."""
    parts: list[str] = []
    position, quote = 0, ""
    for mark in _MARK.finditer(text):
        before = text[position : mark.start()]
        quote = open_quote(before, quote)
        value = f"${{{int(mark[1]) + 1}}}"
        parts += (before, {'"': value, "'": f"""'"{value}"'""", "": f'"{value}"'}[quote])
        position = mark.end()
    return "".join(parts) + text[position:]


def open_quote(text: str, quote: str) -> str:
    """The quote that is open at the end of a piece of shell text, given the one open at its beginning."""
    escaped = False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote = character
    return quote
