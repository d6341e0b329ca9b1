"""What a table says to those around it; `on_virtual_table_selected` and so on handle it."""

from __future__ import annotations

from textual.message import Message
from textual.widget import Widget

from stepwell_tui.widgets.rows import Order


class Of(Message):
    """A message of a table."""

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @property
    def control(self) -> Widget:
        """The table, for `@on` with a selector."""
        return self.table


class Selected(Of, namespace="virtual_table"):
    """Enter, or a double click, on the row with this key."""

    def __init__(self, table: Widget, key: str) -> None:
        super().__init__(table)
        self.key = key


class Highlighted(Of, namespace="virtual_table"):
    """The row with this key came under the cursor; None when there is no row any more."""

    def __init__(self, table: Widget, key: str | None) -> None:
        super().__init__(table)
        self.key = key


class Marked(Of, namespace="virtual_table"):
    """The keys that are marked now, in the order in which they were."""

    def __init__(self, table: Widget, keys: tuple[str, ...]) -> None:
        super().__init__(table)
        self.keys = keys


class Sorted(Of, namespace="virtual_table"):
    """The rows shall stand in this order; None for the one that they have by themselves."""

    def __init__(self, table: Widget, order: Order | None) -> None:
        super().__init__(table)
        self.order = order


class Counted(Of, namespace="virtual_table"):
    """The rows were read again, and there are so many."""

    def __init__(self, table: Widget, count: int) -> None:
        super().__init__(table)
        self.count = count
