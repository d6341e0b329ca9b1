"""What a step in a container must be shown of this machine outside of its own folder, and what it starts from there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from stepwell_runner.execution.collect import OutputPlace
from stepwell_runner.step import TRAVEL
from stepwell_runner.step.context import StepInput


def read_paths(inputs: Iterable[StepInput]) -> tuple[str, ...]:
    """The files and folders that a step reads: the step's side of Stepwell, and where its inputs really are."""
    found = {TRAVEL: None}
    for one in inputs:
        found.update(dict.fromkeys(_of_input(one)))
    return tuple(found)


def _of_input(one: StepInput) -> Iterable[str]:
    if one.files is not None:
        yield from (os.path.dirname(path) for path in one.files if os.path.isabs(path))
    if one.path is None or not os.path.isabs(one.path):
        return
    yield one.path
    if one.mode == "mount":
        yield from _behind_links(one.path)


def _behind_links(path: str) -> Iterable[str]:
    """The folders of the files that the links in a folder of inputs lead to."""
    if os.path.islink(path):
        yield os.path.dirname(os.path.realpath(path))
    for parent, folders, names in os.walk(path):
        links = (os.path.join(parent, name) for name in (*folders, *names))
        yield from (os.path.dirname(os.path.realpath(link)) for link in links if os.path.islink(link))


def written_paths(places: Iterable[OutputPlace], folder: str) -> tuple[str, ...]:
    """The folders outside of the attempt's own that a step writes its outputs to."""
    parents = {os.path.dirname(place.written) for place in places}
    return tuple(sorted(parent for parent in parents if not parent.startswith(f"{folder}/") and os.path.isdir(parent)
                        and parent.count("/") > 1))


def passed_on(image: Mapping[str, str], names: str | None, own: Mapping[str, str]) -> dict[str, str]:
    """The variables that a step in a container starts from: the image's, and those of this process that the target names."""
    wanted = [name.strip() for name in (names or "").split(",")]
    return {**image, **{name: own[name] for name in wanted if name in own}}
