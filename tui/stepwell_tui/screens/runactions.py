"""What can be done to the run under the cursor, wherever runs are listed."""

from __future__ import annotations

from typing import TypeVar

from stepwell_tui.clipboard import copy
from stepwell_tui.screens.place import Place
from stepwell_tui.widgets.table import VirtualTable

Data = TypeVar("Data")


class RunActions(Place[Data]):
    """The list that has the keyboard, or else the first one, is of runs by id."""

    @property
    def chosen_run(self) -> str | None:
        """The id of the run under the cursor."""
        table = self.table_at_hand
        return table.key if table is not None else None

    def action_logs(self) -> None:
        """Go into the run, to its log."""
        if (run := self.chosen_run) is not None:
            self.dashboard.open_run(run, panel="log")

    def action_why(self) -> None:
        """Go into the run, to why its steps ran."""
        if (run := self.chosen_run) is not None:
            self.dashboard.open_run(run, panel="why")

    def action_rerun(self) -> None:
        """Do the run again."""
        from stepwell_tui import doing

        if (run := self.chosen_run) is not None:
            self.start(lambda: doing.rerun(self.dashboard, run))

    def action_cancel(self) -> None:
        """Stop the run."""
        from stepwell_tui import doing

        if (run := self.chosen_run) is not None:
            self.do(lambda: doing.cancel(self.dashboard, run))

    def action_compare(self) -> None:
        """Compare the two marked runs, or this one with the one before it."""
        marked = [key for table in self.query(VirtualTable) for key in table.marked]
        chosen = self.chosen_run
        if len(marked) == 2:
            self.compare(marked)
        elif chosen is not None:
            self.compare([chosen])

    def action_publish(self) -> None:
        """Publish what the run ran."""
        from stepwell_tui import publishing

        if (run := self.chosen_run) is not None:
            self.do(lambda: publishing.publish_run(self.dashboard, run))

    def action_copy(self) -> None:
        """Copy the run's id."""
        if (run := self.chosen_run) is not None:
            copy(self.app, run)
