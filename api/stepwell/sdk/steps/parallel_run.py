"""Steps that work off their input in mini-batches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from stepwell.sdk.consumption import DatasetConsumptionConfig
from stepwell.sdk.exceptions import PipelineError
from stepwell.sdk.parameter import PipelineParameter
from stepwell.sdk.ports import InputPortBinding
from stepwell.sdk.steps.base import PipelineStep
from stepwell_runner.graph.model import OutputRef, ParameterRef, Text, Token
from stepwell_runner.graph.parallel import AppendRows, Parallel, parallel_command

if TYPE_CHECKING:
    from stepwell.sdk.parallel_run_config import ParallelRunConfig
    from stepwell.sdk.references import References

_RESERVED = frozenset((
    "mini_batch_size", "error_threshold", "allowed_failed_count", "allowed_failed_percent", "output", "output_action", "logging_level",
    "process_count_per_node", "run_invocation_timeout", "run_max_try", "append_row_file_name", "partition_keys",
))  # fmt: skip
_RANKS = "--rank_mini_batch_count"

# Setting of the graph → v1's name of it.
_NUMBERS = {
    "batch_size": "mini_batch_size", "nodes": "node_count", "workers": "process_count_per_node", "tries": "run_max_try",
    "timeout_s": "run_invocation_timeout", "failed_items": "error_threshold", "failed_batches": "allowed_failed_count",
    "failed_percent": "allowed_failed_percent", "logging": "logging_level",
}  # fmt: skip
# What the entry script finds on its command line. How many work at once and what is logged is left out: it would count for reuse.
_SHOWN = ("mini_batch_size", "error_threshold", "allowed_failed_count", "allowed_failed_percent", "output_action", "run_invocation_timeout",
          "run_max_try", "append_row_file_name")  # fmt: skip


class ParallelRunStep(PipelineStep):
    """Runs the functions `init()` and `run(mini_batch)` of an entry script in several processes, each on a part of the input.

    `inputs` are cut: file datasets into lists of paths, tables into DataFrames. `side_inputs` are there as a whole for every
    worker. What `run` returns goes, with `output_action="append_row"`, into one file in the folder `output`.
    """

    __slots__ = ("config", "split")

    def __init__(
        self,
        name: str,
        parallel_run_config: ParallelRunConfig,
        inputs: Sequence[Any] | None,
        output: Any = None,
        side_inputs: Sequence[Any] | None = None,
        arguments: Sequence[Any] | None = None,
        allow_reuse: bool = True,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise PipelineError(f"a ParallelRunStep needs a name, not {name!r}")
        config = parallel_run_config
        given = list(arguments or ())
        _check_arguments(name, given)
        cut = [_cut(name, one, bool(config.partition_keys)) for one in inputs or ()]
        _check_inputs(name, cut, given)
        if output is None and config.output_action == "append_row":
            raise PipelineError(f"step '{name}' appends rows and has no output", todo="Give it output=PipelineData(...).")
        self.config = config
        super().__init__(
            name,
            script_name=config.entry_script,
            arguments=given,
            inputs=[*cut, *(side_inputs or ())],
            outputs=() if output is None else (output,),
            compute_target=config.compute_target,
            source_directory=config.source_directory,
            allow_reuse=allow_reuse,
            options={"environment": config.environment, "environment_variables": config.environment_variables},
        )
        self.split = tuple(list(self.inputs)[: len(cut)])
        for parameter in config.parameters():
            self._declare(parameter)

    def command(self, references: References) -> tuple[Token, ...]:
        """The driver, with the arguments of the entry script."""
        return parallel_command(tuple(references.token(argument) for argument in self.arguments))

    def work(self, references: References) -> Parallel:
        """How the input is cut and worked off."""
        config = self.config
        assert self.script_name is not None
        keys = config.partition_keys
        return Parallel(
            entry=self.script_name,
            split=self.split,
            partition_keys=_token(keys) if isinstance(keys, PipelineParameter) else tuple(keys or ()),
            count=self._ranks(references),
            append=self._append(),
            options=self._options(),
            **cast("dict[str, Any]", {
                field: _token(value) for field, name in _NUMBERS.items() if (value := getattr(config, name)) is not None}),
        )  # fmt: skip

    def _ranks(self, references: References) -> Token | None:
        if self.split:
            return None
        for at, argument in enumerate(self.arguments):
            if argument == _RANKS and at + 1 < len(self.arguments):
                return references.token(self.arguments[at + 1])
            if isinstance(argument, str) and argument.startswith(f"{_RANKS}="):
                return references.token(argument.partition("=")[2])
        return Text("1")

    def _append(self) -> AppendRows | None:
        if self.config.output_action != "append_row":
            return None
        name = self.config.append_row_file_name
        return AppendRows(output=next(iter(self.outputs)), file=Text("") if name is None else _token(name))

    def _options(self) -> tuple[Token, ...]:
        found: list[Token] = []
        for name in _SHOWN:
            value = getattr(self.config, name)
            if value is not None:
                found += [Text(f"--{name}"), _token(value)]
        if self.outputs:
            found += [Text("--output"), OutputRef(next(iter(self.outputs)))]
        if isinstance(self.config.partition_keys, list):
            found += [Text("--partition_keys"), Text(json.dumps(self.config.partition_keys))]
        return tuple(found)


def _token(value: Any) -> Token:
    return ParameterRef(value.name) if isinstance(value, PipelineParameter) else Text(str(value))


def _check_arguments(step: str, arguments: list[Any]) -> None:
    if arguments and not (isinstance(arguments[0], str) and arguments[0].startswith("-")):
        raise PipelineError(f"the arguments of step '{step}' begin with {arguments[0]!r}", todo="The first one must begin with '-'.")
    for argument in arguments:
        if isinstance(argument, str) and argument.startswith("--") and argument[2:].partition("=")[0] in _RESERVED:
            raise PipelineError(
                f"the arguments of step '{step}' hold {argument!r}, which the step itself uses",
                todo="Set it in the ParallelRunConfig, or call the argument something else.",
            )


def _check_inputs(step: str, inputs: list[Any], arguments: Iterable[Any]) -> None:
    if not inputs and not any(isinstance(one, str) and one.partition("=")[0] == _RANKS for one in arguments):
        raise PipelineError(f"step '{step}' has no inputs to cut into mini-batches")
    if len({_is_table(one) for one in inputs}) > 1:
        raise PipelineError(f"step '{step}' has files and tables as inputs", todo="All of them must be of one kind.")


def _cut(step: str, given: Any, by_partition: bool) -> Any:
    """The input as it is handed over: tables and partitioned files as a definition, other files as paths."""
    if not isinstance(given, DatasetConsumptionConfig | InputPortBinding) and not hasattr(given, "input_port"):
        raise PipelineError(
            f"step '{step}' cannot cut {given!r}", todo="Inputs may be: dataset.as_named_input(...), PipelineData, OutputFileDatasetConfig."
        )
    if not isinstance(given, DatasetConsumptionConfig):
        return given
    if _is_table(given):
        if given.mode != "direct":
            raise PipelineError(f"input '{given.name}' of step '{step}' is a table in mode {given.mode}", todo="Leave it in mode direct.")
        return given
    if not by_partition:
        return given if given.mode != "direct" else given.as_mount()
    if given.mode != "direct":
        raise PipelineError(f"input '{given.name}' of step '{step}' is cut by partition keys and has mode {given.mode}",
                            todo="Leave it in mode direct.")  # fmt: skip
    return given


def _is_table(given: Any) -> bool:
    source = getattr(given, "dataset", getattr(given, "bind_object", given))
    data = getattr(source, "default_value", source)
    definition = getattr(data, "definition", None) or getattr(data, "reading", None)
    return getattr(definition, "kind", "file") == "tabular"
