"""Which steps may start now. A synchronous value-keeper without threads, clocks or files."""

from __future__ import annotations

from collections import deque

from stepwell_runner.graph.model import Graph
from stepwell_runner.graph.order import predecessors, successors


class ReadySet:
    """Follows a graph as its steps end. A step is ready when all that come before it completed."""

    def __init__(self, graph: Graph) -> None:
        before = predecessors(graph)
        self._after = successors(before)
        self._missing = {key: len(earlier) for key, earlier in before.items()}
        self._ready = deque(step.key for step in graph.steps if not self._missing[step.key])
        self._open = set(before)

    @property
    def finished(self) -> bool:
        """True when no step is left that has not ended."""
        return not self._open

    def take(self) -> str | None:
        """The next step that may start, or None when none may at present."""
        return self._ready.popleft() if self._ready else None

    @property
    def has_more(self) -> bool:
        """Whether there is a step to take."""
        return bool(self._ready)

    def completed(self, key: str) -> None:
        """The step ended well; those that only waited for it become ready."""
        self._open.discard(key)
        for one in self._after[key]:
            self._missing[one] -= 1
            if not self._missing[one] and one in self._open:
                self._ready.append(one)

    def abandoned(self, key: str) -> list[str]:
        """The step did not end well: it and all that need it are over. The latter, in no particular order."""
        self._open.discard(key)
        skipped: list[str] = []
        waiting = list(self._after[key])
        while waiting:
            one = waiting.pop()
            if one in self._open:
                self._open.discard(one)
                skipped.append(one)
                waiting.extend(self._after[one])
        return skipped

    def drop_rest(self) -> list[str]:
        """Give up every step that has not ended; their keys in the order of the graph."""
        rest = [key for key in self._missing if key in self._open]
        self._ready.clear()
        self._open.clear()
        return rest
