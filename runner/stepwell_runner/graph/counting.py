"""What a project says of all its pipelines about what counts for reuse, for files that must stay as they are for Azure ML."""

from __future__ import annotations

from fnmatch import fnmatchcase

import msgspec

from stepwell_runner.graph.model import Graph, Step


class Counting(msgspec.Struct, frozen=True):
    """`narrow`: which steps count no more of their source folder than what they need: all of them, or those whose names fit one of
    some patterns. `untracked`: parameters whose values are no reason to run a step again, such as a build id."""

    narrow: bool | tuple[str, ...] = False
    untracked: tuple[str, ...] = ()


def counted(graph: Graph, counting: Counting) -> Graph:
    """The graph with that; what its author said of steps and parameters stays."""
    if counting == Counting():
        return graph
    return msgspec.structs.replace(
        graph,
        steps=tuple(_narrowed(step) if _is_narrow(step, counting.narrow) else step for step in graph.steps),
        parameters=tuple(msgspec.structs.replace(one, tracked=one.tracked and one.name not in counting.untracked)
                         for one in graph.parameters),
    )


def _is_narrow(step: Step, narrow: bool | tuple[str, ...]) -> bool:
    if step.source is None or step.source.only or step.source.extra:
        return False
    return narrow if isinstance(narrow, bool) else any(fnmatchcase(name, pattern) for pattern in narrow for name in (step.name, step.key))


def _narrowed(step: Step) -> Step:
    assert step.source is not None
    return msgspec.structs.replace(step, source=msgspec.structs.replace(step.source, narrow=True))
