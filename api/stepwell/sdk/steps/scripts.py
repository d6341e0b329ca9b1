"""Script steps of older releases: through an estimator, under MPI, in R."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from stepwell.sdk.environment_sections import RSection
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.runconfig import RunConfiguration
from stepwell.sdk.steps.base import PipelineStep, StepOptions, check_names
from stepwell.sdk.steps.python import check_layout
from stepwell_runner.graph.model import Text, Token

if TYPE_CHECKING:
    from stepwell.sdk.estimator import Estimator
    from stepwell.sdk.references import References


class EstimatorStep(PipelineStep):
    """Runs the script of an estimator; its arguments are `estimator_entry_script_arguments`."""

    __slots__ = ()

    def __init__(
        self,
        name: str | None = None,
        estimator: Estimator | None = None,
        estimator_entry_script_arguments: Sequence[Any] | None = None,
        runconfig_pipeline_params: Mapping[str, Any] | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        compute_target: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        if estimator is None or compute_target is None:
            raise PipelineError("an EstimatorStep needs an estimator and a compute_target")
        if estimator_entry_script_arguments is None:
            raise PipelineError(
                "an EstimatorStep needs estimator_entry_script_arguments", todo="Pass [] when the script takes no arguments."
            )
        if estimator.script_params or estimator.inputs:
            raise PipelineError(
                "the estimator of an EstimatorStep has script_params or inputs of its own",
                todo="Give them to the step: estimator_entry_script_arguments and inputs.",
            )
        check_layout(name or estimator.entry_script, runconfig_pipeline_params or {})
        super().__init__(
            name or estimator.entry_script, script_name=estimator.entry_script, arguments=estimator_entry_script_arguments, inputs=inputs,
            outputs=outputs, compute_target=compute_target, runconfig=estimator.run_config, source_directory=estimator.source_directory,
            allow_reuse=allow_reuse, version=version, options=options,
        )  # fmt: skip


class MpiStep(PipelineStep):
    """Runs a script under MPI: `node_count` times `process_count_per_node` processes, all on this machine; one needs no MPI."""

    __slots__ = ("processes",)

    def __init__(
        self,
        name: str | None = None,
        source_directory: Any = None,
        script_name: str | None = None,
        arguments: Sequence[Any] | None = None,
        compute_target: Any = None,
        node_count: int | None = None,
        process_count_per_node: int | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        hash_paths: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> None:
        from stepwell.sdk.estimator import Estimator

        if not script_name or source_directory is None:
            raise PipelineError("an MpiStep needs a source_directory and a script_name")
        mine = {key: value for key, value in kwargs.items() if key in StepOptions.__annotations__}
        other = {key: value for key, value in kwargs.items() if key not in mine}
        estimator = Estimator(source_directory, compute_target=compute_target, entry_script=script_name, **other)
        self.processes = int(node_count or 1) * int(process_count_per_node or 1)
        if self.processes < 1:
            raise PipelineError(f"MpiStep '{name or script_name}' would have {self.processes} processes")
        super().__init__(
            name or script_name, script_name=script_name, arguments=arguments, inputs=inputs, outputs=outputs,
            compute_target=compute_target, runconfig=estimator.run_config, source_directory=source_directory, allow_reuse=allow_reuse,
            version=version, options={**mine, **({"hash_paths": hash_paths} if hash_paths else {})},  # type: ignore[typeddict-item]
        )  # fmt: skip

    @property
    def environment_variables(self) -> Mapping[str, Any]:
        """Those that its author sets; Open MPI is let run as root, as in a container."""
        allowed = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"} if self.processes > 1 else {}
        return {**allowed, **super().environment_variables}

    def command(self, references: References) -> tuple[Token, ...]:
        """The script under `mpiexec`, or alone when it is one process."""
        start = (Text("mpiexec"), Text("-n"), Text(str(self.processes))) if self.processes > 1 else ()
        return (*start, *super().command(references))


class RScriptStep(PipelineStep):
    """Runs a script with `Rscript`, as it is found on the PATH of the target."""

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
        use_gpu: bool = False,
        custom_docker_image: str | None = None,
        cran_packages: Sequence[Any] | None = None,
        github_packages: Sequence[Any] | None = None,
        custom_url_packages: Sequence[str] | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **options: Unpack[StepOptions],
    ) -> None:
        if not script_name or not isinstance(script_name, str):
            raise PipelineError(f"an RScriptStep needs the name of a script, not {script_name!r}")
        check_names(name or script_name, params or ())
        check_layout(name or script_name, runconfig_pipeline_params or {})
        config = runconfig or RunConfiguration(framework="R")
        section = config.environment.r = config.environment.r or RSection()
        section.cran_packages = list(cran_packages or section.cran_packages)
        section.github_packages = list(github_packages or section.github_packages)
        section.custom_url_packages = list(custom_url_packages or section.custom_url_packages)
        config.environment.docker.gpu_support = use_gpu or config.environment.docker.gpu_support
        config.environment.docker.base_image = custom_docker_image or config.environment.docker.base_image
        super().__init__(
            name or script_name, script_name=script_name, arguments=arguments, inputs=inputs, outputs=outputs, params=params,
            compute_target=compute_target, runconfig=config, source_directory=source_directory, allow_reuse=allow_reuse, version=version,
            options=options,
        )  # fmt: skip

    def command(self, references: References) -> tuple[Token, ...]:
        """Rscript, the script and its arguments."""
        assert self.script_name is not None
        section = self.runconfig.environment.r if self.runconfig is not None else None
        program = section.rscript_path if section is not None and section.rscript_path else "Rscript"
        return (Text(program), Text(self.script_name), *[references.token(argument) for argument in self.arguments])
