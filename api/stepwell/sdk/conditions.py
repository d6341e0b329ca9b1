"""Environment variables by which steps find their run, their parameters and their data, as v1 names them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from stepwell_runner.graph.model import Fact, InputRef, OutputRef, ParameterRef, Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.parameter import PipelineParameter
    from stepwell.sdk.steps.base import PipelineStep
    from stepwell.sdk.workspace import Workspace

Variable = tuple[str, Token]
Common = tuple[str, Text | Fact]

_RUN: tuple[Common, ...] = (
    ("AZUREML_RUN_ID", Fact("step_run")),
    ("AZUREML_ROOT_RUN_ID", Fact("run")),
    ("AZUREML_ARM_WORKSPACE_NAME", Fact("workspace")),
    ("AZUREML_ARM_PROJECT_NAME", Fact("experiment")),
)
# A dataset under one of these names must not take the variable from the shell and the loader.
_RESERVED = frozenset(
    {"path", "ld_library_path", "ld_preload", "pythonpath", "pythonhome", "tmpdir", "user", "logname", "home", "pwd", "shell"}
)


def of_workspace(workspace: Workspace) -> tuple[Common, ...]:
    """What every step of a pipeline sees."""
    return (
        *_RUN,
        ("AZUREML_ARM_SUBSCRIPTION", Text(workspace.subscription_id)),
        ("AZUREML_ARM_RESOURCEGROUP", Text(workspace.resource_group)),
    )


def of_ports(step: PipelineStep) -> list[Variable]:
    """Where a step finds its inputs and leaves its outputs."""
    found: list[Variable] = []
    datasets: list[str] = []
    outputs: list[str] = []
    for port, binding in step.inputs.items():
        if binding.is_dataset:
            datasets.append(f"{port}:{binding.bind_mode}")
            found += _of_dataset(port, "AZURE_ML_INPUT_", InputRef(port))
        found.append((f"AZUREML_DATAREFERENCE_{port}", InputRef(port)))
    for port, output in step.outputs.items():
        if output.is_dataset:
            outputs.append(port)
            found += _of_dataset(port, "AZURE_ML_OUTPUT_", OutputRef(port))
        found.append((f"AZUREML_DATAREFERENCE_{port}", OutputRef(port)))
    if datasets:
        found.append(("AZUREML_DATASET_ENVIRONMENT_VARS", Text(",".join(datasets))))
    if outputs:
        found.append(("AZUREML_DATASET_FILE_OUTPUTS", Text(";".join(outputs))))
    return found


def _of_dataset(port: str, prefix: str, value: Token) -> Iterable[Variable]:
    spellings = dict.fromkeys((port, port.upper())) if port.lower() not in _RESERVED else ()
    return [(name, value) for name in (*spellings, prefix + port)]


def of_parameters(parameters: Iterable[PipelineParameter]) -> list[Variable]:
    """Parameters that stand in the arguments of a step."""
    return [
        (prefix + safe(parameter.name), ParameterRef(parameter.name))
        for parameter in parameters
        for prefix in ("AML_PARAMETER_", "AZUREML_PARAMETER_")
    ]


def of_params(params: Iterable[Variable]) -> list[Variable]:
    """The `params` of a step."""
    return [(prefix + safe(name), token) for name, token in params for prefix in ("AML_PARAMETER_", "AZUREML_PARAMETER_")]


def safe(name: str) -> str:
    """The name with every character that a variable may not have replaced by `_`."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)
