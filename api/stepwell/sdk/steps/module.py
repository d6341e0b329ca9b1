"""Steps that run a version of a module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Unpack

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.output_config import OutputDatasetConfig
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.ports import DatasetBinding, InputPortBinding
from stepwell.sdk.steps.base import PipelineStep, StepOptions
from stepwell.sdk.steps.python import check_layout

if TYPE_CHECKING:
    from stepwell.sdk.module import Module, ModuleVersion
    from stepwell.sdk.runconfig import RunConfiguration


class ModuleStep(PipelineStep):
    """Runs a version of a module. The maps say which data its inputs and outputs are, by the names that the module gives them."""

    __slots__ = ()

    def __init__(
        self,
        module: Module | None = None,
        version: str | None = None,
        module_version: ModuleVersion | None = None,
        inputs_map: Mapping[str, Any] | None = None,
        outputs_map: Mapping[str, Any] | None = None,
        compute_target: Any = None,
        runconfig: RunConfiguration | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        arguments: Sequence[Any] | None = None,
        params: Mapping[str, Any] | None = None,
        name: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        if (module is None) == (module_version is None):
            raise PipelineError("a ModuleStep needs a module or a module_version, and not both")
        chosen = module_version or module.resolve(version)  # type: ignore[union-attr]
        name = name or chosen.module().name
        check_layout(name, runconfig_pipeline_params or {})
        _check(name, "input", inputs_map or {}, [(one.name, one.is_optional) for one in chosen.inputs])
        _check(name, "output", outputs_map or {}, [(one.name, True) for one in chosen.outputs])
        given = chosen.facts["arguments"] if arguments is None else arguments
        # A parameter of the pipeline in the arguments is the value of the module's own one of that name.
        set_by_arguments = {argument.name for argument in given if isinstance(argument, PipelineParameter)}
        defaults = {key: value for key, value in chosen.facts["params"].items() if key not in set_by_arguments}
        super().__init__(
            name, script_name=chosen.facts["script"], arguments=given,
            inputs=[_renamed_input(port, data) for port, data in (inputs_map or {}).items()],
            outputs=[_renamed_output(port, data) for port, data in (outputs_map or {}).items()],
            params={**defaults, **(params or {})}, compute_target=compute_target, runconfig=runconfig or chosen.runconfig,
            source_directory=chosen.folder(), version=chosen.version, options=options,
        )  # fmt: skip


def _check(step: str, kind: str, given: Mapping[str, Any], declared: Sequence[tuple[str, bool]]) -> None:
    known = dict(declared)
    wrong = [port for port in given if port not in known]
    if wrong:
        raise PipelineError(
            f"the module of step '{step}' has no {kind} {', '.join(wrong)}", todo=f"Its {kind}s are: {', '.join(known) or 'none'}."
        )
    missing = [port for port, optional in declared if not optional and port not in given]
    if missing:
        raise PipelineError(f"step '{step}' leaves {kind} {', '.join(missing)} of its module open", todo=f"Name it in {kind}s_map.")


def _renamed_input(port: str, data: Any) -> InputPortBinding:
    if not hasattr(data, "input_port"):
        raise PipelineError(f"input '{port}' of a module cannot be a {type(data).__name__}")
    binding: InputPortBinding = data.input_port()
    kind = DatasetBinding if binding.is_dataset else InputPortBinding
    return kind(port, binding.bind_object, binding.bind_mode, binding.path_on_compute, binding.overwrite)


def _renamed_output(port: str, data: Any) -> Any:
    """The same output under the name that the module has for it."""
    made = copy(data)
    if isinstance(made, PipelineData):
        made.port_name = port
    elif isinstance(made, OutputDatasetConfig):
        made.rename_port(port)
    else:
        raise PipelineError(f"output '{port}' of a module cannot be a {type(data).__name__}")
    return made
