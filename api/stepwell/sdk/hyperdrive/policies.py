"""Which trials are ended early. An interval is one value of the primary metric."""

from __future__ import annotations

from typing import Any

from stepwell.sdk.hyperdrive.errors import HyperDriveConfigException
from stepwell_runner.graph.sweep import Bandit, MedianStopping, Policy, Truncation


class EarlyTerminationPolicy:
    """Looks at every `evaluation_interval`-th value, from the `delay_evaluation`-th on."""

    POLICY_NAME = "Default"

    def __init__(self, evaluation_interval: int = 1, delay_evaluation: int = 0) -> None:
        self.evaluation_interval = _whole("evaluation_interval", evaluation_interval, 1)
        self.delay_evaluation = _whole("delay_evaluation", delay_evaluation, 0)

    def compiled(self) -> Policy | None:
        """The policy as the graph holds it; None ends nothing."""
        return None

    def to_json(self) -> dict[str, Any]:
        """As JSON-like data under v1's keys."""
        return {"name": self.POLICY_NAME,
                "properties": {"evaluation_interval": self.evaluation_interval, "delay_evaluation": self.delay_evaluation}}  # fmt: skip


class NoTerminationPolicy(EarlyTerminationPolicy):
    """Ends nothing."""

    def __init__(self) -> None:
        super().__init__()


class BanditPolicy(EarlyTerminationPolicy):
    """Ends trials that are behind the best by more than a ratio (`slack_factor`) or a difference (`slack_amount`)."""

    POLICY_NAME = "Bandit"

    def __init__(self, evaluation_interval: int = 1, slack_factor: float | None = None, slack_amount: float | None = None,
                 delay_evaluation: int = 0) -> None:  # fmt: skip
        super().__init__(evaluation_interval, delay_evaluation)
        given = [value for value in (slack_factor, slack_amount) if value is not None]
        if len(given) != 1 or isinstance(given[0], bool) or not isinstance(given[0], int | float) or given[0] < 0:
            raise HyperDriveConfigException("a BanditPolicy has either a slack_factor or a slack_amount, 0 or more")
        self.slack_factor = slack_factor
        self.slack_amount = slack_amount

    def compiled(self) -> Policy | None:
        """The policy as the graph holds it."""
        return Bandit(factor=self.slack_factor, amount=self.slack_amount, interval=self.evaluation_interval, delay=self.delay_evaluation)


class MedianStoppingPolicy(EarlyTerminationPolicy):
    """Ends trials whose best value is worse than the median of the running averages."""

    POLICY_NAME = "MedianStopping"

    def compiled(self) -> Policy | None:
        """The policy as the graph holds it."""
        return MedianStopping(interval=self.evaluation_interval, delay=self.delay_evaluation)


class TruncationSelectionPolicy(EarlyTerminationPolicy):
    """Ends the worst `truncation_percentage` of the trials at each interval."""

    POLICY_NAME = "TruncationSelection"

    def __init__(self, truncation_percentage: int, evaluation_interval: int = 1, delay_evaluation: int = 0,
                 exclude_finished_jobs: bool = False) -> None:  # fmt: skip
        super().__init__(evaluation_interval, delay_evaluation)
        self.truncation_percentage = _whole("truncation_percentage", truncation_percentage, 1)
        if self.truncation_percentage > 99:
            raise HyperDriveConfigException(f"truncation_percentage is {truncation_percentage!r}", todo="It is from 1 to 99.")
        self.exclude_finished_jobs = exclude_finished_jobs

    def compiled(self) -> Policy | None:
        """The policy as the graph holds it."""
        return Truncation(percentage=self.truncation_percentage, interval=self.evaluation_interval, delay=self.delay_evaluation,
                          exclude_finished=self.exclude_finished_jobs)  # fmt: skip


def _whole(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise HyperDriveConfigException(f"{name} is {value!r}", todo=f"It is a whole number, {least} or more.")
    return value
