"""A search as a whole: `HyperDriveConfig`."""

from __future__ import annotations

from enum import Enum
from typing import Any

from stepwell.sdk.hyperdrive.errors import HyperDriveConfigException, HyperDriveNotImplementedException
from stepwell.sdk.hyperdrive.policies import EarlyTerminationPolicy
from stepwell.sdk.hyperdrive.sampling import BayesianParameterSampling, HyperParameterSampling
from stepwell_runner.graph.sweep import Goal, Sweep

MOST_RUNS = 1000
MOST_MINUTES = 43200


class PrimaryMetricGoal(Enum):
    """Whether the primary metric is to be large or small."""

    MAXIMIZE = "MAXIMIZE"
    MINIMIZE = "MINIMIZE"

    @staticmethod
    def from_str(goal: str) -> PrimaryMetricGoal:
        """The goal by its name, in any case."""
        return PrimaryMetricGoal[goal.upper()]


class HyperDriveConfig:
    """What is tried (`run_config` or `estimator`), with which values, how often, and what counts as good.

    `max_concurrent_runs` None is as many as the compute target takes. Earlier searches in `resume_from` need no saying here:
    trials that were made are taken wherever they fit.
    """

    def __init__(
        self,
        hyperparameter_sampling: HyperParameterSampling,
        primary_metric_name: str,
        primary_metric_goal: PrimaryMetricGoal,
        max_total_runs: int,
        max_concurrent_runs: int | None = None,
        max_duration_minutes: float = 10080,
        policy: EarlyTerminationPolicy | None = None,
        estimator: Any = None,
        run_config: Any = None,
        resume_from: Any = None,
        resume_child_runs: Any = None,
        pipeline: Any = None,
        debug_flag: Any = None,  # noqa: ARG002  for v1's own developers
        custom_run_id: str | None = None,  # noqa: ARG002  runs have ids of Stepwell's own
    ) -> None:
        if sum(given is not None for given in (estimator, run_config, pipeline)) != 1:
            raise HyperDriveConfigException("a HyperDriveConfig needs one of run_config, estimator and pipeline")
        if pipeline is not None:
            raise HyperDriveNotImplementedException(
                "a search over whole pipelines cannot be run here", todo="Search over a script: run_config=ScriptRunConfig(...).")
        _check_types(hyperparameter_sampling, primary_metric_name, primary_metric_goal, policy)
        self.hyperparameter_sampling = hyperparameter_sampling
        self.primary_metric_name = primary_metric_name
        self.primary_metric_goal = primary_metric_goal
        self.max_total_runs = _whole("max_total_runs", max_total_runs, MOST_RUNS)
        self.max_concurrent_runs = None if max_concurrent_runs is None else _whole("max_concurrent_runs", max_concurrent_runs, MOST_RUNS)
        if not isinstance(max_duration_minutes, int | float) or not 0 < max_duration_minutes <= MOST_MINUTES:
            raise HyperDriveConfigException(f"max_duration_minutes is {max_duration_minutes!r}", todo=f"It is from 1 to {MOST_MINUTES}.")
        self.max_duration_minutes = max_duration_minutes
        self.policy = policy
        self.estimator = estimator
        self.run_config = run_config
        self.resume_from = resume_from
        self.resume_child_runs = resume_child_runs

    @property
    def trial(self) -> Any:
        """What is tried: the ScriptRunConfig or the estimator."""
        return self.run_config if self.run_config is not None else self.estimator

    @property
    def source_directory(self) -> Any:
        """The folder of the script that is tried."""
        return self.trial.source_directory

    def compiled(self, metrics_output: str | None = None) -> Sweep:
        """The search as the graph holds it."""
        goal: Goal = "maximize" if self.primary_metric_goal is PrimaryMetricGoal.MAXIMIZE else "minimize"
        return Sweep(
            space=self.hyperparameter_sampling.space,
            sampling=self.hyperparameter_sampling.compiled(),
            metric=self.primary_metric_name,
            goal=goal,
            total=self.max_total_runs,
            concurrent=self.max_concurrent_runs,
            policy=None if self.policy is None else self.policy.compiled(),
            timeout_s=self.max_duration_minutes * 60.0,
            metrics_output=metrics_output,
        )


def _check_types(sampling: Any, metric: Any, goal: Any, policy: Any) -> None:
    if not isinstance(sampling, HyperParameterSampling):
        raise HyperDriveConfigException(f"hyperparameter_sampling is {sampling!r}", todo="Use RandomParameterSampling({...}) or the like.")
    if not isinstance(metric, str) or not metric:
        raise HyperDriveConfigException(f"primary_metric_name is {metric!r}", todo="It is the name of a metric that the script logs.")
    if not isinstance(goal, PrimaryMetricGoal):
        raise HyperDriveConfigException(f"primary_metric_goal is {goal!r}", todo="It is PrimaryMetricGoal.MAXIMIZE or MINIMIZE.")
    if policy is not None and not isinstance(policy, EarlyTerminationPolicy):
        raise HyperDriveConfigException(f"policy is {policy!r}", todo="Use BanditPolicy(...) or another one.")
    if isinstance(sampling, BayesianParameterSampling) and policy is not None and policy.compiled() is not None:
        raise HyperDriveConfigException("Bayesian sampling takes no early termination policy", todo="Use NoTerminationPolicy().")


def _whole(name: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise HyperDriveConfigException(f"{name} is {value!r}", todo=f"It is a whole number from 1 to {most}.")
    return value
