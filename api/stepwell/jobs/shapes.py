"""What a document may look like, as values. `checking` reads them to check, `schema` to write a JSON schema for editors."""

from __future__ import annotations

from typing import Literal

import msgspec


class Shape(msgspec.Struct, frozen=True):
    """Base of all shapes."""


class Text(Shape, frozen=True):
    """A scalar taken as text. `choices` are compared without regard to case; Azure's client lets others pass."""

    choices: tuple[str, ...] = ()
    pattern: str | None = None
    example: str = "text"


class Number(Shape, frozen=True):
    """A number, or text that is one, or an expression."""

    whole: bool = False
    minimum: float | None = None
    maximum: float | None = None


class Truth(Shape, frozen=True):
    """True or false, or text that says so, or an expression."""


class Scalar(Shape, frozen=True):
    """Text, number or truth."""


class Anything(Shape, frozen=True):
    """Whatever it is; it is somebody else's."""


class ListOf(Shape, frozen=True):
    """A list."""

    item: Shape


class MapOf(Shape, frozen=True):
    """A mapping whose keys the author chooses."""

    value: Shape
    key: str | None = None
    key_words: str = "a name"


class Ref(Shape, frozen=True):
    """A shape by its name in the vocabulary: shapes hold each other."""

    name: str


class Either(Shape, frozen=True):
    """One of several, told apart by what the value is: scalar, list or mapping."""

    options: tuple[Shape, ...]


class Field(msgspec.Struct, frozen=True):
    """An entry of an object. One that is `null`able may be written without a value."""

    shape: Shape
    required: bool = False
    null: bool = True
    about: str = ""


class Object(Shape, frozen=True):
    """A mapping with known keys. Unknown ones are mistakes where it is `closed`, told and ignored where it is `loose`, and allowed where it
    is `open`, as Azure's client has it. One that has a key of `loose_with` is loose. `misplaced` says of unknown keys that people do write
    where they belong."""

    title: str
    fields: dict[str, Field]
    others: Literal["closed", "loose", "open"] = "closed"
    loose_with: tuple[str, ...] = ()
    misplaced: dict[str, str] = {}


class ByType(Shape, frozen=True):
    """A mapping whose key `type` says which shape it has; `default` when there is none."""

    title: str
    shapes: dict[str, Shape]
    default: str
