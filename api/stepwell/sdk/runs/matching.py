"""Which runs a listing asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from stepwell.sdk.runs.run import Run

Labels = str | dict[str, str] | None


class Wanted(msgspec.Struct, frozen=True):
    """What a run must have: tags and properties are a key, or keys with their values; `type` such as `azureml.StepRun`."""

    tags: Labels = None
    properties: Labels = None
    type: str | None = None
    status: str | None = None

    def has(self, run: Run) -> bool:
        """Whether the run is one of them."""
        return (
            self.type in (None, run.type)
            and (self.status is None or self.status in (run.status, run.get_status()))
            and (self.tags is None or _holds(run.get_tags(), self.tags))
            and (self.properties is None or _holds(run.get_properties(), self.properties))
        )


def _holds(found: dict[str, str], wanted: str | dict[str, str]) -> bool:
    return wanted in found if isinstance(wanted, str) else wanted.items() <= found.items()
