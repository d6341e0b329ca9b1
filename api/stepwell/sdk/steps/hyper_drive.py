"""Steps that search for the values with which a script does best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.hyperdrive.run import HyperDriveRun
from stepwell.sdk.steps.base import PipelineStep
from stepwell_runner.graph.model import Sampled, Text, Token
from stepwell_runner.graph.sweep import Sweep

if TYPE_CHECKING:
    from stepwell.sdk.hyperdrive.config import HyperDriveConfig
    from stepwell.sdk.references import References
    from stepwell.sdk.runs.step_run import StepRun

_METRICS, _MODEL = "Metrics", "Model"


class HyperDriveStep(PipelineStep):
    """Runs a script once for each trial, with the trial's values after its other arguments.

    The outputs are those of the best trial. One that is PipelineData with `TrainingOutput("Metrics")`, or `metrics_output`,
    gets a JSON file with the metrics of all trials; one with `TrainingOutput("Model", model_file=...)` that file of the best.
    """

    __slots__ = ("config", "metrics_output")

    def __init__(
        self,
        name: str,
        hyperdrive_config: HyperDriveConfig,
        estimator_entry_script_arguments: Sequence[Any] | None = None,
        inputs: Sequence[Any] | None = None,
        outputs: Sequence[Any] | None = None,
        metrics_output: Any = None,
        allow_reuse: bool = True,
        version: str | None = None,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise PipelineError(f"a HyperDriveStep needs a name, not {name!r}")
        if not hasattr(hyperdrive_config, "hyperparameter_sampling"):
            raise PipelineError(f"hyperdrive_config of step '{name}' is {hyperdrive_config!r}", todo="Give it a HyperDriveConfig.")
        trial = hyperdrive_config.trial
        self.config = hyperdrive_config
        given = [*(outputs or ()), *_listed(metrics_output)]
        named = [*_listed(metrics_output), *(one for one in outputs or () if _training(one) == _METRICS)]
        if len(named) > 1:
            raise PipelineError(f"step '{name}' has {len(named)} outputs for metrics", todo="Give it one.")
        self.metrics_output = named[0].port_name if named else None
        seconds = getattr(trial, "max_run_duration_seconds", None) or trial.run_config.max_run_duration_seconds
        super().__init__(
            name,
            script_name=_script(name, trial),
            arguments=[*_arguments(hyperdrive_config), *(estimator_entry_script_arguments or ())],
            inputs=inputs,
            outputs=given,
            runconfig=trial.run_config,
            source_directory=trial.source_directory,
            allow_reuse=allow_reuse,
            version=version,
            options={} if not seconds else {"timeout_seconds": float(seconds)},
        )
        for output in given:
            if _training(output) == _MODEL and not output.training_output.model_file:
                raise PipelineError(f"output '{output.name}' of step '{name}' names no model_file",
                                    todo="Write TrainingOutput('Model', model_file='outputs/model.pkl').")  # fmt: skip

    def command(self, references: References) -> tuple[Token, ...]:
        """The interpreter, the script, its arguments, and the values of a trial by their names."""
        values = [token for name, _ in self.config.hyperparameter_sampling.space for token in (Text(_option(name)), Sampled(name))]
        return (*super().command(references), *values)

    def work(self, references: References) -> Sweep:  # noqa: ARG002
        """What is searched."""
        return self.config.compiled(self.metrics_output)


def _option(name: str) -> str:
    return name if name.startswith("-") else f"--{name}"


def _listed(given: Any) -> list[Any]:
    return [] if given is None else list(given) if isinstance(given, list | tuple) else [given]


def _training(output: Any) -> str | None:
    found: str | None = getattr(getattr(output, "training_output", None), "type", None)
    return found


def _script(step: str, trial: Any) -> str:
    script = getattr(trial, "script", None) or getattr(trial, "entry_script", None)
    if not script:
        raise PipelineError(f"step '{step}' searches over a command", todo="Give ScriptRunConfig a script.")
    return str(script)


def _arguments(config: HyperDriveConfig) -> list[Any]:
    if config.run_config is not None:
        return list(config.run_config.arguments)
    return list(config.estimator.arguments()) if callable(getattr(config.estimator, "arguments", None)) else []


class HyperDriveStepRun(HyperDriveRun):
    """The run of a HyperDriveStep, made from its StepRun."""

    def __init__(self, step_run: StepRun) -> None:
        super().__init__(step_run.experiment, step_run.id)
