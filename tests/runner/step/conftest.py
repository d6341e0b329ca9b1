"""A step's process for real: a context on disk, a script, an interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell_runner.step.context import StepContext, StepInput, WorkspaceFacts
from stepwell_runner.step.reports import Report, ReportReader
from stepwell_runner.step.variables import Names, step_variables


class Attempt:
    """One attempt of a step in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.reports = folder / "reports.jsonl"
        self.artifacts = folder / "artifacts"
        for made in (self.work / "outputs", self.work / "logs", self.artifacts):
            made.mkdir(parents=True)
        self.tell()

    def tell(self, inputs: dict[str, StepInput] | None = None, outputs: dict[str, str] | None = None) -> None:
        """Write the context."""
        StepContext(
            run="run-1", step_run="step-run-1", step="train", name="train model", experiment="trial", pipeline="iris",
            workspace=WorkspaceFacts("home", "/somewhere"), folder=str(self.folder), reports=str(self.reports),
            artifacts=str(self.artifacts), parameters={"c": 1.5}, inputs=inputs or {}, outputs=outputs or {}, tags={"who": "me"},
        ).write(str(self.folder / "step.json"))  # fmt: skip

    def python(self, script: str, interpreter: str = sys.executable, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script in the step's folder, as the engine would."""
        names = Names(run="run-1", step_run="step-run-1", token="t", context=str(self.folder / "step.json"))
        given = {**step_variables(os.environ, names), "PYTHONWARNINGS": "error", **variables}
        return subprocess.run([interpreter, "-c", script], env=given, cwd=self.work, capture_output=True, text=True, timeout=60)

    def ok(self, script: str, interpreter: str = sys.executable) -> str:
        """Run a script that must end well; its stdout."""
        done = self.python(script, interpreter)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self) -> list[Report]:
        """All reports; none may be broken."""
        reader = ReportReader(str(self.reports))
        found = reader.finish()
        assert reader.problems == []
        return found


@pytest.fixture
def attempt(tmp_path: Path) -> Attempt:
    return Attempt(tmp_path / "attempt")
