"""Workspaces, datastores and datasets as authors see them, with real ones below."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell import DataPath, Dataset, Datastore, Experiment, Run, Workspace
from stepwell_store import workspace as stored
from stepwell_store.data.definition import DatastorePath, LocalPath, Transform, Url
from stepwell_store.errors import UsageError


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace that is there, and its folder as the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    stored.create(tmp_path)
    return Workspace.from_config()


@pytest.fixture
def uploaded(ws: Workspace, tmp_path: Path) -> Datastore:
    """The default datastore with `in/a.csv` and `in/sub/b.csv` on it."""
    source = tmp_path / "source"
    (source / "sub").mkdir(parents=True)
    (source / "a.csv").write_text("n,text\n1,x\n2,y\n3,z\n")
    (source / "sub" / "b.csv").write_text("n,text\n4,w\n")
    store = ws.get_default_datastore()
    store.upload(str(source), "in", show_progress=False)
    return store


def test_what_notebooks_print_first(ws: Workspace, tmp_path: Path) -> None:
    assert (ws.name, ws.resource_group, ws.location) == (tmp_path.name, "local", "local")
    assert ws.subscription_id == "00000000-0000-0000-0000-000000000000"


def test_from_below_the_workspace_and_from_v1s_config(ws: Workspace, tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert Workspace.from_config(below).open().root == ws.open().root
    (tmp_path / ".azureml").mkdir()
    config = {"subscription_id": "s-1", "resource_group": "group", "workspace_name": "mine"}
    (tmp_path / ".azureml" / "config.json").write_text(json.dumps(config))
    (below / "config.json").write_text(json.dumps({**config, "workspace_name": "other"}))
    found = Workspace.from_config(below)
    assert (found.name, found.subscription_id, found.resource_group) == ("mine", "s-1", "group")
    assert Workspace.from_config(below / "config.json").name == "other"


def test_neither_workspace_nor_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    with pytest.raises(UsageError, match=r"no workspace and no config\.json in .*\n.*stepwell init"):
        Workspace.from_config(tmp_path)


def test_a_config_that_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text("[1]")
    with pytest.raises(UsageError, match="this is no workspace config"):
        Workspace.from_config(tmp_path)


def test_before_the_workspace_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STEPWELL_WORKSPACE", "")
    ws = Workspace.from_config()
    assert (ws.name, ws.get_default_datastore().name) == (tmp_path.name, "workspaceblobstore")
    assert list(ws.datastores) == ["workspaceblobstore", "workspacefilestore"]
    with pytest.raises(UsageError, match="no workspace yet"):
        ws.datasets.get("iris")


def test_datastores(ws: Workspace) -> None:
    assert ws.get_default_datastore() == Datastore.get_default(ws) == Datastore.get(ws, "workspaceblobstore") == Datastore(ws)
    assert {name: store.datastore_type for name, store in ws.datastores.items()} == {
        "workspaceblobstore": "AzureBlob",
        "workspacefilestore": "AzureFile",
    }
    with pytest.raises(UsageError, match="no datastore"):
        Datastore(ws, "workspaceblobstor")


def test_upload_and_download(ws: Workspace, uploaded: Datastore, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "source" / "a.csv"
    file.write_text("changed")
    reference = uploaded.upload_files([str(file)], target_path="in")
    assert (reference.path_on_datastore, reference.datastore) == ("in", uploaded)
    assert "in/a.csv exists already, skipped" in capsys.readouterr().out
    assert uploaded.download(str(tmp_path / "down"), "in") == 2
    assert (tmp_path / "down" / "in" / "a.csv").read_text().startswith("n,text")


def test_references_into_a_datastore(ws: Workspace) -> None:
    store = ws.get_default_datastore()
    assert store.path().data_reference_name == store.as_mount().data_reference_name == store.name
    assert len(store.path("a").data_reference_name) == 32
    assert store.path("a", "n").path("b").path_on_datastore == "a/b"
    assert str(store.path("a", "n")) == "$AZUREML_DATAREFERENCE_n"
    assert (store.as_download().mode, store.as_upload().mode) == ("download", "upload")
    assert DataPath.create_from_data_reference(store.path("a", "n")).path_on_datastore == "a"


def test_paths_of_datasets(ws: Workspace, tmp_path: Path) -> None:
    store = ws.get_default_datastore()
    for path, place in (
        ((store, "a/*.csv"), DatastorePath("workspaceblobstore", "a/*.csv")),
        (("workspacefilestore", "/a"), DatastorePath("workspacefilestore", "a")),
        (DataPath(store, "a"), DatastorePath("workspaceblobstore", "a")),
        (store.path("a"), DatastorePath("workspaceblobstore", "a")),
        ("https://example.org/a.csv", Url("https://example.org/a.csv")),
        ("data/../a.csv", LocalPath(str(tmp_path / "a.csv"))),
        (Path("a.csv"), LocalPath(str(tmp_path / "a.csv"))),
    ):
        assert Dataset.File.from_files(path, validate=False).definition.places == (place,)  # type: ignore[arg-type]
        assert Dataset.File.from_files([path, path], validate=False).definition.places == (place, place)  # type: ignore[arg-type, list-item]


@pytest.mark.parametrize("path", [[], 5, [5], ("d", "../a"), ("d", "a", "b"), None])
def test_paths_that_datasets_refuse(path: object) -> None:
    with pytest.raises(UsageError):
        Dataset.File.from_files(path)  # type: ignore[arg-type]


def test_options_are_kept_when_they_say_something() -> None:
    made = Dataset.Tabular.from_delimited_files("/a.csv", separator=";", header=False, encoding="utf8")
    assert (made.definition.format, made.definition.options) == ("delimited", {"separator": ";", "header": False})
    lines = Dataset.Tabular.from_json_lines_files("/a.jsonl", invalid_lines="drop")
    assert (lines.definition.format, lines.definition.options) == ("json_lines", {"invalid_lines": "drop"})
    assert Dataset.Tabular.from_parquet_files("/a.parquet", include_path=True).definition.options == {"include_path": True}


def test_operations_make_new_definitions() -> None:
    table = Dataset.Tabular.from_delimited_files("/a.csv")
    assert table.take(5).skip(1).keep_columns("a").drop_columns(["b"]).definition.transforms == (
        Transform("take", {"count": 5}),
        Transform("skip", {"count": 1}),
        Transform("keep_columns", {"columns": ["a"]}),
        Transform("drop_columns", {"columns": ["b"]}),
    )
    first, second = table.random_split(0.7)
    assert first.definition.transforms[0].options["seed"] == second.definition.transforms[0].options["seed"]
    assert table.definition.transforms == ()


def test_files_are_read_where_they_are(uploaded: Datastore, tmp_path: Path) -> None:
    files = Dataset.File.from_files((uploaded, "in"))
    assert files.to_path() == ["/a.csv", "/sub/b.csv"]
    assert files.skip(1).download(tmp_path / "got") == [str(tmp_path / "got" / "sub" / "b.csv")]
    with pytest.raises(UsageError, match="exists already"):
        files.download(tmp_path / "got")
    with pytest.raises(UsageError):
        Dataset.File.from_files((uploaded, "gone")).to_path()


def test_registered_datasets(ws: Workspace, uploaded: Datastore) -> None:
    files = Dataset.File.from_files((uploaded, "in"))
    first = files.register(ws, "my files", description="two")
    assert (files.name, first.name, first.version) == (None, "my files", 1)
    with pytest.raises(UsageError, match="create_new_version=True"):
        files.take(1).register(ws, "my files")
    assert files.register(ws, "my files").version == 1
    assert files.take(1).register(ws, "my files", create_new_version=True).version == 2
    assert Dataset.get_by_name(ws, "my files").definition.transforms
    assert Dataset.get_by_name(ws, "my files", version=1).definition == first.definition
    assert (list(ws.datasets), len(ws.datasets), ws.datasets["my files"].version) == (["my files"], 1, 2)
    assert ws.datasets.get("other") is None
    with pytest.raises(UsageError, match="no dataset other"):
        Dataset.get_by_name(ws, "other")


@pytest.mark.parametrize("name", ["", "-a", "a b", "x" * 256])
def test_names_of_experiments(ws: Workspace, name: str) -> None:
    assert Experiment(ws, "train-1").name == "train-1"
    with pytest.raises(UsageError):
        Experiment(ws, name)


def test_a_run_outside_a_step_is_offline(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run.get_context()
    run.log("accuracy", 0.9)
    assert run.id.startswith("OfflineRun_")
    assert "accuracy" in capsys.readouterr().out


PROBE = """
import sys
before = set(sys.modules)
import stepwell
print(stepwell.__version__, sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
missing = [name for name in stepwell.__all__ if getattr(stepwell, name, None) is None]
print(missing, sorted(set(stepwell.__all__) - set(dir(stepwell))))
heavy = {"pandas", "yaml", "git", "rich", "textual", "asyncio", "sqlite_utils", "urllib.request"}
print(sorted(heavy & set(sys.modules)))
"""


def test_the_public_names_are_imported_when_they_are_used() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEPWELL")}
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, env=environment)
    version, missing, heavy = done.stdout.splitlines()
    assert version == "0.1.0 ['__future__', 'stepwell']"
    assert missing == "[] []"
    assert heavy == "[]"


def test_a_name_that_is_not_there() -> None:
    import stepwell

    with pytest.raises(AttributeError, match="no attribute 'Pipelin'"):
        _ = stepwell.Pipelin
