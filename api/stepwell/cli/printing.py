"""How the verbs that show things look: facts, headings, times, links from one command to the next."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import msgspec

from stepwell.cli.common import short, terminal
from stepwell_runner.verbs.steps import shown_status
from stepwell_store.ledger.records import Run, StepRun
from stepwell_tui.render.status import paint, status_text
from stepwell_tui.render.text import age_text, display_width, duration_text, pad, safe_line, safe_text

Fact = tuple[str, str | None]


def print_facts(facts: Iterable[Fact]) -> None:
    """Names and values below each other; those without a value are left out. Values may be foreign and of several lines.

    The value of `status` is shown as one.
    """
    shown = [(name, value) for name, value in facts if value]
    width = max((display_width(safe_line(name)) for name, _ in shown), default=0)
    for name, value in shown:
        head = pad(safe_line(name), width)
        text = status(value) if name == "status" else safe_text(value)
        for line in text.splitlines():
            print(f"{dim(head)}  {line}")
            head = " " * width


def print_heading(text: str) -> None:
    """A line of its own above what follows, with a blank one before it."""
    print(f"\n{paint(safe_line(text), 'bold', terminal().colour)}")


def dim(text: str) -> str:
    """Text that stands back where the terminal can show it."""
    return paint(text, "dim", terminal().colour)


def status(word: str) -> str:
    """A status with its glyph, in colour where that can be shown."""
    out = terminal()
    return status_text(word, colour=out.colour, unicode=out.unicode)


def plain(text: str) -> str:
    """Our own words with arrows and dots that the terminal can show."""
    return text if terminal().unicode else text.replace("→", "->").replace("…", "...")


def ago(at: float | None) -> str:
    """How long ago a moment was; nothing for none."""
    return "" if at is None else age_text(max(0.0, time.time() - at))


def moment(at: float | None) -> str | None:
    """A moment of this machine's clock and how long ago that was."""
    return None if at is None else f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(at))} ({ago(at)})"


def run_seconds(run: Run) -> float | None:
    """How long a run took, or has been going on."""
    return None if run.started_at is None else (run.ended_at or time.time()) - run.started_at


def step_seconds(step: StepRun) -> float | None:
    """How long a step ran, or has been running; None for one that did not run."""
    if step.reused_from is not None or step.started_at is None:
        return None
    return step.duration_s if step.duration_s is not None else (step.ended_at or time.time()) - step.started_at


def seconds(value: float | None) -> str:
    """A duration for a table; nothing for none."""
    return "" if value is None else duration_text(max(0.0, value))


def run_name(run: Run) -> str:
    """Number and short id of a run."""
    return f"#{run.number} {short(run.id)}"


def run_line(run: Run) -> str:
    """A run in one line, as a heading above what is said of it."""
    return f"run {run_name(run)} of {safe_line(run.pipeline)}, {ago(run.created_at)}"


def run_data(run: Run) -> dict[str, Any]:
    """A run as JSON-like data: the fields of its record, and `duration_s`."""
    data: dict[str, Any] = msgspec.to_builtins(run)
    return data | {"duration_s": run_seconds(run)}


def step_data(step: StepRun) -> dict[str, Any]:
    """A step as JSON-like data: the fields of its record, `reused`, and the reasons in words as `why`."""
    from stepwell_runner.planning import reasons

    data: dict[str, Any] = msgspec.to_builtins(step)
    return data | {"reused": step.reused_from is not None, "shown_status": shown_status(step),
                   "why": [reasons.words(reason) for reason in reasons.decode(step.reasons)]}


def files_text(count: int) -> str:
    """So many files."""
    return "1 file" if count == 1 else f"{count:,} files"
