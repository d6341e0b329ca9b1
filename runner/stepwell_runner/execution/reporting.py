"""Takes what running steps report (metrics, tags, properties, artifacts) into the ledger while they run."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from stepwell_runner.execution.recorder import Recorder
from stepwell_runner.step.reports import MetricReport, NoteReport, PropertyReport, Report, ReportReader, TagReport
from stepwell_store.ledger import events
from stepwell_store.ledger.records import Metric


class _Open(msgspec.Struct, frozen=True):
    step_run: str
    reader: ReportReader


class Reporting:
    """The report files of steps. `place` gives the file of an attempt of this run, `earlier` those of other runs, by step run."""

    def __init__(self, place: Callable[[str, int], str], earlier: Callable[[list[str]], dict[str, str]]) -> None:
        self._place = place
        self._earlier = earlier
        self._open: dict[str, _Open] = {}

    def begin(self, key: str, step_run: str, attempt: int) -> None:
        """Follow an attempt that is about to start."""
        self._open[key] = _Open(step_run, ReportReader(self._place(key, attempt)))

    def follows(self, key: str) -> bool:
        """Whether it follows an attempt of this step."""
        return key in self._open

    def collect(self, recorder: Recorder) -> dict[str, list[Metric]]:
        """Note what came since the last time; the metrics among it, by step."""
        return {key: _note(one.step_run, one.reader.poll(), recorder) for key, one in self._open.items()}

    def repeat(self, reused: list[events.Reused], recorder: Recorder) -> None:
        """Note of this run what steps said of theirs, when they ran: a result that is taken takes that with it."""
        places = self._earlier([one.reused_from for one in reused if one.parent is None])
        for step_run, path in places.items():
            _note(step_run, _of_the_run(ReportReader(path).finish()), recorder)

    def end(self, key: str, recorder: Recorder) -> list[Metric]:
        """Note the rest of an attempt that ended, and follow it no longer; the metrics among it."""
        one = self._open.pop(key)
        metrics = _note(one.step_run, one.reader.finish(), recorder)
        for problem in one.reader.problems:
            recorder.add(events.StepNoted(at=time.time(), run=recorder.run, step_run=one.step_run, message=problem))
        return metrics


def _of_the_run(reports: list[Report]) -> list[Report]:
    """Those about the pipeline run, as if they were said now."""
    now = time.time()
    found: list[Report] = []
    for report in reports:
        if isinstance(report, MetricReport) and report.scope == "run":
            found.append(msgspec.structs.replace(report, at=now))
        elif isinstance(report, TagReport | PropertyReport) and report.scope == "run":
            found.append(report)
    return found


def note_rest(step_run: str, path: str, known: frozenset[tuple[object, ...]], recorder: Recorder) -> None:
    """Note what a report file holds beyond what an earlier runner noted; `known` are the metrics that it did, as `mark` gives them."""
    reports = ReportReader(path).finish()
    _note(step_run, [report for report in reports if not _is_known(report, step_run, recorder.run, known)], recorder)


def _is_known(report: Report, step_run: str, run: str, known: frozenset[tuple[object, ...]]) -> bool:
    return isinstance(report, MetricReport) and mark(_metric(step_run, report, run)) in known


def mark(metric: Metric) -> tuple[object, ...]:
    """What tells one logged value from another."""
    return metric.owner, metric.name, metric.at, metric.step, metric.value


def _note(step_run: str, reports: list[Report], recorder: Recorder) -> list[Metric]:
    if not reports:
        return []
    now = time.time()
    metrics = [_metric(step_run, report, recorder.run) for report in reports if isinstance(report, MetricReport)]
    if metrics:
        recorder.add(events.MetricsLogged(at=now, run=recorder.run, metrics=metrics))
    for report in reports:
        if isinstance(report, NoteReport):
            recorder.add(events.StepNoted(at=now, run=recorder.run, step_run=step_run, message=report.message))
    for scope in ("step", "run"):
        tags = {report.key: report.value for report in reports if isinstance(report, TagReport) and report.scope == scope}
        properties = {report.key: report.value for report in reports if isinstance(report, PropertyReport) and report.scope == scope}
        if not tags and not properties:
            continue
        if scope == "step":
            recorder.add(events.StepDescribed(at=now, run=recorder.run, step_run=step_run, tags=tags, properties=properties))
        else:
            recorder.add(events.RunDescribed(at=now, run=recorder.run, tags=tags, properties=properties))
    return metrics


def _metric(step_run: str, report: MetricReport, run: str) -> Metric:
    import json

    return Metric(owner=step_run if report.scope == "step" else run, name=report.name, type=report.type,
                  value=json.dumps(report.value), at=report.at, step=report.step, description=report.description)


