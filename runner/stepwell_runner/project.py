"""What a project says of all its pipelines: `stepwell.toml` in their folder or above. For files that must stay as they are for Azure ML."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

import msgspec

from stepwell_runner.graph.model import Graph, Step
from stepwell_store.errors import UsageError

NAME = "stepwell.toml"
_RIGHT = "it may hold a table [reuse] with narrow (true, or names of steps) and untracked (names of parameters)"


class Reuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`narrow`: which steps count no more of their source folder than what they need: all of them, or those whose names fit one of
    some patterns. `untracked`: parameters whose values are no reason to run a step again, such as a build id."""

    narrow: bool | tuple[str, ...] = False
    untracked: tuple[str, ...] = ()


class Project(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of the file."""

    reuse: Reuse = Reuse()


def configured(graph: Graph) -> Graph:
    """A graph that was just made from its file, with what its project says; UsageError when the project's file is wrong."""
    path = _nearest(graph.base) if graph.base is not None else None
    if path is None:
        return graph
    reuse = _read(path).reuse
    return msgspec.structs.replace(
        graph,
        steps=tuple(_narrowed(step) if _is_narrow(step, reuse.narrow) else step for step in graph.steps),
        parameters=tuple(msgspec.structs.replace(one, tracked=False) if one.name in reuse.untracked else one for one in graph.parameters),
        files=(*graph.files, path),
    )


def _nearest(folder: str) -> str | None:
    while True:
        path = os.path.join(folder, NAME)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _read(path: str) -> Project:
    try:
        with open(path, "rb") as file:
            return msgspec.toml.decode(file.read(), type=Project)
    except (OSError, ValueError) as error:  # msgspec's errors and TOML's are ValueErrors
        raise UsageError(f"{NAME} cannot be used: {error}", where=path, todo=_RIGHT) from error


def _is_narrow(step: Step, narrow: bool | tuple[str, ...]) -> bool:
    if step.source is None or step.source.only or step.source.extra:
        return False
    return narrow if isinstance(narrow, bool) else any(fnmatchcase(name, pattern) for pattern in narrow for name in (step.name, step.key))


def _narrowed(step: Step) -> Step:
    assert step.source is not None
    return msgspec.structs.replace(step, source=msgspec.structs.replace(step.source, narrow=True))
