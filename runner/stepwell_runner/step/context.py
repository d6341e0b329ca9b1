"""What a step is told about itself, as the file `step.json` in the folder of its attempt."""

from __future__ import annotations

from typing import Literal

import msgspec

from stepwell_runner.graph.model import Mode, Scalar
from stepwell_store.data.definition import DatasetDefinition
from stepwell_store.files import write_atomic


class WorkspaceFacts(msgspec.Struct, frozen=True):
    """The workspace as a step knows it."""

    name: str
    root: str


class StepInput(msgspec.Struct, frozen=True, kw_only=True):
    """One input. `path` for the modes `mount` and `download`; for `direct` the rest.

    `files` are absolute paths, `names` what a dataset calls them (with a leading `/`), in the same order.
    """

    mode: Mode
    path: str | None = None
    id: str | None = None
    definition: DatasetDefinition | None = None
    files: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None


class AppendFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where rows go: the name of an output, and of a file in it, unless the output is the file."""

    output: str
    file: str | None = None
    separator: str = " "
    header: bool = False


class WorkFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parallel work with every token filled in; numbers stay text until the driver reads them. See `graph.parallel`."""

    entry: str
    split: tuple[str, ...] = ()
    batch_unit: str = "auto"
    partition_keys: tuple[str, ...] | str = ()
    count: str | None = None
    batch_size: str | None = None
    nodes: str | None = None
    workers: str | None = None
    tries: str | None = None
    timeout_s: str | None = None
    failed_items: str | None = None
    failed_batches: str | None = None
    failed_percent: str | None = None
    append: AppendFacts | None = None
    logging: str | None = None
    options: tuple[str, ...] = ()


class StepContext(msgspec.Struct, frozen=True, kw_only=True):
    """All that a step is told. Paths are as the step sees them: below `/` of its container, where it runs in one.

    `step` is the step's key, `name` what its author called it. `reports` is the file that the step appends to,
    `artifacts` the folder that takes its uploads; both must be writable for it, and the folder must exist. `door` is the
    command of the process that asks the workspace for it; empty where there is no way to run it, such as in a container.
    """

    run: str
    step_run: str
    step: str
    name: str
    experiment: str
    pipeline: str
    workspace: WorkspaceFacts
    folder: str
    reports: str
    artifacts: str
    parameters: dict[str, Scalar] = {}
    inputs: dict[str, StepInput] = {}
    outputs: dict[str, str] = {}
    tags: dict[str, str] = {}
    door: tuple[str, ...] = ()
    work: WorkFacts | None = None
    format: Literal[1] = 1

    def write(self, path: str) -> None:
        """Put it at `path` (0600), whole or not at all."""
        write_atomic(path, msgspec.json.encode(self), durable=False)
