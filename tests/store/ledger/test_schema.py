"""Tables are made by migrations, once, by whoever comes first; those of a newer Stepwell are left alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database as Utils

from stepwell_store import workspace as workspaces
from stepwell_store.errors import IntegrityError, MachineError
from stepwell_store.ledger import schema
from stepwell_store.ledger.database import open_connection
from stepwell_store.ledger.publishing import Endpoint, EndpointVersion, Published
from stepwell_store.ledger.records import Artifact, Asset, Dataset, Metric, OutputRecord, Record, Run, StepRun, columns
from stepwell_store.ledger.waiting import Key, Waiting
from stepwell_store.workspace import Workspace

CREATOR = """
from pathlib import Path
from stepwell_store import workspace as workspaces
# go
workspace = workspaces.open_workspace(workspaces.create(Path(sys.argv[1])))
with workspace.database.write() as connection:
    connection.execute("INSERT INTO settings VALUES (?, '1')", (str(number),))
"""


def test_eight_processes_make_one_workspace(tmp_path: Path, at_once: Callable[..., list[str]]) -> None:
    at_once(CREATOR, 8, str(tmp_path))
    workspace = workspaces.require(tmp_path)
    found = {row[0] for row in workspace.database.read("SELECT name FROM settings")}
    assert found == {"created_at", *map(str, range(8))}
    assert sorted(path.name for path in workspace.root.iterdir() if path.is_file() and path.suffix == ".db") == ["workspace.db"]
    workspace.close()


TABLES = {"runs": Run, "step_runs": StepRun, "outputs": OutputRecord, "artifacts": Artifact, "metrics": Metric, "datasets": Dataset,
          "assets": Asset, "published": Published, "endpoints": Endpoint, "endpoint_versions": EndpointVersion,
          "queue": Waiting, "submission_keys": Key}


@pytest.mark.parametrize("table", TABLES)
def test_the_fields_of_a_record_are_the_columns_of_its_table(workspace: Workspace, table: str) -> None:
    record: type[Record] = TABLES[table]
    found = {row[1] for row in workspace.database.read(f"PRAGMA table_info({table})")}
    assert found - ({"id"} if table == "metrics" else set()) == set(columns(record))


def test_the_tables_of_history_have_a_foreign_key_to_what_they_belong_to(workspace: Workspace) -> None:
    assert {row[2] for row in workspace.database.read("PRAGMA foreign_key_list(step_runs)")} == {"runs"}
    assert {row[2] for row in workspace.database.read("PRAGMA foreign_key_list(outputs)")} == {"step_runs"}


def test_the_database_says_what_it_is_and_which_migrations_made_it(workspace: Workspace) -> None:
    assert workspace.database.read("PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert schema.version_of(workspace.database.connection) == schema.VERSION
    tables = Utils(workspace.database.connection, execute_plugins=False)
    expected = ["m001_first_tables", "m002_assets", "m003_compute_targets", "m004_publishing", "m005_trials"]
    assert [row["name"] for row in tables["_sqlite_migrations"].rows] == expected


def test_the_migrations_make_all_tables_of_an_empty_database(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch(mode=0o600)
    connection = open_connection(path)
    assert schema.version_of(connection) == 0
    connection.execute("BEGIN IMMEDIATE")
    schema.migrate(connection)
    connection.execute("COMMIT")
    assert schema.version_of(connection) == schema.VERSION
    made = "SELECT name, sql FROM sqlite_master ORDER BY name"
    assert connection.execute(made).fetchall() == workspace.database.read(made)
    connection.close()


def test_an_emptied_database_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    root = workspaces.create(tmp_path)
    for path in root.glob("workspace.db*"):
        path.unlink()
    (root / workspaces.DATABASE).touch(mode=0o600)
    with pytest.raises(IntegrityError, match="empty"):
        workspaces.open_workspace(root)


def test_migrating_twice_changes_nothing(workspace: Workspace) -> None:
    before = workspace.database.read("SELECT sql FROM sqlite_master ORDER BY name")
    with workspace.database.write() as connection:
        schema.migrate(connection)
    assert workspace.database.read("SELECT sql FROM sqlite_master ORDER BY name") == before


def test_a_workspace_of_a_newer_stepwell_is_refused_with_what_to_do(workspace: Workspace, tmp_path: Path) -> None:
    workspace.database.connection.execute(f"PRAGMA user_version={schema.VERSION + 1}")
    workspace.close()
    before = (workspace.root / workspaces.DATABASE).read_bytes()
    with pytest.raises(MachineError, match="newer Stepwell") as caught:
        workspaces.open_workspace(workspace.root)
    assert "update Stepwell" in str(caught.value)
    assert str(workspace.root) in str(caught.value)
    assert (workspace.root / workspaces.DATABASE).read_bytes() == before


def test_a_database_that_was_begun_and_not_finished_is_nobodys_workspace(tmp_path: Path) -> None:
    root = workspaces.create(tmp_path)
    shutil.move(root / workspaces.DATABASE, root / "new-1.db")
    assert workspaces.find(tmp_path) is None
    workspaces.create(tmp_path)
    connection = open_connection(root / workspaces.DATABASE)
    assert schema.version_of(connection) == schema.VERSION
    connection.close()
