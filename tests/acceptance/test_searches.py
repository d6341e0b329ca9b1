"""A search and a parallel step as a person types them: run, look, look closer, run again, and a killed run that is resumed."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from commandline import Project, finish

SEARCH = """
from stepwell import GridParameterSampling, HyperDriveConfig, HyperDriveStep, PrimaryMetricGoal, ScriptRunConfig
space = GridParameterSampling({"--rate": [0.5, 3.0, 2.0], "kind": ["a", "b"]})
config = HyperDriveConfig(space, "score", PrimaryMetricGoal.MAXIMIZE, 20, 1, run_config=ScriptRunConfig("source", "train.py"))
out = PipelineData("out")
tune = HyperDriveStep("tune", config, ["--out", out], outputs=[out])
pipeline = Pipeline(ws, [tune, CommandStep(["cat", out], name="use", inputs=[out])])
"""
TRAIN = """
import argparse, os, time
HOLD = ""
from stepwell import Run
parser = argparse.ArgumentParser()
parser.add_argument("--rate", type=float); parser.add_argument("--kind"); parser.add_argument("--out")
given = parser.parse_args()
while given.rate == 3.0 and os.path.exists(HOLD):
    time.sleep(0.01)
Run.get_context().log("score", given.rate + (given.kind == "b"))
print("trying", given.rate, given.kind)
open(given.out, "w").write(f"{given.rate}{given.kind}")
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.write("source/train.py", TRAIN)
    made.pipeline(SEARCH)
    return made


def test_a_search_from_the_terminal(project: Project) -> None:
    told = project.run()
    assert "6 of 6 trials completed; best score 4: --rate=3 kind=b" in told.err
    assert "it tries --rate=0.5 kind=a" in told.err
    shown = project.stepwell("show", "@last").out
    assert "trials of tune, to maximize score" in shown
    assert shown.index("tune@3 *") < shown.index("tune@0")
    closer = project.stepwell("show", "@last/tune@3").out
    assert "python train.py --out {output:out} --rate 3.0 --kind b" in closer
    assert "it tries --rate=3 kind=b" in closer
    assert project.stepwell("logs", "@last/tune@3").out == "trying 3.0 b\n"
    assert "trial 3 begins" in project.stepwell("logs", "@last/tune").out
    assert project.stepwell("logs", "@last/use").out == "3.0b"
    step = project.stepwell("show", "@last/tune", "--json").data
    assert [(one["trial"], one["values"]["kind"], one["metric"], one["best"]) for one in step["trials"]][3] == (3, "b", 4.0, True)
    data = project.stepwell("show", "@last", "--json").data
    assert [step["step"] for step in data["steps"]] == ["tune", "use"]
    assert len(data["steps"][0]["trials"]) == 6
    assert project.stepwell("outputs", "@last/tune@3", "--json").data[0]["name"] == "out"
    assert json.loads(project.stepwell("metrics", "@last/tune@2", "--json").out)[0]["latest"] == 3.0
    assert "it tries" in project.stepwell("why", "@last/tune@0").out


def test_wrong_names_of_trials(project: Project) -> None:
    project.run()
    assert "there is no step tune@9" in project.stepwell("show", "@last/tune@9", code=2).err
    assert "step use has no trials" in project.stepwell("logs", "@last/use@0", code=2).err


def test_a_search_is_reused_and_a_longer_one_goes_on(project: Project) -> None:
    project.pipeline(SEARCH.replace(", 20, 1,", ", 2, 1,"))
    assert project.steps()["tune"]["status"] == "Completed"
    assert {name: step["reused"] for name, step in project.steps().items()} == {"tune": True, "use": True}
    project.pipeline(SEARCH)
    project.run()
    trials = project.stepwell("show", "@last/tune", "--json").data["trials"]
    assert [one["reused_from"] is not None for one in trials] == [True, True, False, False, False, False]


def test_after_kill_9_resume_takes_the_trials_that_are_there(project: Project) -> None:
    project.write("source/train.py", TRAIN.replace('HOLD = ""', f"HOLD = {str(project.folder / 'hold')!r}"))
    hold = project.write("hold", "")
    with project.start("run", "pipeline.py") as runner:
        try:
            deadline = time.monotonic() + 60
            while not list(project.root.glob("runs/*/tune@2/1/logs/std_log.txt")):
                assert time.monotonic() < deadline
                time.sleep(0.02)
        finally:
            os.kill(runner.pid, signal.SIGKILL)
            finish(runner)
    hold.unlink()
    assert "Failed" in project.stepwell("runs").out
    project.stepwell("resume", "@last")
    trials = project.stepwell("show", "@last/tune", "--json").data["trials"]
    assert [one["reused_from"] is not None for one in trials] == [True, True, False, False, False, False]
    assert project.stepwell("logs", "@last/use").out == "3.0b"
    project.verify()


PARALLEL = """
from stepwell import Environment, ParallelRunConfig, ParallelRunStep
store = ws.get_default_datastore()
store.upload("source/files", "files", show_progress=False)
config = ParallelRunConfig(environment=Environment("e"), entry_script="entry.py", error_threshold=0, output_action="append_row",
                           compute_target="local", node_count=1, process_count_per_node=2, source_directory="source",
                           mini_batch_size=PipelineParameter("size", "2"), append_row_file_name="rows.txt")
data = Dataset.File.from_files((store, "files/"))
out = PipelineData("out")
pipeline = Pipeline(ws, [ParallelRunStep("score", config, [data.as_named_input("files")], out)])
"""


def test_a_parallel_step_from_the_terminal(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("source/entry.py", "import os\ndef run(mini_batch):\n    return [os.path.basename(name) for name in mini_batch]\n")
    for number in range(5):
        project.write(f"source/files/f{number}", "x")
    project.pipeline(PARALLEL)
    told = project.run("-p", "size=3")
    assert "2 of 2 mini-batches done, 0 failed" in told.err
    place = project.stepwell("outputs", "@last/score", "--json").data[0]["path"]
    assert (Path(place) / "rows.txt").read_text().split() == [f"f{number}" for number in range(5)]
    again = project.run("-p", "size=3", "--json").data["steps"][0]
    assert again["reused"]
    project.write("source/entry.py", "def run(mini_batch):\n    raise ValueError('broken')\n")
    failed = project.run(code=None)
    assert failed.code != 0
    assert "ValueError: broken" in project.stepwell("show", "@last").out + project.stepwell("logs", "@last").out
