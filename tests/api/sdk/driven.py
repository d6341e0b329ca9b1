"""A small project with a pipeline, as a driver would write it, for the tests of runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stepwell import OutputFileDatasetConfig, Pipeline, PipelineData, PipelineParameter, PythonScriptStep, Workspace
from stepwell_store import workspace as stored

PREPARE = """
import os, sys
from stepwell import Run
run = Run.get_context()
print("preparing")
os.makedirs(sys.argv[1])
open(sys.argv[1] + "/words.txt", "w").write("some words")
run.log("words", 2)
run.log_row("rows", word="a", count=1)
run.log_row("rows", word="b", count=2)
run.tag("made", "yes")
run.parent.log("total", 2.5)
os.makedirs("outputs/deep")
open("outputs/report.txt", "w").write("fine")
open("outputs/deep/more.txt", "w").write("more")
"""

TRAIN = """
import sys
from stepwell import Run
words, target, rate = sys.argv[1:]
print("training at", rate)
for epoch in range(3):
    Run.get_context().log("loss", 1 / (epoch + 1))
open(target + "/model.txt", "w").write(open(words + "/words.txt").read() + rate)
if float(rate) > 5:
    print("too high", file=sys.stderr)
    sys.exit("the rate is too high")
"""

WAIT = """
import os, sys, time
print("waiting", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
print("done")
"""


def project(folder: Path) -> Workspace:
    """A new workspace in a folder that also gets the scripts; the folder must be the current one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("prepare.py", PREPARE), ("train.py", TRAIN), ("wait.py", WAIT)):
        (folder / name).write_text(text)
    stored.create(folder)
    return Workspace.from_config(folder)


def two_steps(ws: Workspace) -> Pipeline:
    """prepare.py -> train, with a parameter `rate`."""
    words = PipelineData("words", datastore=ws.datastores["workspacefilestore"])
    model = OutputFileDatasetConfig("model", destination=("workspaceblobstore", "models/{run-id}"))
    PythonScriptStep("prepare.py", arguments=[words], outputs=[words])
    train = PythonScriptStep(
        "train.py", name="train", arguments=[words, model, PipelineParameter("rate", 1.0)], inputs=[words], outputs=[model]
    )
    return Pipeline(ws, [train])


def waiting_step(ws: Workspace, flag: Path) -> Pipeline:
    """One step that ends when the file `flag` appears."""
    return Pipeline(ws, [PythonScriptStep("wait.py", name="wait", arguments=[str(flag)], allow_reuse=False)])


@contextmanager
def inside(folder: Path) -> Iterator[Any]:
    """A folder as the current one, for fixtures that several tests share."""
    before = os.getcwd()
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
