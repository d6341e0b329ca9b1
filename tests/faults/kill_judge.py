"""The judge of runs that were killed: it stands outside, and knows only what the runner said before it died."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from commandline import Project

TEXT = """\
rate = PipelineParameter("rate", 1)
first, second, third = PipelineData("first"), PipelineData("second"), PipelineData("third")
a = CommandStep(["cat text.txt >", first, "; echo", rate, ">>", first], name="a", outputs=[first], source_directory="source")
b = CommandStep(["{count} <", first, ">", second], name="b", inputs=[first], outputs=[second], source_directory="source")
c = CommandStep(["cp", second, third], name="c", inputs=[second], outputs=[third], source_directory="source")
pipeline = Pipeline(ws, [c])
"""

_RUN = re.compile(r"^run ([0-9a-f]{8}) of ", re.MULTILINE)
_DONE = re.compile(r"^\S (?:Completed|Reused) +([abc]) ", re.MULTILINE)


class Said(NamedTuple):
    """What a runner acknowledged, all of it in whole lines: the beginning of its run's id, and the steps that are done."""

    run: str | None
    done: tuple[str, ...]


def said(err: bytes) -> Said:
    """What was acknowledged on the progress stream."""
    lines = err.decode("utf-8", "replace")
    whole = lines[: lines.rfind("\n") + 1]
    run = _RUN.search(whole)
    return Said(run[1] if run else None, tuple(_DONE.findall(whole)))


def losses_in_history(project: Project, heard: list[Said]) -> list[str]:
    """What was acknowledged and is not in the history, once the next command has looked after the dead."""
    begun = (project.root / "workspace.db").exists()  # there is none when death came while the workspace was made
    runs = {run["id"][:8]: run for run in project.runs()} if begun else {}
    done = set(project.rows("SELECT substr(run, 1, 8), step FROM step_runs WHERE status = 'Completed'")) if begun else set()
    lost = [f"run {one.run} is gone" for one in heard if one.run is not None and one.run not in runs]
    lost += [f"run {name} is still {run['status']}" for name, run in runs.items() if run["status"] in ("Queued", "Running")]
    return lost + [f"step {step} of run {one.run} is not done" for one in heard for step in one.done if (one.run, step) not in done]


def losses(project: Project, heard: list[Said], expected: str, *words: str) -> list[str]:
    """All that was lost: history, results that cannot be taken again, runs that do not come to their end, outputs that are wrong."""
    lost = losses_in_history(project, heard)
    data = project.run("--json", *words, code=None).data
    if data["status"] != "Completed":
        return [*lost, f"the next run ended {data['status']}"]
    reused = {step["name"]: step["reused"] for step in data["steps"]}
    lost += [f"the result of step {step} is gone" for one in heard for step in one.done if not reused[step]]
    found = Path(data["outputs"]["c/third"]).read_text()
    if found != expected:
        lost.append(f"the output is {found!r}")
    project.verify()
    return lost
