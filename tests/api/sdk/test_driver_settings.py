"""What real drivers set, make and write around their pipelines."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest

from stepwell import (
    DataPath,
    Dataset,
    DockerConfiguration,
    Environment,
    Pipeline,
    PipelineParameter,
    PythonScriptStep,
    RunConfiguration,
    ScriptRunConfig,
    Workspace,
)
from stepwell.sdk.exceptions import AzureMLException, UserErrorException, WorkspaceException
from stepwell_runner.graph.model import CurrentInterpreter, Image
from stepwell_store import workspace as stored
from stepwell_store.data.definition import DatastorePath


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A current folder without a workspace."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    return tmp_path


@pytest.fixture
def ws(folder: Path) -> Workspace:
    """A workspace, and its folder as the current one."""
    stored.create(folder)
    return Workspace.from_config()


def test_docker_settings_are_kept_and_only_name_the_image_of_containers(ws: Workspace, folder: Path) -> None:
    (folder / "s.py").write_text("")
    plain, config = RunConfiguration(), RunConfiguration(framework="PyTorch")
    config.environment.docker.enabled = True
    config.environment.docker.base_image = "image:1"
    config.environment.docker.base_image_registry.address = "registry"
    config.docker = DockerConfiguration(use_docker=True, arguments=["--ipc=host"])
    config.node_count = 1
    steps = [PythonScriptStep("s.py", runconfig=one) for one in (config, plain)]
    [first], [second] = (Pipeline(ws, [step]).graph.steps for step in steps)
    assert first.environment == CurrentInterpreter(Image(reference="registry/image:1"))
    assert msgspec.structs.replace(first, environment=second.environment) == second
    assert (config.docker.use_docker, config.docker.arguments, config.docker.shm_size) == (True, ["--ipc=host"], "2g")
    assert (config.framework, plain.framework, plain.docker.use_docker) == ("PyTorch", "Python", False)
    script = ScriptRunConfig(".", "s.py", environment=Environment("mine"), docker_runtime_config=config.docker)
    assert script.run_config.docker is config.docker


def test_a_folder_becomes_a_dataset(ws: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("data/a.csv", "data/sub/b.csv", "data/sub/c.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    store = ws.get_default_datastore()
    whole = Dataset.File.upload_directory("data", (store, "whole"))
    assert (whole.name, whole.definition.places) == (None, (DatastorePath("workspaceblobstore", "whole"),))
    assert whole.to_path() == ["/a.csv", "/sub/b.csv", "/sub/c.txt"]
    assert "whole/sub/b.csv" in capsys.readouterr().out
    tables = Dataset.File.upload_directory(folder / "data", DataPath(store, "tables"), pattern="**/*.csv", show_progress=False)
    assert tables.to_path() == ["/a.csv", "/sub/b.csv"]
    assert capsys.readouterr().out == ""
    (folder / "data" / "a.csv").write_text("new")
    Dataset.File.upload_directory("data", (store, "whole"), show_progress=False)
    assert (Path(ws.open().root) / "datastores/workspaceblobstore/whole/a.csv").read_text() == "data/a.csv"
    Dataset.File.upload_directory("data", (store, "whole"), overwrite=True, show_progress=False)
    assert (Path(ws.open().root) / "datastores/workspaceblobstore/whole/a.csv").read_text() == "new"
    with pytest.raises(UserErrorException, match="no file below"):
        Dataset.File.upload_directory("data", store, pattern="*.parquet")


def test_making_a_workspace(folder: Path) -> None:
    with pytest.raises(WorkspaceException, match="stepwell init") as caught:
        Workspace.get("mine")
    assert isinstance(caught.value, AzureMLException)
    made = Workspace.create("mine-1", resource_group="group", location="here")
    assert (made.name, made.resource_group, made.location) == ("mine-1", "group", "here")
    assert made.open().root == folder / ".stepwell"
    assert Workspace.from_config().name == Workspace.get("mine-1").name == "mine-1"
    with pytest.raises(WorkspaceException, match="exist_ok=True"):
        Workspace.create("mine-1")
    assert Workspace.create("mine-1", exist_ok=True).open().root == made.open().root
    with pytest.raises(UserErrorException, match="cannot name a workspace"):
        Workspace.create("a")


def test_writing_the_config(ws: Workspace, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ws.write_config()
    file = folder / ".azureml" / "config.json"
    assert str(file) in capsys.readouterr().out
    assert json.loads(file.read_text()) == {
        "subscription_id": ws.subscription_id, "resource_group": "local", "workspace_name": folder.name}  # fmt: skip
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Workspace.from_config().name == folder.name
    ws.write_config(path=folder / "sub", file_name="other.json")
    assert Workspace.from_config(folder / "sub" / ".azureml" / "other.json").subscription_id == ws.subscription_id


class Number(float):
    """A float of another library."""

    def item(self) -> float:
        """Its plain value."""
        return float(self)


def test_parameters_of_many_types(ws: Workspace, folder: Path) -> None:
    (folder / "s.py").write_text("import sys; print(*sys.argv[1:])")
    (folder / "a.txt").write_text("a")
    store = ws.get_default_datastore()
    store.upload_files([str(folder / "a.txt")], target_path="in", show_progress=False)
    parameters = [PipelineParameter("number", 0.5), PipelineParameter("text", "x"), PipelineParameter("whole", 1)]
    data = PipelineParameter("data", Dataset.File.from_files((store, "nothing"), validate=False))
    run = Pipeline(ws, [PythonScriptStep("s.py", name="s", arguments=[*parameters, data])]).submit(
        "exp", pipeline_parameters={"number": Number(2.5), "text": "y", "whole": 3, "data": Dataset.File.from_files((store, "in"))}
    )
    assert run.wait_for_completion(show_output=False) == "Finished"
    [step] = run.find_step_run("s")
    assert step.get_stdout_log().split()[:3] == ["2.5", "y", "3"]
    [used] = step.get_details()["inputDatasets"]
    assert (used["consumptionDetails"]["inputName"], used["dataset"].to_path()) == ("data", ["/a.txt"])
