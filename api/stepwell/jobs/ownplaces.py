"""Data on a datastore that the pipeline writes itself.

A node may read, as plain data, a path that an earlier node writes: then it gets that node's output. And it may read a folder
in which the pipeline writes: then what the pipeline writes there is no part of what it reads, else nothing could ever be reused.
"""

from __future__ import annotations

import msgspec

from stepwell_runner.graph.model import FromData, FromStep, Input, Step
from stepwell_store.data.definition import DatasetDefinition, DatastorePath

_CHOSEN = "azureml"
"""The folder below which outputs without a place of their own are kept, each in a folder of its step run."""

_STEP_RUN = "????????-????-????-????-????????????"


def bound(steps: tuple[Step, ...], default_datastore: str) -> tuple[Step, ...]:
    """The steps with such inputs bound to the outputs, or freed of them."""
    written = {(one.datastore or default_datastore, one.path.strip("/")): (step.key, one.name)
               for step in steps for one in step.outputs if one.path is not None and "{run-id}" not in one.path}  # fmt: skip
    chosen = {one.datastore or default_datastore for step in steps for one in step.outputs if one.path is None}
    before = _before(steps)
    return tuple(_step(step, written, chosen, before[step.key]) for step in steps)


def _before(steps: tuple[Step, ...]) -> dict[str, set[str]]:
    """The steps that end before each step begins."""
    direct = {step.key: {one.binding.step for one in step.inputs if isinstance(one.binding, FromStep)} for step in steps}
    found: dict[str, set[str]] = {}
    for key, needed in direct.items():
        seen: set[str] = set()
        waiting = [*needed]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += direct.get(one, ())
        found[key] = seen
    return found


def _step(step: Step, written: dict[tuple[str, str], tuple[str, str]], chosen: set[str], before: set[str]) -> Step:
    inputs = tuple(_input(one, written, chosen, before) for one in step.inputs)
    return step if inputs == step.inputs else msgspec.structs.replace(step, inputs=inputs)


def _input(one: Input, written: dict[tuple[str, str], tuple[str, str]], chosen: set[str], before: set[str]) -> Input:
    data = one.binding.data if isinstance(one.binding, FromData) else None
    if data is None or len(data.places) != 1 or not isinstance(data.places[0], DatastorePath):
        return one
    place = data.places[0]
    path = place.path.strip("/")
    for (datastore, output), (key, name) in written.items():
        if datastore == place.datastore and key in before and (path == output or path.startswith(f"{output}/")):
            return msgspec.structs.replace(one, binding=FromStep(key, name), below=path[len(output) :].strip("/") or None)
    own = [output for (datastore, output) in written if datastore == place.datastore and _is_below(output, path)]
    patterns = [f"{_rest(output, path)}{end}" for output in own for end in ("", "/*")]
    if place.datastore in chosen and path in ("", _CHOSEN):
        patterns.append(f"{_rest(_CHOSEN, path)}/{_STEP_RUN}/*")
    if not patterns:
        return one
    without: DatasetDefinition = msgspec.structs.replace(data, without=tuple(patterns), must_exist=False)
    return msgspec.structs.replace(one, binding=FromData(without))


def _is_below(output: str, folder: str) -> bool:
    return folder == "" or output.startswith(f"{folder}/")


def _rest(output: str, folder: str) -> str:
    """What is left of an output's path below a folder, with a leading `/`; nothing for the folder itself."""
    rest = output[len(folder) :].strip("/") if folder else output
    return f"/{rest}" if rest else ""
