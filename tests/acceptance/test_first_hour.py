"""What a newcomer does in the first hour, by the command line alone: run, see reuse, edit, ask why, look, compare, go back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commandline import CHAIN, Project

PREPARE = """\
import argparse, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--out")
args = parser.parse_args()
rows = pathlib.Path(args.data).read_text().split()
pathlib.Path(args.out).mkdir(exist_ok=True)
pathlib.Path(args.out, "rows.txt").write_text("\\n".join(sorted(rows)))
print(len(rows), "rows")
"""
TRAIN = """\
import argparse, pathlib
from stepwell import Run
parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--rate", type=float)
parser.add_argument("--out")
args = parser.parse_args()
run = Run.get_context()
rows = pathlib.Path(args.data, "rows.txt").read_text().split()
for epoch in range(1, 4):
    run.log("loss", args.rate / epoch)
run.log("rows", len(rows))
run.tag("kind", "toy")
pathlib.Path("outputs/note.txt").write_text("trained")
pathlib.Path(args.out).write_text(repr((len(rows), args.rate)))
"""
PIPELINE = """\
data = Dataset.File.from_files("data/rows.csv").as_named_input("data").as_mount()
prepared, model = PipelineData("prepared", is_directory=True), PipelineData("model", pipeline_output_name="model")
prepare = PythonScriptStep("prepare.py", name="prepare", arguments=["--data", data, "--out", prepared], inputs=[data], outputs=[prepared],
                           source_directory="prepare")
train = PythonScriptStep("train.py", name="train", inputs=[prepared], outputs=[model], source_directory="train",
                         arguments=["--data", prepared, "--rate", PipelineParameter("rate", 0.5), "--out", model])
pipeline = Pipeline(ws, [train], name="toy")
"""


@pytest.fixture
def toy(project: Project) -> Project:
    """Two Python steps over a small file."""
    project.write("data/rows.csv", "c\nb\na\n")
    project.write("prepare/prepare.py", PREPARE)
    project.write("train/train.py", TRAIN)
    project.pipeline(PIPELINE)
    return project


def reused(project: Project, *words: str) -> tuple[bool, bool]:
    """Run; whether prepare and train were reused."""
    steps = project.steps(*words)
    return steps["prepare"]["reused"], steps["train"]["reused"]


def test_only_what_changed_runs_and_why_is_told(toy: Project) -> None:
    first = toy.run()
    assert "made a workspace in" in first.err
    assert re.search(r"Completed in .*: 2 ran, 0 reused", first.err)
    assert reused(toy) == (True, True)
    toy.write("prepare/prepare.py", PREPARE + "# a remark\n")
    assert reused(toy) == (False, True)  # it ran, and made the same bytes
    assert "prepare.py changed" in toy.stepwell("why", "@last/prepare").out
    toy.write("data/rows.csv", "d\nc\nb\na\n")
    assert "input data changed" in toy.stepwell("why", "pipeline.py", "prepare").out
    assert reused(toy) == (False, False)
    assert "input prepared changed (made by prepare)" in toy.stepwell("why", "@last/train").out
    assert reused(toy, "-p", "rate=0.25") == (True, False)
    assert "parameter rate: 0.5 → 0.25" in toy.stepwell("why", "@last/train").out
    assert reused(toy, "-p", "rate=0.5") == (True, True)  # an older result, not only the newest
    assert reused(toy, "--force") == (False, False)
    toy.verify()


def test_what_a_run_left_is_found(toy: Project) -> None:
    data = toy.run("--json").data
    assert Path(data["outputs"]["model"]).read_text() == "(3, 0.5)"
    metrics = toy.stepwell("metrics", "@last/train").out
    assert all(name in metrics for name in ("loss", "rows", "0.5"))
    assert "3 rows" in toy.stepwell("logs", "@last/prepare").out
    toy.stepwell("outputs", "@last/train", "--get", "taken")
    assert sorted(path.name for path in (toy.folder / "taken").rglob("*") if path.is_file()) == ["model", "note.txt"]
    shown = toy.stepwell("show", "@last").out
    assert all(text in shown for text in ("Completed", "prepare", "train", "toy"))
    assert toy.runs()[0]["id"] == data["run"]
    toy.stepwell("check", "--full")


def test_an_earlier_run_is_done_again_with_its_own_code(toy: Project) -> None:
    toy.run()
    toy.write("train/train.py", "raise SystemExit('broken since')\n")
    assert toy.run(code=1).err.count("step train failed: exit code 1") == 1
    data = toy.stepwell("rerun", "#1", "--force", "--json").data
    assert data["status"] == "Completed"
    assert Path(data["outputs"]["model"]).read_text() == "(3, 0.5)"
    assert "train.py" in toy.stepwell("diff", "#1", "#2").out
    toy.write("train/train.py", TRAIN)
    assert reused(toy) == (True, True)


def test_steps_go_on_beside_one_that_failed(project: Project) -> None:
    project.pipeline("""\
commands = {"bad": "cat nothing || exit 4", "good": "true"}
steps = [CommandStep(command, name=name, source_directory="source") for name, command in commands.items()]
steps.append(CommandStep("true", name="after", source_directory="source", after=steps[0]))
pipeline = Pipeline(ws, steps)
""")
    steps = project.steps("--continue-on-failure", "-j", "1", code=1)
    assert {name: step["status"] for name, step in steps.items()} == {"bad": "Failed", "good": "Completed", "after": "Skipped"}
    assert steps["bad"]["exit_code"] == 4


def test_a_choice_of_steps(toy: Project) -> None:
    refused = toy.run("--only", "train", code=2)
    assert "train needs prepare, which would have to run" in refused.err
    assert "--only prepare train" in refused.err
    toy.run("--only", "prepare", "--json")
    assert reused(toy, "--only", "train") == (True, False)


def test_a_plan_changes_nothing(project: Project) -> None:
    project.pipeline(CHAIN)
    plan = project.run("--plan", "--json").data
    assert [step["outcome"] for step in plan["steps"]] == ["will run", "waits"]
    assert project.runs() == []
    project.run()
    assert [step["outcome"] for step in project.run("--plan", "--json").data["steps"]] == ["is fresh", "is fresh"]
    assert len(project.runs()) == 1


def test_a_project_of_one_command_needs_nothing_else(project: Project) -> None:
    project.pipeline(CHAIN)
    elsewhere = project.folder.parent
    result = project.stepwell("run", "project/pipeline.py", "--json", cwd=elsewhere)
    assert result.data["status"] == "Completed"
    assert project.root.is_dir()
    assert not (elsewhere / ".stepwell").exists()
    assert project.root.stat().st_mode & 0o777 == 0o700
    loose = [path for path in project.root.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o077]
    assert [path for path in loose if "datastores" not in path.parts and "objects" not in path.parts] == []
