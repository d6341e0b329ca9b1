"""Parallel work for real: a context, an entry script, input, the driver's process and its workers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from stepwell_runner.step.context import AppendFacts, StepContext, StepInput, WorkFacts, WorkspaceFacts
from stepwell_runner.step.reports import MetricReport, NoteReport, ReportReader
from stepwell_runner.step.variables import Names, step_variables
from stepwell_store.data.definition import DatasetDefinition

PATIENCE_S = 60.0


class Bench:
    """One attempt at a step with parallel work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self.out = folder / "data" / "out"
        for made in (self.work / "logs", self.out.parent, folder / "artifacts", folder / "input"):
            made.mkdir(parents=True)
        self.inputs: dict[str, StepInput] = {"files": StepInput(mode="mount", path=str(folder / "input"))}

    def files(self, count: int, text: str = "{}") -> Bench:
        for number in range(count):
            (self.folder / "input" / f"f{number:03d}.txt").write_text(text.format(number))
        return self

    def table(self, *files: str, **definition: Any) -> Bench:
        """A table of delimited files as input."""
        paths = []
        for number, text in enumerate(files):
            path = self.folder / "input" / f"part{number}.csv"
            path.write_text(text)
            paths.append(str(path))
        told = msgspec.convert({"kind": "tabular", "places": [], "format": "delimited", **definition}, DatasetDefinition)
        self.inputs = {"files": StepInput(mode="direct", id="x", definition=told, files=tuple(paths),
                                          names=tuple(f"/part{number}.csv" for number in range(len(paths))))}  # fmt: skip
        return self

    def entry(self, script: str, name: str = "entry.py") -> Bench:
        place = self.work / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(script)
        return self

    def tell(self, *, append: bool = True, header: bool = False, **work: Any) -> None:
        rows = AppendFacts("out", "rows.txt", header=header) if append else None
        facts = WorkFacts(**{"entry": "entry.py", "split": tuple(self.inputs), "workers": "2", "append": rows, **work})
        StepContext(
            run="run-1", step_run="step-run-1", step="score", name="score", experiment="trial", pipeline="p",
            workspace=WorkspaceFacts("home", "/somewhere"), folder=str(self.folder), reports=str(self.folder / "reports.jsonl"),
            artifacts=str(self.folder / "artifacts"), inputs=self.inputs, outputs={"out": str(self.out)}, work=facts,
        ).write(str(self.folder / "step.json"))  # fmt: skip

    def start(self, *arguments: str, interpreter: str = sys.executable, **work: Any) -> subprocess.Popen[str]:
        self.tell(**work)
        names = Names(run="run-1", step_run="step-run-1", token="t", context=str(self.folder / "step.json"))
        given = {**step_variables(os.environ, names), "PYTHONWARNINGS": "error", "CUDA_VISIBLE_DEVICES": ""}
        return subprocess.Popen([interpreter, "-m", "stepwell.parallel", *arguments], env=given, cwd=self.work, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)  # fmt: skip

    def run(self, *arguments: str, **work: Any) -> tuple[int, str]:
        """Exit code and log. Nothing of the step may be left afterwards."""
        process = self.start(*arguments, **work)
        try:
            log, _ = process.communicate(timeout=PATIENCE_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        assert not (self.folder / "spool").exists()
        return process.returncode, log

    def ok(self, *arguments: str, **work: Any) -> list[str]:
        """The rows of work that must end well."""
        code, log = self.run(*arguments, **work)
        assert code == 0, log
        return self.rows()

    def rows(self) -> list[str]:
        return (self.out / "rows.txt").read_text().splitlines()

    def reports(self) -> tuple[dict[str, Any], list[str]]:
        """Metrics by name, and notes."""
        reader = ReportReader(str(self.folder / "reports.jsonl"))
        found = reader.finish()
        assert reader.problems == []
        metrics = {one.name: one.value for one in found if isinstance(one, MetricReport)}
        return metrics, [one.message for one in found if isinstance(one, NoteReport)]

    def log_of(self, worker: str = "process000", node: str = "node000") -> str:
        return (self.work / "logs/user/stdout" / node / f"{worker}.std.txt").read_text()

    def wait_for(self, path: Path) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while not path.exists() or not path.read_text():
            assert time.monotonic() < deadline, f"{path} never came"
            time.sleep(0.01)
        return path.read_text()
