"""Tokens: one argument of a command line, or the value of one environment variable."""

# Annotations are no texts here, as in `graph.model`.

from typing import Literal

import msgspec


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of everything in a graph."""


class Text(Value, frozen=True, tag="text"):
    """Literal text, passed as it is."""

    text: str


class ParameterRef(Value, frozen=True, tag="parameter"):
    """The value of a pipeline parameter, as text."""

    name: str


class InputRef(Value, frozen=True, tag="input"):
    """What the step gets for one of its inputs: a path, or an identifier for mode `direct`."""

    name: str


class OutputRef(Value, frozen=True, tag="output"):
    """The path at which the step must leave one of its outputs."""

    name: str


class PythonRef(Value, frozen=True, tag="python"):
    """The interpreter of the step's environment."""


class Fact(Value, frozen=True, tag="fact"):
    """A fact of the run: `run`, `step_run`, `step`, `experiment`, `pipeline`, `workspace`, `attempt`, `folder`."""

    name: str


class Sampled(Value, frozen=True, tag="sampled"):
    """The value that a trial of a sweep has for one name of the search space, as text."""

    name: str


class Joined(Value, frozen=True, tag="joined"):
    """Several tokens that make one argument, with nothing between them."""

    parts: tuple["Token", ...]


class Quoted(Value, frozen=True, tag="quoted"):
    """A token within a text for a POSIX shell, quoted only when its value needs it. `within` is the quote that is open around it."""

    part: "Token"
    within: Literal["", "'", '"'] = ""


Token = Text | ParameterRef | InputRef | OutputRef | PythonRef | Fact | Sampled | Joined | Quoted
