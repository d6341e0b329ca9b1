"""What places that are one list have in common: the filter narrows it, the keyboard is in it, ages are told in words."""

from __future__ import annotations

import time
from typing import TypeVar

from textual import on

from stepwell_store.errors import StepwellError
from stepwell_tui.render.text import age_text
from stepwell_tui.screens.unhurried import Unhurried
from stepwell_tui.widgets.filterbar import FilterBar
from stepwell_tui.widgets.listtable import ListTable

Data = TypeVar("Data")


class ListPlace(Unhurried[Data]):
    """The first table of the body is the list: the keyboard is in it, and the filter narrows it."""

    @property
    def listing(self) -> ListTable:
        """The list."""
        return self.query(ListTable).first()

    def on_mount(self) -> None:
        super().on_mount()
        self.listing.focus()

    def fail(self, error: StepwellError) -> None:
        """Say why it cannot be read, also where the list would be."""
        super().fail(error)
        self.listing.fail(error)

    @on(FilterBar.Filtered)
    def narrow(self, event: FilterBar.Filtered) -> None:
        """Show what has the text."""
        self.listing.narrow(event.text)


def ago(at: float | None) -> str:
    """How long ago that was (seconds since 1970); nothing when it is not known."""
    return "" if at is None else age_text(max(0.0, time.time() - at))
