"""What is told of a step, as text in theme colours. Everything foreign in it is made safe here."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from stepwell_tui.render.status import look_of
from stepwell_tui.render.text import safe_line, safe_text
from stepwell_tui.views.run import StepView


def why_text(view: StepView) -> Text:
    """Why the step ran, or where its result comes from."""
    told = view.told
    look = look_of(told.status)
    lines = [f"{look.glyph} {safe_line(told.step)} {told.outcome}", ""]
    lines += [f"  {safe_line(reason)}" for reason in view.reasons]
    if told.since is not None:
        word = "the result of" if told.outcome == "reused" else "compared with"
        lines += ["", f"  {word} run #{told.since.number} ({told.since.run[:8]})"]
    if told.note:
        lines += ["", safe_text(told.note)]
    return Text("\n".join(lines))


def metrics_text(view: StepView) -> Text:
    """The latest value of each metric."""
    if not view.series:
        return Text("It measured nothing.")
    return Text("\n".join(f"{safe_line(series.name):24} {series.values[-1]:.6g}" for series in view.series))


def outputs_text(view: StepView) -> Text:
    """What the step left, with sizes and paths."""
    if not view.left:
        return Text("It left nothing.")
    return Text("\n".join(f"{safe_line(name):24} {size:>10}  {safe_line(path)}" for name, size, path in view.left))


def facts_text(view: StepView) -> Text:
    """Ids, parameters, environment, snapshot, commit."""
    width = max((len(name) for name, _ in view.facts), default=0)
    return Text("\n".join(_pairs(view.facts, min(width, 28))))


def _pairs(facts: Iterable[tuple[str, str]], width: int) -> Iterable[str]:
    for name, value in facts:
        first, *rest = safe_text(value).splitlines() or [""]
        yield f"{safe_line(name):{width}}  {first}"
        yield from (" " * (width + 2) + line for line in rest)
