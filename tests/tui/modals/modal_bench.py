"""An app with nothing but a modal in it, which remembers what the modal answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from frames import SMALL
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen

from stepwell_tui.theme import THEMES


class Bench(App[None]):
    """`answers` are those of its modals, in the order in which they came."""

    CSS_PATH = None
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Any] = []
        self.animation_level = "none"

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def put(self, modal: ModalScreen[Any]) -> None:
        """Show a modal and keep what it answers."""
        self.push_screen(modal, callback=self.answers.append)


@asynccontextmanager
async def bench(modal: ModalScreen[Any], size: tuple[int, int] = SMALL) -> AsyncIterator[tuple[Bench, Pilot[None]]]:
    """A running app that shows this modal."""
    app = Bench()
    async with app.run_test(size=size) as pilot:
        app.put(modal)
        await pilot.pause()
        yield app, pilot
