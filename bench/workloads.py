"""The workloads of the table. Each prepares its files, measures the tools in turn, and gives figures.

CPU is that of the whole process and its children, start-up included, unless a figure says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import count

import inputs
from figures import Figure, medians
from inputs import Step
from measure import Command, Failed, Sample, run
from tools.tool import Tool
from trial import Trial, observed, verified

Samples = Mapping[str, Sequence[Sample]]
Pair = tuple[Sample, Sample]


def cold_chain(trial: Trial) -> list[Figure]:
    """A chain of trivial steps, against the bare commands run just before."""
    steps = inputs.chain(trial.sizes.cold)
    pairs = trial.in_turn("w1", {tool.name: partial(_pair, trial, tool, steps) for tool in trial.tools})
    what = f"cold chain of {len(steps)}"
    over = {name: [(mine.cpu - bare.cpu, mine.wall - bare.wall) for bare, mine in both] for name, both in pairs.items()}
    whole = {"bare": [bare.cpu for both in pairs.values() for bare, _ in both],
             **{name: [mine.cpu for _, mine in both] for name, both in pairs.items()}}
    return [
        Figure("w1", f"{what}: CPU over bare, per step", "ms", _per_step(over, 0, len(steps)), bound=8.0),
        Figure("w1", f"{what}: wall over bare, per step", "ms", _per_step(over, 1, len(steps))),
        Figure("w1", f"{what}: CPU", "s", medians(whole)),
    ]


def _pair(trial: Trial, tool: Tool, steps: list[Step], jobs: int = 1, sleeping: bool = False) -> Pair:
    purpose = "sleep" if sleeping else "cold"
    return (trial.cold(trial.bare, purpose, steps, jobs=jobs, sleeping=sleeping),
            trial.cold(tool, purpose, steps, jobs=jobs, sleeping=sleeping))


def _per_step(over: Mapping[str, Sequence[tuple[float, float]]], which: int, steps: int) -> dict[str, float]:
    return medians({name: [1000 * values[which] / steps for values in samples] for name, samples in over.items()})


def no_op(trial: Trial) -> list[Figure]:
    """Chains in which nothing changed, and what each further step costs."""
    figures = []
    seen: dict[str, dict[int, float]] = {tool.name: {} for tool in trial.tools}
    for length in sorted({length for tool in trial.tools for length in _lengths(trial, tool)}):
        chosen = [tool for tool in trial.tools if length in _lengths(trial, tool)]
        cold, again, in_git = _no_op(trial, chosen, length)
        bound = 0.25 if length == trial.sizes.chains[1] else None
        figures += [Figure("w2", f"first run of a chain of {length}: CPU", "s", medians(_cpu(cold))),
                    *_both("w2", f"no-op of a chain of {length}", again, bound)]
        for name, value in medians(_cpu(again)).items():
            seen[name][length] = value
        if length == trial.sizes.chains[1]:
            figures.append(Figure("w2", f"no-op of a chain of {length} in a Git repository: CPU", "s", medians(_cpu(in_git)), bound=bound))
    growth = {name: _growth(cpu) for name, cpu in seen.items() if len(cpu) > 1}
    return [*figures, Figure("w2", "no-op, each further step: CPU", "ms", growth, bound=0.1)]


def _lengths(trial: Trial, tool: Tool) -> set[int]:
    """The lengths that a tool does; in place of those that are too long for it, the longest that is not."""
    return {min(length, tool.longest) for length in trial.sizes.chains}


def _no_op(trial: Trial, tools: Sequence[Tool], length: int) -> tuple[Samples, Samples, Samples]:
    """The first run, the next ones, and those when the folder has become a Git repository."""
    steps = inputs.chain(length)
    commands = {tool.name: command for tool in tools if (command := trial.prepare(tool, f"chain{length}", steps))}
    names = [step.name for step in steps]
    cold = trial.in_turn(f"w2 {length}", {name: partial(verified, command, names) for name, command in commands.items()}, 1)
    again = {name: partial(verified, commands[name], []) for name in cold}
    plain = trial.in_turn(f"w2 {length}", again)
    for name in again:
        inputs.make_repository(commands[name].folder)
    return cold, plain, trial.in_turn(f"w2 {length} in a Git repository", again)


def _growth(cpu: Mapping[int, float]) -> float:
    """Milliseconds for each further step, between the two longest chains."""
    (short, less), (long, more) = sorted(cpu.items())[-2:]
    return 1000 * (more - less) / (long - short)


def one_change(trial: Trial) -> list[Figure]:
    """One script among many is edited, so that its output has the same bytes, and so that it has others."""
    steps = inputs.fan(trial.sizes.width)
    changed, last = steps[len(steps) // 2], steps[-1]
    commands = {tool.name: command for tool in (*trial.tools, trial.bare) if (command := trial.prepare(tool, "fan", steps))}
    cold = trial.in_turn("w3", {name: partial(run, command) for name, command in commands.items()}, 1)
    figures = []
    for other_bytes, expected in ((False, [changed]), (True, [changed, last])):
        trial.bare.pipeline(commands["bare"].folder, expected, 1)
        edited = trial.in_turn("w3", {name: partial(_edited, name, commands[name], changed, other_bytes, expected) for name in cold})
        figures += _changed("other" if other_bytes else "same", edited, len(expected))
    return [*figures, Figure("w3", f"first run of 1, {trial.sizes.width} and 1 steps: CPU", "s", medians(_cpu(cold)))]


_nonces = count(1)


def _edited(name: str, command: Command, step: Step, other_bytes: bool, expected: list[Step]) -> tuple[Sample, int]:
    """Edit a step and run the pipeline again: the sample, and how many steps ran. Stepwell must run just the expected ones."""
    inputs.edit(command.folder, step, other_bytes=other_bytes, nonce=next(_nonces))
    sample, ran = observed(command)
    if name == "stepwell" and ran != sorted(one.name for one in expected):
        raise Failed(f"{' '.join(ran) or 'nothing'} ran, not {' '.join(one.name for one in expected)}")
    return sample, len(ran)


def _changed(which: str, edited: Mapping[str, Sequence[tuple[Sample, int]]], expected: int) -> list[Figure]:
    cpu = medians({name: [sample.cpu for sample, _ in results] for name, results in edited.items()})
    steps = cpu.pop("bare", 0.0)
    ran = medians({name: [ran for _, ran in results] for name, results in edited.items() if name != "bare"})
    over = {name: value - steps for name, value in cpu.items()}
    return [Figure("w3", f"one change, {which} bytes: steps that ran", "", ran, bound=expected),
            Figure("w3", f"one change, {which} bytes: CPU over the bare steps", "s", over, bound=0.3)]


def start_up(trial: Trial) -> list[Figure]:
    """`--version`; the bare one is an interpreter that does nothing."""
    commands = {tool.name: tool.version() for tool in (*trial.tools, trial.bare)}
    samples = trial.in_turn("w5", {name: partial(run, command) for name, command in commands.items()}, 3 * trial.times)
    return _both("w5", "--version", samples, 0.08)


def workers(trial: Trial) -> list[Figure]:
    """Steps that sleep, several at once, against xargs run just before."""
    steps = inputs.independent(trial.sizes.sleepers)
    jobs = trial.sizes.workers
    pairs = trial.in_turn("w6", {tool.name: partial(_pair, trial, tool, steps, jobs, True) for tool in trial.tools})
    what = f"{len(steps)} x sleep 0.1, {jobs} at once"
    ratios = {name: [mine.wall / bare.wall for bare, mine in both] for name, both in pairs.items()}
    walls = {"bare": [bare.wall for both in pairs.values() for bare, _ in both],
             **{name: [mine.wall for _, mine in both] for name, both in pairs.items()}}
    return [Figure("w6", f"{what}: wall to that of xargs -P{jobs}", "x", medians(ratios), bound=1.15),
            Figure("w6", f"{what}: wall", "s", medians(walls))]


def listing(trial: Trial) -> list[Figure]:
    """The newest of many runs."""
    runs, listed = trial.sizes.runs, trial.sizes.listed
    commands = {tool.name: command for tool in trial.tools
                if (command := tool.history(inputs.scratch(trial.folder(tool, "history")), runs, listed))}
    samples = trial.in_turn("w7", {name: partial(run, command) for name, command in commands.items()}, 2 * trial.times)
    return _both("w7", f"list the last {listed} of {runs} runs", samples, 0.15)


def _cpu(samples: Samples) -> dict[str, list[float]]:
    return {name: [sample.cpu for sample in results] for name, results in samples.items()}


def _both(workload: str, what: str, samples: Samples, bound: float | None) -> list[Figure]:
    """CPU, which has the target, and wall."""
    wall = {name: [sample.wall for sample in results] for name, results in samples.items()}
    return [Figure(workload, f"{what}: CPU", "s", medians(_cpu(samples)), bound=bound),
            Figure(workload, f"{what}: wall", "s", medians(wall))]
