"""What all workloads share: the tools, the sizes, fresh files, and the check of which steps ran."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import TypeVar

import inputs
import msgspec
from inputs import Step
from measure import Command, Failed, Sample, in_turn, run
from tools.bare import Bare
from tools.tool import Tool

T = TypeVar("T")


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How large the workloads are: lengths of chains, widths, counts. `file` in bytes."""

    cold: int = 20
    chains: tuple[int, ...] = (20, 500, 2000)
    width: int = 100
    sleepers: int = 100
    workers: int = 16
    files: int = 10_000
    file: int = 100_000
    runs: int = 10_000
    listed: int = 50


TINY = Sizes(cold=3, chains=(3, 5), width=3, sleepers=4, workers=4, files=20, file=1000, runs=30, listed=5)


class Trial:
    """One run of the benchmark. `failures` says what could not be measured, and why."""

    def __init__(self, tools: Sequence[Tool], bare: Bare, sizes: Sizes, times: int) -> None:
        self.tools = tools
        self.bare = bare
        self.sizes = sizes
        self.times = times
        self.failures: dict[str, str] = {}
        self._work = bare.place.work
        self._nth = count(1)

    def folder(self, tool: Tool, purpose: str) -> Path:
        """Where a tool does one thing."""
        return self._work / f"{purpose}-{tool.name}"

    def prepare(self, tool: Tool, purpose: str, steps: list[Step], *, jobs: int = 1, sleeping: bool = False) -> Command | None:
        """Fresh files for steps; the command that runs them, None when the tool cannot."""
        folder = self.folder(tool, purpose)
        inputs.write(folder, steps, sleeping=sleeping)
        return tool.pipeline(folder, steps, jobs)

    def cold(self, tool: Tool, purpose: str, steps: list[Step], *, jobs: int = 1, sleeping: bool = False) -> Sample:
        """The first run of fresh steps, in which each must run."""
        # In a new folder each time. One that is cleared for the next time makes that one dearer: without a journal, ext4 looks at
        # every inode that was deleted in the last five minutes before it gives one, which took half of the time of a run.
        command = self.prepare(tool, f"{purpose}{next(self._nth)}", steps, jobs=jobs, sleeping=sleeping)
        if command is None:
            raise Failed("it cannot do this")
        return verified(command, [step.name for step in steps])

    def in_turn(self, what: str, actions: Mapping[str, Callable[[], T]], times: int | None = None) -> dict[str, list[T]]:
        """The results of each action, done as often as asked, one after the other."""
        failures: dict[str, str] = {}
        results = in_turn(actions, times or self.times, failures)
        self.failures.update({f"{what}, {name}": why for name, why in failures.items()})
        return results


def verified(command: Command, expected: Sequence[str]) -> Sample:
    """Measure a command; Failed when other steps ran than expected."""
    sample, ran = observed(command)
    if ran != sorted(expected):
        raise Failed(f"{len(ran)} steps ran, not {len(expected)}: {' '.join(ran[:5])}")
    return sample


def observed(command: Command) -> tuple[Sample, list[str]]:
    """Measure a command; also the names of the steps that ran."""
    inputs.take_ran(command.folder)
    sample = run(command)
    return sample, inputs.take_ran(command.folder)
