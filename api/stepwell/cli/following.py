"""Logs of a run that is going on, shown as they grow."""

from __future__ import annotations

import os
import time

import msgspec

from stepwell.cli import stay
from stepwell.cli.common import say, short
from stepwell.cli.logwriter import LogWriter
from stepwell_runner.execution.ownership import is_owned
from stepwell_runner.verbs.logfiles import blocks, log_of, tail_start
from stepwell_store.ledger import history
from stepwell_store.ledger.records import Run, StepRun
from stepwell_store.workspace import Workspace

PAUSE_S = 0.1


class _Place(msgspec.Struct):
    """How far the log of a step was read: in which attempt, and how many bytes of it."""

    attempt: int
    offset: int
    ended: bool = False


class _Follower:
    """The logs of one run, or of one step of it, from where they were last read."""

    def __init__(self, workspace: Workspace, run: str, step: str | None, writer: LogWriter, tail: int | None) -> None:
        self._workspace = workspace
        self._run = run
        self._step = step
        self._writer = writer
        self._tail = tail
        self._places: dict[str, _Place] = {}
        self._version = -1
        self._steps: list[StepRun] = []

    def look(self) -> None:
        """Write what has come since the last look."""
        version = self._workspace.database.data_version()
        if version != self._version:
            self._version = version
            found = history.steps_of(self._workspace.database, self._run)
            self._steps = [step for step in found if self._step in (None, step.step)]
        for step in self._steps:
            place = self._places.get(step.step)
            if place is None:
                place = self._places[step.step] = self._first_place(step)
            if not place.ended:
                self._read(step, place)
        self._writer.flush()

    def _first_place(self, step: StepRun) -> _Place:
        if step.reused_from is not None:
            say(f"{step.step} was reused; `stepwell logs {short(self._run)}/{step.step}` shows what it wrote when it ran")
        if not step.attempt:
            return _Place(0, 0, ended=True)
        path = log_of(self._workspace, step)
        start = tail_start(path, self._tail) if self._tail is not None and os.path.exists(path) else 0
        return _Place(step.attempt, start)

    def _read(self, step: StepRun, place: _Place) -> None:
        for attempt in range(place.attempt, step.attempt + 1):
            if attempt != place.attempt:
                place.attempt, place.offset = attempt, 0
            for block in blocks(log_of(self._workspace, msgspec.structs.replace(step, attempt=attempt)), place.offset):
                self._writer.write(step.step, block)
                place.offset += len(block)
        if step.ended_at is not None:
            place.ended = True
            self._writer.end(step.step)


def follow(workspace: Workspace, run: Run, step: str | None, writer: LogWriter, tail: int | None) -> None:
    """Write logs as they grow, until the run ends or its runner dies."""
    stay()
    follower = _Follower(workspace, run.id, step, writer, tail)
    over = False
    while not over:
        # Asked before looking, so that what was written until then is seen.
        over = not is_owned(workspace, run.id)
        follower.look()
        if not over:
            time.sleep(PAUSE_S)
    if history.get_run(workspace.database, run.id).ended_at is None:
        say(f"the runner of {short(run.id)} died; `stepwell resume {short(run.id)}` goes on from what completed")
