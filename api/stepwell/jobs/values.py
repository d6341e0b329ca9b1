"""What an input of a node turns out to be."""

from __future__ import annotations

import msgspec

from stepwell.jobs.document import Node
from stepwell_runner.graph.model import Binding, Mode, Token


class Literal(msgspec.Struct, frozen=True):
    """Text to be pasted: a token without inputs and outputs. `value` is the plain value where it is known at once."""

    token: Token
    node: Node
    value: str | int | float | bool | None = None


class Data(msgspec.Struct, frozen=True):
    """Something with a path. `below` leads to a part of it, `type` and `mode` are what was said where it is bound."""

    binding: Binding
    node: Node
    below: str | None = None
    type: str | None = None
    mode: str | None = None


Bound = Literal | Data

_COPIED = frozenset(("download", "eval_download"))


def graph_mode(mode: str | None) -> Mode:
    """How the graph calls a mode of Azure's: `direct` hands over a path as well, as there is nothing to be asked for on this machine."""
    return "download" if mode is not None and mode.lower() in _COPIED else "mount"
