"""What the driver of parallel work is told: its settings with every token filled in."""

from __future__ import annotations

from stepwell_runner.execution.delivery import Names, as_word, as_words
from stepwell_runner.graph.model import Step
from stepwell_runner.graph.parallel import AppendRows, Parallel
from stepwell_runner.step.context import AppendFacts, WorkFacts


def work_facts(step: Step, names: Names) -> WorkFacts | None:
    """The work of a step as its context holds it; None for a step that runs one command."""
    work = step.work
    if not isinstance(work, Parallel):
        return None
    keys = work.partition_keys
    return WorkFacts(
        entry=work.entry, split=work.split, batch_unit=work.batch_unit, options=as_words(work.options, names),
        partition_keys=keys if isinstance(keys, tuple) else as_word(keys, names), append=_append(work.append, names),
        **{name: as_word(token, names) for name, token in work.numbers().items()})


def _append(append: AppendRows | None, names: Names) -> AppendFacts | None:
    if append is None:
        return None
    file = None if append.file is None else as_word(append.file, names)
    return AppendFacts(append.output, file, append.separator, append.header)
