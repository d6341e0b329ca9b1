"""A place whose reading costs more than a query: folders that are walked, programs that are asked."""

from __future__ import annotations

import asyncio
import time
from typing import ClassVar, TypeVar

from textual import work

from stepwell_store.errors import StepwellError
from stepwell_tui.screens.place import Place

Data = TypeVar("Data")

LONGEST_REST_S = 10.0


class Unhurried(Place[Data]):
    """Never reads twice at once, and rests after a reading, so that a busy workspace does not keep it busy."""

    REST: ClassVar[float] = 20.0
    """How many times as long as a reading took nothing is read again by itself."""

    def __init__(self) -> None:
        super().__init__()
        self._is_reading = False
        self._is_wanted = False
        self._is_urgent = False
        self._rests_until = 0.0
        self._failure = ""

    def reload(self) -> None:
        """Read and show, as soon as it is time for it."""
        wait = self._rests_until - time.monotonic()
        if not self._is_reading and wait <= 0:
            self._is_reading, self._is_wanted = True, False
            self._read_in_turn()
        elif not self._is_wanted:
            self._is_wanted = True
            if not self._is_reading:
                self.set_timer(wait, self._wake)

    def reload_now(self) -> None:
        """Read and show without a rest."""
        self._rests_until = 0.0
        self._is_urgent = self._is_reading
        self.reload()

    def _wake(self) -> None:
        if self._is_wanted and not self._is_reading:
            self._is_wanted = False
            self.reload()

    def fail(self, error: StepwellError) -> None:
        """Say why it cannot be read, once as long as the reason is the same."""
        if str(error) != self._failure:
            self._failure = str(error)
            self.dashboard.complain(error)

    @work(group="read")
    async def _read_in_turn(self) -> None:
        begun = time.monotonic()
        try:
            await self._reload()
        finally:
            self._is_reading = False
            ended = time.monotonic()
            self._rests_until = ended + (0.0 if self._is_urgent else min((ended - begun) * self.REST, LONGEST_REST_S))
            self._is_urgent = False
        if self._is_wanted and self.is_here:
            self.set_timer(max(0.001, self._rests_until - time.monotonic()), self._wake)

    async def _reload(self) -> None:
        try:
            data = await asyncio.to_thread(self.read, self.dashboard.workspace)
        except StepwellError as error:
            if self.is_here:
                self.fail(error)
            return
        self._failure = ""
        if self.is_here:
            self.show(data)
