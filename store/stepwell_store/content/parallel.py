"""The same work on many items in a few threads. Reading and hashing release the interpreter, so this uses several cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_WORTH_A_THREAD = 64
_MOST_THREADS = 4
_PORTIONS = 16


def map_threads(work: Callable[[_Item], _Result], items: Sequence[_Item]) -> list[_Result]:
    """`work` of every item, in the order of the items; the first exception ends the rest and is raised."""
    threads = min(_MOST_THREADS, len(items) // _WORTH_A_THREAD)
    if threads < 2 or (threads := min(threads, os.cpu_count() or 1)) < 2:
        return [work(item) for item in items]
    portion = max(1, len(items) // (threads * _PORTIONS))
    starts = iter(range(0, len(items), portion))
    done: dict[int, list[_Result]] = {}
    errors: list[BaseException] = []
    taking = threading.Lock()

    def take_portions() -> None:
        try:
            for start in _shared(starts, taking):
                if errors:
                    return
                done[start] = [work(item) for item in items[start : start + portion]]
        except BaseException as error:
            errors.append(error)

    others = [threading.Thread(target=take_portions, daemon=True) for _ in range(threads - 1)]
    for other in others:
        other.start()
    take_portions()
    for other in others:
        other.join()
    if errors:
        raise errors[0]
    return [result for start in sorted(done) for result in done[start]]


def _shared(source: Iterator[int], taking: threading.Lock) -> Iterator[int]:
    while True:
        with taking:
            value = next(source, None)
        if value is None:
            return
        yield value
