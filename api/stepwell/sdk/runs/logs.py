"""What steps wrote to stdout and stderr, as text."""

from __future__ import annotations

import codecs
import io
import sys

import msgspec

from stepwell_runner.verbs.logfiles import blocks, log_of
from stepwell_store.ledger import events, history, records
from stepwell_store.workspace import Workspace

_utf8 = codecs.getincrementaldecoder("utf-8")


def log_text(workspace: Workspace, step: records.StepRun) -> str:
    """All that the newest attempt wrote; nothing when it did not begin."""
    return b"".join(blocks(log_of(workspace, step))).decode("utf-8", "replace") if step.attempt else ""


def notes_of(workspace: Workspace, step: records.StepRun) -> str:
    """What the runner noted about a step, and how it failed, a line each."""
    notes: list[str] = []
    cursor, page = 0, True
    while page:
        found = history.events_since(workspace.database, cursor, run=step.run)
        notes += [event.message for _, event in found if isinstance(event, events.StepNoted) and event.step_run == step.id]
        cursor, page = (found[-1][0], True) if found else (cursor, False)
    return "".join(f"{line}\n" for line in [*notes, *([step.error] if step.error else [])])


class LogTail:
    """The log of a step from where it was last read, attempt after attempt."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._attempt = 0
        self._begin(0)

    def _begin(self, attempt: int) -> None:
        self._attempt, self._offset = attempt, 0
        # A progress bar's carriage returns become line ends: nothing is hidden, and nothing is overwritten.
        self._decoder = io.IncrementalNewlineDecoder(_utf8("replace"), translate=True)

    def read(self, step: records.StepRun) -> str:
        """What has come since; `step` is the step run as it is now."""
        text = ""
        for attempt in range(self._attempt or 1, step.attempt + 1):
            if attempt != self._attempt:
                self._begin(attempt)
            for block in blocks(log_of(self._workspace, msgspec.structs.replace(step, attempt=attempt)), self._offset):
                self._offset += len(block)
                text += self._decoder.decode(block)
        return text


def show(text: str, end: str = "\n") -> None:
    """Print text of others, made safe where a terminal would obey it."""
    if sys.stdout.isatty():
        from stepwell_tui.render.text import safe_text

        text = safe_text(text)
    print(text, end=end, flush=True)
