"""Published pipelines and endpoints as drivers use them: kept as they were, versions as text, disabled and enabled."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from driven import project, two_steps

from stepwell import Experiment, Pipeline, PipelineEndpoint, PipelineRun, PublishedPipeline, PythonScriptStep, Workspace
from stepwell_store.errors import StepwellError


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    return project(tmp_path)


def one_step(ws: Workspace, word: str, folder: str) -> Pipeline:
    """A pipeline whose own folder holds a script that prints a word."""
    Path(folder).mkdir()
    Path(folder, "say.py").write_text(f"print('said {word}')\n")
    return Pipeline(ws, [PythonScriptStep("say.py", name="say", source_directory=folder)])


def logs(run: PipelineRun) -> str:
    (step,) = run.find_step_run("say")
    return step.get_stdout_log() or ""


def test_a_published_pipeline_runs_the_same_after_its_folder_is_gone(ws: Workspace) -> None:
    published = one_step(ws, "hello", "source").publish(name="hello", description="says hello", version="1.0")
    shutil.rmtree("source")
    found = PublishedPipeline.get(ws, published.id)
    assert (found.name, found.description, found.version) == ("hello", "says hello", "1.0")
    assert (found.status, found.total_run_steps) == ("Active", 1)
    run = found.submit(ws, "saying")
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert "said hello" in logs(run)
    again = Experiment(ws, "saying").submit(found, tags={"why": "again"}, regenerate_outputs=True)
    assert again.wait_for_completion(show_output=False) == "Finished"
    assert again.get_tags()["why"] == "again"
    assert "said hello" in logs(again)
    assert [one.id for one in PipelineRun.get_pipeline_runs(ws, published.id)] == [again.id, run.id]
    assert PipelineRun.get_pipeline_runs(ws, "other") == []


def test_a_run_is_published_with_its_parameters_and_its_code(ws: Workspace) -> None:
    run = two_steps(ws).submit("first", pipeline_parameters={"rate": 2.5})
    run.wait_for_completion(show_output=False)
    Path("train.py").write_text("raise SystemExit('edited')")
    published = run.publish_pipeline("trained", "of a run", "2")
    again = published.submit(ws, "second")
    assert again.wait_for_completion(show_output=False) == "Finished"
    assert again.get_graph().parameters[0].default == 2.5
    assert [step.name for step in again.get_steps()]
    with pytest.raises(TypeError):
        run.publish_pipeline("no version")  # type: ignore[call-arg]


def test_disabled_ones_are_hidden_and_refuse_to_run(ws: Workspace) -> None:
    published = one_step(ws, "hello", "source").publish(name="hello")
    assert [one.id for one in PublishedPipeline.list(ws)] == [published.id]
    published.disable()
    assert published.status == "Disabled"
    assert PublishedPipeline.list(ws) == []
    assert [one.status for one in PublishedPipeline.list(ws, active_only=False)] == ["Disabled"]
    with pytest.raises(StepwellError, match="disabled"):
        PublishedPipeline.get(ws, published.id).submit(ws, "saying")
    PublishedPipeline.get(ws, published.id).enable()
    assert len(PublishedPipeline.get_all(ws)) == 1
    with pytest.raises(StepwellError, match="no parameter"):
        published.submit(ws, "saying", pipeline_parameters={"unknown": 1})


def test_what_it_tells_of_itself(ws: Workspace) -> None:
    published = two_steps(ws).publish(name="two", continue_on_step_failure=True)
    assert published.get_step_names() == {"prepare": "prepare.py", "train": "train"}
    assert published.continue_on_step_failure is True
    assert len(published.get_graph().steps) == 2
    lines = str(published).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Name", "Id", "Status", "Endpoint"]
    assert published.endpoint.endswith(f"/PipelineRuns/PipelineSubmit/{published.id}")
    with pytest.raises(StepwellError, match="no published pipeline"):
        PublishedPipeline.get(ws, "nothing")
    with pytest.raises(TypeError):
        PublishedPipeline.get(ws)
    assert PublishedPipeline.get(ws, name="two").id == published.id


def test_an_endpoint_counts_its_versions_from_zero_and_runs_the_default_one(ws: Workspace) -> None:
    first = one_step(ws, "one", "first").publish(name="one")
    second = one_step(ws, "two", "second")
    endpoint = PipelineEndpoint.publish(ws, "talk", "talks", first)
    endpoint.add(second)
    assert [version.version for version in endpoint.list_versions()] == ["0", "1"]
    assert endpoint.get_default_version() == "0"
    assert endpoint.get_pipeline("1").name.startswith("talk-")
    endpoint.set_default_version("1")
    assert PipelineEndpoint.get(ws, name="talk").default_version == "1"
    endpoint.set_default(first)
    assert PipelineEndpoint.get(ws, id=endpoint.id).default_version == "0"
    runs = [endpoint.submit("talking"), endpoint.submit("talking", pipeline_version="1"),
            Experiment(ws, "talking").submit(endpoint, tags={"by": "experiment"}, pipeline_version="1")]
    for run in runs:
        assert run.wait_for_completion(show_output=False) == "Finished"
    assert [logs(run).strip() for run in runs] == ["said one", "said two", "said two"]
    third = one_step(ws, "three", "third")
    endpoint.add_default(third)
    assert endpoint.default_version == "2"
    assert len(endpoint.list_pipelines()) == 3


def test_an_endpoint_refuses_what_does_not_fit(ws: Workspace) -> None:
    published = one_step(ws, "one", "first").publish(name="one")
    endpoint = PipelineEndpoint.publish(ws, name="talk", description="talks", pipeline=published)
    for wrong in (lambda: PipelineEndpoint.publish(ws, "talk", "again", published), lambda: endpoint.add(published),
                  lambda: endpoint.set_default_version("7"), lambda: endpoint.set_default_version(0),  # type: ignore[arg-type]
                  lambda: endpoint.get_pipeline("7"), lambda: endpoint.add("pipeline"),  # type: ignore[arg-type]
                  lambda: endpoint.submit("talking", pipeline_version="7")):
        with pytest.raises(ValueError, match=r"already|no version|is text|cannot be"):
            wrong()
    endpoint.disable()
    with pytest.raises(ValueError, match="disabled"):
        endpoint.submit("talking")
    assert PipelineEndpoint.list(ws) == []
    endpoint.enable()
    with pytest.raises(Exception, match="its id or its name"):
        PipelineEndpoint.get(ws)
    with pytest.raises(StepwellError, match="no endpoint"):
        PipelineEndpoint.get(ws, name="nothing")


def test_an_archived_endpoint_gives_its_name_free(ws: Workspace) -> None:
    published = one_step(ws, "one", "first").publish(name="one")
    endpoint = PipelineEndpoint.publish(ws, "talk", None, published)
    endpoint.archive()
    assert endpoint.status == "Disabled"
    other = PipelineEndpoint.publish(ws, "talk", None, published)
    with pytest.raises(ValueError, match="already"):
        endpoint.reactivate("talk")
    endpoint.reactivate("talk-again")
    other.set_name("talk-2")
    assert [one.name for one in PipelineEndpoint.list(ws)] == ["talk-2", "talk-again"]


def test_the_first_id_in_an_address_is_the_segment_that_scripts_split_at(ws: Workspace) -> None:
    published = one_step(ws, "one", "first").publish(name="one")
    odd = Workspace("SubId", "GroupId", "Identities", root=ws.open().root)
    endpoint = PipelineEndpoint.publish(odd, "talk", None, published)
    assert endpoint.endpoint.split("Id", 1)[0].endswith("/PipelineRuns/PipelineEndpointSubmit/")
