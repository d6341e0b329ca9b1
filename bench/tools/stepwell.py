"""Stepwell: this checkout, through its command line."""

from __future__ import annotations

import compileall
import sys
from pathlib import Path

import msgspec
from inputs import SEED, STEPS, Step
from measure import Command, run
from tools.tool import Tool

PACKAGES = ("api/stepwell", "runner/stepwell_runner", "store/stepwell_store", "tui/stepwell_tui")

_PIPELINE = """
from stepwell import Dataset, Environment, Pipeline, PipelineData, PythonScriptStep, RunConfiguration, Workspace

config = RunConfiguration()
config.environment = Environment.from_interpreter("steps", {python!r})
seed = Dataset.File.from_files({seed!r}).as_named_input("seed").as_mount()
made = {{}}
steps = []
for line in open({steps!r}):
    name, source, *paths = line.split()
    inputs = [made.get(path, seed) for path in paths]
    output = made[f"out/{{name}}.txt"] = PipelineData(name)
    steps.append(PythonScriptStep("step.py", name=name, arguments=[name, *inputs, output], inputs=inputs, outputs=[output],
                                  source_directory=f"src/{{source}}", runconfig=config))
pipeline = Pipeline(Workspace.from_config(), steps)
"""
_TREE = """
from stepwell import Environment, Pipeline, PipelineData, PythonScriptStep, RunConfiguration, Workspace

config = RunConfiguration()
config.environment = Environment.from_interpreter("steps", {python!r})
output = PipelineData("out")
step = PythonScriptStep("step.py", arguments=[output], outputs=[output], source_directory={tree!r}, runconfig=config)
pipeline = Pipeline(Workspace.from_config(), [step])
"""


class Stepwell(Tool):
    """`stepwell run`, in a workspace of its own."""

    name = "stepwell"

    def install(self) -> None:
        """It is installed in the environment that runs the benchmark; byte code as the others have it."""
        checkout = Path(__file__).parents[2]
        for package in PACKAGES:
            compileall.compile_dir(checkout / package, quiet=2)
        self._command = str(Path(sys.executable).with_name("stepwell"))

    def version(self) -> Command:
        """`stepwell --version`."""
        return Command((self._command, "--version"), self.place.work)

    def pipeline(self, folder: Path, steps: list[Step], jobs: int) -> Command:  # noqa: ARG002  the list is read from its file
        """A `PythonScriptStep` for each."""
        return self._run(folder, _PIPELINE.format(seed=SEED, steps=STEPS, python=str(self.place.python)), "-j", str(jobs))

    def tree(self, folder: Path, tree: Path) -> Command:
        """One step with the folder as its source."""
        return self._run(folder, _TREE.format(tree=str(tree), python=str(self.place.python)))

    def look(self, command: Command) -> Command:
        """With `--plan`."""
        return msgspec.structs.replace(command, words=(*command.words, "--plan"))

    def history(self, folder: Path, runs: int, listed: int) -> Command:
        """`stepwell runs`."""
        from tools.history import fill

        run(Command((self._command, "init"), folder))
        fill(folder, runs)
        return Command((self._command, "runs", "-n", str(listed)), folder)

    def _run(self, folder: Path, pipeline: str, *options: str) -> Command:
        (folder / "pipeline.py").write_text(pipeline)
        run(Command((self._command, "init"), folder))
        return Command((self._command, "run", "pipeline.py", *options), folder, {"STEPWELL_SNAPSHOT_MAX_BYTES": "10_000_000_000"})
