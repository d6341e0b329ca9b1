"""doit (https://pydoit.org): tasks with files that they depend on and make, in a `dodo.py`."""

from __future__ import annotations

from pathlib import Path

from inputs import STEPS, Step
from measure import Command
from tools.tool import Tool

_PIPELINE = """
def task_step():
    for line in open({steps!r}):
        name, source, *inputs = line.split()
        script, output = f"src/{{source}}/step.py", f"out/{{name}}.txt"
        yield dict(name=name, actions=[f"{python} {{script}} {{name}} {{' '.join(inputs)}} {{output}}"],
                   file_dep=[*inputs, script], targets=[output])
"""
_TREE = """
import os

def task_step():
    files = [os.path.join(parent, name) for parent, _, names in os.walk({tree!r}) for name in names]
    return dict(actions=["{python} {tree}/step.py out.txt"], file_dep=files, targets=["out.txt"])
"""


class Doit(Tool):
    """Its default store of what it saw, and threads for steps at once."""

    name = "doit"

    def install(self) -> None:
        """From the package index."""
        self._bin = self.place.environment("doit", "doit")

    def version(self) -> Command:
        """`doit --version`."""
        return Command((str(self._bin / "doit"), "--version"), self.place.work)

    def pipeline(self, folder: Path, steps: list[Step], jobs: int) -> Command:  # noqa: ARG002  the list is read from its file
        """A generator of tasks."""
        (folder / "dodo.py").write_text(_PIPELINE.format(steps=STEPS, python=self.place.python))
        parallel = ("-n", str(jobs), "-P", "thread") if jobs > 1 else ()
        return Command((str(self._bin / "doit"), *parallel), folder)

    def tree(self, folder: Path, tree: Path) -> Command:
        """One task that depends on every file."""
        (folder / "dodo.py").write_text(_TREE.format(tree=str(tree), python=self.place.python))
        return Command((str(self._bin / "doit"),), folder)
