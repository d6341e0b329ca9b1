"""Which runs a listing asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from stepwell.sdk.labels import Labels, holds

if TYPE_CHECKING:
    from stepwell.sdk.runs.run import Run


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
            and (self.tags is None or holds(run.get_tags(), self.tags))
            and (self.properties is None or holds(run.get_properties(), self.properties))
        )
