"""A small client for the gateway of a Java machine (Py4J's text protocol): static calls, calls on objects, static fields.

Stepwell asks only for a handful of things, and its own interpreter need not have pyspark: that is in the step's environment.
"""

from __future__ import annotations

import socket
from typing import BinaryIO, Self

import msgspec


class GatewayError(Exception):
    """The Java machine is gone, does not answer in time, or says that a call failed."""


class Ref(msgspec.Struct, frozen=True):
    """An object on the other side."""

    id: str


class Static(msgspec.Struct, frozen=True):
    """A class on the other side, by its full name."""

    name: str


Answer = str | bool | int | Ref | None


class Gateway:
    """One connection. Every call waits at most `timeout_s` seconds."""

    def __init__(self, port: int, secret: str, timeout_s: float) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        except OSError as error:
            raise GatewayError(f"cannot reach it: {error}") from error
        self._answers: BinaryIO = self._socket.makefile("rb")
        try:
            self._ask(f"A\n{secret}\n")
        except BaseException:
            self.close()
            raise

    def call(self, target: Static | Ref, method: str, *arguments: str | bool | int | Ref) -> Answer:
        """Call a method, and what it returns: text, a truth value, a whole number, an object, or nothing."""
        place = f"z:{target.name}" if isinstance(target, Static) else target.id
        return self._ask("".join(("c\n", place, "\n", method, "\n", *[f"{_argument(one)}\n" for one in arguments], "e\n")))

    def field(self, of: Static, name: str) -> Answer:
        """The value of a static field."""
        return self._ask(f"r\nm\n{of.name}\n{name}\ne\n")

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, command: str) -> Answer:
        try:
            self._socket.sendall(command.encode())
            line = self._answers.readline()
        except OSError as error:
            raise GatewayError(f"it does not answer: {error}") from error
        return _answer(line.decode("utf-8", "replace").rstrip("\n"))


def _argument(value: str | bool | int | Ref) -> str:
    if isinstance(value, Ref):
        return f"r{value.id}"
    if isinstance(value, bool):
        return "btrue" if value else "bfalse"
    if isinstance(value, int):
        return f"i{value}"
    escaped = value.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    return f"s{escaped}"


def _answer(line: str) -> Answer:
    if not line.startswith("!y"):
        raise GatewayError(f"it says {line[:200]!r}" if line else "it has hung up")
    kind, value = line[2:3], line[3:]
    match kind:
        case "s":
            return _unescaped(value)
        case "b":
            return value == "true"
        case "i" | "L":
            return int(value)
        case "v" | "n" | "":
            return None
        case _:
            return Ref(value)


def _unescaped(text: str) -> str:
    letters = iter(text)
    return "".join(letter if letter != "\\" else {"n": "\n", "r": "\r"}.get(after := next(letters, ""), after) for letter in letters)
