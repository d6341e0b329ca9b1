"""The workload of a large source folder: unchanged, against a bare walk of it; and first time, against a bare pass over its bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import median

import inputs
import msgspec
from figures import Figure, medians
from measure import Command, Failed, Sample, run
from tools.tool import Tool
from trial import Trial


class _Looks(msgspec.Struct, frozen=True):
    """What one tool did in one round: the first run, the next one, and both for a folder that holds the script only.

    `look` is a first one that reads everything and runs nothing, for tools that can do so; else the first run.
    """

    first: Sample
    again: Sample
    look: Sample
    start_up: Sample


Looks = Mapping[str, Sequence[_Looks]]


def large_source(trial: Trial) -> list[Figure]:
    """Unchanged and first-time cost of a folder of many files."""
    files, size = trial.sizes.files, trial.sizes.file
    tree = inputs.tree(trial.bare.place.root, files, size)
    small = inputs.tree(trial.bare.place.root, 0, 1)
    walks = trial.in_turn("w4", {"walk": partial(_inner, trial.bare.walk(tree)), "hash": partial(_inner, trial.bare.hash(tree))})
    looks = trial.in_turn("w4", {tool.name: partial(_looks, trial, tool, tree, small) for tool in trial.tools})
    what = f"folder of {files} files, {files * size / 1e9:.3g} GB"
    walk = median(cpu for _, cpu in walks["walk"])
    return [*_unchanged(what, looks, walk), *_first(what, looks, walks["hash"])]


def _inner(command: Command) -> tuple[float, float]:
    wall, cpu = run(command).output.split()
    return float(wall), float(cpu)


def _looks(trial: Trial, tool: Tool, tree: Path, small: Path) -> _Looks:
    folder = trial.folder(tool, "tree")

    def fresh(source: Path) -> Command:
        command = tool.tree(inputs.scratch(folder), source)
        if command is None:
            raise Failed("it has no such thing")
        return command

    begun = fresh(small)
    run(begun)
    start_up = run(begun)
    looking = tool.look(fresh(tree))
    look = run(looking) if looking else None
    command = fresh(tree)
    first = run(command)
    again = run(command)
    inputs.scratch(folder)
    return _Looks(first, again, look or first, start_up)


def _unchanged(what: str, looks: Looks, walk: float) -> list[Figure]:
    start_up = medians(_each(looks, lambda one: one.start_up.cpu))
    again = {"bare": walk, **medians(_each(looks, lambda one: one.again.cpu))}
    bound = 2 * walk + start_up["stepwell"] if "stepwell" in start_up else None
    return [
        Figure("w4", f"{what}: unchanged: CPU (target: 2 bare walks and start-up)", "s", again, bound=bound),
        Figure("w4", f"{what}: unchanged: wall", "s", medians(_each(looks, lambda one: one.again.wall))),
        Figure("w4", "folder of one file: unchanged: CPU (the start-up)", "s", start_up),
    ]


def _first(what: str, looks: Looks, hashed: list[tuple[float, float]]) -> list[Figure]:
    wall, cpu = (median(values) for values in zip(*hashed, strict=True))
    of_cpu = _each(looks, lambda one: cpu / (one.look.cpu - one.start_up.cpu))
    of_wall = _each(looks, lambda one: wall / (one.look.wall - one.start_up.wall))
    return [
        Figure("w4", f"{what}: first look: CPU", "s", {"bare": cpu, **medians(_each(looks, lambda one: one.look.cpu))}),
        Figure("w4", f"{what}: first look: throughput to bare blake3, CPU", "x", medians(of_cpu), bound=0.6, at_least=True),
        Figure("w4", f"{what}: first look: throughput to bare blake3, wall", "x", medians(of_wall), at_least=True),
        Figure("w4", f"{what}: first run: CPU", "s", medians(_each(looks, lambda one: one.first.cpu))),
        Figure("w4", f"{what}: first run: wall", "s", medians(_each(looks, lambda one: one.first.wall))),
    ]


def _each(looks: Looks, value: Callable[[_Looks], float]) -> dict[str, list[float]]:
    return {name: [value(one) for one in rounds] for name, rounds in looks.items()}
