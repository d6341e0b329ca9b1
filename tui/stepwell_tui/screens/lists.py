"""What places that are one list have in common: the keyboard is in it; cells for times and sizes that are sorted by their value."""

from __future__ import annotations

import time
from typing import TypeVar

from stepwell_store.errors import StepwellError
from stepwell_tui.render.text import age_text, size_text
from stepwell_tui.screens.unhurried import Unhurried
from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.rows import Cell

Data = TypeVar("Data")


class ListPlace(Unhurried[Data]):
    """The first table of the body is the list: the keyboard is in it."""

    @property
    def listing(self) -> ListTable:
        """The list."""
        return self.query(ListTable).first()

    def on_mount(self) -> None:
        self.listing.focus()

    def fail(self, error: StepwellError) -> None:
        """Say why it cannot be read, also where the list would be."""
        super().fail(error)
        self.listing.fail(error)


def ago(at: float | None) -> str:
    """How long ago that was (seconds since 1970); nothing when it is not known."""
    return "" if at is None else age_text(max(0.0, time.time() - at))


def since(at: float | None, colour: str = "dim") -> Cell:
    """The same for a table: the newest comes first when it is sorted by it."""
    return Cell(ago(at), colour, None if at is None else -at)


def sized(count: int | None) -> Cell:
    """Bytes in words."""
    return Cell("" if count is None else size_text(count), rank=count)
