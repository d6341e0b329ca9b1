"""What the handlers of one server share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from stepwell_runner.queue.enqueue import LONGEST_LINE
from stepwell_runner.queue.together import Together
from stepwell_store.workspace import Workspace


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one server puts up with. Bodies in bytes, times in seconds, `rate` in requests a second for each token."""

    body: int = 1 << 20
    body_s: float = 15.0
    requests: int = 64
    rate: float = 2000.0
    wrong_tokens_a_minute: int = 20
    waiting: int = LONGEST_LINE


class World(msgspec.Struct, frozen=True, kw_only=True):
    """The workspace, the server's own address, its limits, and how to say that something waits to be started."""

    workspace: Workspace
    url: str
    limits: Limits = Limits()
    hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    wake: Callable[[], None] = lambda: None
    together: Together = msgspec.field(default_factory=Together)


def world_of(request: Any) -> World:
    """The world of the server that a request came to."""
    found: World = request.app.state.world
    return found
