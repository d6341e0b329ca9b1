"""What people define: datasets with versions, datastores, settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell_store.data.definition import DatasetDefinition, LocalPath, Transform
from stepwell_store.errors import UsageError
from stepwell_store.ledger import definitions
from stepwell_store.workspace import Workspace

IRIS = DatasetDefinition(kind="tabular", places=(LocalPath("/data/iris.csv"),), format="delimited", options={"separator": ";"},
                         transforms=(Transform("take", {"count": 5}),))
FILES = DatasetDefinition(kind="file", places=(LocalPath("/data/**"),))


def test_a_dataset_comes_back_as_it_was_with_its_name_and_version(workspace: Workspace) -> None:
    assert workspace.register_dataset("iris", IRIS, description="flowers", tags={"a": "b"}) == 1
    assert workspace.register_dataset("iris", FILES, create_new_version=True) == 2
    first, newest = workspace.dataset("iris", 1), workspace.dataset("iris")
    assert (first.name, first.version, first.places, first.options, first.transforms) == (
        "iris", 1, IRIS.places, IRIS.options, IRIS.transforms)
    assert (newest.version, newest.kind) == (2, "file")


def test_datasets_are_listed_with_their_newest_version(workspace: Workspace) -> None:
    for name in ("b", "a"):
        workspace.register_dataset(name, FILES)
    workspace.register_dataset("b", IRIS, description="newer", create_new_version=True)
    assert [(one.name, one.version, one.description) for one in workspace.datasets()] == [("a", 1, None), ("b", 2, "newer")]


def test_a_name_that_exists_needs_to_be_told_that_a_new_version_is_wanted(workspace: Workspace) -> None:
    workspace.register_dataset("iris", IRIS)
    with pytest.raises(UsageError, match="exists already") as caught:
        workspace.register_dataset("iris", IRIS)
    assert "create_new_version=True" in str(caught.value)
    assert workspace.dataset("iris").version == 1


@pytest.mark.parametrize(("name", "version", "said"), [("irs", None, "no dataset irs"), ("iris", 7, "no dataset iris version 7")])
def test_an_unknown_dataset_names_those_that_there_are(workspace: Workspace, name: str, version: int | None, said: str) -> None:
    workspace.register_dataset("iris", IRIS)
    with pytest.raises(UsageError, match=said) as caught:
        workspace.dataset(name, version)
    assert "registered are: iris" in str(caught.value)


REGISTER = """
from pathlib import Path
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
# go
print(workspace.register_dataset("d", DatasetDefinition(kind="file", places=(LocalPath("/x"),)), create_new_version=True))
"""


def test_registrations_at_the_same_time_get_versions_of_their_own(workspace: Workspace, at_once: Callable[..., list[str]]) -> None:
    assert sorted(map(int, at_once(REGISTER, 4, str(workspace.root)))) == [1, 2, 3, 4]


def test_a_folder_becomes_a_datastore_and_is_forgotten_without_its_files(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "my data"
    folder.mkdir()
    (folder / "a.csv").write_text("1")
    definitions.add_datastore(workspace.database, "mine", folder)
    assert [store.name for store in workspace.datastores()] == ["workspaceblobstore", "workspacefilestore", "mine"]
    assert [entry.path for entry in workspace.datastore("mine").ls("")] == ["a.csv"]
    definitions.remove_datastore(workspace.database, "mine")
    assert (folder / "a.csv").exists()
    with pytest.raises(UsageError, match="no datastore mine"):
        workspace.datastore("mine")


def test_names_of_datastores_are_taken_once_and_the_embedded_ones_stay(workspace: Workspace, tmp_path: Path) -> None:
    definitions.add_datastore(workspace.database, "mine", tmp_path)
    for name in ("mine", "workspaceblobstore"):
        with pytest.raises(UsageError, match=f"a datastore {name} already"):
            definitions.add_datastore(workspace.database, name, tmp_path)
    with pytest.raises(UsageError, match="no folder"):
        definitions.add_datastore(workspace.database, "other", tmp_path / "nowhere")
    with pytest.raises(UsageError, match="stays"):
        definitions.remove_datastore(workspace.database, "workspaceblobstore")
    with pytest.raises(UsageError, match="no datastore nobody"):
        definitions.remove_datastore(workspace.database, "nobody")


def test_a_near_miss_of_a_datastore_is_answered_with_what_was_meant(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="did you mean workspaceblobstore") as caught:
        workspace.datastore("workspaceblobstor")
    assert "workspacefilestore" in str(caught.value)


def test_settings_have_a_default_until_somebody_sets_them(workspace: Workspace) -> None:
    assert workspace.default_datastore_name() == "workspaceblobstore"
    definitions.set_setting(workspace.database, "default_datastore", "mine")
    definitions.set_setting(workspace.database, "default_datastore", "yours")
    assert workspace.default_datastore_name() == "yours"
    assert workspace.name == workspace.base.name
