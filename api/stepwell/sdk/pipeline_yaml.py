"""Pipelines as v1's YAML: read into steps, written from graphs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from stepwell.sdk import yaml_files
from stepwell.sdk.exceptions import PipelineError, UserErrorException
from stepwell_runner.graph.model import FromData, FromParameter, Graph, Input, InputRef, OutputRef, ParameterRef, Step, Text, Token
from stepwell_store.data.definition import DatastorePath

if TYPE_CHECKING:
    from stepwell.sdk.pipeline import Pipeline
    from stepwell.sdk.pipeline_data import PipelineData
    from stepwell.sdk.workspace import Workspace

FILE = "pipeline.yml"
_KINDS = {"string": str, "int": int, "float": float, "bool": bool}
_WORDS = {"string": "string", "integer": "int", "number": "float", "boolean": "bool"}


# --- reading --------------------------------------------------------------------------------------------------------


def load(workspace: Workspace, filename: str) -> Pipeline:
    """The pipeline in a file; UserErrorException for a file that is none, and for steps of a type that YAML cannot bring here."""
    from stepwell.sdk.pipeline import Pipeline

    document = yaml_files.read(filename, "pipeline", UserErrorException)
    told = document.get("pipeline") if isinstance(document, dict) else None
    if not isinstance(told, dict) or not isinstance(told.get("steps"), dict):
        raise UserErrorException("a pipeline in YAML has the key `pipeline` with `steps` below it", where=filename)
    reader = _Reader(workspace, told, os.path.dirname(os.path.abspath(filename)))
    return Pipeline(workspace, reader.steps(), description=told.get("description"), name=told.get("name"))


class _Reader:
    """Makes the steps of one document; files that it names are relative to its folder."""

    def __init__(self, workspace: Workspace, told: dict[str, Any], folder: str) -> None:
        self._workspace = workspace
        self._told = told
        self._folder = folder
        self._parameters = {name: self._parameter(name, one) for name, one in (told.get("parameters") or {}).items()}
        self._data: dict[str, Any] = {name: self._reference(name, one) for name, one in (told.get("data_references") or {}).items()}

    def steps(self) -> list[Any]:
        """The steps, the outputs of all of them known first."""
        outputs = {key: self._outputs(one) for key, one in self._told["steps"].items()}
        return [self._step(key, one, outputs[key]) for key, one in self._told["steps"].items()]

    def _parameter(self, name: str, told: dict[str, Any]) -> Any:
        from stepwell.sdk.parameter import PipelineParameter

        kind = _KINDS.get(told.get("type", "string"))
        if kind is None:
            raise PipelineError(f"parameter {name} is of type {told.get('type')!r}", todo=f"Types are: {', '.join(_KINDS)}.")
        return PipelineParameter(name, kind(told["default"]))

    def _reference(self, name: str, told: dict[str, Any]) -> Any:
        from stepwell.sdk.data_reference import DataReference
        from stepwell.sdk.dataset_factory import Dataset
        from stepwell.sdk.datastore import Datastore

        if "dataset_name" in told:
            found = Dataset.get_by_name(self._workspace, told["dataset_name"], told.get("dataset_version") or "latest")
            return found.as_named_input(name)
        return DataReference(Datastore(self._workspace, told["datastore"]), name, told.get("path_on_datastore"))

    def _outputs(self, told: dict[str, Any]) -> dict[str, PipelineData]:
        from stepwell.sdk.datastore import Datastore
        from stepwell.sdk.pipeline_data import PipelineData

        made = {}
        for port, one in (told.get("outputs") or {}).items():
            name = one.get("destination") or port
            store = Datastore(self._workspace, one["datastore"]) if one.get("datastore") else None
            made[port] = PipelineData(name, store, output_name=port, output_mode=one.get("type") or "mount")
            self._data[name] = made[port]
        return made

    def _step(self, key: str, told: dict[str, Any], outputs: dict[str, PipelineData]) -> Any:
        inputs = {port: self._bound(key, port, one) for port, one in (told.get("inputs") or {}).items()}
        make = {"PythonScriptStep": self._script, "ModuleStep": self._module, "DataTransferStep": self._transfer}.get(told.get("type", ""))
        if make is None:
            raise UserErrorException(
                f"step {key} is of type {told.get('type')!r}, which YAML does not bring here",
                todo="Write it in Python; PythonScriptStep, ModuleStep and DataTransferStep are read.",
            )
        return make(key, told, inputs, outputs)

    def _bound(self, key: str, port: str, told: dict[str, Any]) -> Any:
        from stepwell.sdk.ports import InputPortBinding

        source = self._data.get(told.get("source", ""))
        if source is None:
            raise PipelineError(f"input {port} of step {key} has the source {told.get('source')!r}, which the pipeline does not have")
        binding = source.input_port()
        mode = told.get("bind_mode") or told.get("type") or binding.bind_mode
        return InputPortBinding(port, binding.bind_object, mode, told.get("path_on_compute"))

    def _values(self, told: dict[str, Any]) -> dict[str, Any]:
        """The `parameters` of a step: each names one of the pipeline's as its source, or is a value."""
        given = told.get("parameters") or {}
        return {name: self._parameters.get(one["source"], one["source"]) if isinstance(one, dict) else one for name, one in given.items()}

    def _arguments(self, told: dict[str, Any]) -> list[Any]:
        """Arguments; `parameter:x` is the pipeline's parameter unless the step has one of that name."""
        own = told.get("parameters") or {}
        found = []
        for one in told.get("arguments") or []:
            kind, _, name = str(one).partition(":")
            found.append(self._parameters[name] if kind == "parameter" and name in self._parameters and name not in own else str(one))
        return found

    def _shared(self, told: dict[str, Any]) -> dict[str, Any]:
        from stepwell.sdk.runconfig import RunConfiguration

        config = RunConfiguration.load(os.path.join(self._folder, told["runconfig"])) if told.get("runconfig") else None
        return {"compute_target": told.get("compute") or self._told.get("default_compute"), "runconfig": config}

    def _script(self, key: str, told: dict[str, Any], inputs: dict[str, Any], outputs: dict[str, PipelineData]) -> Any:
        from stepwell.sdk.steps.python import PythonScriptStep

        return PythonScriptStep(
            told["script_name"], name=told.get("name") or key, arguments=self._arguments(told), inputs=list(inputs.values()),
            outputs=list(outputs.values()), params=self._values(told), version=told.get("version"),
            source_directory=os.path.join(self._folder, told.get("source_directory") or "."), allow_reuse=told.get("allow_reuse", True),
            **self._shared(told),
        )  # fmt: skip

    def _module(self, key: str, told: dict[str, Any], inputs: dict[str, Any], outputs: dict[str, PipelineData]) -> Any:
        from stepwell.sdk.module import Module
        from stepwell.sdk.steps.module import ModuleStep

        named = told.get("module") or {}
        module = Module.get(self._workspace, module_id=named.get("module_id"), name=named.get("name"))
        return ModuleStep(module, version=named.get("version"), inputs_map=inputs, outputs_map=outputs, name=told.get("name") or key,
                          arguments=self._arguments(told) or None, params=self._values(told), **self._shared(told))  # fmt: skip

    def _transfer(self, key: str, told: dict[str, Any], inputs: dict[str, Any], outputs: dict[str, PipelineData]) -> Any:
        from stepwell.sdk.steps.transfer import DataTransferStep

        if len(inputs) != 1 or len(outputs) != 1:
            raise PipelineError(f"step {key} moves data from one input to one output")
        [source], [target] = inputs.values(), outputs.values()
        return DataTransferStep(told.get("name") or key, source, target, told.get("compute") or self._told.get("default_compute"))


# --- writing --------------------------------------------------------------------------------------------------------


def save(graph: Graph, path: str | os.PathLike[str] | None) -> str:
    """Write a graph as YAML to a file, or as `pipeline.yml` into a folder, by default the current one; where it is.

    UserErrorException for what v1's YAML has no words for.
    """
    import yaml

    target = os.fspath(path or ".")
    target = os.path.join(target, FILE) if os.path.isdir(target) else target
    with open(target, "w", encoding="utf-8") as file:
        yaml.safe_dump({"pipeline": _document(graph)}, file, sort_keys=False)
    return target


def _document(graph: Graph) -> dict[str, Any]:
    references: dict[str, Any] = {}
    steps = {step.key: _written(step, references) for step in graph.steps}
    parameters = {one.name: {"type": _WORDS.get(one.type, "string"), "default": one.default}
                  for one in graph.parameters if one.type in _WORDS}  # fmt: skip
    return {"name": graph.name, "description": graph.description, "parameters": parameters, "data_references": references, "steps": steps}


def _written(step: Step, references: dict[str, Any]) -> dict[str, Any]:
    if step.script is None:
        raise UserErrorException(f"step {step.name} is a {step.kind}, which v1's YAML has no words for here")
    found: dict[str, Any] = {
        "type": "PythonScriptStep", "name": step.name, "compute": step.target, "script_name": step.script,
        "source_directory": None if step.source is None else step.source.path,
        "arguments": [_word(token, step) for token in step.command[2:]],
        "inputs": {one.name: {"source": _source(one, step, references), "bind_mode": one.mode} for one in step.inputs},
        "outputs": {one.name: {"destination": f"{step.key}_{one.name}", "type": one.mode,
                               **({"datastore": one.datastore} if one.datastore else {})} for one in step.outputs},
        "allow_reuse": step.allow_reuse, "version": step.version,
    }  # fmt: skip
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def _word(token: Token, step: Step) -> str:
    match token:
        case Text(text):
            return text
        case InputRef(name):
            return f"input:{name}"
        case OutputRef(name):
            return f"output:{name}"
        case ParameterRef(name):
            return f"parameter:{name}"
    raise UserErrorException(f"an argument of step {step.name} joins several parts, which v1's YAML has no words for")


def _source(one: Input, step: Step, references: dict[str, Any]) -> str:
    binding = one.binding
    if isinstance(binding, FromParameter):
        raise UserErrorException(f"input {one.name} of step {step.name} is a parameter, which v1's YAML has no words for here")
    if not isinstance(binding, FromData):
        return f"{binding.step}_{binding.output}"
    name, data = f"{step.key}_{one.name}", binding.data
    if data.name is not None:
        references[name] = {"dataset_name": data.name, "dataset_version": data.version}
    elif len(data.places) == 1 and isinstance(data.places[0], DatastorePath) and data.kind == "file" and not data.transforms:
        references[name] = {"datastore": data.places[0].datastore, "path_on_datastore": data.places[0].path}
    else:
        raise UserErrorException(f"input {one.name} of step {step.name} is a dataset that is not registered", todo="Register it first.")
    return name
