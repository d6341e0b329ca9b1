"""Turns what a person did wrong into the ValueError that v1 scripts catch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stepwell_store.errors import UsageError


@contextmanager
def raised_as(kind: type[UsageError]) -> Iterator[None]:
    """A UsageError of the block as one of this kind, which is also a ValueError, unless it is a ValueError already."""
    try:
        yield
    except UsageError as error:
        if isinstance(error, ValueError):
            raise
        raise kind(error.what, where=error.where, todo=error.todo) from None
