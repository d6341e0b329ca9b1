"""Registered models: versions that stay what they were, found by name, tag and run, given out as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell import Dataset, Workspace
from stepwell.sdk.exceptions import ModelNotFoundException, ModelPathNotFoundException, UserErrorException, WebserviceException
from stepwell.sdk.model import Model


@pytest.fixture
def folder(made: Workspace) -> Path:
    """A folder `saved` with two files beside the workspace, and a file `model.pkl`."""
    base = made.open().base
    (base / "saved" / "deep").mkdir(parents=True)
    (base / "saved" / "a.bin").write_bytes(b"a")
    (base / "saved" / "deep" / "b.bin").write_bytes(b"b")
    (base / "model.pkl").write_bytes(b"first")
    return base


def test_versions_keep_their_bytes(made: Workspace, folder: Path) -> None:
    first = Model.register(made, "model.pkl", "m", tags={"area": "test", "n": 1}, description="the first")
    (folder / "model.pkl").write_bytes(b"second")
    second = Model.register(workspace=made, model_name="m", model_path=str(folder / "model.pkl"), properties={"acc": 0.5})
    assert (first.version, second.version, second.id, second.properties) == (1, 2, "m:2", {"acc": "0.5"})
    assert (Model(made, "m").version, Model(made, "m", version=1).tags) == (2, {"area": "test", "n": "1"})
    assert Path(Model.get_model_path("m", version=1, _workspace=made)).read_bytes() == b"first"
    path = Model.get_model_path("m")
    assert (path, Path(path).read_bytes()) == ("azureml-models/m/2/model.pkl", b"second")
    assert Model.get_model_path("m") == path
    assert (list(made.models), made.models["m"].version) == (["m"], 2)


def test_folders(made: Workspace, folder: Path) -> None:
    Model.register(made, "saved", "whole")
    path = Path(Model.get_model_path("whole"))
    assert path == Path("azureml-models/whole/1/saved")
    assert (path / "deep" / "b.bin").read_bytes() == b"b"
    part = Model.register(made, "saved", "part", child_paths=["deep"])
    target = Path(part.download(target_dir=folder / "got"))
    assert [str(one.relative_to(target)) for one in target.rglob("*.bin")] == ["deep/b.bin"]
    with pytest.raises(WebserviceException, match="exist_ok=True"):
        part.download(target_dir=folder / "got")
    assert Path(part.download(target_dir=folder / "got", exist_ok=True)) == target


def test_finding(made: Workspace, folder: Path) -> None:
    for number in range(3):
        Model.register(made, "model.pkl", "m", tags={"n": number}, model_framework=Model.Framework.SCIKITLEARN)
    Model.register(made, "model.pkl", "other")
    assert [model.id for model in Model.list(made)] == ["other:1", "m:3", "m:2", "m:1"]
    assert [model.id for model in Model.list(made, name="m", latest=True)] == ["m:3"]
    assert [model.id for model in Model.list(made, tags=[["n", 1]])] == ["m:2"]
    assert [model.id for model in Model.list(made, tags=["n"])] == ["m:3", "m:2", "m:1"]
    found = Model(made, id="m:2")
    assert (found.version, found.framework, found.created_time.tzinfo is not None) == (2, "ScikitLearn", True)
    found.add_tags({"best": True})
    found.update(description="new")
    again = Model(made, "m", version=2)
    assert (again.tags, again.description, again.serialize()["version"]) == ({"n": "1", "best": "True"}, "new", 2)
    again.add_properties({"p": 1})
    with pytest.raises(UserErrorException, match="cannot be changed"):
        again.add_properties({"p": 2})
    again.delete()
    assert [model.id for model in Model.list(made, name="m")] == ["m:3", "m:1"]


def test_what_is_not_there(made: Workspace, folder: Path) -> None:
    with pytest.raises(WebserviceException, match=r"\AModelNotFound: "):
        Model(made, "nobody")
    with pytest.raises(ModelNotFoundException):
        Model.get_model_path("nobody")
    with pytest.raises(ModelPathNotFoundException):
        Model.register(made, "nothing.pkl", "m")
    assert Model.get_model_path("model.pkl") == "model.pkl"
    with pytest.raises(UserErrorException, match="cannot name a model"):
        Model.register(made, "model.pkl", "a/b")


def test_dataset_references_add_up_and_none_changes_nothing(made: Workspace, folder: Path) -> None:
    data = Dataset.File.from_files((made.get_default_datastore(), "in"), validate=False).register(made, "photos")
    model = Model.register(made, "model.pkl", "m")
    model.add_dataset_references([])
    assert model.datasets == {}
    model.add_dataset_references([("training", data)])
    model.add_dataset_references([])
    assert [(scenario, [one.name for one in those]) for scenario, those in Model(made, "m").datasets.items()] == [("training", ["photos"])]
