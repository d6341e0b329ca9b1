"""Pipelines of small shell commands, run for real in a workspace of the test's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from stepwell_runner.graph.model import Fact, FromStep, Graph, Input, InputRef, Output, OutputRef, Step, Text, Token, encode
from stepwell_runner.planning import reasons
from stepwell_runner.planning.decide import Reuse, Wait
from stepwell_runner.planning.plan import Plan
from stepwell_runner.verbs.submit import Finished, Submission, execute, prepare
from stepwell_store import workspace as workspaces
from stepwell_store.ledger import events, history
from stepwell_store.ledger.records import StepRun

GIVES_UP_S = 20.0
"""A step that waits for something which never comes is ended after so long, and its test fails."""

RUNNER = """
import sys
from pathlib import Path
from stepwell_runner.graph.model import decode
from stepwell_runner.verbs.submit import Submission, execute, prepare
from stepwell_store.workspace import require
workspace = require(Path(sys.argv[1]))
submission = Submission(graph=decode(Path(sys.argv[2]).read_bytes()), jobs=4)
finished = execute(workspace, prepare(workspace, submission), listener=lambda event: print(type(event).__name__, event.run, flush=True))
print(finished.status, finished.run, flush=True)
"""


OUT = Output(name="out")


def shell(key: str, script: str, *before: str, output: Output | None = OUT, also: dict[str, Token] | None = None,
          **more: object) -> Step:
    """A step that runs a shell script, which finds the outputs of the steps before it under their names and its own as `$out`.

    `$folder` and `$attempt` are facts of the attempt, `also` further variables.
    """
    given: dict[str, Token] = {one: InputRef(one) for one in before}
    given |= {"out": OutputRef("out")} if output else {}
    given |= {"folder": Fact("folder"), "attempt": Fact("attempt"), **(also or {})}
    usual: dict[str, object] = {
        "name": key, "kind": "CommandStep", "command": (Text("sh"), Text("-e"), Text("-c"), Text(script)), "timeout_s": GIVES_UP_S,
        "inputs": tuple(Input(name=one, binding=FromStep(step=one, output="out")) for one in before),
        "outputs": (output,) if output else (), "variables": tuple(given.items()),
    }
    return Step(key=key, **{**usual, **more})  # type: ignore[arg-type]


class Trials:
    """A workspace and what is run in it."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.workspace = workspaces.open_workspace(workspaces.create(base))

    def graph(self, *steps: Step, **more: object) -> Graph:
        return Graph(name="trial", steps=steps, base=None, **more)  # type: ignore[arg-type]

    def submission(self, *steps: Step, jobs: int = 4, **more: object) -> Submission:
        return Submission(graph=self.graph(*steps), jobs=jobs, **more)  # type: ignore[arg-type]

    def plan(self, *steps: Step, **more: object) -> Plan:
        return prepare(self.workspace, self.submission(*steps, **more)).plan

    def run(self, *steps: Step, listener: Callable[[events.AnyEvent], None] | None = None, **more: object) -> Outcomes:
        return self.submit(self.submission(*steps, **more), listener)

    def submit(self, submission: Submission, listener: Callable[[events.AnyEvent], None] | None = None) -> Outcomes:
        return Outcomes(self, execute(self.workspace, prepare(self.workspace, submission), listener=listener))

    def process(self, *steps: Step) -> subprocess.Popen[str]:
        """A runner process of its own, which prints every event."""
        path = self.base / "graph.json"
        path.write_bytes(encode(self.graph(*steps)))
        return subprocess.Popen([sys.executable, "-c", RUNNER, str(self.base), str(path)], stdout=subprocess.PIPE, text=True)

    def text(self, step_run: str, name: str = "out") -> str:
        """What a step left in an output of one file."""
        output = next(one for one in history.outputs_of(self.workspace.database, step_run) if one.name == name)
        return self.place(step_run, name).read_text() if output.kind == "file" else ""

    def place(self, step_run: str, name: str = "out") -> Path:
        output = next(one for one in history.outputs_of(self.workspace.database, step_run) if one.name == name)
        return self.workspace.root / "datastores" / output.datastore / output.path


class Outcomes:
    """How a run ended, from the ledger."""

    def __init__(self, trials: Trials, finished: Finished) -> None:
        self.trials = trials
        self.id = finished.run
        self.status = finished.status
        self.error = finished.error
        self.steps: dict[str, StepRun] = {one.step: one for one in history.steps_of(trials.workspace.database, finished.run)}

    def told(self) -> dict[str, str]:
        """The status of each step; `Reused` for those that took an earlier result."""
        return {key: "Reused" if one.reused_from else one.status for key, one in self.steps.items()}

    def text(self, key: str, name: str = "out") -> str:
        return self.trials.text(self.steps[key].reused_from or self.steps[key].id, name)

    def place(self, key: str, name: str = "out") -> Path:
        return self.trials.place(self.steps[key].reused_from or self.steps[key].id, name)

    def attempt(self, key: str, number: int = 1) -> Path:
        return self.trials.workspace.runs / self.id / key / str(number)

    def why(self, key: str) -> list[str]:
        return list(map(reasons.words, reasons.decode(self.steps[key].reasons)))


def told(plan: Plan) -> dict[str, object]:
    """Reused steps as True, those that run with their reasons in words, those that wait with the steps that they wait for."""
    return {key: True if isinstance(one, Reuse) else one.on if isinstance(one, Wait) else list(map(reasons.words, one.reasons))
            for key, one in plan.decisions.items()}
