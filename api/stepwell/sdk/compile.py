"""From steps and what connects them to a graph."""

from __future__ import annotations

from typing import Any, cast

from stepwell.sdk import conditions
from stepwell.sdk.containers import resources_of
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.keys import step_keys
from stepwell.sdk.order import Membership
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.parameter_table import parameters_of
from stepwell.sdk.ports import Outlet
from stepwell.sdk.references import References
from stepwell.sdk.serving_environments import serving
from stepwell.sdk.sources import Sources
from stepwell.sdk.steps.base import PipelineStep
from stepwell.sdk.workspace import Workspace
from stepwell_runner.graph.model import (
    Binding,
    CurrentInterpreter,
    EnvironmentSpec,
    FromData,
    FromParameter,
    FromStep,
    Graph,
    Input,
    PipelineOutput,
    Step,
)


class Compiler:
    """Compiles the steps of one pipeline, reading every folder and environment once."""

    def __init__(self, workspace: Workspace, members: Membership, default_datastore: str | None, default_folder: str) -> None:
        self._members = members
        self._datastore = default_datastore
        self._workspace = workspace
        self._sources = Sources(default_folder)
        self._keys = dict(zip(members.steps, step_keys([step.name for step in members.steps]), strict=True))
        self._variables = conditions.of_workspace(workspace)
        self._parameters = parameters_of(members.steps)
        self._environments: dict[tuple[int, str], EnvironmentSpec] = {}

    def graph(self, name: str, description: str | None, base: str) -> Graph:
        """The whole pipeline."""
        steps = tuple([self._step(step) for step in self._members.steps])
        parameters = tuple([parameter.compiled() for parameter in self._parameters.values()])
        return Graph(name=name, steps=steps, variables=self._variables, parameters=parameters, outputs=self._promoted(),
                     description=description, base=base)

    def _step(self, step: PipelineStep) -> Step:
        options = step.options
        references = References(step, self._parameters)
        folder, source = self._sources.of(step) if step.has_source else ("", None)
        return Step(
            key=self._keys[step],
            name=step.name,
            kind=type(step).__name__,
            command=step.command(references),
            script=step.script_name,
            source=source,
            inputs=tuple([self._input(port, binding.bind_object.input_source(), binding) for port, binding in step.inputs.items()]),
            outputs=tuple([output.compiled(self._datastore) for output in step.outputs.values()]),
            variables=tuple(self._own_variables(step, references)),
            environment=self._environment(step),
            target=target_of(step),
            resources=resources_of(step),
            spark=step.spark(),
            after=self._after(step),
            allow_reuse=bool(step.allow_reuse),
            version=None if step.version is None else str(step.version),
            hash_paths=self._sources.hashed(step, folder) if options else (),
            retries=options.get("retries", 0) if options else 0,
            timeout_s=options.get("timeout_seconds") if options else None,
            work=step.work(references),
            refusal=step.refusal,
        )

    def _input(self, port: str, source: Any, binding: Any) -> Input:
        return Input(name=port, binding=self._binding(source), mode=binding.bind_mode, path_on_compute=binding.path_on_compute,
                     reading=getattr(binding.bind_object, "reading", None) if binding.bind_mode == "direct" else None)

    def _binding(self, source: Any) -> Binding:
        if type(source) is Outlet:
            return FromStep(*self._output_of(source))
        return FromParameter(source.name) if type(source) is PipelineParameter else FromData(source)

    def _output_of(self, outlet: Outlet) -> tuple[str, str]:
        producer = self._members.producers[outlet]
        port = next(name for name, output in producer.outputs.items() if output.outlet is outlet)
        return self._keys[producer], port

    def _own_variables(self, step: PipelineStep, references: References) -> list[conditions.Variable]:
        found = conditions.of_ports(step)
        if step.params or step.parameters:
            found += self._parameter_variables(step, references)
        if step.environment_variables:
            found += [(str(name), references.token(value)) for name, value in step.environment_variables.items()]
        return found

    def _parameter_variables(self, step: PipelineStep, references: References) -> list[conditions.Variable]:
        in_arguments = {parameter.name: parameter for parameter in step.parameters if not parameter.is_data}
        for name in step.params:
            if name in in_arguments:
                raise PipelineError(
                    f"the name '{name}' of a parameter is already in use in step '{step.name}'",
                    todo="It stands in `params` and in `arguments`; leave out one.",
                )
        params = [(name, references.token(value)) for name, value in step.params.items()]
        return conditions.of_parameters(in_arguments.values()) + conditions.of_params(params)

    def _environment(self, step: PipelineStep) -> EnvironmentSpec:
        environment = step.environment
        if environment is None:
            return _CURRENT
        key = id(environment), target_of(step)
        if key not in self._environments:
            self._environments[key] = serving(environment, self._workspace, target_of(step))
        return self._environments[key]

    def _after(self, step: PipelineStep) -> tuple[str, ...]:
        named = self._members.ordered_before(step)
        return () if not named else tuple(dict.fromkeys([self._keys[other] for other in named]))

    def _promoted(self) -> tuple[PipelineOutput, ...]:
        found: dict[str, PipelineOutput] = {}
        for step in self._members.steps:
            for port, output in step.outputs.items():
                name = output.pipeline_output_name
                if (
                    name is not None
                    and found.setdefault(name, made := PipelineOutput(name=name, step=self._keys[step], output=port)) is not made
                ):
                    raise PipelineError(f"two outputs of the pipeline are named '{name}'")
        return tuple(found.values())


_CURRENT = CurrentInterpreter()


def target_of(step: PipelineStep) -> str:
    """The name of the target that a step asks for; when it does not say, `local`, or `spark` for one that uses Spark."""
    configured = getattr(step.runconfig, "target", None)
    target = step.compute_target or (configured if configured != "local" else None) or step.default_target
    if isinstance(target, tuple):
        target = target[0]
    return target if isinstance(target, str) else cast("str", target.name)
