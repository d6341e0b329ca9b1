"""Watches pipelines: after every batch of edits a new plan, and of each plan only what the last one did not say."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator, Sequence

import msgspec

from stepwell_runner.watch.hints import Hints
from stepwell_runner.watch.news import News, Notice, Settled
from stepwell_runner.watch.pipeline import Pipeline, Watched
from stepwell_store.workspace import Workspace

HUGE = 1000
"""More paths than this at once may be more than the system's queue holds."""

RESCAN_SHARE = 50
"""Between two rescans pass this many times what one takes, if that is longer."""

SHORTEST_REST_S = 0.2
LONGEST_REST_S = 2.0
"""How long to rest after edits that were none, such as of a log beside the pipeline: the longer the more often that was so."""


class Timing(msgspec.Struct, frozen=True):
    """In seconds: `tick` between looks at the ledger, `rescan` of quiet after which all is looked at again whatever the
    system told, `settle` of quiet after which steps may be run, `again` after a batch so large that some of it may be lost."""

    tick: float = 1.0
    rescan: float = 10.0
    settle: float = 0.3
    again: float = 1.0


class Watcher:
    """Iterate over it for news, in one thread; `stop` and `look` may be called from others.

    With `polling` the system is never asked what changed; without, it is as long as that works.
    """

    def __init__(self, workspace: Workspace, pipelines: Sequence[Pipeline], *, timing: Timing | None = None,
                 polling: bool = False) -> None:
        self._workspace = workspace
        self._timing = timing or Timing()
        self._stop = threading.Event()
        self._asked = threading.Event()
        self._hints = Hints(self._stop, polling=polling)
        self._watched = [Watched(workspace, one) for one in pipelines]
        self._settling: dict[str, Settled] = {}
        self._version = 0
        self._due = 0.0
        self._rest = 0.0

    def stop(self) -> None:
        """End the iteration soon."""
        self._stop.set()

    def look(self) -> None:
        """Have all plans made again soon, as after a run."""
        self._asked.set()

    def __iter__(self) -> Iterator[News]:
        try:
            self._arm()
            yield from self._look(self._watched)
            while not self._stop.is_set():
                yield from self._next()
        finally:
            self._hints.close()

    def _arm(self) -> None:
        self._hints.arm([place for one in self._watched for place in one.places])

    def _next(self) -> Iterator[News]:
        """Wait for what happens next, and tell of it."""
        self._stop.wait(self._rest)
        paths = self._hints.gather(self._timing.settle if self._settling else self._timing.tick)
        if not paths:
            self._rest = 0.0
        if paths:
            yield from self._edited(paths)
        elif self._settling:
            yield from self._settle()
        elif time.monotonic() >= self._due:
            for one in self._watched:
                one.suspect()
            yield from self._look(self._watched)
        elif self._asked.is_set() or self._workspace.database.data_version() != self._version:
            yield from self._look(self._watched)

    def _edited(self, paths: set[str], *, meanwhile: bool = False) -> Iterator[News]:
        # Every pipeline hears of it, even after one that has a reason to look.
        concerned = [one for one in self._watched if one.hear(paths)]
        said = yield from self._look(concerned, meanwhile=meanwhile)
        self._rest = 0.0 if said else min(LONGEST_REST_S, max(SHORTEST_REST_S, 2 * self._rest))
        if len(paths) > HUGE:
            self._due = min(self._due, time.monotonic() + self._timing.again)

    def _settle(self) -> Iterator[News]:
        """Say that now is a good time; what was edited while the listener was busy with that is told apart."""
        ready, self._settling = self._settling, {}
        yield from ready.values()
        paths = self._hints.gather(0.0)
        if paths:
            yield from self._edited(paths, meanwhile=True)

    def _look(self, watched: Sequence[Watched], *, meanwhile: bool = False) -> Generator[News, None, bool]:
        """Plan these anew; whether there was anything to say."""
        begun, said_any = time.monotonic(), False
        self._asked.clear()
        self._version = self._workspace.database.data_version()
        for one in watched:
            said = one.look(self._arm)
            yield from self._notices()
            if said is not None:
                yield said
            said_any = said_any or said is not None
            self._take_note(one, meanwhile)
        if watched is self._watched:
            took = time.monotonic() - begun
            self._due = time.monotonic() + max(self._timing.rescan, RESCAN_SHARE * took)
        return said_any

    def _take_note(self, one: Watched, meanwhile: bool) -> None:
        if one.is_moving:
            self._asked.set()
        elif one.is_edited:
            self._settling[one.file] = Settled(pipeline=one.file, submission=one.submission(), meanwhile=meanwhile)
        if not one.is_pending:
            self._settling.pop(one.file, None)

    def _notices(self) -> Iterator[News]:
        while self._hints.notices:
            yield Notice(self._hints.notices.pop(0))
