"""Runs one step: its environment, its private folder, its inputs, its attempts, and what it left."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import msgspec

from stepwell_runner.environments.provide import Provided
from stepwell_runner.execution.collect import (
    OutputPlace,
    collect_artifacts,
    collect_outputs,
    gather_artifacts,
    places_of,
    prepare_places,
    set_aside,
    where_left,
)
from stepwell_runner.execution.concluding import SweepLog, sweep_outputs
from stepwell_runner.execution.delivery import Names, as_word, as_words, deliver
from stepwell_runner.execution.folders import attempt_folder, reports_file
from stepwell_runner.execution.messages import Assignment, Noted, Retried, StepResult, Tell
from stepwell_runner.execution.registering import register_outputs
from stepwell_runner.execution.seen import passed_on, read_paths, written_paths
from stepwell_runner.execution.sight import Sight
from stepwell_runner.execution.sweeping import Entry
from stepwell_runner.execution.untouched import check_inputs
from stepwell_runner.execution.working import work_facts
from stepwell_runner.graph.model import Graph, Step
from stepwell_runner.planning.fingerprint import Values
from stepwell_runner.planning.reasons import AnyReason
from stepwell_runner.step import door, variables
from stepwell_runner.step.context import StepContext, StepInput, WorkspaceFacts
from stepwell_runner.targets.protocol import SCRATCH, Cancellation, Cancelled, Failed, Job, Outcome, Succeeded, Target, TimedOut
from stepwell_runner.targets.strays import TOKEN_VARIABLE
from stepwell_runner.tracking.endpoint import Endpoint, Scope
from stepwell_store import files
from stepwell_store.content import snapshots
from stepwell_store.errors import StepwellError
from stepwell_store.ledger import history
from stepwell_store.ledger.definitions import keep_definition
from stepwell_store.ledger.records import Metric, OutputRecord
from stepwell_store.workspace import Workspace


class RunFacts(msgspec.Struct, frozen=True):
    """What every step of a run may be told about it."""

    run: str
    experiment: str
    pipeline: str
    tags: dict[str, str] = {}


class LocalWorkshop:
    """Makes steps ready in the workspace and runs them on a target."""

    def __init__(self, workspace: Workspace, graph: Graph, values: Values, facts: RunFacts, sight: Sight,
                 target_of: Callable[[str], Target], tracking: Endpoint) -> None:
        self._workspace = workspace
        self._graph = graph
        self._values = values
        self._facts = facts
        self._sight = sight
        self._target_of = target_of
        self._tracking = tracking
        self._name = workspace.name
        self._inherited = dict(os.environ)
        self._default_datastore = workspace.default_datastore_name()

    def snapshot(self, step: Step) -> str | None:
        """Store the step's source, once a run; the tree digest of what was stored."""
        self._sight.habitats.keep(step)
        return self._sight.stored(step)

    def explain(self, step: Step, reasons: tuple[AnyReason, ...]) -> tuple[AnyReason, ...]:
        """The reasons with the files and packages that differ."""
        return tuple(self._sight.explain(step, reason) for reason in reasons)

    def begin_sweep(self, step: Step) -> Callable[[str], object]:
        """Make the folder of a sweep; what writes a line of its log."""
        folder = attempt_folder(self._workspace, self._facts.run, step.key, 1)
        files.make_dir(os.path.join(folder, "logs"))
        return SweepLog(os.path.join(folder, "logs", "std_log.txt")).say

    def logged(self, step_run: str) -> list[Metric]:
        """The metrics of an earlier step run."""
        return history.metrics_of(self._workspace.database, step_run)

    def conclude(self, step: Step, step_run: str, best: Entry, entries: Sequence[Entry]) -> StepResult:
        """Make the outputs of a sweep from those of its best trial."""
        folder = attempt_folder(self._workspace, self._facts.run, step.key, 1)
        try:
            outputs = sweep_outputs(self._workspace, step, step_run, best, entries, folder, self._default_datastore, self._sight.root_of)
            register_outputs(self._workspace, step, outputs)
        except StepwellError as error:
            return StepResult(status="Failed", error=str(error))
        return StepResult(status="Completed", outputs=outputs)

    def run(self, assignment: Assignment, tell: Tell, cancel: Cancellation) -> StepResult:
        """Run the step to its end, trying again as often as it says."""
        step = assignment.step
        if step.refusal is not None:
            return StepResult(status="Failed", error=step.refusal)
        python = self._sight.habitats.provide(step, lambda text: tell(Noted(step.key, text)))
        result = StepResult(status="Canceled")
        for attempt in range(1, step.retries + 2):
            if cancel.is_set():
                return StepResult(status="Canceled")
            if attempt > 1:
                tell(Retried(step.key, attempt, result.error or "failed"))
            result = self._attempt(assignment, attempt, python, cancel)
            if result.status != "Failed":
                return result
        return result

    def _attempt(self, assignment: Assignment, attempt: int, python: Provided, cancel: Cancellation) -> StepResult:
        step = assignment.step
        folder = attempt_folder(self._workspace, self._facts.run, step.key, attempt)
        work = _make_folder(folder)
        if assignment.snapshot is not None:
            snapshots.restore_tree(self._sight.tree(assignment.snapshot), self._workspace.objects, work)
        for name in ("outputs", "logs"):
            os.makedirs(os.path.join(work, name), mode=0o700, exist_ok=True)
        places = prepare_places(step, assignment.step_run, folder, self._default_datastore, self._sight.root_of)
        with self._tracking.serving(self._scope(assignment, folder)) as tracked:
            job = self._job(assignment, attempt, folder, work, places, python, tracked)
            outcome = self._target_of(step.target).run(job, cancel)
        return self._result(assignment, folder, places, outcome)

    def take_over(self, assignment: Assignment, attempt: int, outcome: Callable[[], Outcome]) -> StepResult:
        """Take in what an attempt leaves that an earlier runner began; `outcome` waits for its end."""
        step = assignment.step
        folder = attempt_folder(self._workspace, self._facts.run, step.key, attempt)
        places = places_of(step, assignment.step_run, folder, self._default_datastore, self._sight.root_of)
        return self._result(assignment, folder, places, outcome())

    def _scope(self, assignment: Assignment, folder: str) -> Scope:
        return Scope(step_run=assignment.step_run, name=assignment.step.name, experiment=self._facts.experiment,
                     reports=reports_file(folder), artifacts=os.path.join(folder, "artifacts"))

    def _job(self, assignment: Assignment, attempt: int, folder: str, work: str, places: dict[str, OutputPlace], python: Provided,
             tracked: dict[str, str]) -> Job:
        step = assignment.step
        given = deliver(step, self._values, assignment.made, folder, self._sight.files_of, self._path_of)
        facts = {"run": self._facts.run, "step_run": assignment.step_run, "step": step.key, "experiment": self._facts.experiment,
                 "pipeline": self._facts.pipeline, "workspace": self._name, "attempt": str(attempt), "folder": folder}
        outputs = {name: place.written for name, place in places.items()}
        names = Names(python=python.python, inputs=given.text, outputs=outputs, values=self._values, facts=facts)
        for told in given.inputs.values():
            if told.definition is not None:  # the script knows it by its id, and may ask for it by that
                keep_definition(self._workspace.database, told.definition)
        context = self._context(assignment, folder, names, given.inputs, inside=python.image is not None)
        environment = self._variables(assignment, context, python, work)
        if python.image is None or self._reaches_host(step):
            environment.update(tracked)
        environment.update((name, as_word(token, names)) for name, token in (*self._graph.variables, *step.variables))
        return Job(run=self._facts.run, step_run=assignment.step_run, step=step.key, attempt=attempt,
                   command=as_words(step.command, names), variables=environment, folder=folder, work=work,
                   log=os.path.join(folder, "logs", "std_log.txt"), token=self._facts.run, python=python.python, image=python.image,
                   reads=read_paths(given.inputs.values()), writes=written_paths(places.values(), folder),
                   reports=reports_file(folder), resources=step.resources, spark=step.spark, timeout_s=step.timeout_s)

    def _reaches_host(self, step: Step) -> bool:
        """Whether a container can reach the runner's loopback address."""
        return (step.resources.network or self._sight.habitats.target(step).settings.get("network")) == "host"

    def _variables(self, assignment: Assignment, context: str, python: Provided, work: str) -> dict[str, str]:
        known = variables.Names(run=self._facts.run, step_run=assignment.step_run, token=self._facts.run, context=context)
        if python.image is None:
            return variables.step_variables(self._inherited, known, bin_folder=python.bin, environment=python.variables, work=work)
        settings = self._sight.habitats.target(assignment.step).settings
        found = variables.step_variables(passed_on(python.variables, settings.get("pass"), self._inherited), known, work=work)
        # The sweep of a run ends every process with its token; a container is ended by its engine, and may outlive the runner.
        del found[TOKEN_VARIABLE]
        return found

    def _context(self, assignment: Assignment, folder: str, names: Names, inputs: dict[str, StepInput], *, inside: bool) -> str:
        """The path of what the step is told. `inside` a container no process of Stepwell can be started to ask the workspace."""
        path = os.path.join(folder, "step.json")
        step = assignment.step
        scalars = {name: value for name, value in self._values.items() if isinstance(value, str | int | float | bool)}
        told = StepContext(run=self._facts.run, step_run=assignment.step_run, step=step.key, name=step.name,
                           experiment=self._facts.experiment, pipeline=self._facts.pipeline,
                           workspace=WorkspaceFacts(self._name, str(self._workspace.root)), folder=folder,
                           reports=reports_file(folder), artifacts=os.path.join(folder, "artifacts"),
                           parameters=scalars, inputs=inputs, outputs=dict(names.outputs), tags=self._facts.tags,
                           door=() if inside else door(str(self._workspace.root)), work=work_facts(step, names))
        told.write(path)
        return path

    def _path_of(self, output: OutputRecord) -> str:
        return os.path.join(self._sight.root_of(output.datastore), output.path)

    def _result(self, assignment: Assignment, folder: str, places: dict[str, OutputPlace], outcome: Outcome) -> StepResult:
        artifacts = collect_artifacts(assignment.step_run, self._facts.run, folder, str(self._workspace.root))
        result = msgspec.structs.replace(_ended(outcome, lambda: self._outputs(assignment, folder, places)), artifacts=artifacts)
        if result.status == "Completed":
            _clear(folder)
        else:
            set_aside(places, folder)
        files.remove_tree(os.path.join(folder, SCRATCH))
        return result

    def _outputs(self, assignment: Assignment, folder: str, places: dict[str, OutputPlace]) -> list[OutputRecord]:
        check_inputs(assignment.step, self._values, assignment.made, self._sight)
        gather_artifacts(places, folder)
        outputs = collect_outputs(assignment.step_run, where_left(places, folder))
        register_outputs(self._workspace, assignment.step, outputs)
        return outputs


def _ended(outcome: Outcome, outputs: Callable[[], list[OutputRecord]]) -> StepResult:
    match outcome:
        case Cancelled():
            return StepResult(status="Canceled")
        case TimedOut(after):
            return StepResult(status="Failed", error=f"it ran longer than its timeout of {after:g} s and was ended")
        case Failed(message, code):
            return StepResult(status="Failed", error=message, exit_code=code)
        case Succeeded(code):
            try:
                return StepResult(status="Completed", exit_code=code, outputs=outputs())
            except StepwellError as error:
                return StepResult(status="Failed", error=str(error), exit_code=code)


def _make_folder(folder: str) -> str:
    """The folders of an attempt, which must be new; the one that the command runs in."""
    work = os.path.join(folder, "work")
    files.make_dir(os.path.dirname(folder))
    os.mkdir(folder, 0o700)
    for name in ("work", "logs"):
        os.mkdir(os.path.join(folder, name), 0o700)
    return work


def _clear(folder: str) -> None:
    """Remove what a finished attempt does not need: the copy of the source, and copies of inputs. A failed one keeps them."""
    for name in ("work", "inputs", "data"):
        files.remove_tree(os.path.join(folder, name))
