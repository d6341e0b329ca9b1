"""Reads rows in threads, one thing after the other, for a table that goes on meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Literal

from stepwell_store.errors import StepwellError
from stepwell_tui.widgets.pages import Found, Pages, Wanted, read, read_anew
from stepwell_tui.widgets.rows import Rows


class Reading:
    """The pages of some rows as far as they were read. `looked` tells whether they ever were, `error` why they cannot be."""

    def __init__(self, rows: Rows | None) -> None:
        self.pages = Pages()
        self.looked = False
        self.error = ""
        self._rows = rows
        self._anew = rows is not None
        self._busy = False

    def show(self, rows: Rows) -> None:
        """Other rows from now on; what is still being read of the ones before does not count."""
        self._rows, self._anew = rows, True

    def again(self) -> None:
        """The rows may have changed."""
        self._anew = self._rows is not None

    def begin(self, first: int, last: int) -> bool:
        """Whether something is to be read for these rows, and nobody does: whoever gets True is to call `read`."""
        if self._busy or self._rows is None or not (self._anew or self.pages.missing(first, last)):
            return False
        self._busy = True
        return True

    async def read(self, wanted: Callable[[], Wanted]) -> AsyncIterator[Found | None]:
        """Read until all that is wanted is at hand; after each piece, what was found anew, or None for more pages or an error."""
        try:
            while (found := await self._piece(wanted)) is not False:
                yield found
        finally:
            self._busy = False

    async def _piece(self, wanted: Callable[[], Wanted]) -> Found | Literal[False] | None:
        """False when nothing was left to read."""
        try:
            return await self._anew_or_more(wanted)
        except (StepwellError, OSError) as error:
            self.pages, self.error = Pages(), str(error)
            return None

    async def _anew_or_more(self, wanted: Callable[[], Wanted]) -> Found | Literal[False] | None:
        while (rows := self._rows) is not None:
            view = wanted()
            if self._anew:
                self._anew = False
                found = await asyncio.to_thread(read_anew, rows, view)
                if rows is self._rows:
                    self.pages, self.looked, self.error = Pages(found.count, found.pages), True, ""
                    return found
            elif missing := self.pages.missing(view.first, view.last):
                pages = await asyncio.to_thread(read, rows, missing)
                if not self._anew:
                    self.pages.put(pages, view.first)
                    return None
            else:
                break
        return False
