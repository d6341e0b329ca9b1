"""Which steps come before which."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from stepwell_runner.graph.model import FromStep, Graph, Step


def predecessors(graph: Graph) -> dict[str, tuple[str, ...]]:
    """For each step the keys of the steps that must end before it, each once."""
    return {step.key: tuple(dict.fromkeys((
        *(one.binding.step for one in step.inputs if type(one.binding) is FromStep), *step.after))) for step in graph.steps}


def successors(before: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """The other way round: for each step those that wait for it."""
    after: dict[str, list[str]] = {key: [] for key in before}
    for key, earlier in before.items():
        for one in earlier:
            after[one].append(key)
    return after


def topological(graph: Graph) -> Iterator[Step]:
    """The steps in an order in which they can run, as written where that is one. The graph has no cycle (check.py)."""
    before = predecessors(graph)
    after = successors(before)
    missing = {key: len(earlier) for key, earlier in before.items()}
    steps = {step.key: step for step in graph.steps}
    ready = [step.key for step in reversed(graph.steps) if not missing[step.key]]
    while ready:
        key = ready.pop()
        yield steps[key]
        for one in reversed(after[key]):
            missing[one] -= 1
            if not missing[one]:
                ready.append(one)


def descendants(graph: Graph, keys: set[str]) -> set[str]:
    """These steps and all that come after them."""
    return _reached(keys, successors(predecessors(graph)))


def ancestors(graph: Graph, keys: set[str]) -> set[str]:
    """These steps and all that must come before them."""
    return _reached(keys, predecessors(graph))


def _reached(keys: set[str], neighbours: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(keys)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(neighbours[key])
    return found
