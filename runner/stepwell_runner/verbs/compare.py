"""Two runs side by side: settings, metrics, code, data, environments, how steps were written, and how they went."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec

from stepwell_runner.environments.changes import describe_change
from stepwell_runner.environments.changes import words as words_of
from stepwell_runner.verbs.ingredients import brief, words
from stepwell_runner.verbs.measured import measured_in
from stepwell_runner.verbs.steps import shown_status, steps_of_run
from stepwell_store.content.trees import Tree, decode
from stepwell_store.errors import IntegrityError
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace

Part = Literal["run", "parameter", "metric", "code", "data", "environment", "definition", "step"]

_NOTICEABLE_S, _NOTICEABLE_SHARE = 0.5, 0.2
_TOLD_ELSEWHERE = ("source", "parameter")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in both runs. `old` and `new` are texts for people, None where a run has no such thing.

    `step` is the key of the step that it belongs to, None for the run.
    """

    part: Part
    name: str
    old: str | None
    new: str | None
    step: str | None = None
    same: bool = False


class Side(msgspec.Struct, frozen=True):
    """A run with its steps by key, and for each the step run that made its result."""

    run: Run
    steps: dict[str, StepRun]
    made: dict[str, StepRun]


def compare(workspace: Workspace, old: Run, new: Run) -> list[Line]:
    """All that can be compared, what is the same included."""
    before, after = side(workspace, old), side(workspace, new)
    keys = list({**before.steps, **after.steps})
    return [
        *_runs(before.run, after.run),
        *_pairs("parameter", None, before.run.parameters, after.run.parameters),
        *_metrics(workspace, before, after),
        *(line for key in keys for line in _code(workspace, key, before.made.get(key), after.made.get(key))),
        *(line for key in keys for line in _ingredients(workspace, key, before.made.get(key), after.made.get(key))),
        *(_step(key, before.steps.get(key), after.steps.get(key)) for key in keys),
    ]


def side(workspace: Workspace, run: Run) -> Side:
    """A run made ready to be compared."""
    steps = {step.step: step for step in steps_of_run(workspace, run)}
    made = {key: history.get_step(workspace.database, step.reused_from) if step.reused_from else step for key, step in steps.items()}
    return Side(run, steps, made)


def _runs(old: Run, new: Run) -> Iterator[Line]:
    for name in ("pipeline", "experiment", "source", "status", "error"):
        yield _line("run", None, name, getattr(old, name), getattr(new, name))
    for name in ("repository", "branch", "commit", "dirty"):
        if old.git or new.git:
            yield _line("run", None, f"git {name}", (old.git or {}).get(name), (new.git or {}).get(name))


def _line(part: Part, step: str | None, name: str, old: Any, new: Any) -> Line:
    return Line(part=part, step=step, name=name, old=_text(old), new=_text(new), same=old == new)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()


def _pairs(part: Part, step: str | None, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Line]:
    for name in {**old, **new}:
        yield _line(part, step, name, old.get(name), new.get(name))


def _metrics(workspace: Workspace, before: Side, after: Side) -> Iterator[Line]:
    sides = [{(one.step, one.name): one.latest for one in measured_in(workspace, side.run, list(side.steps.values()))}
             for side in (before, after)]
    for step, name in {**sides[0], **sides[1]}:
        old, new = (side.get((step, name)) for side in sides)
        # NaN is not equal to itself; its text is.
        yield Line(part="metric", step=step, name=name, old=_number(old), new=_number(new), same=_number(old) == _number(new))


def _number(value: Any) -> str | None:
    return f"{value:.6g}" if isinstance(value, float) else _text(value)


def _code(workspace: Workspace, key: str, old: StepRun | None, new: StepRun | None) -> Iterator[Line]:
    """The files of a step's snapshots, unless the step is in one of the runs only."""
    if old is None or new is None or (old.snapshot is None and new.snapshot is None):
        return
    trees = [_tree(workspace, step.snapshot) for step in (old, new)]
    if trees[0] is None or trees[1] is None:
        names = [step.snapshot and brief(step.snapshot) for step in (old, new)]
        yield Line(part="code", step=key, name="snapshot", old=names[0], new=names[1], same=old.snapshot == new.snapshot)
        return
    sides = [{entry.path: (entry.digest, entry.executable) for entry in tree.entries} for tree in trees if tree]
    for path in sorted({**sides[0], **sides[1]}):
        before, after = (side.get(path) for side in sides)
        yield Line(part="code", step=key, name=printable(path), old=_file(before), new=_file(after), same=before == after)


def _tree(workspace: Workspace, digest: str | None) -> Tree | None:
    try:
        return decode(workspace.objects.read(digest)) if digest else None
    except IntegrityError:
        return None


def _file(entry: tuple[str, bool] | None) -> str | None:
    return None if entry is None else brief(entry[0]) + (" executable" if entry[1] else "")


def printable(path: str) -> str:
    """A path of a tree as text that can be encoded, whatever bytes it has."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _ingredients(workspace: Workspace, key: str, old: StepRun | None, new: StepRun | None) -> Iterator[Line]:
    """Inputs, environment, and how the step was written, unless the step is in one of the runs only or has not begun there."""
    if old is None or new is None or not old.ingredients or not new.ingredients:
        return
    for name in {**old.ingredients, **new.ingredients}:
        kind, _, rest = name.partition("/")
        if kind in _TOLD_ELSEWHERE:
            continue
        before, after = old.ingredients.get(name), new.ingredients.get(name)
        if kind == "environment":
            yield _environment(workspace, key, before, after)
            continue
        part: Part = "data" if kind in ("input", "file") else "definition"
        texts = [value and words(name, value) for value in (before, after)]
        yield Line(part=part, step=key, name=rest or name, old=texts[0], new=texts[1], same=before == after)


def _environment(workspace: Workspace, key: str, old: str | None, new: str | None) -> Line:
    before, after = environment_words(workspace, old), environment_words(workspace, new)
    facts = [environment_facts(workspace, digest) for digest in (old, new)]
    if old != new and facts[0] is not None and facts[1] is not None:
        after = describe_change(facts[0], facts[1])
    return Line(part="environment", step=key, name="environment", old=before, new=after, same=old == new)


def environment_facts(workspace: Workspace, digest: str | None) -> dict[str, str] | None:
    """What was remembered of an environment (Python, platform, packages); None when nothing was."""
    try:
        with open(os.path.join(workspace.cache, "environments", (digest or "").partition(":")[2]), "rb") as file:
            return msgspec.json.decode(file.read(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError):
        return None


def environment_words(workspace: Workspace, digest: str | None) -> str | None:
    """An environment in a few words, such as `Python 3.11.2, 14 packages`."""
    if digest is None:
        return None
    facts = environment_facts(workspace, digest)
    return brief(digest) if facts is None else words_of(facts)


def _step(key: str, old: StepRun | None, new: StepRun | None) -> Line:
    before, after = (step_words(step) for step in (old, new))
    statuses = [step and shown_status(step) for step in (old, new)]
    return Line(part="step", step=key, name=key, old=before, new=after, same=statuses[0] == statuses[1] and _took_alike(old, new))


def step_words(step: StepRun | None) -> str | None:
    """How a step went, such as `Completed in 1.2 s`."""
    if step is None:
        return None
    took = f" in {step.duration_s:.3g} s" if step.duration_s is not None and step.reused_from is None else ""
    return shown_status(step) + took


def _took_alike(old: StepRun | None, new: StepRun | None) -> bool:
    before, after = ((step.duration_s or 0.0) if step else 0.0 for step in (old, new))
    return abs(before - after) <= max(_NOTICEABLE_S, _NOTICEABLE_SHARE * max(before, after))
