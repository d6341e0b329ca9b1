"""What places with a graph above their list have in common: the graph can take all of the screen, until one leaves it."""

from __future__ import annotations

from typing import TypeVar

from stepwell_tui.screens.place import Place
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.listtable import ListTable

Data = TypeVar("Data")


class Graphed(Place[Data]):
    """Its style sheet says what the class `-graph` does."""

    ZOOMED = "-graph"

    def action_show_graph(self) -> None:
        """All of the screen for the graph, and back."""
        self.toggle_class(self.ZOOMED)
        (self.query_one(GraphView) if self.has_class(self.ZOOMED) else self.query(ListTable).first()).focus()

    def action_filter(self) -> None:
        """Open the filter, which is for the list."""
        self.unzoom()
        super().action_filter()

    def action_back(self) -> None:
        """Leave the graph first."""
        if not self.unzoom():
            super().action_back()

    def unzoom(self) -> bool:
        """Give the list its part of the screen; whether it had none."""
        zoomed = self.has_class(self.ZOOMED)
        if zoomed:
            self.action_show_graph()
        return zoomed
