"""`RunDetails`: how a run stands, as text; v1's widget in a notebook."""

from __future__ import annotations

from typing import Any


class RunDetails:
    """Shows a run: `RunDetails(run).show()`."""

    def __init__(self, run_instance: Any) -> None:
        self._run = run_instance

    def show(self, render_lib: Any = None, widget_settings: Any = None) -> None:  # noqa: ARG002
        """Print the run and its steps as they stand now; it does not wait for them."""
        run = self._run
        print(f"Run {run.id}: {run.get_status()}")
        children = list(run.get_children())
        width = max((len(child.name) for child in children), default=0)
        for child in reversed(children):
            print(f"  {child.name:{width}}  {child.get_status()}")
        print(f"Look at it with: stepwell show {run.id}")

    def get_widget_data(self, widget_settings: Any = None) -> dict[str, Any]:  # noqa: ARG002
        """What is known of the run, under v1's keys."""
        details: dict[str, Any] = self._run.get_details()
        return {"status": details.get("status"), "run_id": self._run.id, "run_properties": details.get("properties", {})}
