"""A run as it goes, from its events: plain lines when piped, with a live last line on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from typing import TYPE_CHECKING, Protocol, TextIO

from stepwell_runner.planning import reasons
from stepwell_store.ledger import events
from stepwell_tui.render.status import paint, status_text, wants_colour, wants_unicode
from stepwell_tui.render.text import duration_text, safe_line, truncate

if TYPE_CHECKING:
    from rich.live import Live
    from rich.text import Text

MANY = 8
"""More reused steps than this are told in one line."""


class View(Protocol):
    """Hears of every event of a run, in order."""

    def __call__(self, event: events.AnyEvent) -> None: ...

    def close(self) -> None:
        """The run is over, or nobody wants to look any longer."""
        ...


class Lines:
    """What happens, a line each, on a stream."""

    def __init__(self, stream: TextIO, width: int) -> None:
        self._stream = stream
        self._width = width
        self._colour = wants_colour(stream, os.environ)
        self._unicode = wants_unicode(stream, os.environ)
        self._names: dict[str, str] = {}

    def __call__(self, event: events.AnyEvent) -> None:
        for line in self.lines(event):
            print(line, file=self._stream, flush=True)

    def close(self) -> None:
        self._stream.flush()

    def lines(self, event: events.AnyEvent) -> list[str]:
        """The lines that an event is worth."""
        match event:
            case events.RunCreated(record=run):
                return [f"run {run.id[:8]} of {safe_line(run.pipeline)}, number {run.number}"]
            case events.StepsReused(steps=steps):
                return self._reused(steps)
            case events.StepStarted(record=step):
                self._names[step.id] = step.step
                why = "; ".join(reasons.words(reason) for reason in reasons.decode(step.reasons))
                return [self._line("Running", step.step, f"{safe_line(why)}")]
            case events.StepNoted(step_run=step_run, message=message):
                return [self._line("", self._names.get(step_run, ""), safe_line(message))]
            case events.StepRetried(step_run=step_run, attempt=attempt, error=error):
                return [self._line("Queued", self._names.get(step_run, ""), f"attempt {attempt}: {safe_line(error)}")]
            case events.StepEnded():
                return [self._ended(event)]
            case events.StepsSkipped(steps=skipped):
                return [self._line("Skipped", step.step, safe_line(step.error or "")) for step in skipped[:MANY]]
            case _:
                return []

    def _reused(self, steps: list[events.Reused]) -> list[str]:
        if len(steps) > MANY:
            return [self._line("Reused", f"{len(steps)} steps", "nothing that they depend on changed")]
        return [self._line("Reused", step.step, "nothing that it depends on changed") for step in steps]

    def _ended(self, event: events.StepEnded) -> str:
        name = self._names.get(event.step_run, "")
        took = duration_text(event.duration_s or 0.0)
        told = took if event.error is None else f"after {took}: {safe_line(event.error.splitlines()[0])}"
        return self._line(event.status, name, told)

    def _line(self, status: str, name: str, text: str) -> str:
        word = status_text(status, colour=self._colour, unicode=self._unicode) if status else "·" if self._unicode else "."
        padding = " " * max(1, 13 - (len(status) + 2 if status else 1))
        return f"{word}{padding}{truncate(f'{safe_line(name):16} {text}', max(20, self._width - 13))}"


class LiveLines(Lines):
    """The same lines with one below them that says what runs now and for how long."""

    def __init__(self, stream: TextIO, width: int) -> None:
        from rich import live, text
        from rich.console import Console

        super().__init__(stream, width)
        self._running: dict[str, float] = {}
        self._done = 0
        self._lock = threading.Lock()
        self._text = text.Text
        self._console = Console(file=stream, highlight=False, markup=False, no_color=not self._colour)
        self._live: Live = live.Live(console=self._console, get_renderable=self._now, refresh_per_second=4, transient=True)
        self._live.start()

    def __call__(self, event: events.AnyEvent) -> None:
        with self._lock:
            self._count(event)
        for line in self.lines(event):
            self._console.print(self._text.from_ansi(line), soft_wrap=True)

    def close(self) -> None:
        self._live.stop()

    def _count(self, event: events.AnyEvent) -> None:
        if isinstance(event, events.StepStarted):
            self._running[event.record.id] = time.monotonic()
        elif isinstance(event, events.StepEnded):
            self._running.pop(event.step_run, None)
            self._done += 1
        elif isinstance(event, events.StepsReused):
            self._done += len(event.steps)

    def _now(self) -> Text:
        with self._lock:
            now = time.monotonic()
            parts = [f"{self._names.get(step_run, '?')} {duration_text(now - since)}" for step_run, since in self._running.items()]
            done = self._done
        line = f"{done} done   " + ("running: " + ", ".join(parts) if parts else "")
        return self._text(truncate(line, max(20, self._width - 1)), style="dim" if self._colour else "")


def view_for(stream: TextIO = sys.stderr) -> View:
    """The view that suits the stream."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return Lines(stream, 10_000)
    return LiveLines(stream, os.get_terminal_size(stream.fileno()).columns or 80)


def heading(text: str, stream: TextIO) -> str:
    """Text that stands out where the stream can show it."""
    return paint(text, "bold", wants_colour(stream, os.environ))
