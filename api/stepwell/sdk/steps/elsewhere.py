"""Steps that only a service in the cloud can run: their graphs build and validate; running one is an error that says what to do instead."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.graph_parts import TrainingOutput
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.steps.base import PipelineStep, StepOptions
from stepwell_runner.graph.model import Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.references import References


class _Elsewhere(PipelineStep):
    """Base: a step that is refused when it would run."""

    __slots__ = ()

    why = ""
    instead = ""

    @property
    def refusal(self) -> str:
        """What a run says of it."""
        return f"step {self.name} ({type(self).__name__}) cannot run on this machine: {self.why}\n{self.instead}"

    def command(self, references: References) -> tuple[Token, ...]:
        """What it is called and what it was given; it never runs."""
        return (Text(type(self).__name__), *[references.token(argument) for argument in self.arguments])


class KustoStep(_Elsewhere):
    """A query of a Kusto cluster."""

    __slots__ = ("database_name", "parameter_dict", "query_directory")

    why = "its query runs in a Kusto cluster, and there is none on this machine."
    instead = "Export the result once and read it with Dataset.Tabular, or make it with a PythonScriptStep."

    def __init__(
        self, name: str, compute_target: Any, database_name: str, query_directory: str, output: Any,
        parameter_dict: Mapping[str, Any] | None = None, allow_reuse: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        self.database_name, self.query_directory, self.parameter_dict = database_name, query_directory, dict(parameter_dict or {})
        outputs = output if isinstance(output, list) else [output]
        super().__init__(name, script_name=None, arguments=[database_name], inputs=None, outputs=outputs, params=self.parameter_dict,
                         compute_target=compute_target, source_directory=query_directory, allow_reuse=allow_reuse,
                         options=StepOptions(**options))  # type: ignore[typeddict-item]  # fmt: skip


class AzureBatchStep(_Elsewhere):
    """A program on machines of Azure Batch."""

    __slots__ = ()

    why = "its program runs on machines of Azure Batch, which this is not."
    instead = "A CommandStep runs a program of this machine: CommandStep(command=[executable, ...], source_directory=...)."

    def __init__(
        self, name: str, create_pool: bool = False, pool_id: str | None = None, delete_batch_job_after_finish: bool = True,
        delete_batch_pool_after_finish: bool = False, is_positive_exit_code_failure: bool = True,
        vm_image_urn: str = "urn:MicrosoftWindowsServer:WindowsServer:2012-R2-Datacenter", run_task_as_admin: bool = False,
        target_compute_nodes: int = 1, vm_size: str = "standard_d1_v2", source_directory: Any = None, executable: str | None = None,
        arguments: Sequence[Any] | str | None = None, inputs: Iterable[Any] | None = None, outputs: Iterable[Any] | None = None,
        allow_reuse: bool = True, compute_target: Any = None, version: str | None = None, **options: Any,
    ) -> None:  # fmt: skip
        # The service's business.
        del create_pool, delete_batch_job_after_finish, delete_batch_pool_after_finish, is_positive_exit_code_failure
        del vm_image_urn, run_task_as_admin, target_compute_nodes, vm_size, pool_id
        if not executable:
            raise PipelineError(f"AzureBatchStep '{name}' needs an executable")
        given = [arguments] if isinstance(arguments, str) else list(arguments or ())
        super().__init__(name, arguments=[executable, *given], inputs=inputs, outputs=outputs, compute_target=compute_target,
                         source_directory=source_directory, allow_reuse=allow_reuse, version=version,
                         options=StepOptions(**options))  # type: ignore[typeddict-item]  # fmt: skip


class AutoMLStep(_Elsewhere):
    """A search of a model by Azure's AutoML. Its default outputs are kept under the names that v1 gives them."""

    __slots__ = ("automl_config",)

    why = "the search is made by Azure's AutoML service, which is not on this machine."
    instead = "Train with a PythonScriptStep and, for a search over settings, a HyperDriveStep around it."

    def __init__(
        self, name: str, automl_config: Any, inputs: Iterable[Any] | None = None, outputs: Iterable[Any] | None = None,
        script_repl_params: Mapping[str, Any] | None = None, allow_reuse: bool = True, version: str | None = None,
        hash_paths: Sequence[str] | None = None, enable_default_model_output: bool = True, enable_default_metrics_output: bool = True,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        if automl_config is None:
            raise PipelineError(f"AutoMLStep '{name}' needs an automl_config")
        del script_repl_params, hash_paths
        settings = getattr(automl_config, "user_settings", {})
        # v1 makes the project's folder where it is missing; here nothing of it is run.
        folder = settings.get("path")
        folder = folder if folder and os.path.isdir(folder) else None
        self.automl_config = automl_config
        defaults = [*([_default(name, "Metrics")] if enable_default_metrics_output else []),
                    *([_default(name, "Model")] if enable_default_model_output else [])]  # fmt: skip
        data = [value for value in settings.values() if hasattr(value, "input_port")]
        options = {key: value for key, value in kwargs.items() if key in StepOptions.__annotations__}
        super().__init__(name, arguments=None, inputs=[*(inputs or ()), *data], outputs=[*(outputs or ()), *defaults],
                         compute_target=settings.get("compute_target"), source_directory=folder, allow_reuse=allow_reuse,
                         version=version, options=options)  # type: ignore[arg-type]  # fmt: skip


def _default(step: str, kind: str) -> PipelineData:
    name = f"default_{kind.lower()}_{''.join(letter if letter.isalnum() else '_' for letter in step)}"
    return PipelineData(name, is_directory=False, pipeline_output_name=f"_{name}", training_output=TrainingOutput(kind))
