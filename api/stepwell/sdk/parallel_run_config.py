"""How a ParallelRunStep cuts its input and works it off: `ParallelRunConfig`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.parameter import PipelineParameter

if TYPE_CHECKING:
    from stepwell.sdk.environment import Environment

_SIZE = re.compile(r"(\d+)(?:([kmg])b)?", re.IGNORECASE)
_FACTORS = {"k": 1024, "m": 1024**2, "g": 1024**3}
_NOT_IN_A_NAME = frozenset('~"#%&*:<>?/\\{|}')
_ACTIONS = ("summary_only", "append_row")
_LEVELS = ("WARNING", "INFO", "DEBUG")


class ParallelRunConfig:
    """Settings of a ParallelRunStep under v1's names. Numbers may be PipelineParameter objects, which a submission sets.

    `mini_batch_size` counts files, or bytes of a table (`"10KB"`); None is 10 files or 1 MB. `partition_keys` makes one mini-batch
    of each combination of values instead. Of items `error_threshold` may fail, of mini-batches `allowed_failed_count` or
    `allowed_failed_percent`; -1 and None are any number. `run_invocation_timeout` in seconds, per mini-batch.
    """

    def __init__(
        self,
        environment: Environment,
        entry_script: str,
        error_threshold: int | PipelineParameter,
        output_action: str,
        compute_target: Any,
        node_count: int | str | PipelineParameter,
        process_count_per_node: int | PipelineParameter | None = None,
        mini_batch_size: str | int | PipelineParameter | None = None,
        source_directory: str | None = None,
        description: str | None = None,
        logging_level: str | PipelineParameter = "INFO",
        run_invocation_timeout: int | PipelineParameter = 60,
        run_max_try: int | PipelineParameter = 3,
        append_row_file_name: str | PipelineParameter | None = None,
        allowed_failed_count: int | PipelineParameter | None = None,
        allowed_failed_percent: float | PipelineParameter | None = None,
        partition_keys: Sequence[str] | PipelineParameter | None = None,
        environment_variables: Mapping[str, Any] | None = None,
    ) -> None:
        self.environment = environment
        self.entry_script = _text("entry_script", entry_script)
        self.source_directory = None if source_directory is None else _text("source_directory", source_directory)
        self.compute_target = compute_target
        self.description = description
        self.output_action = output_action
        self.node_count = _whole("node_count", node_count, 1)
        self.process_count_per_node = _whole("process_count_per_node", process_count_per_node, 1)
        self.error_threshold = _whole("error_threshold", error_threshold, -1)
        self.mini_batch_size = _size(mini_batch_size)
        self.logging_level = logging_level
        self.run_invocation_timeout = _whole("run_invocation_timeout", run_invocation_timeout, 1)
        self.run_max_try = _whole("run_max_try", run_max_try, 1)
        self.append_row_file_name = append_row_file_name
        self.allowed_failed_count = _whole("allowed_failed_count", allowed_failed_count, -1)
        self.allowed_failed_percent = _percent(allowed_failed_percent)
        self.partition_keys = _keys(partition_keys)
        self.environment_variables = dict(environment_variables or {})
        self._check()

    def _check(self) -> None:
        if self.environment is None or not hasattr(self.environment, "compiled"):
            raise PipelineError(f"environment is {self.environment!r}", todo="Give an Environment.")
        if self.compute_target is None:
            raise PipelineError("a ParallelRunConfig needs a compute_target, an object or its name")
        if self.error_threshold is None or self.node_count is None:
            raise PipelineError("a ParallelRunConfig needs an error_threshold and a node_count")
        if self.output_action not in _ACTIONS:
            raise PipelineError(f"output_action cannot be {self.output_action!r}", todo=f"It is one of: {', '.join(_ACTIONS)}.")
        if isinstance(self.logging_level, str) and self.logging_level.upper() not in _LEVELS:
            raise PipelineError(f"logging_level cannot be {self.logging_level!r}", todo=f"It is one of: {', '.join(_LEVELS)}.")
        if self.partition_keys and self.mini_batch_size is not None:
            raise PipelineError("partition_keys and mini_batch_size are both given", todo="Give one of them.")
        name = self.append_row_file_name
        if isinstance(name, str) and self.output_action == "append_row" and (not name.strip() or _NOT_IN_A_NAME.intersection(name)):
            raise PipelineError(f"append_row_file_name cannot be {name!r}", todo=f"It has none of {' '.join(sorted(_NOT_IN_A_NAME))}.")
        self._check_nodes()

    def _check_nodes(self) -> None:
        limit = getattr(getattr(self.compute_target, "scale_settings", None), "maximum_node_count", None)
        if isinstance(self.node_count, int) and limit is not None and self.node_count > int(limit):
            raise PipelineError(f"node_count {self.node_count} is more than the {limit} nodes that {self.compute_target.name} has at most")

    @staticmethod
    def load_yaml(workspace: Any, path: Any) -> ParallelRunConfig:
        """The configuration in a YAML file, under its key `parallel_run_config`. PipelineError says what of it cannot be."""
        from stepwell.sdk.parallel_run_files import load

        return load(workspace, path)

    def save_to_yaml(self, path: Any) -> None:
        """Write it as `load_yaml` reads it, the environment with it."""
        from stepwell.sdk.parallel_run_files import save

        save(self, path)

    def parameters(self) -> list[PipelineParameter]:
        """The pipeline parameters among its settings."""
        return [value for value in vars(self).values() if isinstance(value, PipelineParameter)]

    def __repr__(self) -> str:
        return f"ParallelRunConfig(entry_script={self.entry_script!r}, output_action={self.output_action!r})"


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PipelineError(f"{name} must be text, not {value!r}")
    return value.strip()


def _number(name: str, value: Any, least: float, kind: Callable[[Any], Any], what: str) -> Any:
    if value is None or isinstance(value, PipelineParameter):
        return value
    try:
        number = kind(value)
    except (TypeError, ValueError):
        number = None
    if number is None or isinstance(value, bool) or number < least or number != float(value):
        raise PipelineError(f"{name} is {value!r}", todo=f"It must be {what}, {least} or more.")
    return number


def _whole(name: str, value: Any, least: int) -> Any:
    return _number(name, value, least, int, "a whole number")


def _percent(value: Any) -> Any:
    found = _number("allowed_failed_percent", value, 0, float, "a number")
    if isinstance(found, float) and found > 100:
        raise PipelineError(f"allowed_failed_percent is {value!r}", todo="It must be from 0 to 100.")
    return found


def _size(value: Any) -> Any:
    if value is None or isinstance(value, PipelineParameter):
        return value
    found = _SIZE.fullmatch(str(value).strip()) if isinstance(value, int | str) and not isinstance(value, bool) else None
    size = int(found[1]) * _FACTORS.get((found[2] or "").lower(), 1) if found else 0
    if size < 1:
        raise PipelineError(f"mini_batch_size is {value!r}", todo="It must be a number, or one with KB, MB or GB.")
    return size


def _keys(value: Any) -> list[str] | PipelineParameter | None:
    if value is None or isinstance(value, PipelineParameter):
        return value
    try:
        found = json.loads(value) if isinstance(value, str) else list(value)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, list) or not all(isinstance(key, str) and key for key in found) or len(set(found)) != len(found):
        raise PipelineError(f"partition_keys is {value!r}", todo="It must be a list of column names.")
    return found
