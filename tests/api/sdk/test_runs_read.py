"""Runs that are over, as drivers read them: statuses, steps, metrics, tags, files, outputs, details."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from driven import inside, project, two_steps

from stepwell import Datastore, Experiment, Pipeline, PipelineRun, PythonScriptStep, Run, StepRun, Workspace
from stepwell.sdk.exceptions import ActivityFailedException, AzureMLException, UserErrorException
from stepwell_store.errors import RunFailed, UsageError


class Done(msgspec.Struct, frozen=True):
    """Three runs of one pipeline: all new, all reused, failed in its second step."""

    ws: Workspace
    new: PipelineRun
    reused: PipelineRun
    failed: PipelineRun


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Done]:
    folder = tmp_path_factory.mktemp("done") / "project"
    before = os.environ.pop("STEPWELL_WORKSPACE", None)
    with inside(folder):
        ws = project(folder)
        pipeline = two_steps(ws)
        new = Experiment(ws, "first").submit(pipeline, tags={"why": "test", "n": 1})
        assert new.wait_for_completion(show_output=False) == "Finished"
        reused = pipeline.submit("first")
        failed = pipeline.submit("second", pipeline_parameters={"rate": 9})
        for run in (reused, failed):
            run.wait_for_completion(show_output=False, raise_on_error=False)
        yield Done(ws, new, reused, failed)
    if before is not None:
        os.environ["STEPWELL_WORKSPACE"] = before


def step(run: PipelineRun, name: str) -> StepRun:
    [found] = run.find_step_run(name)
    return found


def test_the_two_vocabularies(done: Done) -> None:
    for run in (done.new, done.reused):
        assert (run.get_status(), run.status, run.get_details()["status"]) == ("Finished", "Completed", "Completed")
        assert [(one.get_status(), one.status) for one in run.get_steps()] == [("Finished", "Completed")] * 2
    assert (done.failed.get_status(), done.failed.status) == ("Failed", "Failed")
    assert [one.get_status() for one in done.failed.get_children()] == ["Failed", "Finished"]


def test_steps_come_newest_first(done: Done) -> None:
    for run in (done.new, done.reused, done.failed):
        assert [one.name for one in run.get_steps()] == ["train", "prepare.py"]
    assert done.new.find_step_run("nothing") == []
    assert [one.name for one in done.failed.get_children(status="Finished")] == ["prepare.py"]
    assert [one.name for one in done.new.get_children(tags="made")] == ["prepare.py"]
    assert [one.name for one in done.new.get_children(properties={"StepType": "PythonScriptStep"}, tags={"made": "no"})] == []


def test_runs_by_id(done: Done) -> None:
    ws, train = done.ws, step(done.new, "train")
    for found in (Run.get(ws, done.new.id), ws.get_run(done.new.id), PipelineRun(ws.experiments["first"], done.new.id),
                  PipelineRun.get(ws, done.new.id[:8]), PipelineRun.get(ws, "#1"), Run(Experiment(ws, "first"), done.new.id)):  # fmt: skip
        assert (type(found), found.id, found.experiment.name) == (PipelineRun, done.new.id, "first")
    for step_run in (Run.get(ws, train.id), Run(Experiment(ws, "first"), train.id)):
        assert isinstance(step_run, StepRun)
        assert (step_run.id, step_run.pipeline_run_id, step_run.parent.id) == (train.id, done.new.id, done.new.id)
    for wrong in (lambda: Run.get(ws, "nothing"), lambda: PipelineRun(Experiment(ws, "first"), "nothing"),
                  lambda: PipelineRun.get(ws, train.id), lambda: Run(Experiment(ws, "x"), "nothing")):  # fmt: skip
        with pytest.raises(UserErrorException):
            wrong()


def test_experiments(done: Done) -> None:
    experiments = done.ws.experiments
    assert (list(experiments), len(experiments), "second" in experiments, experiments.get("third")) == (["first", "second"], 2, True, None)
    assert [run.id for run in experiments["first"].get_runs()] == [done.reused.id, done.new.id]
    assert [run.id for run in experiments["first"].get_runs(tags={"n": "1"})] == [done.new.id]
    assert [run.type for run in experiments["second"].get_runs(include_children=True)] == [
        "azureml.PipelineRun", "azureml.StepRun", "azureml.StepRun"]  # fmt: skip
    assert list(Experiment(done.ws, "third").get_runs()) == []


def test_metrics(done: Done) -> None:
    prepare = {"words": 2, "rows": {"word": ["a", "b"], "count": [1, 2]}}
    loss = {"loss": [1.0, 0.5, 1 / 3]}
    for run in (done.new, done.reused):
        assert step(run, "prepare.py").get_metrics() == prepare
        assert step(run, "train").get_metrics() == loss
    assert done.new.get_metrics() == {"total": 2.5}
    assert done.new.get_metrics("other") == {}
    ids = {one.name: one.id for one in done.new.get_steps()}
    assert done.new.get_metrics(recursive=True) == {done.new.id: {"total": 2.5}, ids["prepare.py"]: prepare, ids["train"]: loss}
    assert done.new.get_metrics("loss", recursive=True) == {ids["train"]: loss}


def test_tags_and_properties(done: Done) -> None:
    run, prepare = done.new, step(done.new, "prepare.py")
    assert run.get_tags() == {"why": "test", "n": "1"}
    assert prepare.tags == {"azureml.pipeline": run.id, "azureml.nodeid": "prepare", "made": "yes"}
    run.tag("later")
    run.set_tags({"n": 2})
    prepare.tag("seen", True)
    assert run.tags == {"why": "test", "n": "2", "later": ""}
    assert prepare.get_tags()["seen"] == "True"
    run.set_tags({"n": 1})
    prepare.add_properties({"size": 3})
    prepare.add_properties({"size": 3})
    with pytest.raises(UserErrorException, match="size"):
        prepare.add_properties({"size": 4})
    assert prepare.properties["size"] == "3"
    reused = step(done.reused, "prepare.py").get_properties()
    assert (reused["azureml.reusedrunid"], reused["azureml.reusedpipeline"]) == (prepare.id, run.id)
    assert "azureml.reusedrunid" not in prepare.get_properties()


def test_files(done: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for run in (done.new, done.reused):
        prepare = step(run, "prepare.py")
        assert prepare.get_file_names() == ["outputs/deep/more.txt", "outputs/report.txt", "user_logs/std_log.txt"]
    prepare.download_file("outputs/report.txt")
    prepare.download_file("outputs/report.txt", "folder/")
    prepare.download_file("outputs/report.txt", tmp_path / "named")
    assert {Path(name).read_text() for name in ("report.txt", "folder/report.txt", "named")} == {"fine"}
    prepare.download_files("outputs", "all")
    prepare.download_files("outputs/", "less", append_prefix=False)
    prepare.download_files("outputs/deep", output_paths=["one"])
    assert Path("all/outputs/deep/more.txt").read_text() == Path("less/deep/more.txt").read_text() == Path("one").read_text() == "more"
    with pytest.raises(UserErrorException, match=r"Did you mean outputs/report\.txt"):
        prepare.download_file("outputs/reports.txt")
    with pytest.raises(UserErrorException, match="1 output_paths are given for 2 files"):
        prepare.download_files("outputs", output_paths=["one"])


def test_outputs_repeat_their_path_on_the_datastore(done: Done, tmp_path: Path) -> None:
    for run in (done.new, done.reused):
        words = step(run, "prepare.py").get_output_data("words")
        assert (words.name, words.datastore) == ("words", Datastore(done.ws, words.datastore_name))
        assert words.path_on_datastore == words._path_on_datastore == f"azureml/{step(done.new, 'prepare.py').id}/words"
        assert words.download(tmp_path / run.id) == 1
        assert (tmp_path / run.id / words.path_on_datastore / "words.txt").read_text() == "some words"
        assert words.download(tmp_path / run.id) == 0
        assert words.download(str(tmp_path / run.id), overwrite=True) == 1
    model = step(done.new, "train").get_outputs()["model"].get_port_data_reference()
    assert model.path_on_datastore == f"models/{step(done.new, 'train').id}"
    model.download(tmp_path / "model")
    assert (tmp_path / "model" / model.path_on_datastore / "model.txt").read_text() == "some words1.0"
    assert step(done.failed, "train").get_outputs() == {}
    with pytest.raises(UserErrorException, match="its status is Failed"):
        step(done.failed, "train").get_output("model")
    with pytest.raises(UserErrorException, match="It left: words"):
        step(done.new, "prepare.py").get_output("word")


def test_an_output_is_an_input_of_another_pipeline(done: Done) -> None:
    words = step(done.new, "prepare.py").get_output_data("words")
    for given in (words, words.as_mount(), words.as_input("other"), words.as_download(), words.create_input_binding(mode="download")):
        graph = Pipeline(done.ws, [PythonScriptStep("wait.py", arguments=[given], inputs=[given])]).graph
        [[one]] = [one.inputs for one in graph.steps]
        assert one.binding.data == words.input_source()  # type: ignore[union-attr]


def test_details(done: Done) -> None:
    found = step(done.new, "train").get_details()
    assert list(found) == [
        "runId", "target", "status", "startTimeUtc", "endTimeUtc", "services", "properties", "inputDatasets", "outputDatasets",
        "runDefinition", "logFiles", "submittedBy"]  # fmt: skip
    assert found["startTimeUtc"] < found["endTimeUtc"]
    assert found["outputDatasets"][0]["dataset"].to_path() == ["/model.txt"]
    assert Path(found["logFiles"]["user_logs/std_log.txt"]).read_text() == "training at 1.0\n"
    failed = done.failed.get_details()["error"]["error"]
    assert "train" in failed["message"]
    assert failed["details"][0]["runId"] == step(done.failed, "train").id
    assert "error" in step(done.failed, "train").get_details()


def test_logs(done: Done) -> None:
    for run in (done.new, done.reused):
        assert step(run, "prepare.py").get_stdout_log() == "preparing\n"
    failed = step(done.failed, "train").get_details_with_logs()
    assert failed["STDOUT"] == failed["STDERR"] == failed["logFiles"]["user_logs/std_log.txt"]
    assert "too high" in failed["STDERR"]
    assert "exit code 1" in failed["JOBLOG"]


def test_waiting_for_what_is_over(done: Done, capsys: pytest.CaptureFixture[str]) -> None:
    assert done.new.wait_for_completion() == "Finished"
    said = capsys.readouterr().out
    for part in (f"PipelineRunId: {done.new.id}", "preparing\n", "StepRun(train) Execution Summary\n====", "training at 1.0\n",
                 "PipelineRun Execution Summary", "PipelineRun Status: Finished", "'status': 'Completed'"):  # fmt: skip
        assert part in said
    assert said.index("preparing") < said.index("training at") < said.index("PipelineRun Status: Finished")
    assert step(done.reused, "train").wait_for_completion() == "Finished"
    assert "training at" not in capsys.readouterr().out


def test_a_failure_is_raised_with_its_error(done: Done) -> None:
    for run in (done.failed, step(done.failed, "train")):
        with pytest.raises(ActivityFailedException, match="Activity Failed") as caught:
            run.wait_for_completion(show_output=False)
        assert isinstance(caught.value, AzureMLException)
        assert isinstance(caught.value, RunFailed)
        assert msgspec.json.decode(caught.value.error_details) == run.get_details()["error"]
        assert caught.value.message == str(caught.value)
        assert run.wait_for_completion(show_output=False, raise_on_error=False) == "Failed"


def test_what_a_run_refuses(done: Done) -> None:
    for run in (done.new, step(done.new, "train")):
        for refused in (run.complete, run.fail, run.child_run):
            with pytest.raises(NotImplementedError):
                refused()
    with pytest.raises(UserErrorException, match=done.new.id):
        step(done.new, "train").cancel()
    done.new.cancel()
    assert done.new.get_status() == "Finished"


def test_what_a_run_says_of_itself(done: Done) -> None:
    train = step(done.new, "train")
    assert (done.new.number, done.new.name, done.new.parent, train.display_name) == (1, "first", None, "train")
    assert done.new.get_graph().steps[1].name == "train"
    assert train.get_snapshot_id() == step(done.reused, "train").get_snapshot_id()
    assert Path(train.get_portal_url().removeprefix("file://")).is_dir()
    assert repr(done.new) == f"PipelineRun('first', '{done.new.id}')"


def test_what_cannot_be_submitted(done: Done) -> None:
    pipeline = two_steps(done.ws)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"rat": 1.0}, "no parameter 'rat'"), ({"rate": "fast"}, "takes a number"), ({"rate": [1]}, "cannot be a list")]  # fmt: skip
    for parameters, said in wrong:
        with pytest.raises(UsageError, match=said):
            pipeline.submit("first", pipeline_parameters=parameters)
    with pytest.raises(UserErrorException, match="Submit a Pipeline"):
        Experiment(done.ws, "first").submit("pipeline")
    with pytest.raises(TypeError):
        pipeline.submit("first", regenerate=True)  # type: ignore[call-arg]
    with pytest.warns(UserWarning, match="ignores: regenerate"), pytest.raises(UsageError, match="no parameter"):
        Experiment(done.ws, "first").submit(pipeline, regenerate=True, pipeline_params={"rat": 1})
    assert len(list(done.ws.experiments["first"].get_runs())) == 2


def test_the_runs_of_a_published_pipeline(done: Done) -> None:
    published = done.new.publish_pipeline("p", "about", "1")
    run = published.submit(done.ws, "published")
    run.wait_for_completion(show_output=False)
    assert [one.id for one in PipelineRun.get_pipeline_runs(done.ws, published.id)] == [run.id]
    assert PipelineRun.get_pipeline_runs(done.ws, "nothing") == []
