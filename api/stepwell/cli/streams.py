"""The standard streams as they may be found: closed, without a reader, on a full disk, or of a poor encoding."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


def settle() -> None:
    """See to it that all three are there and that text of any kind can be written to them.

    A descriptor that is closed would be handed out for a file of ours, and what is printed would end up in it.
    """
    for number in range(3):
        _open_if_closed(number)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - it stays open
        elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _open_if_closed(number: int) -> None:
    try:
        os.fstat(number)
    except OSError:
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free, which is this one


def silence(stream: TextIO) -> None:
    """What is still unwritten, and all that follows, goes nowhere."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)


@contextmanager
def best_effort(stream: TextIO) -> Iterator[None]:
    """Writing to the stream is worth a try, but no reason to give up what we do: after a failure it is silenced."""
    try:
        yield
    except OSError:
        silence(stream)


def tell(text: str) -> None:
    """A line on stderr, at once, if it can be written."""
    with best_effort(sys.stderr):
        print(text, file=sys.stderr, flush=True)


def finish() -> None:
    """Write what is left for stdout, so that the interpreter finds nothing to fail with when it ends."""
    with best_effort(sys.stdout):
        sys.stdout.flush()
