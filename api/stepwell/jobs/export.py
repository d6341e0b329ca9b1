"""From any graph to Azure ML v2 pipeline YAML: the way from v1, and from Stepwell, to `az ml job create`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import msgspec

from stepwell.jobs.exported_words import command, name_of, parts_of, pasted, port_of, words
from stepwell.jobs.exported_work import parallel_node, sweep_node
from stepwell.jobs.imports import unmet_imports
from stepwell_runner.graph.model import (
    CurrentInterpreter,
    Dockerfile,
    EnvironmentSpec,
    FromData,
    FromParameter,
    FromStep,
    Graph,
    Image,
    Input,
    Output,
    Packages,
    Parameter,
    ParameterRef,
    Step,
)
from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.sweep import Sweep
from stepwell_store.data.definition import DatasetDefinition, DatastorePath, LocalPath, Place

SCHEMA = "https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json"
BASE_IMAGE = "mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest"
_MODES = {"mount": "ro_mount", "download": "download", "direct": "direct"}
_PLATFORM = ("AZUREML_", "AZURE_ML_", "AML_PARAMETER_", "STEPWELL_")


class Exported(msgspec.Struct, frozen=True):
    """The document, ready to be written, and what a person has to look at before it runs on Azure."""

    document: dict[str, Any]
    notices: tuple[str, ...]


Kinds = Mapping[tuple[str, str], str]
"""`file` or `folder` of outputs, by step and name, as an earlier run left them."""


def export(graph: Graph, folder: str, compute: str, kinds: Kinds | None = None) -> Exported:
    """The graph as a v2 pipeline job that lies in a folder, with `compute` as its default compute.

    `kinds` tell what outputs are of which the graph says neither file nor folder.
    """
    steps = tuple(
        msgspec.structs.replace(step, outputs=tuple(_known(step, one, kinds or {}) for one in step.outputs)) for step in graph.steps
    )
    return _Exporter(msgspec.structs.replace(graph, steps=steps), folder, compute).exported()


def _known(step: Step, output: Output, kinds: Kinds) -> Output:
    kind = kinds.get((step.key, output.name))
    return msgspec.structs.replace(output, kind=kind) if output.kind == "any" and kind is not None else output


def as_yaml(document: Mapping[str, Any]) -> str:
    """The document as text."""
    import yaml

    text: str = yaml.safe_dump(dict(document), sort_keys=False, width=140, allow_unicode=True)
    return text


class _Exporter:
    def __init__(self, graph: Graph, folder: str, compute: str) -> None:
        self._graph = graph
        self._folder = folder
        self._compute = compute
        self._notices: dict[str, None] = {}
        self._nodes = _unique([step.key for step in graph.steps])
        self._parameters = {one.name: one for one in graph.parameters}
        self._promoted = {(one.step, one.output): one.name for one in graph.outputs}
        self._waited = {key for step in graph.steps for key in step.after}

    def exported(self) -> Exported:
        """All of it."""
        graph = self._graph
        document: dict[str, Any] = {"$schema": SCHEMA, "type": "pipeline", "display_name": graph.name}
        document |= {"description": graph.description} if graph.description else {}
        document |= {"experiment_name": graph.experiment} if graph.experiment else {}
        document |= {"tags": dict(graph.tags)} if graph.tags else {}
        settings = {"default_compute": self._compute, "continue_on_step_failure": graph.continue_on_failure}
        inputs = {port_of(name): found for name, one in self._parameters.items() if (found := self._parameter(one)) is not None}
        outputs = {port_of(one.name): self._promoted_type(one.step, one.output) for one in graph.outputs}
        document |= {"settings": settings} | ({"inputs": inputs} if inputs else {}) | ({"outputs": outputs} if outputs else {})
        document["jobs"] = {self._nodes[step.key]: self._node(step) for step in graph.steps}
        return Exported(document, tuple(self._notices))

    def _note(self, text: str) -> None:
        self._notices[text] = None

    # --- the job

    def _parameter(self, one: Parameter) -> Any:
        if isinstance(one.default, DatasetDefinition):
            return self._data(one.default, f"parameter {one.name}")
        if one.default is None:
            self._note(f"the input '{one.name}' has no default: write a value for it")
        if one.type == "data":
            return {"type": "uri_folder"}
        return one.default if one.default is not None else "VALUE"

    def _promoted_type(self, step: str, output: str) -> dict[str, Any]:
        found = next(one for other in self._graph.steps if other.key == step for one in other.outputs if one.name == output)
        return self._place(found)

    def _place(self, output: Output) -> dict[str, Any]:
        if output.kind == "any":
            self._note(f"the output '{output.name}' may be a file or a folder; a folder is written here")
        made = {"type": "uri_file" if output.kind == "file" else "uri_folder", "mode": "upload" if output.mode == "upload" else "rw_mount"}
        if output.path is not None:
            path = output.path.replace("{run-id}", "${{name}}").replace("{output-name}", output.name)
            made["path"] = f"azureml://datastores/{output.datastore or '${{default_datastore}}'}/paths/{path.strip('/')}"
        return made | ({"name": output.register.name} if output.register is not None else {})

    # --- nodes

    def _node(self, step: Step) -> dict[str, Any]:
        inputs = {port_of(one.name): self._input(step, one) for one in step.inputs}
        inputs |= {port_of(name): f"${{{{parent.inputs.{port_of(name)}}}}}" for name in self._used(step)}
        inputs |= {f"after_{self._nodes[key]}": self._edge(key) for key in step.after}
        outputs = {port_of(one.name): self._output(step, one) for one in step.outputs}
        if step.key in self._waited and not outputs:
            outputs["done"] = {"type": "uri_folder"}
        node = self._body(step)
        if not step.allow_reuse and "component" not in node and node["type"] == "command":
            node = self._as_component(node, step, inputs, outputs)
        if step.retries:
            self._note(f"step {step.key} is tried {step.retries + 1} times here; v2 tries command nodes once")
        return node | ({"inputs": inputs} if inputs else {}) | ({"outputs": outputs} if outputs else {})

    def _edge(self, key: str) -> str:
        step = next(one for one in self._graph.steps if one.key == key)
        output = port_of(step.outputs[0].name) if step.outputs else "done"
        return f"${{{{parent.jobs.{self._nodes[key]}.outputs.{output}}}}}"

    def _body(self, step: Step) -> dict[str, Any]:
        common = {"code": os.path.relpath(step.source.path, self._folder)} if step.source is not None else {}
        environment = self._environment(step)
        variables = {name: pasted(token) for name, token in step.variables if not name.startswith(_PLATFORM)}
        if isinstance(step.work, Parallel):
            node = parallel_node(step.work, common, environment, words(step.command[3:]))
        elif isinstance(step.work, Sweep):
            ports = {port_of(one.name): {"type": "uri_folder"} for one in step.inputs}
            outputs = {port_of(one.name): {"type": "uri_folder"} for one in step.outputs if one.name != step.work.metrics_output}
            trial = {"type": "command", **common, "environment": environment, "command": command(step.command), "inputs": ports,
                     "outputs": outputs}  # fmt: skip
            node = sweep_node(step.work, trial)
        else:
            node = {"type": "command", "display_name": step.name, **common, "environment": environment, "command": command(step.command)}
        node |= {"environment_variables": variables} if variables and node["type"] != "sweep" else {}
        return node | ({"limits": {"timeout": int(step.timeout_s)}} if step.timeout_s and node["type"] == "command" else {})

    def _as_component(self, node: dict[str, Any], step: Step, inputs: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
        """Only a component says that its results are not to be reused."""
        literal = {port_of(name) for name in self._used(step)}
        own: dict[str, Any] = {key: node.pop(key) for key in ("code", "environment", "command") if key in node}
        declared = {name: {"type": "string" if name in literal else "uri_folder"} for name in inputs}
        made: dict[str, Any] = {"type": "command", "is_deterministic": False, **own}
        made |= {"inputs": declared} if declared else {}
        made |= {"outputs": {name: {"type": "uri_folder"} for name in outputs}} if outputs else {}
        return {"type": "command", "component": made, **{key: value for key, value in node.items() if key != "type"}}

    def _used(self, step: Step) -> list[str]:
        """The parameters in the command and variables of a step."""
        found: dict[str, None] = {}
        for token in (*step.command, *(token for name, token in step.variables if not name.startswith(_PLATFORM))):
            for one in parts_of(token):
                if isinstance(one, ParameterRef):
                    found[one.name] = None
        return list(found)

    def _input(self, step: Step, one: Input) -> Any:
        match one.binding:
            case FromStep(key, output):
                path = f"${{{{parent.jobs.{self._nodes[key]}.outputs.{port_of(output)}}}}}" + (f"/{one.below}" if one.below else "")
                return path if one.mode == "mount" else {"type": "uri_folder", "mode": _MODES[one.mode], "path": path}
            case FromParameter(name):
                return f"${{{{parent.inputs.{port_of(name)}}}}}"
            case FromData(data):
                return self._data(data, f"input {one.name} of step {step.key}") | {"mode": _MODES[one.mode]}

    def _output(self, step: Step, one: Output) -> Any:
        promoted = self._promoted.get((step.key, one.name))
        return f"${{{{parent.outputs.{port_of(promoted)}}}}}" if promoted is not None else self._place(one)

    def _data(self, data: DatasetDefinition, what: str) -> dict[str, Any]:
        if len(data.places) != 1 or data.transforms or data.kind == "tabular":
            self._note(f"{what} is a table or a choice of files; v2 reads such from an MLTable, and its first place is written here")
        place = data.places[0] if data.places else LocalPath(self._folder)
        path = self._path(place)
        is_file = os.path.isfile(place.path) if isinstance(place, LocalPath) else bool(os.path.splitext(path)[1])
        return {"type": "uri_file" if is_file else "uri_folder", "path": path}

    def _path(self, place: Place) -> str:
        if isinstance(place, DatastorePath):
            return f"azureml://datastores/{place.datastore}/paths/{place.path}"
        return os.path.relpath(place.path, self._folder) if isinstance(place, LocalPath) else place.url

    # --- environments

    def _environment(self, step: Step) -> dict[str, Any]:
        spec: EnvironmentSpec = step.environment
        match spec:
            case Packages():
                image = spec.image.reference if isinstance(spec.image, Image) else BASE_IMAGE
                return {"image": image, "conda_file": _conda(spec.python, spec.requirements)}
            case Image():
                return {"image": spec.reference}
            case Dockerfile():
                return {
                    "build": {
                        "path": os.path.relpath(spec.context or self._folder, self._folder),
                        "dockerfile_path": spec.path or "Dockerfile",
                    }
                }
            case CurrentInterpreter():
                return {"image": BASE_IMAGE, "conda_file": _conda(None, self._imported(step))}
        self._note(f"step {step.key} runs in an interpreter of this machine: write the packages that it needs")
        return {"image": BASE_IMAGE, "conda_file": _conda(None, ())}

    def _imported(self, step: Step) -> tuple[str, ...]:
        """What the step imports and this interpreter has, with its versions: that is what the step ran with."""
        from importlib.metadata import packages_distributions, version

        roots = (step.source.path, *step.source.extra) if step.source is not None else ()
        wanted, _ = unmet_imports(roots, command(step.command) + f" {step.script or ''}")
        known = packages_distributions()
        found = sorted({name for one in wanted for name in known.get(one, ())[:1]})
        return tuple(f"{name}=={version(name)}" for name in found if name != "stepwell")


def _conda(python: str | None, requirements: tuple[str, ...]) -> dict[str, Any]:
    version = python if python is not None and re.fullmatch(r"[\d.]+", python) else f"{sys.version_info[0]}.{sys.version_info[1]}"
    return {"channels": ["conda-forge"], "dependencies": [f"python={version}", "pip", {"pip": ["azureml-mlflow", "mlflow", *requirements]}]}


def _unique(keys: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key in keys:
        name, number = name_of(key), 1
        while name in taken:
            number += 1
            name = f"{name_of(key)}_{number}"
        found[key] = name
        taken.add(name)
    return found
