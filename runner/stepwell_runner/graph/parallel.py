"""Work that is cut into mini-batches, which several processes work off with one script."""

# Annotations are no texts here, as in `graph.model`.

from typing import Literal

from stepwell_runner.graph.tokens import PythonRef, Text, Token, Value

DRIVER = "stepwell.parallel"
"""The module that travels with the step, cuts its input and keeps the workers going."""


class AppendRows(Value, frozen=True, kw_only=True):
    """All that the workers return goes into one file: `file` in the folder of the output, or the output itself without `file`.

    `separator` stands between the values of a row of a table, `header` says whether its columns' names come first.
    """

    output: str
    file: Token | None = None
    separator: str = " "
    header: bool = False


class Parallel(Value, frozen=True, kw_only=True, tag="parallel"):
    """How a step's input is cut, and how its mini-batches are worked off.

    `entry` is the script, relative to the source, with `run(mini_batch)` and perhaps `init()` and `shutdown()`. `split` are
    the names of the inputs that are cut; without any there are `count` mini-batches that hold nothing but their number.
    Tokens stand for numbers that a submission may set. `batch_size` counts `batch_unit`: files for files, bytes for tables
    with `auto`; None is 10 files or 1 MiB. `partition_keys` are names of columns, or one token that holds a JSON list of
    them; then there is one mini-batch for each combination of their values. `workers` are processes per node; a laptop has
    one node, so `nodes` only multiplies. `tries` and `timeout_s` are for one mini-batch; `timeout_s` in seconds. Of
    `failed_items`, `failed_batches` and `failed_percent` (of the mini-batches) so many may fail; -1 and None are any
    number. `options` are what the script finds on its command line before its arguments.
    """

    entry: str
    split: tuple[str, ...] = ()
    count: Token | None = None
    batch_size: Token | None = None
    batch_unit: Literal["auto", "files", "rows", "bytes"] = "auto"
    partition_keys: tuple[str, ...] | Token = ()
    nodes: Token | None = None
    workers: Token | None = None
    tries: Token | None = None
    timeout_s: Token | None = None
    failed_items: Token | None = None
    failed_batches: Token | None = None
    failed_percent: Token | None = None
    append: AppendRows | None = None
    logging: Token | None = None
    options: tuple[Token, ...] = ()

    def numbers(self) -> dict[str, Token]:
        """What is said by one token each, by name."""
        named = {name: getattr(self, name) for name in _NUMBERS}
        return {name: token for name, token in named.items() if token is not None}

    def tokens(self) -> tuple[Token, ...]:
        """Every token in it."""
        keys = () if isinstance(self.partition_keys, tuple) else (self.partition_keys,)
        file = () if self.append is None or self.append.file is None else (self.append.file,)
        return (*self.numbers().values(), *keys, *file, *self.options)


_NUMBERS = ("count", "batch_size", "nodes", "workers", "tries", "timeout_s", "failed_items", "failed_batches", "failed_percent", "logging")


def parallel_command(arguments: tuple[Token, ...]) -> tuple[Token, ...]:
    """The command of a step with parallel work whose script gets these arguments."""
    return (PythonRef(), Text("-m"), Text(DRIVER), *arguments)
