"""What is told of a step, as text in theme colours. Everything foreign in it is made safe here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual.content import Content

from stepwell_tui.render.plot import sparkline
from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import pad, safe_line, safe_text, truncate
from stepwell_tui.theme import STATUS_COLOURS
from stepwell_tui.views.facts import Facts
from stepwell_tui.views.run import Series, StepView

WIDEST_NAME = 14
WIDEST_FACT = 16
CURVE = 10
"""Cells of a metric's curve beside its numbers."""
BAR = 10
"""Cells of the timeline of a run."""

_SOFT = "$soft"


def why_text(view: StepView) -> Content:
    """Why the step ran, or where its result comes from."""
    told = view.told
    look = look_of(told.status)
    head = Content.assemble((f"{look.glyph} {safe_line(told.step)}", f"bold ${STATUS_COLOURS[look.colour]}"), f" {safe_line(told.outcome)}")
    lines = [head, Content(), *(Content.assemble(("  • ", "$accent"), safe_line(reason)) for reason in view.reasons)]
    if told.since is not None:
        word = "the result of" if told.outcome == "reused" else "compared with"
        lines += [Content(), Content.styled(f"  {word} run #{told.since.number} ({told.since.run[:8]})", _SOFT)]
    if told.note:
        lines += [Content(), Content(safe_text(told.note))]
    return Content("\n").join(lines)


def metrics_text(view: StepView) -> Content:
    """Each metric with its latest, lowest and highest value, and its curve."""
    said = [Content.assemble(_named(name), "  ", (safe_line(text), _SOFT)) for name, text in view.said]
    if not view.series and not said:
        return Content.styled("It measured nothing. Steps report metrics with run.log(name, value).", _SOFT)
    head = Content.styled(f"{'metric':{WIDEST_NAME}} {'last':>9}  {'':{CURVE}} {'lowest':>9} {'highest':>9}", f"bold {_SOFT}")
    return Content("\n").join([*([head, *map(_metric, view.series)] if view.series else ()), *said])


def _metric(series: Series) -> Content:
    numbers = [series.values[-1], min(series.values), max(series.values)]
    last, low, high = (f"{number:>9.5g}" for number in numbers)
    curve = sparkline(series.values, CURVE) if len(series.values) > 1 else ""
    return Content.assemble(_named(series.name), " ", (last, "bold"), "  ", (f"{curve:{CURVE}}", "$live"), f" {low} {high}")


def _named(name: str) -> str:
    return pad(truncate(safe_line(name), WIDEST_NAME), WIDEST_NAME)


def facts_text(view: StepView) -> Content:
    """Groups of facts below their titles."""
    return Content("\n").join(line for group in view.facts for line in _group(group))


def _group(group: Facts) -> Iterator[Content]:
    yield Content.styled(group.title, "bold $accent")
    yield from _pairs(group.pairs, min(max(len(name) for name, _ in group.pairs), WIDEST_FACT))
    yield Content()


def _pairs(facts: Iterable[tuple[str, str]], width: int) -> Iterator[Content]:
    for name, value in facts:
        first, *rest = safe_text(value).splitlines() or [""]
        yield Content.assemble((f"  {truncate(safe_line(name), width):{width}}  ", _SOFT), first)
        yield from (Content(" " * (width + 4) + line) for line in rest)


def bar(begin: float | None, end: float | None, width: int = BAR) -> str:
    """The part of a run's time in which a step ran, as a line: `···━━━━·····`."""
    if begin is None or end is None:
        return ""
    first = min(int(begin * width), width - 1)
    last = max(first + 1, min(width, round(end * width)))
    return "·" * first + "━" * (last - first) + "·" * (width - last)
