"""What is recorded with the step runs of a sweep and its trials, and how it is read back."""

from __future__ import annotations

from collections.abc import Mapping

from stepwell_store.ledger.records import Metric, StepRun

TRIAL = "trial"
VALUES = "values"
"""Properties of a trial's step run: its number, and its values as JSON; a sweep has the values of its best trial."""
BEST = "best_trial"
"""Property of a sweep's step run: the step run of its best trial."""


def trial_values(step: StepRun) -> dict[str, object]:
    """The values of a trial, or of the best trial of a sweep, from its step run; empty for other steps."""
    import json

    found: dict[str, object] = json.loads(step.properties.get(VALUES, "{}"))
    return found


def numbers_in(metric: Metric) -> list[float]:
    """The numbers of a logged metric, in order; none for tables and pictures."""
    import json

    value = json.loads(metric.value)
    values = value if metric.type == "list" else [value]
    return [float(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)] if isinstance(values, list) else []


def as_json(value: object) -> str:
    """What is recorded of values or metrics, as JSON."""
    import json

    return json.dumps(value)


def values_words(values: Mapping[str, object]) -> str:
    """The values of a trial in a line."""
    return " ".join(f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}" for name, value in values.items())
