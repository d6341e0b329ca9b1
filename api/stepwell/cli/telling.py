"""Why steps ran or would run, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from stepwell.cli.common import short, terminal
from stepwell.cli.printing import ago, plain
from stepwell_runner.planning.reasons import SHOWN, AnyReason, OutputChanged, OutputMissing, SourceChanged, words
from stepwell_runner.verbs.why import Told
from stepwell_store.ledger.lineage import Origin
from stepwell_tui.render.status import look_of, paint
from stepwell_tui.render.text import safe_line


def print_told(told: list[Told]) -> None:
    """A headline for each step, and its reasons below."""
    for one in told:
        for line in lines(one):
            print(line)


def lines(one: Told) -> Iterator[str]:
    """What is said of one step."""
    out = terminal()
    look = look_of(one.status)
    mark = paint(look.glyph if out.unicode else look.plain, look.colour, out.colour)
    yield f"{mark} {paint(safe_line(one.step), 'bold', out.colour)} {_headline(one)}"
    for reason in one.reasons:
        for line in _reason_lines(reason):
            yield f"    {safe_line(plain(line))}"
    if one.outcome in ("ran", "will run", "waits") and one.since is not None and one.reasons:
        yield f"    {_compared(one)}{_origin(one.since)}"
    if one.hint is not None:
        yield f"    {one.hint}"


def _headline(one: Told) -> str:
    match one.outcome:
        case "reused" | "is fresh":
            where = f"the result of {_origin(one.since)}" if one.since else "an earlier result"
            return f"was reused: {where}; everything matched" if one.outcome == "reused" else f"is fresh: {where} would be reused"
        case "waits":
            waits = ", ".join(map(safe_line, one.waits_for))
            return f"will run after {waits}:" if one.reasons else f"waits for {waits}: it may rerun if what it gets from there changes"
        case "did not run" | "has not begun":
            return one.outcome + (f": {safe_line(one.note)}" if one.note else "")
        case _:
            return f"{one.outcome}:"


def _compared(one: Told) -> str:
    if any(isinstance(reason, OutputMissing | OutputChanged) for reason in one.reasons):
        return "otherwise it would have taken the result of " if one.outcome == "ran" else "otherwise it would take the result of "
    return "compared with "


def _origin(origin: Origin) -> str:
    when = f", {ago(origin.ended_at)}" if origin.ended_at is not None else ""
    return f"run #{origin.number} ({short(origin.run)}{when})"


def _reason_lines(reason: AnyReason) -> Iterator[str]:
    """A reason, and every file that is known to differ when one line does not hold them all."""
    yield words(reason)
    if isinstance(reason, SourceChanged):
        for verb, paths in (("changed", reason.changed), ("added", reason.added), ("removed", reason.removed)):
            if len(paths) > SHOWN:
                yield from (f"  {verb} {path}" for path in paths)
