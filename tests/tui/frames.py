"""The screen of a running app as text, and waiting for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest
from textual.app import App
from textual.pilot import Pilot

Result = TypeVar("Result")

SMALL = (80, 24)
"""The terminal that everything must fit."""


def frame(app: App[Any]) -> str:
    """What the terminal shows, a line each, without the blanks at the ends of lines."""
    # The compositor is private; this is the one place that looks at it.
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips())


def drive(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run one test's coroutine in a loop of its own."""
    return asyncio.run(coroutine)


async def eventually(pilot: Pilot[Any], predicate: Callable[[], object], timeout: float = 60.0) -> None:
    """Comes back as soon as the predicate holds; fails with the frame when it does not within the seconds."""
    deadline = time.monotonic() + timeout
    while not predicate():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {timeout} s; the screen is\n{frame(pilot.app)}")
        await pilot.pause(0.01)
