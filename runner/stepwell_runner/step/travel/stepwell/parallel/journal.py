"""What people see of the work: the step's log, files under `logs/`, and notes while it goes on."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from stepwell import context as step_context
from stepwell.parallel.tally import Counts
from stepwell.recorder import Recorder

SHOWN_ERRORS = 5
NOTE_EVERY_S = 1.0

OVERVIEW = "logs/job_progress_overview.{}.txt"
RESULT = "logs/job_result.txt"
ERRORS = "logs/user/error.txt"


class Journal:
    """Tells how far the work is. `context` is that of the step; without one nothing is reported."""

    def __init__(self, context: dict[str, Any] | None = None) -> None:
        facts = step_context.read() if context is None else context
        self._recorder = None if facts is None else Recorder(facts, "step")
        self._overview = OVERVIEW.format(time.strftime("%Y%m%d%H", time.gmtime()))
        self._errors = 0
        self._noted_at = 0.0
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """A line of the step's log, and of the overview."""
        print(text, flush=True)
        self._write(self._overview, f"{time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime())} {text}\n")

    def progress(self, counts: Counts) -> None:
        """How far it is, at most once a second."""
        now = time.monotonic()
        if now - self._noted_at >= NOTE_EVERY_S or counts.done == counts.total:
            self._noted_at = now
            text = f"{counts.done} of {counts.total} mini-batches done, {counts.failed} failed"
            self.say(text)
            self._report("note", message=text)

    def error(self, what: str, details: str) -> None:
        """Something failed: all in the file of errors, the first few in the step's log too."""
        self._errors += 1
        self._write(ERRORS, f"{what}\n{details.rstrip()}\n\n")
        if self._errors <= SHOWN_ERRORS:
            print(f"{what}\n{details.rstrip()}", flush=True)
        elif self._errors == SHOWN_ERRORS + 1:
            print(f"more errors are in {ERRORS}", flush=True)

    def end(self, counts: Counts, problem: str | None) -> None:
        """How it ended, as a line, a file and metrics."""
        seconds = time.monotonic() - self._began
        told = {"mini_batches": counts.total, "failed_mini_batches": counts.failed, "items": counts.items,
                "failed_items": counts.failed_items, "results": counts.results}  # fmt: skip
        self._write(RESULT, json.dumps({"result": "failed" if problem else "succeeded", "reason": problem, **told}, indent=1) + "\n")
        for name, value in told.items():
            self._report("metric", name=name, type="scalar", value=value, step=None, description=None, at=time.time())
        self.say(f"failed: {problem}" if problem else f"{counts.done} mini-batches with {counts.items} items in {seconds:.1f} s")

    def _report(self, kind: str, **fields: Any) -> None:
        if self._recorder is not None:
            self._recorder.send(kind, **fields)

    def _write(self, path: str, text: str) -> None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
