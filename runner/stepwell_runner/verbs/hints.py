"""What could be done about a reason to run that is none."""

from __future__ import annotations

from stepwell_runner.execution.sight import SHOWN_FILES
from stepwell_runner.graph.model import Step
from stepwell_runner.planning.reasons import AnyReason, SourceChanged

_MEND = "with `narrow: true` below `reuse:` in stepwell.yml such an edit is no reason"


def hint(step: Step, reasons: tuple[AnyReason, ...]) -> str | None:
    """For a step that runs only because files differ that it does not use: how to say so. Reads what the step would run."""
    source = step.source
    if source is None or source.narrow or source.only or source.extra or len(reasons) != 1 or not isinstance(reasons[0], SourceChanged):
        return None
    edited = (*reasons[0].changed, *reasons[0].added, *reasons[0].removed)
    if not edited or max(map(len, (reasons[0].changed, reasons[0].added, reasons[0].removed))) >= SHOWN_FILES:
        return None  # there may be more than these
    from stepwell_runner.execution.narrow import named_by, narrowed

    needed = narrowed(source.path, named_by(step), source.include)
    if not needed or any(path == one or path.startswith(f"{one}/") for path in edited for one in needed):
        return None
    what = "it" if len(edited) == 1 else "any of them"
    return f"what the step runs neither imports nor names {what}: {_MEND}"
