"""Registered datasets as the dashboard shows them."""

from __future__ import annotations

from data_project import NASTY, Project

from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.ledger import history
from stepwell_store.ledger.definitions import unregister_dataset
from stepwell_store.ledger.lineage import Maker
from stepwell_store.workspace import Workspace
from stepwell_tui.views.datasets import detail, preview, profiled, registered


def test_every_dataset_by_its_newest_version(workspace: Workspace) -> None:
    found = {one.name: (one.version, one.kind) for one in registered(workspace)}
    assert found == {"columns": (1, "table, parquet"), "far": (1, "file"), "gone": (1, "file"), "people": (1, "table, delimited"),
                     "rows": (1, "table, json_lines"), "words": (2, "file")}


def test_versions_places_and_reading(workspace: Workspace, project: Project) -> None:
    words = detail(workspace, "words")
    assert [(one.version, one.description, one.tags) for one in words.versions] == [
        (2, "", {}), (1, f"the words {NASTY}", {"owner": "ada"})]
    assert words.versions[0].places == (str(project.base / "data.txt"),)
    assert detail(workspace, "people").versions[0].reading == (("include_path", "true"), ("take", '{"count":2}'))
    assert detail(workspace, "gone").versions[0].places == ("workspaceblobstore: nowhere",)
    assert detail(workspace, "far").versions[0].places == ("https://example.com/a.csv",)
    assert detail(workspace, "none").versions == ()


def test_the_steps_of_runs_that_used_it(workspace: Workspace, project: Project) -> None:
    uses = detail(workspace, "words").uses
    assert [(use.run, use.number, use.step, use.input, use.version) for use in uses] == [
        (project.runs[1], 2, "clean", "raw", 2), (project.runs[0], 1, "clean", "raw", 2)]
    assert detail(workspace, "people").uses == ()


def test_files_are_listed_with_their_sizes(workspace: Workspace) -> None:
    found = preview(workspace, "words")
    assert [(file.name, file.size) for file in found.files] == [("/data.txt", 11)]
    assert (found.table, found.note) == (None, "")


def test_tables_begin_with_the_rows_of_the_first_file(workspace: Workspace) -> None:
    found = preview(workspace, "people")
    assert found.table is not None
    assert found.table.rows == (("Eve", "1"),)
    assert found.note == "the first of 2 files; before take; without the columns from file names"
    rows = preview(workspace, "rows", 1)
    assert rows.table is not None
    assert rows.table.columns == ("a", "b", "c")


def test_what_cannot_be_looked_at_says_why(workspace: Workspace) -> None:
    assert "fetched when a step needs them" in preview(workspace, "far").note
    assert "nowhere" in preview(workspace, "gone").note
    assert "there is no dataset none" in preview(workspace, "none").note
    assert "Parquet" in preview(workspace, "columns").note


def test_nothing_is_registered_in_a_new_workspace(bare: Workspace) -> None:
    assert registered(bare) == []


def test_the_kinds_of_the_columns_that_are_shown(workspace: Workspace) -> None:
    people = preview(workspace, "people").table
    assert people is not None
    assert people.kinds == ("text", "integer")
    rows = preview(workspace, "rows").table
    assert rows is not None
    assert rows.kinds == ("integer", "text", "text")


def test_what_is_in_the_columns_of_a_table(workspace: Workspace) -> None:
    found = profiled(workspace, "people")
    assert found.profile is not None
    name, age = found.profile.columns
    assert (name.kind, age.kind, age.maximum, age.missing) == ("text", "integer", 36.0, 1)
    assert found.note == "4 rows; before take; without the columns from file names"


def test_what_has_no_columns_says_so(workspace: Workspace) -> None:
    assert profiled(workspace, "words").note.startswith("this is a dataset of files")
    assert "there is no dataset none" in profiled(workspace, "none").note


def test_the_step_that_made_the_data_of_a_version(workspace: Workspace, project: Project) -> None:
    output = next(one for one in history.outputs_of(workspace.database, history.steps_of(workspace.database, project.runs[0])[0].id))
    made = DatasetDefinition(kind="file", places=(DatastorePath(output.datastore, output.path),))
    below = DatasetDefinition(kind="file", places=(DatastorePath(output.datastore, f"{output.path}/**/*.txt"),))
    beside = DatasetDefinition(kind="file", places=(DatastorePath(output.datastore, f"{output.path}2"),), must_exist=False)
    for definition in (made, below, beside):
        workspace.register_dataset("made", definition, create_new_version=True)
    try:
        third, second, first = detail(workspace, "made").versions
        assert first.made_by == second.made_by == Maker(project.runs[0], 1, "words", "clean")
        assert third.made_by is None
    finally:
        unregister_dataset(workspace.database, "made")
