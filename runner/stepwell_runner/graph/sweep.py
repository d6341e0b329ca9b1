"""Work that is tried many times over with other values, to find those that make a metric best."""

# Annotations are no texts here, as in `graph.model`.

from typing import Literal

from stepwell_runner.graph.tokens import Value

Number = int | float
Option = str | int | float | bool
Goal = Literal["maximize", "minimize"]


# --- what is searched ------------------------------------------------------------------------------------------------


class Choice(Value, frozen=True, tag="choice"):
    """One of these values."""

    values: tuple[Option, ...]


class RandInt(Value, frozen=True, tag="randint"):
    """A whole number from 0, below `upper`."""

    upper: int


class Uniform(Value, frozen=True, tag="uniform"):
    """A number between `low` and `high`; with `log` e to the power of it. `step` rounds the result to a multiple of it."""

    low: Number
    high: Number
    step: Number | None = None
    log: bool = False


class Normal(Value, frozen=True, tag="normal"):
    """A number from the normal distribution; with `log` e to the power of it. `step` rounds the result to a multiple of it."""

    mean: Number
    deviation: Number
    step: Number | None = None
    log: bool = False


Distribution = Choice | RandInt | Uniform | Normal


# --- how it is searched ----------------------------------------------------------------------------------------------


class RandomSampling(Value, frozen=True, tag="random"):
    """Independent draws; with rule `sobol` points that fill the space more evenly. Without a seed what is tried decides."""

    seed: int | None = None
    rule: Literal["random", "sobol"] = "random"


class GridSampling(Value, frozen=True, tag="grid"):
    """Every combination of choices, the last name changing fastest."""


class BayesianSampling(Value, frozen=True, tag="bayesian"):
    """Draws where the trials so far were good, by tree-structured Parzen estimators."""

    seed: int | None = None


Sampling = RandomSampling | GridSampling | BayesianSampling


# --- which trials are ended early ------------------------------------------------------------------------------------


class Bandit(Value, frozen=True, kw_only=True, tag="bandit"):
    """Ends a trial whose best value is worse than the best of all by more than a ratio (`factor`) or a difference (`amount`).

    An interval is one value of the metric; every `interval`-th is looked at, from the `delay`-th on.
    """

    factor: float | None = None
    amount: float | None = None
    interval: int = 1
    delay: int = 0


class MedianStopping(Value, frozen=True, kw_only=True, tag="median"):
    """Ends a trial whose best value is worse than the median of the running averages of all trials at the same interval."""

    interval: int = 1
    delay: int = 0


class Truncation(Value, frozen=True, kw_only=True, tag="truncation"):
    """Ends the worst `percentage` of the trials at an interval; those that have ended count among them, unless left out."""

    percentage: int
    interval: int = 1
    delay: int = 0
    exclude_finished: bool = False


Policy = Bandit | MedianStopping | Truncation


class Sweep(Value, frozen=True, kw_only=True, tag="sweep"):
    """A search. The step's command and variables are those of a trial; `Sampled` tokens in them stand for its values.

    `total` trials at most, `concurrent` of them at once (None: as many as the target takes). `timeout_s` is for all of it in
    seconds, the step's own timeout for one trial. `metrics_output` names an output of the step, a file, that
    gets the metrics of all trials as JSON; the trials do not have it. The other outputs are those of the best trial.
    """

    space: tuple[tuple[str, Distribution], ...]
    metric: str
    goal: Goal
    total: int
    sampling: Sampling = RandomSampling()
    concurrent: int | None = None
    policy: Policy | None = None
    timeout_s: float | None = None
    metrics_output: str | None = None


