"""DVC (https://dvc.org): stages with dependencies and outputs, in a `dvc.yaml`, without Git."""

from __future__ import annotations

from pathlib import Path

from inputs import Step
from measure import Command, run
from tools.tool import Tool


class Dvc(Tool):
    """`dvc repro`, one stage at a time."""

    name = "dvc"
    longest = 100  # every stage writes the whole lock file again: 500 take 15 minutes

    def install(self) -> None:
        """From the package index."""
        self._command = str(self.place.environment("dvc", "dvc") / "dvc")

    def version(self) -> Command:
        """`dvc --version`."""
        return self._run(self.place.work, "--version")

    def pipeline(self, folder: Path, steps: list[Step], jobs: int) -> Command | None:
        """One stage a step."""
        if jobs > 1:
            return None
        return self._repro(folder, [
            (step.name, f"{self.place.python} {step.script} {step.name} {' '.join(step.inputs)} {step.output}",
             [*step.inputs, step.script], step.output) for step in steps])

    def tree(self, folder: Path, tree: Path) -> Command:
        """One stage that depends on the folder."""
        return self._repro(folder, [("step", f"{self.place.python} {tree}/step.py out.txt", [str(tree)], "out.txt")])

    def _repro(self, folder: Path, stages: list[tuple[str, str, list[str], str]]) -> Command:
        lines = ["stages:"]
        for name, command, needed, output in stages:
            lines += [f"  {name}:", f"    cmd: {command}", "    deps:", *(f"    - {path}" for path in needed)]
            lines += ["    outs:", f"    - {output}"]
        (folder / "dvc.yaml").write_text("\n".join(lines) + "\n")
        run(self._run(folder, "init", "--no-scm", "--quiet"))
        return self._run(folder, "repro")

    def _run(self, folder: Path, *words: str) -> Command:
        return Command((self._command, *words), folder, {"DVC_NO_ANALYTICS": "1", "DVC_SITE_CACHE_DIR": str(folder / "site")})
