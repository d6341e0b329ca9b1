"""A small pipeline, and the outside world of the planner as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from stepwell_runner.graph.model import (
    EnvironmentSpec,
    FromStep,
    Graph,
    Input,
    InputRef,
    Output,
    OutputRef,
    Parameter,
    ParameterRef,
    PythonRef,
    Source,
    Step,
    Text,
)
from stepwell_runner.planning.decide import Past, Policy, Reuse
from stepwell_runner.planning.fingerprint import Ingredients, Values, fingerprint, ingredients
from stepwell_runner.planning.plan import Decider, Plan
from stepwell_runner.planning.reasons import AnyReason
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.ledger.records import OutputRecord


@dataclass
class World:
    """What the planner sees: digests by what was asked for. Both its observer and its history."""

    sources: dict[str, str] = field(default_factory=dict)
    environments: dict[EnvironmentSpec, str] = field(default_factory=dict)
    datasets: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    past: list[Past] = field(default_factory=list)
    last: dict[str, Ingredients] = field(default_factory=dict)
    broken: dict[str, tuple[AnyReason, ...]] = field(default_factory=dict)

    def source(self, step: Step) -> str:
        assert step.source is not None
        return self.sources.get(step.source.path, f"tree of {step.source.path}")

    def environment(self, step: Step) -> str:
        return self.environments.get(step.environment, f"identity of {step.environment}")

    def data(self, data: DatasetDefinition) -> str:
        key = msgspec.json.encode(data).decode()
        return self.datasets.get(key, f"digest of {key}")

    def file(self, path: str) -> str:
        return self.files.get(path, f"digest of {path}")

    def results(self, step: str, wanted: str) -> Iterable[Past]:
        return [past for past in self.past if past.fingerprint == wanted]

    def problems(self, past: Past) -> tuple[AnyReason, ...]:
        return self.broken.get(past.step_run, ())

    def last_ingredients(self, step: str) -> Ingredients | None:
        return self.last.get(step)

    def decider(self, graph: Graph, values: Values | None = None, policy: Policy | None = None) -> Decider:
        return Decider(graph, {} if values is None else values, self, self, policy or Policy())

    def plan(self, graph: Graph, values: Values | None = None, policy: Policy | None = None) -> Plan:
        return self.decider(graph, values, policy).plan()

    def run(self, graph: Graph, values: Values | None = None, bytes_of: dict[str, str] | None = None) -> list[str]:
        """Let everything run that has to, writing the bytes that are given; the keys of the steps that ran, in order."""
        decider = self.decider(graph, values)
        ran = []
        for key in decider.plan().decisions:
            step = next(step for step in graph.steps if step.key == key)
            decision = decider.decide(step)
            if isinstance(decision, Reuse):
                outputs = decision.past.outputs
            else:
                ran.append(key)
                outputs = made(step, (bytes_of or {}).get(key, key))
                self.past.append(Past(f"run {len(self.past)} of {key}", decision.fingerprint, outputs))
                self.last[key] = decision.ingredients
            decider.made.update({(key, output.name): output.digest for output in outputs})
        return ran


def made(step: Step, content: str) -> tuple[OutputRecord, ...]:
    """The outputs of a step that wrote this content."""
    return tuple(OutputRecord(step_run="", name=output.name, kind="file", datastore="d", path=output.name, seal="s", size=1, files=1,
                              digest=f"digest of {content}/{output.name}") for output in step.outputs)


def step(key: str, *before: str, **more: object) -> Step:
    """A step with one output `out` that reads the outputs of the steps before it and uses parameter `c`."""
    inputs = tuple(Input(name=f"from_{one}", binding=FromStep(step=one, output="out")) for one in before)
    command = (PythonRef(), Text("step.py"), *(InputRef(one.name) for one in inputs), OutputRef("out"), ParameterRef("c"))
    usual: dict[str, object] = {
        "name": key, "kind": "PythonScriptStep", "script": "step.py", "source": Source(path=f"/src/{key}"), "inputs": inputs,
        "outputs": (Output(name="out"),), "command": command,
    }
    return Step(key=key, **{**usual, **more})  # type: ignore[arg-type]


def graph(*steps: Step, tracked: bool = True) -> Graph:
    """A pipeline of these steps with the parameters `c` and `build`, the latter untracked."""
    parameters = (Parameter(name="c", type="number", default=1.0, tracked=tracked),
                  Parameter(name="build", type="string", default="1", tracked=False))
    return Graph(name="p", steps=steps, parameters=parameters)


def digest_of(step: Step, whole: Graph | None = None, world: World | None = None, **values: float | str) -> str:
    """The fingerprint of a step all of whose inputs are made."""
    made = {(one.binding.step, one.binding.output): f"digest of {one.binding.step}/out"
            for one in step.inputs if isinstance(one.binding, FromStep)}
    return fingerprint(ingredients(step, whole or graph(step), {"c": 1.0, "build": "1", **values}, world or World(), made))
