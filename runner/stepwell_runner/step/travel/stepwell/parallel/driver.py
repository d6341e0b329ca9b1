"""The driver: hands mini-batches to workers, counts what becomes of them, and says how it ended."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from stepwell import context as step_context
from stepwell.errors import UserErrorException
from stepwell.parallel import batches, crew, rows
from stepwell.parallel.batches import Batch, Source
from stepwell.parallel.crew import Seat, Worker
from stepwell.parallel.journal import Journal
from stepwell.parallel.settings import Settings, SettingsError, settings_of
from stepwell.parallel.tally import INIT_FAILURES_PER_WORKER, Counts, Tries, verdict

FAILED = 42
WRONG = 2
TICK_S = 0.5
GOODBYE_S = 30.0
LAST_WORDS_S = 1.0


def main(arguments: list[str]) -> int:
    """Do the work of the step that this process is; its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    context = step_context.read()
    if context is None or not context.get("work"):
        print("python -m stepwell.parallel is the command of a step; it does nothing by itself", file=sys.stderr)
        return WRONG
    spool = os.path.join(context["folder"], "spool")
    os.makedirs(spool, mode=0o700)
    try:
        settings = settings_of(context, gpus=len(crew.devices()))
        found = batches.sources(settings, context["inputs"])
        return Driver(settings, found, Journal(context), _told(settings, context, spool, arguments)).run()
    except (SettingsError, UserErrorException, ImportError) as error:
        print(f"this step cannot be cut into mini-batches: {error}", file=sys.stderr)
        return WRONG
    finally:
        shutil.rmtree(spool, ignore_errors=True)


def _told(settings: Settings, context: dict[str, Any], spool: str, arguments: list[str]) -> dict[str, Any]:
    """What every worker is told when it starts, but for the names of its seat."""
    output = "" if settings.append is None else os.path.dirname(settings.append.path)
    facts = {"output": output or next(iter(context.get("outputs", {}).values()), ""), "work": os.getcwd(), "level": settings.level}
    return {"entry": settings.entry, "arguments": [*settings.options, *arguments], "spool": spool, "append": settings.append,
            "facts": facts}  # fmt: skip


class Driver:
    """One piece of work from its first mini-batch to its end."""

    def __init__(self, settings: Settings, found: list[Source], journal: Journal, told: dict[str, Any]) -> None:
        self._settings = settings
        self._journal = journal
        self._told = told
        self._counts = Counts(sum(source.count for source in found))
        self._tries = Tries(settings.tries)
        self._fresh = self._cut(found)
        self._again: deque[Batch] = deque()
        self._kept: list[int] = []
        self._workers: list[Worker] = []
        self._selector = selectors.DefaultSelector()
        self._init_failures = 0
        self._problem: str | None = None

    def run(self) -> int:
        """Until every mini-batch is done or too much has failed; 0, or 42 when it failed."""
        if not self._counts.total:
            self._problem = "there is nothing in the input"
        seats = self._seats()
        names = f"{len(seats)} worker{'s' if len(seats) != 1 else ''}"
        self._journal.say(f"{self._counts.total} mini-batches for {names}, {self._settings.tries} tries each")
        try:
            for seat in seats:
                self._hire(seat)
            while self._problem is None and self._counts.done < self._counts.total:
                self._hand_out()
                self._listen()
            self._leave()
        finally:
            for worker in self._workers:
                worker.kill()
            self._selector.close()
        self._journal.end(self._counts, self._problem)
        return FAILED if self._problem else 0

    def _cut(self, found: list[Source]) -> Iterator[Batch]:
        first = 0
        for source in found:
            yield from source.batches(first, self._told["spool"])
            first += source.count

    def _seats(self) -> list[Seat]:
        devices = crew.devices()
        count = min(self._settings.workers, self._counts.total)
        return [Seat(at, self._settings.per_node, devices[at % len(devices)] if devices else None) for at in range(count)]

    # --- workers

    def _hire(self, seat: Seat) -> None:
        names = {"agent": seat.agent, "node": seat.node}
        worker = Worker(seat, {**self._told, "facts": {**self._told["facts"], **names}})
        self._workers.append(worker)
        self._selector.register(worker.connection, selectors.EVENT_READ, worker)

    def _dismiss(self, worker: Worker) -> int:
        self._selector.unregister(worker.connection)
        self._workers.remove(worker)
        return worker.kill()

    def _hand_out(self) -> None:
        for worker in list(self._workers):
            if worker.ready and worker.batch is None:
                batch = self._again.popleft() if self._again else next(self._fresh, None)
                if batch is None:
                    return
                self._tries.begin(batch.index)
                try:
                    worker.give(batch, self._settings.timeout_s)
                except OSError:
                    self._lose(worker)

    def _listen(self) -> None:
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        wait = min([TICK_S, *(max(0.0, deadline - time.monotonic()) for deadline in deadlines)])
        for key, _ in self._selector.select(wait):
            if key.data in self._workers:
                self._hear(key.data)
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.process.poll() is not None:
                self._hear(worker)  # its last words, when a process that it left behind keeps the connection open
                if worker in self._workers:
                    self._lose(worker)
            elif worker.deadline is not None and worker.deadline <= now:
                self._replace(worker, f"run() took longer than {self._settings.timeout_s:g} s")

    def _hear(self, worker: Worker) -> None:
        try:
            messages = worker.hear()
        except ValueError:  # no JSON: the script writes to a descriptor that is not its own
            messages = None
        if messages is None:
            self._lose(worker)
            return
        for message in messages:
            self._take(worker, message)

    def _take(self, worker: Worker, message: dict[str, Any]) -> None:
        kind = message["kind"]
        if kind == "ready":
            worker.ready = True
        elif kind == "broken":
            worker.explained = True
            self._journal.error(f"{worker.seat.agent} on {worker.seat.node} could not start", message["error"])
        elif worker.batch is not None:
            batch = worker.free()
            assert batch is not None
            if kind == "done":
                self._done(batch, message["results"])
            else:
                self._failed(batch, message["error"])

    def _lose(self, worker: Worker) -> None:
        code = worker.wait(LAST_WORDS_S)
        self._replace(worker, "the worker closed its connection" if code is None else _how(code))

    def _replace(self, worker: Worker, why: str) -> None:
        """A worker that died or hangs: its mini-batch failed, and another takes its seat."""
        self._dismiss(worker)
        if not worker.ready:
            if not worker.explained:
                self._journal.error(f"{worker.seat.agent} on {worker.seat.node} could not start", f"{why}; see {worker.seat.log}")
            self._init_failures += 1
            if self._init_failures >= INIT_FAILURES_PER_WORKER * self._settings.per_node:
                self._problem = self._problem or f"the entry script could not be started: {self._init_failures} workers failed in init()"
                return
        if worker.batch is not None:
            self._failed(worker.batch, f"{why}; see {worker.seat.log}")
        if self._problem is None and self._counts.done < self._counts.total:
            self._hire(worker.seat)

    def _leave(self) -> None:
        """Let the workers come to their end, and put their rows together."""
        if self._problem is not None:
            return
        deadline = time.monotonic() + GOODBYE_S
        for worker in self._workers:
            worker.dismiss()
        for worker in self._workers:
            worker.wait(max(0.0, deadline - time.monotonic()))
        append = self._settings.append
        if append is not None:
            parts = [os.path.join(self._told["spool"], f"{index}.rows") for index in sorted(self._kept)]
            rows.join(parts, append.path, append.header)

    # --- mini-batches

    def _done(self, batch: Batch, results: int) -> None:
        self._kept.append(batch.index)
        self._count(batch, self._counts.succeeded(batch.items, results))

    def _failed(self, batch: Batch, details: str) -> None:
        again = self._tries.may_again(batch.index)
        self._journal.error(f"mini-batch {batch.index} failed{', trying it again' if again else ''}", details)
        if again:
            self._again.append(batch)
        else:
            self._count(batch, self._counts.lost(batch.items))

    def _count(self, batch: Batch, counts: Counts) -> None:
        self._counts = counts
        if batch.rows is not None:
            os.unlink(batch.rows)
        self._journal.progress(counts)
        self._problem = self._problem or verdict(counts, self._settings)


def _how(code: int) -> str:
    if code < 0:
        try:
            return f"the worker was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"the worker was ended by signal {-code}"
    return f"the worker ended with exit code {code}"
