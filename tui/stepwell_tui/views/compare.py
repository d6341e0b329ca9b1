"""Two runs side by side, in the panels in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from stepwell_runner.verbs import compare
from stepwell_runner.verbs.compare import Line, Part
from stepwell_runner.verbs.measured import measured_in
from stepwell_runner.verbs.steps import steps_of_run
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace
from stepwell_tui.views import snapshots
from stepwell_tui.views.texts import Shown

LEAST = 2
"""So many values are a curve."""

Panel = Literal["parameters", "metrics", "steps", "rest"]

PANELS: dict[Part, Panel] = {
    "parameter": "parameters", "metric": "metrics", "step": "steps", "run": "rest", "code": "rest", "data": "rest", "environment": "rest",
    "definition": "rest",
}


class Pair(msgspec.Struct, frozen=True):
    """One thing in both runs, None where a run has no such thing; `steps` are those for which it is so. All foreign text.

    `change` is the difference of two numbers, such as `+0.12`.
    """

    part: Part
    name: str
    old: str | None
    new: str | None
    steps: tuple[str, ...]
    same: bool
    change: str = ""


class Compared(msgspec.Struct, frozen=True):
    """Both runs and what can be compared, by panel."""

    old: Run
    new: Run
    panels: dict[Panel, tuple[Pair, ...]]

    def shown(self, panel: Panel, *, only_different: bool) -> list[Pair]:
        """The lines of a panel."""
        return [pair for pair in self.panels[panel] if not (only_different and pair.same)]


def compared(workspace: Workspace, old: str, new: str) -> Compared:
    """Two runs, named as people name them; UsageError when there is no such run."""
    runs = [history.find_run(workspace.database, name) for name in (old, new)]
    pairs = _together(compare.compare(workspace, *runs))
    wanted: tuple[Panel, ...] = ("parameters", "metrics", "steps", "rest")
    return Compared(runs[0], runs[1], {panel: tuple(pair for pair in pairs if PANELS[pair.part] == panel) for panel in wanted})


class Curve(msgspec.Struct, frozen=True):
    """The values of a metric in one run, and where they stand if that was said."""

    run: int
    values: tuple[float, ...]
    at: tuple[int, ...] | None = None


def curves(workspace: Workspace, old: str, new: str, step: str | None, name: str) -> tuple[Curve, ...]:
    """A metric of a step, or of the run itself, in each of two runs where it is more than one value."""
    found = (_curve(workspace, history.find_run(workspace.database, run), step, name) for run in (old, new))
    return tuple(one for one in found if one is not None)


def _curve(workspace: Workspace, run: Run, step: str | None, name: str) -> Curve | None:
    steps = [one for one in steps_of_run(workspace, run) if one.step == step]
    found = next((one for one in measured_in(workspace, run, steps) if (one.step, one.name) == (step, name)), None)
    if found is None or len(found.values) < LEAST:
        return None
    return Curve(run.number, tuple(found.values), None if found.at is None else tuple(found.at))


def file_difference(workspace: Workspace, old: str, new: str, step: str, path: str) -> Shown:
    """The lines by which a file of a step's source differs between two runs, by its path as it is shown."""
    steps = [compare.side(workspace, history.find_run(workspace.database, name)).made.get(step) for name in (old, new)]
    digests = [one.snapshot for one in steps if one is not None and one.snapshot is not None]
    found = snapshots.difference(workspace, *digests) if len(digests) == len(steps) else []
    one = next((one for one in found if compare.printable(one.path) == path), None)
    return snapshots.patch(workspace, one) if one is not None else Shown(None, "the file is the same in both")


def _together(lines: Iterable[Line]) -> list[Pair]:
    """Steps of one folder differ in the same files: what is the same in several steps, once, with the steps."""
    found: dict[tuple[Part, str, str | None, str | None], list[Line]] = {}
    for line in lines:
        found.setdefault((line.part, line.name, line.old, line.new), []).append(line)
    return [Pair(part, name, old, new, tuple(line.step for line in group if line.step), all(line.same for line in group),
                 _change(old, new) if part in ("metric", "parameter") else "")
            for (part, name, old, new), group in found.items()]


def _change(old: str | None, new: str | None) -> str:
    try:
        difference = float(new or "") - float(old or "")
    except ValueError:
        return ""
    return f"{difference:+.4g}" if difference and difference == difference else ""
