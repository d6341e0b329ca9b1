"""The rows of history are a fold over its events: whatever happened, replaying it gives the same tables."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from stepwell_store import workspace as workspaces
from stepwell_store.ledger import events, history
from stepwell_store.ledger.records import Artifact, Metric, OutputRecord, Run, StepRun, metric_value
from stepwell_store.workspace import Workspace

NAMES = st.sampled_from(["a", "train", "ä b", "x/y"])
TEXTS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
TAGS = st.dictionaries(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=4), max_size=2)
TIMES = st.floats(0, 2e9)
ENDS = st.sampled_from(["Completed", "Failed", "Canceled"])
DIGESTS = st.integers(0, 3).map(lambda number: f"blake3:{number:064x}")


def tables(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(workspace.database.read(f"SELECT * FROM {table}"), key=repr) for table in events.HISTORY_TABLES}


class Life(RuleBasedStateMachine):
    """Any order of events that can happen."""

    runs: Bundle[str] = Bundle("runs")
    steps: Bundle[tuple[str, str]] = Bundle("steps")
    results: Bundle[tuple[str, str]] = Bundle("results")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.workspace = workspaces.open_workspace(workspaces.create(Path(self.folder.name)))
        self.count = 0

    def teardown(self) -> None:
        self.workspace.close()
        self.folder.cleanup()

    def new(self) -> str:
        self.count += 1
        return f"{self.count:08}"

    @initialize(target=runs)
    def first_run(self) -> str:
        return self.create("a", 1.0, None, {})

    @rule(target=runs, pipeline=NAMES, at=TIMES, source=TEXTS, tags=TAGS)
    def create(self, pipeline: str, at: float, source: str | None, tags: dict[str, str]) -> str:
        run = self.new()

        def record(number: int) -> events.AnyEvent:
            return events.RunCreated(at=at, run=run, record=Run(
                number=number, id=run, experiment="e", pipeline=pipeline, status="Queued", graph="g", parameters={"p": 1.5, "q": None},
                options={}, created_at=at, source=source, tags=tags))

        happened = self.workspace.record_run(record, [events.RunStarted(at=at, run=run)])
        assert [type(event) for event in happened] == [events.RunCreated, events.RunStarted]
        return run

    @rule(run=runs, at=TIMES, tags=TAGS, properties=TAGS, git=st.one_of(st.none(), TAGS))
    def describe(self, run: str, at: float, tags: dict[str, str], properties: dict[str, str], git: dict[str, str] | None) -> None:
        self.workspace.record(events.RunDescribed(at=at, run=run, tags=tags, properties=properties, git=git))

    @rule(run=runs, at=TIMES, status=ENDS, error=TEXTS)
    def end_run(self, run: str, at: float, status: str, error: str | None) -> None:
        self.workspace.record(events.RunEnded(at=at, run=run, status=status, error=error))  # type: ignore[arg-type]

    @rule(target=steps, run=runs, step=NAMES, at=TIMES, fingerprint=DIGESTS)
    def start(self, run: str, step: str, at: float, fingerprint: str) -> tuple[str, str]:
        step_run = self.new()
        self.workspace.record(events.StepStarted(at=at, run=run, record=StepRun(
            id=step_run, run=run, position=self.count, step=step, name=step, kind="k", status="Running", attempt=1,
            fingerprint=fingerprint, ingredients={"command": "c"}, reasons=[{"type": "never_ran"}], started_at=at)))
        return run, step_run

    @rule(step=steps, at=TIMES, error=st.text("äb\n", max_size=4))
    def retry(self, step: tuple[str, str], at: float, error: str) -> None:
        self.workspace.record(events.StepRetried(at=at, run=step[0], step_run=step[1], attempt=2, error=error))

    @rule(step=steps, at=TIMES, values=st.lists(st.floats(), max_size=3))
    def measure(self, step: tuple[str, str], at: float, values: list[float]) -> None:
        self.workspace.record(events.MetricsLogged(at=at, run=step[0], metrics=[
            Metric(owner=step[1], name="loss", type="scalar", value=repr(value).replace("inf", "Infinity").replace("nan", "NaN"), at=at)
            for value in values]))

    @rule(step=steps, at=TIMES, tags=TAGS)
    def describe_step(self, step: tuple[str, str], at: float, tags: dict[str, str]) -> None:
        self.workspace.record(events.StepDescribed(at=at, run=step[0], step_run=step[1], tags=tags),
                              events.StepNoted(at=at, run=step[0], step_run=step[1], message="m"))

    @rule(target=results, step=consumes(steps), at=TIMES, status=ENDS, digest=DIGESTS)
    def end(self, step: tuple[str, str], at: float, status: str, digest: str) -> tuple[str, str]:
        run, step_run = step
        output = OutputRecord(step_run=step_run, name="out", kind="file", datastore="d", path="p", digest=digest, seal="s", size=1, files=1)
        artifact = Artifact(owner=run, name="shared.png", path=step_run, digest=digest, size=1)
        self.workspace.record(events.StepEnded(
            at=at, run=run, step_run=step_run, status=status, exit_code=0, duration_s=1.0,  # type: ignore[arg-type]
            outputs=[output] if status == "Completed" else [], artifacts=[artifact]))
        return run, step_run

    @rule(run=runs, result=results, step=NAMES, at=TIMES, fingerprint=DIGESTS)
    def reuse(self, run: str, result: tuple[str, str], step: str, at: float, fingerprint: str) -> None:
        reused = events.Reused(self.new(), self.count, step, step, "k", "local", result[1], fingerprint)
        self.workspace.record(events.StepsReused(at=at, run=run, steps=[reused]))

    @rule(run=runs, result=results, at=TIMES, fingerprint=DIGESTS)
    def take_trial(self, run: str, result: tuple[str, str], at: float, fingerprint: str) -> None:
        trial = events.Reused(self.new(), self.count, "sweep@0", "t", "k", "local", result[1], fingerprint, result[1])
        self.workspace.record(events.StepsReused(at=at, run=run, steps=[trial]))

    @rule(run=runs, at=TIMES)
    def skip(self, run: str, at: float) -> None:
        skipped = StepRun(id=self.new(), run=run, position=self.count, step="s", name="s", kind="k", status="Skipped", ended_at=at)
        self.workspace.record(events.StepsSkipped(at=at, run=run, steps=[skipped]))

    @rule(result=results, at=TIMES, seal=NAMES)
    def reseal(self, result: tuple[str, str], at: float, seal: str) -> None:
        self.workspace.record(events.OutputResealed(at=at, run=result[0], step_run=result[1], name="out", seal=seal))

    @precondition(lambda self: self.count)
    @invariant()
    def replaying_gives_the_same_rows(self) -> None:
        before = tables(self.workspace)
        payloads = [row[0] for row in self.workspace.database.read("SELECT payload FROM events ORDER BY seq")]
        with self.workspace.database.write() as connection:
            events.replay(connection, payloads)
        assert tables(self.workspace) == before


Life.TestCase.settings = settings(max_examples=12, stateful_step_count=15, deadline=None,
                                  suppress_health_check=[HealthCheck.too_slow])
TestFoldOfAnyHistory = Life.TestCase


def test_an_event_comes_back_as_it_was(tmp_path: Path) -> None:
    workspace = workspaces.open_workspace(workspaces.create(tmp_path))
    record = Run(number=1, id="r", experiment="e", pipeline="p", status="Queued", graph="g", parameters={"n": [1, None]}, options={},
                 created_at=1.5)
    said = [events.RunCreated(at=1.5, run="r", record=record), events.RunDescribed(at=2.0, run="r", git={"dirty": True})]
    workspace.record(*said)
    assert [event for _, event in history.events_since(workspace.database, 0)] == said
    workspace.close()


def test_numbers_that_json_does_not_know_survive(tmp_path: Path) -> None:
    found = Metric(owner="o", name="loss", type="list", value="[NaN, Infinity, -Infinity]", at=0.0)
    value = metric_value(found)
    assert value[0] != value[0]
    assert value[1:] == [float("inf"), float("-inf")]
