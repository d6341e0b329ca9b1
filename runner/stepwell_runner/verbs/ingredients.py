"""What a step's result was made from, in words: the ingredients of its fingerprint as people read them."""

from __future__ import annotations

from typing import Any

import msgspec

from stepwell_runner.graph.model import Token
from stepwell_runner.planning.fingerprint import readable
from stepwell_runner.planning.work import PREFIX, setting_words

BRIEF = 12
"""Characters of a digest that are enough for people to tell two apart."""

_Named = list[tuple[str, str, str | None]]


def words(name: str, value: str) -> str:
    """One ingredient on one line; what cannot be read (an older Stepwell wrote it) as it is stored."""
    try:
        return _words(name, value)
    except msgspec.MsgspecError:
        return value


def _words(name: str, value: str) -> str:
    match name:
        case "command":
            return readable(msgspec.json.decode(value, type=tuple[Token, ...]))
        case "variables":
            pairs = msgspec.json.decode(value, type=list[tuple[str, Token]])
            return " ".join(f"{variable}={readable((token,))}" for variable, token in pairs)
        case "inputs":
            listed = msgspec.json.decode(value, type=_Named)
            return ", ".join(f"{one} ({mode}{' at ' + path if path else ''})" for one, mode, path in listed)
        case "outputs":
            return ", ".join(_output(one) for one in msgspec.json.decode(value, type=list[list[Any]]))
        case _ if name.startswith(PREFIX):
            return setting_words(value) or ""
        case _:
            return brief(value)


def _output(fields: list[Any]) -> str:
    name, *rest = [field for field in fields if field and isinstance(field, str)]
    return f"{name} ({' '.join(rest)})"


def brief(value: str) -> str:
    """The beginning of a digest, other text as it is."""
    algorithm, _, digits = value.partition(":")
    return digits[:BRIEF] if algorithm == "blake3" else value
