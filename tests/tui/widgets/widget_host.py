"""A screen with one widget, and what it shows and says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from stepwell_tui.theme import DARK


class Host(App[None]):
    """One widget; keeps the messages of the classes named, and what was copied."""

    def __init__(self, widget: Widget, *kinds: type[Message]) -> None:
        super().__init__()
        self.widget = widget
        self.kinds = kinds
        self.heard: list[Any] = []
        self.copied: list[str] = []
        self.register_theme(DARK)
        self.theme = DARK.name
        self.animation_level = "none"

    def compose(self) -> ComposeResult:
        yield self.widget

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    async def _dispatch_message(self, message: Message) -> None:
        if isinstance(message, self.kinds):
            self.heard.append(message)
        await super()._dispatch_message(message)


def lines(app: App[None]) -> list[str]:
    """The screen as text."""
    return ["".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips()]


def shown(app: App[None]) -> str:
    """The same as one text."""
    return "\n".join(lines(app)).rstrip()


async def until(pilot: Pilot[None], predicate: Callable[[], object], timeout: float = 60.0) -> None:
    """Let the application go on until the predicate holds."""
    deadline = time.monotonic() + timeout
    while not predicate():
        assert time.monotonic() < deadline, shown(pilot.app)
        await pilot.pause()
        await asyncio.sleep(0.001)


Story = Callable[["Host", Pilot[None]], Awaitable[None]]


def hosted(widget: Widget, story: Story, *kinds: type[Message], size: tuple[int, int] = (60, 12)) -> None:
    """Run an application with the widget, and a story in it."""

    async def tell() -> None:
        app = Host(widget, *kinds)
        async with app.run_test(size=size) as pilot:
            widget.focus()
            await pilot.pause()
            await story(app, pilot)

    asyncio.run(tell())
