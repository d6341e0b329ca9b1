"""v1's two vocabularies: asked for its status, a pipeline or step run that went well is `Finished`; everywhere else it is `Completed`."""

from __future__ import annotations

# A step that was left out must have a status that ends: scripts wait for as long as they read NotStarted.
_RUN = {"Skipped": "Canceled"}
_PIPELINE = {"Queued": "NotStarted", "Completed": "Finished"}
_STEP = {"Completed": "Finished", "Skipped": "Canceled"}


def run_word(status: str) -> str:
    """The word of `run.status` and `get_details()["status"]`."""
    return _RUN.get(status, status)


def pipeline_word(status: str) -> str:
    """The word of `PipelineRun.get_status()`."""
    return _PIPELINE.get(status, status)


def step_word(status: str) -> str:
    """The word of `StepRun.get_status()`."""
    return _STEP.get(status, status)
