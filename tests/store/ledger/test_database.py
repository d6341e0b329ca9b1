"""The writer lock, transactions that are whole or not there, a bounded log, and SQLite's errors in words."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stepwell_store import workspace as workspaces
from stepwell_store.errors import IntegrityError, MachineError, StepwellError
from stepwell_store.ledger import database as databases
from stepwell_store.ledger.database import Database, wal_size
from stepwell_store.locks import is_locked
from stepwell_store.workspace import Workspace

WRITERS, WRITES = 8, 10

WRITER = f"""
from pathlib import Path
from stepwell_store.ledger.database import Database
root = Path(sys.argv[1])
database = Database(root / "workspace.db", root / "locks/write.lock")
# go
for write in range({WRITES}):
    with database.write() as connection:
        connection.execute("INSERT INTO settings VALUES (?, '1')", (f"{{number}}-{{write}}",))
    print(f"{{number}}-{{write}}", flush=True)
"""


def put(database: Database, name: str, value: str = "1") -> None:
    with database.write() as connection:
        connection.execute("INSERT INTO settings VALUES (?, ?)", (name, value))


def names(database: Database) -> set[str]:
    return {row[0] for row in database.read("SELECT name FROM settings WHERE name <> 'created_at'")}


def test_what_eight_writers_were_told_is_written_is_there(workspace: Workspace, at_once: Callable[..., list[str]]) -> None:
    acknowledged = "".join(at_once(WRITER, WRITERS, str(workspace.root))).split()
    assert len(acknowledged) == WRITERS * WRITES
    assert names(workspace.database) == set(acknowledged)


def test_a_write_that_raises_leaves_nothing_and_the_next_one_works(workspace: Workspace) -> None:
    def fail() -> None:
        with workspace.database.write() as connection:
            connection.execute("INSERT INTO settings VALUES ('half', '1')")
            raise KeyError("a bug")

    with pytest.raises(KeyError):
        fail()
    put(workspace.database, "next")
    assert names(workspace.database) == {"next"}


def test_a_write_holds_the_lock_and_an_immediate_transaction(workspace: Workspace) -> None:
    with workspace.database.write() as connection:
        assert is_locked(workspace.locks / "write.lock")
        assert connection.in_transaction
        other = databases.open_connection(workspace.database.path)
        other.execute("PRAGMA busy_timeout=0")
        with pytest.raises(databases.sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()
    assert not is_locked(workspace.locks / "write.lock")


def test_every_connection_waits_and_commits_durably(workspace: Workspace) -> None:
    def pragma(name: str) -> object:
        return workspace.database.read(f"PRAGMA {name}")[0][0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert pragma("foreign_keys") == 1
    assert pragma("busy_timeout") == 30000
    assert pragma("wal_autocheckpoint") == 0


def test_the_log_stays_bounded_while_much_is_written(workspace: Workspace) -> None:
    for number in range(24):
        with workspace.database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES ('big', ?)", (chr(65 + number) * (1 << 20),))
    assert 0 < wal_size(workspace.database.path) < 16 << 20


def test_a_log_that_a_reader_kept_long_is_truncated_once_it_is_gone(workspace: Workspace) -> None:
    database = workspace.database
    put(database, "before")
    reader = databases.open_connection(database.path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM settings").fetchall()
    for number in range(4):
        with database.write() as connection:
            connection.execute("INSERT OR REPLACE INTO settings VALUES ('big', ?)", (chr(65 + number) * (17 << 20),))
    assert wal_size(database.path) > databases.TRUNCATE_BYTES
    reader.close()
    put(database, "small")
    assert wal_size(database.path) < databases.CHECKPOINT_BYTES
    assert database.read("PRAGMA busy_timeout") == [(30000,)]


def test_a_full_database_is_explained_and_can_be_written_again_when_there_is_room(workspace: Workspace) -> None:
    database = workspace.database
    pages = database.read("PRAGMA page_count")[0][0]
    database.connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(MachineError, match="disk is full"):
        put(database, "big", "x" * 100_000)
    assert names(database) == set()
    database.connection.execute("PRAGMA max_page_count=100000")
    put(database, "big", "x" * 100_000)
    assert names(database) == {"big"}


def test_a_file_that_is_no_database_is_an_integrity_error(tmp_path: Path) -> None:
    (tmp_path / "workspace.db").write_bytes(b"not a database, but long enough to be looked at" * 100)
    database = Database(tmp_path / "workspace.db", tmp_path / "lock")
    with pytest.raises(IntegrityError, match="damaged") as caught:
        database.read("SELECT 1 FROM settings")
    assert "stepwell check" in str(caught.value)


def test_damage_in_the_middle_is_an_integrity_error(workspace: Workspace) -> None:
    for number in range(200):
        put(workspace.database, f"{number:03}", "y" * 200)
    workspace.close()
    path = workspace.root / workspaces.DATABASE
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(IntegrityError):
        Workspace(workspace.root).database.read("SELECT * FROM settings")


def test_a_missing_database_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="no database") as caught:
        Database(tmp_path / "workspace.db", tmp_path / "lock").read("SELECT 1")
    assert "stepwell init" in str(caught.value)


def test_a_database_that_a_foreign_program_locks_is_told_from_a_busy_stepwell(workspace: Workspace) -> None:
    put(workspace.database, "first")
    workspace.database.connection.execute("PRAGMA busy_timeout=0")
    foreign = databases.open_connection(workspace.database.path)
    foreign.execute("BEGIN IMMEDIATE")
    with pytest.raises(StepwellError, match="not Stepwell"):
        put(workspace.database, "second")
    foreign.execute("ROLLBACK")
    foreign.close()
    put(workspace.database, "third")
    assert names(workspace.database) == {"first", "third"}


def test_a_mistake_in_sql_stays_what_it_is(workspace: Workspace) -> None:
    with pytest.raises(databases.sqlite3.OperationalError, match="no such table"):
        workspace.database.read("SELECT * FROM nowhere")


def test_each_thread_has_a_connection_of_its_own_and_close_ends_all(workspace: Workspace) -> None:
    mine = workspace.database.connection
    assert workspace.database.connection is mine
    found: list[databases.sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: found.append(workspace.database.connection))
    thread.start()
    thread.join()
    assert found[0] is not mine
    workspace.close()
    for connection in (mine, *found):
        with pytest.raises(databases.sqlite3.ProgrammingError, match="closed"):
            connection.execute("SELECT 1")


FORK = """
import os, sys
from pathlib import Path
from stepwell_store.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
mine = workspace.database.connection
with workspace.database.write() as connection:
    connection.execute("INSERT INTO settings VALUES ('parent', '1')")
child = os.fork()
if child == 0:
    assert workspace.database.connection is not mine
    with workspace.database.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('child', '1')")
    workspace.close()
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
with workspace.database.write() as connection:
    connection.execute("INSERT INTO settings VALUES ('after', '1')")
print(*sorted(row[0] for row in workspace.database.read("SELECT name FROM settings")))
"""


def test_closing_waits_for_the_query_of_another_thread(workspace: Workspace) -> None:
    database = workspace.database
    asked, go_on, answers = threading.Event(), threading.Event(), []

    def hold() -> int:
        asked.set()
        go_on.wait()
        return 1

    def ask() -> None:
        database.connection.create_function("hold", 0, hold)
        answers.append(database.read("SELECT hold(), count(*) FROM settings"))

    asking, closing = threading.Thread(target=ask), threading.Thread(target=database.close)
    asking.start()
    assert asked.wait(60)
    closing.start()
    closing.join(0.1)
    assert closing.is_alive()
    go_on.set()
    asking.join()
    closing.join()
    assert len(answers) == 1


def test_a_forked_child_opens_its_own_and_leaves_that_of_its_parent(workspace: Workspace) -> None:
    done = subprocess.run([sys.executable, "-c", FORK, str(workspace.root)], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["after", "child", "created_at", "parent"], done.stderr


PRIVATE = """
import os, sys
from pathlib import Path
os.umask(0)
from stepwell_store import workspace as workspaces
workspace = workspaces.open_workspace(workspaces.create(Path(sys.argv[1])))
with workspace.database.write() as connection:
    connection.execute("INSERT INTO settings VALUES ('a', '1')")
for folder, folders, files in os.walk(workspace.root):
    for name in (*(f"{name}/" for name in folders), *files):
        print(oct(os.stat(os.path.join(folder, name)).st_mode & 0o777), name)
"""


def test_everything_is_private_whatever_the_umask(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", PRIVATE, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True)
    modes = dict(reversed(line.split()) for line in done.stdout.splitlines())
    assert {"workspace.db", "workspace.db-wal", "write.lock", "objects/"} <= set(modes)
    assert {name: mode for name, mode in modes.items() if mode != ("0o700" if name.endswith("/") else "0o600")} == {}
    assert stat.S_IMODE((tmp_path / ".stepwell").stat().st_mode) == 0o700


def test_a_snapshot_sees_one_state_and_writers_go_on(workspace: Workspace) -> None:
    put(workspace.database, "first")
    other = Workspace(workspace.root)
    with workspace.database.snapshot():
        assert names(workspace.database) == {"first"}
        put(other.database, "second")
        assert names(workspace.database) == {"first"}
    assert names(workspace.database) == {"first", "second"}
    other.close()


def test_data_version_tells_that_somebody_else_committed(workspace: Workspace) -> None:
    before = workspace.database.data_version()
    put(workspace.database, "mine")
    assert workspace.database.data_version() == before
    other = Workspace(workspace.root)
    put(other.database, "theirs")
    assert workspace.database.data_version() != before
    other.close()


def test_a_copied_database_with_its_log_reads_the_same(workspace: Workspace, tmp_path: Path) -> None:
    put(workspace.database, "in the log")
    assert wal_size(workspace.database.path) > 0
    shutil.copytree(workspace.root, tmp_path / "copy/.stepwell")
    copy = workspaces.open_workspace(tmp_path / "copy/.stepwell")
    assert names(copy.database) == {"in the log"}
    copy.close()
