"""Steps written for a Spark pool of Synapse, run on the Spark that is here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.spark import as_conf
from stepwell.sdk.steps.base import PipelineStep
from stepwell_runner.graph.model import Spark

if TYPE_CHECKING:
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.steps.base import StepOptions


class SynapseSparkStep(PipelineStep):
    """Runs a PySpark script of `source_directory`. Memory is as Spark writes it, such as `4g`. Further keywords: `StepOptions`.

    Of the sizes only the driver's memory counts on this machine; all of them count when the compute target is a cluster.
    """

    __slots__ = ("asked",)

    def __init__(
        self,
        file: str,
        source_directory: Any,
        compute_target: Any,
        driver_memory: str,
        driver_cores: int,
        executor_memory: str,
        executor_cores: int,
        num_executors: int,
        name: str | None = None,
        app_name: str | None = None,
        environment: Environment | None = None,
        arguments: Sequence[Any] | None = None,
        inputs: Iterable[Any] | None = None,
        outputs: Iterable[Any] | None = None,
        conf: Mapping[str, Any] | None = None,
        py_files: Sequence[str] | None = None,
        jars: Sequence[str] | None = None,
        files: Sequence[str] | None = None,
        allow_reuse: bool = True,
        version: str | None = None,
        **further: Any,
    ) -> None:
        if not file or not isinstance(file, str):
            raise PipelineError(f"a SynapseSparkStep needs the name of a script, not {file!r}")
        _check_counts(name or file, driver_cores=driver_cores, executor_cores=executor_cores, num_executors=num_executors)
        _check_memory(name or file, driver_memory=driver_memory, executor_memory=executor_memory)
        self.asked = Spark(
            app_name=app_name, driver_memory=driver_memory, executor_memory=executor_memory, executor_cores=executor_cores,
            executors=num_executors, conf=as_conf(conf or {}), py_files=tuple(py_files or ()), jars=tuple(jars or ()),
            files=tuple(files or ()),
        )  # fmt: skip
        options = cast("StepOptions", further if environment is None else {**further, "environment": environment})
        super().__init__(
            name or file,
            script_name=file,
            arguments=arguments,
            inputs=inputs,
            outputs=outputs,
            compute_target=compute_target,
            source_directory=source_directory,
            allow_reuse=allow_reuse,
            version=version,
            options=options,
        )

    @property
    def default_target(self) -> str:
        """Spark."""
        return "spark"

    def spark(self) -> Spark:
        """What it asks of Spark; the keyword `spark` wins."""
        from stepwell.sdk.spark import of_keywords

        return of_keywords(self.name, self.options.get("spark", {}), self.asked)


def _check_counts(step: str, **counts: Any) -> None:
    for name, value in counts.items():
        if not isinstance(value, int) or value < 1:
            raise PipelineError(f"{name} of SynapseSparkStep '{step}' is {value!r}", todo="It is a whole number from 1.")


def _check_memory(step: str, **sizes: Any) -> None:
    from stepwell_runner.targets.values import size

    for name, value in sizes.items():
        try:
            size(value)
        except (ValueError, AttributeError, TypeError):
            raise PipelineError(f"{name} of SynapseSparkStep '{step}' is {value!r}", todo="Write it as Spark does, such as '4g'.") from None
