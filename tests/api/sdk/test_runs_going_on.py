"""Runs that go on: submitting, waiting, cancelling, drivers that end and runners that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from driven import project, two_steps, waiting_step

from stepwell import Experiment, Pipeline, PipelineData, PipelineRun, PythonScriptStep, Workspace
from stepwell.load import load
from stepwell.sdk.exceptions import UserErrorException
from stepwell_runner.execution.ownership import is_owned
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history
from stepwell_store.locks import holder


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace, and its folder with scripts as the current one."""
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return project(tmp_path / "project")


def let_end(ws: Workspace, run: PipelineRun, eventually: Callable[..., None]) -> None:
    """Wait until the runner has gone too."""
    eventually(lambda: not is_owned(ws.open(), run.id))


DRIVER = """
from driven import two_steps
from stepwell import Experiment, Workspace
ws = Workspace.from_config()
print(Experiment(ws, "exp").submit(two_steps(ws)).id)
"""


def test_a_run_goes_on_when_its_driver_has_ended(ws: Workspace) -> None:
    Path("driver.py").write_text(DRIVER)
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    said = subprocess.run([sys.executable, "driver.py"], capture_output=True, text=True, check=True, env=environment, timeout=60)
    run = PipelineRun.get(ws, said.stdout.splitlines()[-1])
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert run.get_status() == "Finished"
    assert history.get_run(ws.open().database, run.id).source == os.path.abspath("driver.py")


def test_waiting_shows_what_happens(ws: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = waiting_step(ws, tmp_path / "flag").submit("exp")
    assert run.wait_for_completion(timeout_seconds=0.1) == "Running"
    assert "Waited 0.1 seconds" in capsys.readouterr().out
    assert run.get_details()["endTimeUtc"] is None
    [wait] = run.get_steps()
    assert wait.wait_for_completion(show_output=False, timeout_seconds=0) == "Running"
    (tmp_path / "flag").touch()
    assert wait.wait_for_completion() == "Finished"
    said = capsys.readouterr().out
    assert "waiting\n" in said
    assert said.index("waiting\n") < said.index("done\n") < said.index("StepRun(wait) Execution Summary")
    assert run.wait_for_completion(show_output=False) == "Finished"


def test_cancelling(ws: Workspace, tmp_path: Path, eventually: Callable[..., None]) -> None:
    run = waiting_step(ws, tmp_path / "flag").submit("exp")
    eventually(lambda: list(run.get_steps()))
    run.cancel()
    assert run.wait_for_completion(show_output=False) == "Canceled"
    assert [step.get_status() for step in run.get_steps()] == ["Canceled"]
    let_end(ws, run, eventually)


def test_a_run_whose_runner_was_killed_has_failed(ws: Workspace, tmp_path: Path, eventually: Callable[..., None]) -> None:
    run = waiting_step(ws, tmp_path / "flag").submit("exp")
    eventually(lambda: list(run.get_steps()))
    owner = holder(os.path.join(ws.open().runs, run.id, "lock"))
    assert owner is not None
    os.kill(owner.pid, signal.SIGKILL)
    assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
    [step] = run.get_steps()
    assert step.get_status() == "Failed"
    assert "its runner ended" in run.get_details()["error"]["error"]["message"]


def test_how_a_pipeline_is_submitted(ws: Workspace) -> None:
    pipeline = two_steps(ws)
    first = pipeline.submit("exp")
    first.wait_for_completion(show_output=False)
    again = Experiment(ws, "exp").submit(pipeline, regenerate_outputs=True)
    again.wait_for_completion(show_output=False)
    assert all("azureml.reusedrunid" not in step.get_properties() for step in again.get_steps())
    data = history.get_run(ws.open().database, again.id)
    assert (data.pipeline, data.experiment, data.options, data.parameters) == ("exp", "exp", {"force": True}, {"rate": 1.0})


def test_going_on_after_a_failure(ws: Workspace) -> None:
    Path("bad.py").write_text("raise SystemExit(3)")
    bad, good = PythonScriptStep("bad.py", name="bad"), PythonScriptStep("s.py", name="good", source_directory="more")
    last = PythonScriptStep("s.py", name="last", source_directory="more")
    last.run_after(good)
    Path("more").mkdir()
    Path("more/s.py").write_text("")
    run = Pipeline(ws, [bad, last]).submit("exp", continue_on_step_failure=True)
    assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"
    assert {step.name: step.get_status() for step in run.get_steps()} == {"bad": "Failed", "good": "Finished", "last": "Finished"}


def test_pipeline_outputs(ws: Workspace) -> None:
    data = PipelineData("words", pipeline_output_name="all_words")
    run = Pipeline(ws, [PythonScriptStep("prepare.py", arguments=[data], outputs=[data])]).submit("exp")
    run.wait_for_completion(show_output=False)
    assert run.get_pipeline_output("all_words").path_on_datastore.endswith("/words")
    with pytest.raises(UserErrorException, match="Its outputs are: all_words"):
        run.get_pipeline_output("words")


def test_a_file_that_is_only_read_submits_nothing(ws: Workspace) -> None:
    Path("driver.py").write_text("""
from stepwell import Pipeline, PythonScriptStep, Workspace
pipeline = Pipeline(Workspace.from_config(), [PythonScriptStep("wait.py")])
pipeline.submit("exp")
""")
    with pytest.raises(UsageError, match=r"this file submits its pipeline by itself"):
        load("driver.py", ws.open().root, noise=1)
    assert list(ws.experiments) == []
