"""Snakemake (https://snakemake.github.io): rules with inputs and outputs, in a `Snakefile`."""

from __future__ import annotations

from pathlib import Path

from inputs import STEPS, Step
from measure import Command
from tools.tool import Tool

_PIPELINE = """
STEPS = {{name: (source, inputs) for name, source, *inputs in map(str.split, open({steps!r}))}}
NEEDED = {{path for _, inputs in STEPS.values() for path in inputs}}

rule all:
    input: [f"out/{{name}}.txt" for name in STEPS if f"out/{{name}}.txt" not in NEEDED]

rule step:
    input: script=lambda words: f"src/{{STEPS[words.name][0]}}/step.py", data=lambda words: STEPS[words.name][1]
    output: "out/{{name}}.txt"
    shell: "{python} {{input.script}} {{wildcards.name}} {{input.data}} {{output}}"
"""
_TREE = """
import os
FILES = sorted(os.path.join(parent, name) for parent, _, names in os.walk({tree!r}) for name in names)

rule all:
    input: "out.txt"

rule step:
    input: FILES
    output: "out.txt"
    shell: "{python} {tree}/step.py {{output}}"
"""


class Snakemake(Tool):
    """Its default reasons to run again: times, code, inputs, parameters."""

    name = "snakemake"
    longest = 400  # it resolves a chain by recursion, and falls over before 500

    def install(self) -> None:
        """From the package index."""
        self._command = str(self.place.environment("snakemake", "snakemake") / "snakemake")
        self._variables = {"XDG_CACHE_HOME": str(self.place.root / "cache")}

    def version(self) -> Command:
        """`snakemake --version`."""
        return Command((self._command, "--version"), self.place.work, self._variables)

    def pipeline(self, folder: Path, steps: list[Step], jobs: int) -> Command:  # noqa: ARG002  the list is read from its file
        """One rule for all steps."""
        (folder / "Snakefile").write_text(_PIPELINE.format(steps=STEPS, python=self.place.python))
        return self._run(folder, jobs)

    def tree(self, folder: Path, tree: Path) -> Command:
        """One rule with every file as an input."""
        (folder / "Snakefile").write_text(_TREE.format(tree=str(tree), python=self.place.python))
        return self._run(folder, 1)

    def _run(self, folder: Path, jobs: int) -> Command:
        return Command((self._command, "--cores", str(jobs), "--quiet", "all"), folder, self._variables)
