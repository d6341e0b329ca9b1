"""Plan a pipeline, and run it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from typing import Any

import msgspec

from stepwell_runner.execution.claims import Claims
from stepwell_runner.execution.engine import Engine
from stepwell_runner.execution.folders import attempt_folder, reports_file, run_folder
from stepwell_runner.execution.gitwatch import GitFactsLater
from stepwell_runner.execution.ids import new_run_id
from stepwell_runner.execution.ownership import cancel_requested, own
from stepwell_runner.execution.recorder import Listener, Recorder
from stepwell_runner.execution.reporting import Reporting
from stepwell_runner.execution.results import LedgerHistory
from stepwell_runner.execution.sight import Sight
from stepwell_runner.execution.workshop import LocalWorkshop, RunFacts
from stepwell_runner.graph.check import check
from stepwell_runner.graph.model import Graph, Scalar, encode
from stepwell_runner.graph.order import ancestors, descendants
from stepwell_runner.graph.parameters import bind
from stepwell_runner.planning.decide import Policy, Reuse
from stepwell_runner.planning.fingerprint import Values
from stepwell_runner.planning.plan import Decider, Plan
from stepwell_runner.targets.protocol import Cancellation
from stepwell_runner.targets.strays import sweep
from stepwell_runner.targets.used import UsedTargets
from stepwell_runner.tracking.endpoint import Endpoint
from stepwell_store import files
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.errors import StepwellError, UsageError
from stepwell_store.faults import translate
from stepwell_store.housekeeping import reserve
from stepwell_store.housekeeping.guard import using
from stepwell_store.ledger import events, history
from stepwell_store.ledger.history import Attempt
from stepwell_store.ledger.records import Run, RunStatus
from stepwell_store.ledger.waiting import TARGETS
from stepwell_store.workspace import Workspace


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks to be run. `parameters` are as given, text or values; `forced` and `only` are step keys or names.

    `only` None lets every step run. `jobs` None takes as many steps at once as the machine has processors. `pinned` maps
    step keys to stored snapshots that stand for their source folders, `files` paths of hash_paths to the digests that stand for
    their content. `step_tags` are tags of every step run. `run` is the id that the run is to have, which must be a new one; None draws one.
    """

    graph: Graph
    source: str | None = None
    experiment: str | None = None
    parameters: Mapping[str, Scalar | DatasetDefinition] = {}
    force: bool = False
    forced: tuple[str, ...] = ()
    only: tuple[str, ...] | None = None
    jobs: int | None = None
    target: str | None = None
    continue_on_failure: bool | None = None
    rerun_of: str | None = None
    pinned: Mapping[str, str] = {}
    files: Mapping[str, str] = {}
    tags: dict[str, str] = {}
    step_tags: dict[str, str] = {}
    properties: dict[str, str] = {}
    run: str | None = None


def experiment_of(submission: Submission) -> str:
    """The experiment that the run counts to."""
    return submission.experiment or submission.graph.experiment or submission.graph.name


def tags_of(submission: Submission) -> dict[str, str]:
    """The tags that the run begins with."""
    return {**submission.graph.tags, **submission.tags}


class Prepared(msgspec.Struct, frozen=True):
    """A submission that was looked at: values bound, every step decided as far as possible. Nothing has been changed."""

    submission: Submission
    graph: Graph
    values: Values
    plan: Plan
    decider: Decider
    sight: Sight
    history: LedgerHistory


class Finished(msgspec.Struct, frozen=True):
    """How a run ended."""

    run: str
    status: RunStatus
    error: str | None = None


def prepare(workspace: Workspace, submission: Submission) -> Prepared:
    """Check a submission and plan it; UsageError for what its author must mend."""
    graph = adapted(submission)
    check(graph)
    values = bind(graph, submission.parameters)
    sight = Sight(workspace, submission.pinned, submission.files)
    for step in graph.steps:
        sight.habitats.environment(step)
    results = LedgerHistory(workspace, graph.name, sight.root_of)
    policy = Policy(force=submission.force, forced=frozenset(keys_of(graph, submission.forced)), only=_only(graph, submission.only))
    decider = Decider(graph, values, sight, results, policy)
    plan = decider.plan()
    _check_only(plan, policy)
    return Prepared(submission, graph, values, plan, decider, sight, results)


def adapted(submission: Submission) -> Graph:
    """The graph of a submission with what the submission says of it."""
    graph = submission.graph
    if submission.continue_on_failure is not None:
        graph = msgspec.structs.replace(graph, continue_on_failure=submission.continue_on_failure)
    if submission.target is not None:
        graph = msgspec.structs.replace(graph, steps=tuple(
            msgspec.structs.replace(step, target=submission.target) for step in graph.steps))
    return graph


def keys_of(graph: Graph, names: tuple[str, ...]) -> list[str]:
    """The keys of steps that were given by key or by name."""
    found = []
    for name in names:
        keys = [step.key for step in graph.steps if step.key == name] or [step.key for step in graph.steps if step.name == name]
        if not keys:
            import difflib

            known = [step.key for step in graph.steps]
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(f"the pipeline has no step {name}" + (f"; did you mean {near[0]}?" if near else ""),
                             todo=f"its steps are: {', '.join(known)}")
        found += keys
    return found


def _only(graph: Graph, only: tuple[str, ...] | None) -> frozenset[str] | None:
    return None if only is None else frozenset(keys_of(graph, only))


def _check_only(plan: Plan, policy: Policy) -> None:
    if policy.only is None:
        return
    for key in policy.only:
        for earlier in ancestors(plan.graph, {key}) - policy.only:
            if not isinstance(plan.decisions[earlier], Reuse):
                raise UsageError(f"{key} needs {earlier}, which would have to run and is not among the steps that you named",
                                 todo=f"add it: --only {' '.join(sorted({*policy.only, earlier}))}; `stepwell why` says why it would run")


def steps_from(graph: Graph, name: str) -> tuple[str, ...]:
    """A step, by key or name, and all that come after it."""
    return tuple(descendants(graph, set(keys_of(graph, (name,)))))


def execute(workspace: Workspace, prepared: Prepared, *, listener: Listener | None = None,
            interrupt: Callable[[Callable[[], None]], object] | None = None, begun: str | None = None) -> Finished:
    """Run what was planned, to its end. `listener` hears of every event once it is durable.

    `interrupt` is given a function that asks the run to stop, safe to call from a signal handler. `begun` is a run that exists
    already, has just been begun and is owned by this process; else one is made.
    """
    prepared.sight.habitats.reach(step for step in prepared.graph.steps if prepared.decider.is_open(step))
    run = prepared.history.run = begun or prepared.submission.run or new_run_id()
    # What Git says now is nothing of a source that was kept when it was submitted.
    git = GitFactsLater(None if begun else prepared.graph.base, workspace.objects)
    with (_faults_explained(workspace), nullcontext() if begun else own(workspace, run), using(workspace.locks),
          Cancellation() as cancel):
        recorder = Recorder(workspace, run, listener, prepared.submission.step_tags)
        if begun is None:
            _create(workspace, prepared, recorder)
        status, error = _run(workspace, prepared, recorder, cancel, interrupt, git)
        _describe(recorder, git, prepared.history)
        recorder.add(events.RunEnded(at=time.time(), run=run, status=status, error=error))
        recorder.flush()
    return Finished(run, status, error)


@contextmanager
def _faults_explained(workspace: Workspace) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # whoever listened has gone, which is no fault of the machine
        raise
    except OSError as error:
        raise translate(error, "running the pipeline", error.filename or workspace.root) from error


def _create(workspace: Workspace, prepared: Prepared, recorder: Recorder) -> None:
    """Store what the run is made from, then say that it exists. From here on edits of the sources no longer count for it."""
    try:
        while _store_sources(prepared):
            prepared.decider.plan()  # what was stored is not what was planned with: somebody edited it meanwhile
        graph = workspace.objects.put_bytes(encode(prepared.graph))
        _record_run(prepared, recorder, graph)
    except BaseException:
        files.remove_tree(run_folder(workspace, recorder.run))
        raise


def _store_sources(prepared: Prepared) -> bool:
    """Store the sources of the steps that may have to run; whether one of them is not what it was when it was looked at."""
    steps = [step for step in prepared.graph.steps if step.source is not None and prepared.decider.is_open(step)]
    before = [prepared.sight.source(step) for step in steps]
    return [prepared.sight.stored(step) for step in steps] != before


def _record_run(prepared: Prepared, recorder: Recorder, graph: str) -> None:
    now = time.time()
    recorder.first(creation(prepared.submission, prepared.graph, graph, prepared.values, recorder.run, now),
                   events.RunStarted(at=now, run=recorder.run))


def creation(submission: Submission, graph: Graph, digest: str, values: Values, run: str, now: float,
             git: dict[str, Any] | None = None) -> Callable[[int], events.RunCreated]:
    """What makes, from the number of a run, the event that creates it. `digest` is that of the stored graph, `git` what is known
    of the source already."""
    options = {"force": submission.force, "forced": list(submission.forced), "only": submission.only, "jobs": submission.jobs,
               "step_tags": submission.step_tags}
    targets = targets_of(graph)
    properties = submission.properties if targets == ["local"] else {**submission.properties, TARGETS: ",".join(targets)}

    def record(number: int) -> events.RunCreated:
        return events.RunCreated(at=now, run=run, record=Run(
            number=number, id=run, experiment=experiment_of(submission), pipeline=graph.name,
            status="Queued", graph=digest, parameters=msgspec.to_builtins(values),
            options={name: value for name, value in options.items() if value}, created_at=now, source=submission.source,
            rerun_of=submission.rerun_of, tags=tags_of(submission), properties=properties, git=git))

    return record


def targets_of(graph: Graph) -> list[str]:
    """The names of the targets of a graph's steps, sorted."""
    return sorted({step.target for step in graph.steps})


def _run(workspace: Workspace, prepared: Prepared, recorder: Recorder, cancel: Cancellation,
         interrupt: Callable[[Callable[[], None]], object] | None, git: GitFactsLater) -> tuple[RunStatus, str | None]:
    submission = prepared.submission
    facts = RunFacts(recorder.run, experiment_of(submission), prepared.graph.name, tags_of(submission))
    targets = UsedTargets(str(workspace.locks / "slots"), str(workspace.root), prepared.sight.habitats.defined, submission.jobs)
    tracking = Endpoint(str(workspace.root))
    workshop = LocalWorkshop(workspace, prepared.graph, prepared.values, facts, prepared.sight, targets.target, tracking)

    def place(attempt: Attempt) -> str:
        return reports_file(attempt_folder(workspace, attempt.run, attempt.step, attempt.number))

    reporting = Reporting(lambda key, attempt: reports_file(attempt_folder(workspace, recorder.run, key, attempt)),
                          lambda steps: {one.step_run: place(one) for one in history.attempts_of(workspace.database, steps)})
    stop: list[bool] = []
    engine = Engine(prepared.decider, workshop, recorder, Claims(str(workspace.locks), targets.slots), reporting, cancel,
                    lambda: bool(stop) or cancel_requested(workspace, recorder.run))

    def ask_to_stop() -> None:
        stop.append(True)
        engine.wake()

    if interrupt is not None:
        interrupt(ask_to_stop)
    git.start(engine.wake)
    try:
        return engine.run()
    except BaseException as problem:
        if engine.is_idle:
            reserve.release_when_full(workspace.root)
            _record_break(recorder, problem)
        raise
    finally:
        tracking.close()
        targets.close()
        if targets.used:
            sweep(recorder.run)  # what left its step's session, and would outlive the run


def _record_break(recorder: Recorder, problem: BaseException) -> None:
    status: RunStatus = "Canceled" if isinstance(problem, KeyboardInterrupt) else "Failed"
    error = str(problem) or type(problem).__name__
    with suppress(StepwellError):  # then whoever opens the workspace next records it
        recorder.add(events.RunEnded(at=time.time(), run=recorder.run, status=status, error=error))
        recorder.flush()


def _describe(recorder: Recorder, git: GitFactsLater, results: LedgerHistory) -> None:
    facts = git.result()
    if facts is not None:
        recorder.add(events.RunDescribed(at=time.time(), run=recorder.run, git=facts))
    for output, seal in results.resealed:
        recorder.add(events.OutputResealed(at=time.time(), run=recorder.run, step_run=output.step_run, name=output.name, seal=seal))


def rerun_of(workspace: Workspace, run: Run, **changes: Any) -> Submission:
    """The submission that does a run again: its own graph, parameters and stored snapshots, not today's files."""
    from stepwell_runner.graph.model import decode

    steps = history.steps_of(workspace.database, run.id)
    origins = {step.step: history.get_step(workspace.database, step.reused_from) if step.reused_from else step for step in steps}
    pinned = {key: step.snapshot for key, step in origins.items() if step.snapshot is not None}
    known = msgspec.convert({name: value for name, value in run.parameters.items() if value is not None},
                            dict[str, Scalar | DatasetDefinition])
    parameters = {**known, **changes.pop("parameters", {})}
    graph = decode(workspace.objects.read(run.graph))
    if not graph.steps:
        raise UsageError(f"run {run.id} has no steps that could be done again", todo="a driver logged it by itself; run the driver again")
    return Submission(graph=graph, source=run.source, experiment=run.experiment,
                      parameters=parameters, rerun_of=run.id, pinned=pinned, tags=run.tags, **changes)
