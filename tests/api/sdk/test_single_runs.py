"""Runs of one script, runs that a driver logs by itself, and what a driver adds to any run."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell import Environment, Experiment, Pipeline, PythonScriptStep, Run, RunConfiguration, ScriptRunConfig, Workspace
from stepwell.sdk.estimator import Estimator
from stepwell.sdk.exceptions import ActivityFailedException, ModelPathNotFoundException, UserErrorException
from stepwell.sdk.model import Model
from stepwell.sdk.runs.single import InteractiveRun, ScriptRun
from stepwell_runner.verbs.submit import rerun_of
from stepwell_store.errors import UsageError
from stepwell_store.housekeeping.fold import check_rows
from stepwell_store.ledger import history

TRAIN = """
import os, sys
from stepwell import Run
run = Run.get_context()
print("training", *sys.argv[1:], os.environ.get("COLOUR"))
run.log("loss", 0.5)
run.tag("from", "script")
open("outputs/model.pkl", "wb").write(b"model")
sys.exit(len(sys.argv) > 2)
"""


@pytest.fixture
def exp(made: Workspace) -> Experiment:
    """An experiment with a script beside its workspace."""
    (made.open().base / "src").mkdir()
    (made.open().base / "src" / "train.py").write_text(TRAIN)
    return Experiment(made, "trial")


def test_a_script_run(exp: Experiment) -> None:
    environment = Environment("e")
    environment.environment_variables = {"COLOUR": "red"}
    run = exp.submit(ScriptRunConfig("src", "train.py", ["a"], environment=environment), tags={"n": 1})
    assert (type(run), run.type, run.id.startswith("trial_")) == (ScriptRun, "azureml.scriptrun", True)
    details = run.wait_for_completion(show_output=False)
    assert (details["status"], details["runId"], run.get_status(), run.status) == ("Completed", run.id, "Completed", "Completed")
    assert (run.get_metrics(), run.get_tags(), run.number) == ({"loss": 0.5}, {"n": "1", "from": "script"}, 1)
    assert run.get_file_names() == ["outputs/model.pkl", "user_logs/std_log.txt"]
    assert "training a red" in run.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]
    assert (list(run.get_children()), [one.id for one in exp.get_runs()], type(exp.workspace.get_run(run.id))) == ([], [run.id], ScriptRun)
    model = run.register_model("m", model_path="outputs/model.pkl", tags={"t": "1"})
    assert (model.run_id, model.experiment_name, Path(Model.get_model_path("m")).read_bytes()) == (run.id, "trial", b"model")
    assert type(model.run) is ScriptRun
    with pytest.raises(ModelPathNotFoundException, match="upload_file"):
        run.register_model("m", model_path="outputs/nothing.pkl")


def test_a_script_run_that_fails_and_a_command(exp: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    failed = exp.submit(ScriptRunConfig("src", "train.py", ["a", "b"]))
    with pytest.raises(ActivityFailedException):
        failed.wait_for_completion(show_output=True)
    assert "training a b" in capsys.readouterr().out
    assert failed.wait_for_completion(raise_on_error=False)["status"] == "Failed"
    command = exp.submit(ScriptRunConfig("src", command="python train.py c"))
    assert command.wait_for_completion()["status"] == "Completed"
    by_estimator = exp.submit(Estimator("src", entry_script="train.py", script_params={"--x": ""}))
    assert by_estimator.wait_for_completion()["status"] == "Completed"
    assert [run.type for run in exp.get_runs()] == ["azureml.scriptrun"] * 3


def test_a_script_that_a_run_configuration_names(exp: Experiment) -> None:
    run = exp.submit(ScriptRunConfig("src", run_config=RunConfiguration(script="train.py", arguments=["z"])))
    run.wait_for_completion()
    assert "training z" in run.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]


def test_a_driver_that_logs_by_itself(exp: Experiment) -> None:
    run = exp.start_logging(display_name="by hand")
    assert (type(run), run.get_status(), run.display_name) == (InteractiveRun, "Running", "by hand")
    run.log("a", 1)
    run.log("a", 2.5)
    run.log_list("list", [1, "x"])
    run.log_row("row", x=1)
    run.log_row("row", x=2)
    run.log_table("table", {"x": [1, 2], "y": [3, 4]})
    run.log_confusion_matrix("cm", {"schema_type": "confusion_matrix", "data": {}})
    run.upload_file("notes/a.txt", io.BytesIO(b"some notes"))
    (exp.workspace.open().base / "picture.png").write_bytes(b"PNG")
    run.log_image("picture", path="picture.png")
    with pytest.raises(UserErrorException, match="takes one value"):
        run.log("bad", [1, 2])
    with pytest.raises(UserErrorException, match="already"):
        run.upload_file("notes/a.txt", "picture.png")
    run.tag("k", 1)
    run.set_tags({"l": 2})
    run.remove_tags(["k"])
    run.description = "about it"
    run.display_name = "renamed"
    child = run.child_run(name="part")
    child.log("b", 3)
    child.complete()
    run.complete()
    found = Run(exp, run.id)
    metrics = found.get_metrics()
    assert metrics.pop("picture").startswith("picture_")
    assert metrics == {"a": [1, 2.5], "list": [1, "x"], "row": {"x": [1, 2]}, "table": {"x": [1, 2], "y": [3, 4]},
                       "cm": {"schema_type": "confusion_matrix", "data": {}}}  # fmt: skip
    assert (found.get_status(), found.tags, found.description, found.name) == ("Completed", {"l": "2"}, "about it", "renamed")
    assert ([one.id for one in found.get_children()], child.parent.id, child.get_metrics()) == ([child.id], run.id, {"b": 3})
    found.download_file("notes/a.txt", "got.txt")
    assert Path("got.txt").read_text() == "some notes"
    assert found.get_metrics(recursive=True)[child.id] == {"b": 3}
    assert check_rows(exp.workspace.open()) == []


def test_how_it_ends(exp: Experiment) -> None:
    with exp.start_logging() as run:
        run.log("a", 1)
    assert run.get_status() == "Completed"
    with pytest.raises(ZeroDivisionError), exp.start_logging() as failing:
        1 / 0  # noqa: B018
    assert failing.get_status() == "Failed"
    assert "ZeroDivisionError" in failing.get_details()["error"]["error"]["message"]
    failed, cancelled = exp.start_logging(), exp.start_logging()
    failed.fail("too bad", 7)
    cancelled.cancel()
    assert (failed.get_status(), cancelled.get_status()) == ("Failed", "Canceled")
    failed.complete()
    assert failed.get_status() == "Failed"
    with pytest.raises(UserErrorException, match="cannot be the id"):
        exp.start_logging().child_run(run_id=run.id)
    assert len(exp.start_logging().create_children(tag_key="fold", tag_values=[1, 2])) == 2


def test_what_has_no_steps_cannot_be_run_again(exp: Experiment) -> None:
    run = exp.start_logging()
    run.complete()
    stored = exp.workspace.open()
    with pytest.raises(UsageError, match="no steps that could be done again"):
        rerun_of(stored, history.get_run(stored.database, run.id))


def test_a_driver_that_dies_leaves_a_failed_run(exp: Experiment) -> None:
    code = "from stepwell import Experiment, Workspace; print(Experiment(Workspace.from_config(), 'trial').start_logging().id)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert Run(exp, done.stdout.split()[-1]).get_status() == "Failed"


def test_what_a_driver_adds_to_a_run_of_a_pipeline(exp: Experiment) -> None:
    run = Pipeline(exp.workspace, [PythonScriptStep("train.py", name="t", source_directory="src")]).submit("trial")
    run.wait_for_completion(show_output=False)
    run.log("after", 1)
    step = run.find_step_run("t")[0]
    step.log("more", 2)
    step.upload_folder("extra", "src")
    assert (run.get_metrics(), step.get_metrics()["more"]) == ({"after": 1}, 2)
    assert "extra/train.py" in step.get_file_names()
    assert step.register_model("m", model_path="outputs").version == 1
    folder = Path(step.restore_snapshot(path="restored"))
    assert (folder / "train.py").read_text() == TRAIN
    assert run.take_snapshot("src") == step.get_snapshot_id()
    run.experiment.workspace.get_default_keyvault().set_secret("s", "hush")
    assert step.get_secret("s") == "hush"
    assert [Path(path).name for path in step.get_all_logs("logs-of-step")] == ["std_log.txt"]
    assert [one.id for one in Run.list(exp, status="Finished")] == [run.id]


def test_experiments(exp: Experiment) -> None:
    exp.start_logging().complete()
    exp.set_tags({"a": 1})
    exp.tag("b", "x")
    exp.remove_tags(["a"])
    assert [(one.name, one.tags) for one in Experiment.list(exp.workspace, tags="b")] == [("trial", {"b": "x"})]
    exp.archive()
    assert Experiment.list(exp.workspace) == []
    assert [one.name for one in Experiment.list(exp.workspace, view_type="ArchivedOnly")] == ["trial"]
    exp.reactivate()
    assert exp.archived_time is None
    with pytest.raises(UserErrorException, match="has runs"):
        Experiment.delete(exp.workspace, exp.id)
