"""What `run --plan` prints: a line for each step, and a count."""

from __future__ import annotations

from stepwell.cli.common import terminal
from stepwell_runner.planning.reasons import words
from stepwell_runner.verbs.why import Told
from stepwell_tui.render.status import look_of, paint
from stepwell_tui.render.text import pad, safe_line, truncate

NAME_CELLS = 16
_MORE = "`stepwell why FILE` says what to do about it"


def lines(told: list[Told]) -> list[str]:
    """The plan in lines; `stepwell why FILE` says more of each step."""
    counts = {outcome: sum(one.outcome == outcome for one in told) for outcome in ("will run", "waits", "is fresh")}
    hinted = [one.step for one in told if one.hint is not None]
    return [*map(_line, told),
            f"{counts['will run']} would run, {counts['waits']} may have to, {counts['is fresh']} would be reused",
            *([f"files that {_and(hinted)} would not use are the only reason; {_MORE}"] if hinted else [])]


def _and(names: list[str]) -> str:
    shown = [*map(safe_line, names[:3]), *([f"{len(names) - 3} more"] if len(names) > 3 else [])]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _line(one: Told) -> str:
    out = terminal()
    look = look_of(one.status)
    mark = paint(look.glyph if out.unicode else look.plain, look.colour, out.colour)
    return truncate(f"{mark} {pad(safe_line(one.step), NAME_CELLS)} {safe_line(_text(one))}", out.width + len(mark) - 1)


def _text(one: Told) -> str:
    reasons = "; ".join(map(words, one.reasons))
    match one.outcome:
        case "is fresh":
            return "fresh: would be reused"
        case "will run":
            return f"would run: {reasons}"
        case _:
            waits = ", ".join(one.waits_for)
            return f"waits for {waits}: " + (f"would run: {reasons}" if reasons else "runs if what it gets from there changes")
