"""Steps that run a Python script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.steps.base import PipelineStep, StepOptions, check_names

if TYPE_CHECKING:
    from stepwell.sdk.runconfig import RunConfiguration

_LAYOUT_KEYS = ("NodeCount", "MpiProcessCountPerNode", "TensorflowWorkerCount", "TensorflowParameterServerCount")


class PythonScriptStep(PipelineStep):
    """Runs a script, named relative to `source_directory`, in a private copy of that folder. Further keywords: `StepOptions`."""

    __slots__ = ()

    def __init__(
        self,
        script_name: str,
        name: str | None = None,
        arguments: Sequence[Any] | None = None,
        compute_target: Any = None,
        runconfig: RunConfiguration | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        source_directory: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        if not script_name or not isinstance(script_name, str):
            raise PipelineError(f"a PythonScriptStep needs the name of a script, not {script_name!r}")
        if params:
            check_names(name or script_name, params)
        if runconfig_pipeline_params:
            check_layout(name or script_name, runconfig_pipeline_params)
        super().__init__(
            name or script_name,
            script_name=script_name,
            arguments=arguments,
            inputs=inputs,
            outputs=outputs,
            params=params,
            compute_target=compute_target,
            runconfig=runconfig,
            source_directory=source_directory,
            allow_reuse=allow_reuse,
            version=version,
            options=options,
        )


def check_layout(step: str, given: Mapping[str, Any]) -> None:
    """PipelineError for `runconfig_pipeline_params` that v1 does not know."""
    from stepwell.sdk.parameter import PipelineParameter

    for name, value in given.items():
        if name not in _LAYOUT_KEYS or not isinstance(value, PipelineParameter):
            raise PipelineError(
                f"step '{step}' has runconfig_pipeline_params {name!r}: {value!r}",
                todo=f"Names are: {', '.join(_LAYOUT_KEYS)}; values are PipelineParameter objects.",
            )
