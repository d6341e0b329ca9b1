"""What all steps share: how `inputs`, `outputs`, `arguments` and `params` become ports and references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, cast

from stepwell.sdk.consumption import DatasetConsumptionConfig
from stepwell.sdk.data_reference import DataPathComputeBinding, DataReference
from stepwell.sdk.datasets import AbstractDataset
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.output_config import OutputDatasetConfig
from stepwell.sdk.outputs import OUTPUTS
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.pipeline_data import PipelineData
from stepwell.sdk.pipeline_output_dataset import PipelineOutputAbstractDataset
from stepwell.sdk.ports import PORT_NAME, DatasetBinding, InputPortBinding, OutputSource
from stepwell_runner.graph.model import PythonRef, Spark, Text, Token
from stepwell_runner.graph.parallel import Parallel
from stepwell_runner.graph.sweep import Sweep

if TYPE_CHECKING:
    from stepwell.sdk.environment import Environment
    from stepwell.sdk.references import References
    from stepwell.sdk.runconfig import RunConfiguration

_MUST_BE_DECLARED = (PipelineData, DataReference, InputPortBinding)


class StepOptions(TypedDict, total=False):
    """What Stepwell adds to the keywords of v1 steps.

    `retries`: how often a failed step is tried again. `timeout_seconds`: per attempt. `narrow`: only the script, what it
    imports and names of its folder, and the patterns of `include` belong to the step. `hash_paths`: further files or folders
    whose content is a reason to run again. `after`: steps that must end first. `environment`: what the step runs in.
    `resources`: what it asks of the machine, by the names in `stepwell_runner.graph.model.Resources`; sizes may be text such as `4g`.
    `spark`: what it asks of Spark, by the names in `stepwell_runner.graph.model.Spark`; it then runs on the target `spark`.
    """

    retries: int
    timeout_seconds: float | None
    narrow: bool
    include: Sequence[str]
    hash_paths: Sequence[str] | None
    after: PipelineStep | Sequence[PipelineStep]
    environment: Environment | None
    environment_variables: Mapping[str, Any] | None
    resources: Mapping[str, Any]
    spark: Mapping[str, Any]


_OPTION_NAMES = StepOptions.__annotations__.keys()
_NO_OPTIONS = StepOptions()


class PipelineStep:
    """A step of a pipeline. It belongs to none until a `Pipeline` lists it or something that depends on it."""

    __slots__ = (
        "allow_reuse",
        "arguments",
        "compute_target",
        "inputs",
        "name",
        "options",
        "outputs",
        "parameters",
        "params",
        "predecessors",
        "runconfig",
        "script_name",
        "source_directory",
        "version",
    )

    def __init__(
        self,
        name: str,
        *,
        script_name: str | None = None,
        arguments: Sequence[Any] | None,
        inputs: Iterable[Any] | None,
        outputs: Iterable[Any] | None,
        params: Mapping[str, Any] | None = None,
        compute_target: Any = None,
        runconfig: RunConfiguration | None = None,
        source_directory: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
        options: StepOptions = _NO_OPTIONS,
    ) -> None:
        self.name = name
        self.script_name = script_name
        self.arguments: list[Any] = list(arguments or ())
        self.params = dict(params or {})
        self.compute_target = compute_target
        self.runconfig = runconfig
        self.source_directory = source_directory
        self.allow_reuse = allow_reuse
        self.version = version
        self.options = options
        if options:
            _check_options(name, options)
        self.predecessors = _steps(options.get("after"))
        self.inputs: dict[str, InputPortBinding] = {}
        self.outputs: dict[str, OutputSource] = {}
        self.parameters: list[PipelineParameter] = []
        for output in outputs or ():
            self._add_output(output)
        for given in inputs or ():
            self._add_input(given)
        for argument in self.arguments:
            if type(argument) is not str:
                self._declare(argument)
        for output in self.outputs.values():
            output.outlet.producer = self

    @property
    def environment(self) -> Environment | None:
        """What it runs in; None is the interpreter that Stepwell runs under."""
        return self.options.get("environment") or (self.runconfig.environment if self.runconfig is not None else None)

    @property
    def environment_variables(self) -> Mapping[str, Any]:
        """Variables that its author sets: of the environment, of the run configuration, then of the step itself."""
        if self.runconfig is None and not self.options:
            return {}
        environment, configuration = self.environment, self.runconfig
        return {
            **(environment.environment_variables if environment is not None else {}),
            **(configuration.environment_variables if configuration is not None else {}),
            **(self.options.get("environment_variables") or {}),
        }

    @property
    def default_target(self) -> str:
        """Where it runs when nobody says."""
        return "spark" if self._uses_spark else "local"

    @property
    def _uses_spark(self) -> bool:
        return "spark" in self.options or (self.runconfig is not None and self.runconfig.framework.lower() == "pyspark")

    def spark(self) -> Spark | None:
        """What it asks of Spark, if anything."""
        if not self._uses_spark:
            return None
        from stepwell.sdk.spark import of_step

        return of_step(self)

    @property
    def has_source(self) -> bool:
        """Whether it runs in a copy of a folder."""
        return self.refusal is None or self.source_directory is not None

    @property
    def refusal(self) -> str | None:
        """Why it cannot run on this machine, and what would do instead."""
        return None

    def command(self, references: References) -> tuple[Token, ...]:
        """The command line as tokens: by default the environment's interpreter, the script and its arguments."""
        assert self.script_name is not None
        return (PythonRef(), Text(self.script_name), *[references.token(argument) for argument in self.arguments])

    def work(self, references: References) -> Parallel | Sweep | None:  # noqa: ARG002
        """What is done with the command; None runs it once."""
        return None

    def run_after(self, step: PipelineStep) -> None:
        """Run only when another step has ended, without taking data from it."""
        self.predecessors.append(step)

    def _add_output(self, given: Any) -> None:
        if not isinstance(given, OUTPUTS):
            raise PipelineError(
                f"unexpected output of type {type(given).__name__} in step '{self.name}'",
                todo="Outputs may be: PipelineData, OutputFileDatasetConfig.",
            )
        output = cast("OutputSource", given)
        known = self.outputs.setdefault(output.port_name, output)
        if known is not output:
            raise PipelineError(f"step '{self.name}' has two outputs named '{output.port_name}'")

    def _add_input(self, given: Any) -> None:
        if isinstance(given, AbstractDataset):
            raise _raw_dataset(self.name, "inputs")
        binding = _tuple_binding(given) if isinstance(given, tuple) else given.input_port() if hasattr(given, "input_port") else None
        if binding is None:
            raise PipelineError(
                f"unexpected input of type {type(given).__name__} in step '{self.name}'",
                todo="Inputs may be: PipelineData, DataReference, dataset.as_named_input(...), OutputFileDatasetConfig.",
            )
        port = f"INPUT_{binding.name}" if binding.name in self.outputs else binding.name
        known = self.inputs.setdefault(port, binding)
        if known is not binding and not _same(known.bind_object, binding.bind_object):
            raise PipelineError(f"step '{self.name}' has two inputs named '{binding.name}'")

    def _declare(self, argument: Any) -> None:
        if isinstance(argument, AbstractDataset):
            raise _raw_dataset(self.name, "arguments")
        if isinstance(argument, PipelineParameter):
            self.parameters.append(argument)
            if argument.is_data:
                self._declare_dataset(argument)
        elif isinstance(argument, DatasetConsumptionConfig):
            self._declare_dataset(argument)
        elif isinstance(argument, OutputDatasetConfig):
            if not self._knows(argument):
                self._add_output(argument)
        elif isinstance(argument, PipelineOutputAbstractDataset):
            if not self._knows(argument):
                self._add_input(argument)
        elif isinstance(argument, (*_MUST_BE_DECLARED, tuple)) and not self._knows(argument):
            raise PipelineError(f"{argument!r} is in the arguments of step '{self.name}' but neither in its inputs nor in its outputs")

    def _declare_dataset(self, argument: DatasetConsumptionConfig | PipelineParameter) -> None:
        bound = any(binding.name == argument.name or binding.bind_object is argument for binding in self.inputs.values())
        if not bound:
            self._add_input(
                argument if isinstance(argument, DatasetConsumptionConfig) else DatasetBinding(argument.name, argument, "mount")
            )

    def _knows(self, argument: Any) -> bool:
        if isinstance(argument, OUTPUTS):
            outlet = argument.outlet
            return any(outlet is output.outlet for output in self.outputs.values()) or any(
                outlet is getattr(binding.bind_object, "outlet", None) for binding in self.inputs.values()
            )
        name = argument[0].name if isinstance(argument, tuple) and _is_pair(argument) else getattr(argument, "name", None)
        return name is None or any(name in (binding.name, getattr(binding.bind_object, "name", None)) for binding in self.inputs.values())


def _same(one: Any, other: Any) -> bool:
    """Whether two objects stand for the same data."""
    if one is other:
        return True
    outlet = getattr(one, "outlet", None)
    return (outlet is not None and outlet is getattr(other, "outlet", None)) or (
        getattr(one, "definition", None) is not None and getattr(one, "definition", None) == getattr(other, "definition", 0)
    )


def _steps(after: PipelineStep | Sequence[PipelineStep] | None) -> list[PipelineStep]:
    return [after] if isinstance(after, PipelineStep) else list(after or ())


def _check_options(step: str, options: StepOptions) -> None:
    for name in options:
        if name not in _OPTION_NAMES:
            raise TypeError(f"step '{step}' has no keyword {name!r}; Stepwell adds: {', '.join(_OPTION_NAMES)}")
    if options.get("retries", 0) < 0:
        raise PipelineError(f"step '{step}' cannot have {options['retries']} retries")
    seconds = options.get("timeout_seconds")
    if seconds is not None and seconds <= 0:
        raise PipelineError(f"step '{step}' cannot have a timeout of {seconds} seconds")


def _raw_dataset(step: str, where: str) -> PipelineError:
    return PipelineError(f"a dataset stands in the {where} of step '{step}' without a name", todo="Write dataset.as_named_input('name').")


def _is_pair(given: tuple[Any, ...]) -> bool:
    return len(given) == 2 and hasattr(given[0], "name") and isinstance(given[1], DataPathComputeBinding)


def _tuple_binding(given: tuple[Any, ...]) -> InputPortBinding | None:
    """`(PipelineParameter or DataPath, DataPathComputeBinding)` as one input named after its first half."""
    if not _is_pair(given):
        return None
    first, how = given
    source = first if isinstance(first, PipelineParameter) else first.create_data_reference(datapath_compute_binding=how)
    return InputPortBinding(first.name, source, how.mode, how.path_on_compute, how.overwrite)


def check_names(step: str, names: Iterable[str]) -> None:
    """PipelineError unless every name can be part of an environment variable."""
    for name in names:
        if not isinstance(name, str) or not PORT_NAME.fullmatch(name):
            raise PipelineError(f"step '{step}' has a parameter named {name!r}", todo="Use letters, digits and underscores only.")
