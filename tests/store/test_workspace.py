"""Finding, making and opening a workspace, also where little is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, LocalPath
from stepwell_store.errors import IntegrityError, MachineError, UsageError
from stepwell_store.ledger import events, history
from stepwell_store.ledger.database import wal_size
from stepwell_store.ledger.records import Run

FILES = DatasetDefinition(kind="file", places=(LocalPath("/x"),))


def begin(workspace: workspaces.Workspace, run: str) -> None:
    workspace.record_run(lambda number: events.RunCreated(at=1.0, run=run, record=Run(
        number=number, id=run, experiment="e", pipeline="p", status="Queued", graph="g", parameters={}, options={}, created_at=1.0)), [])


def test_the_nearest_workspace_upward_is_found(tmp_path: Path) -> None:
    outer, inner = tmp_path / "outer", tmp_path / "outer/inner"
    (inner / "deep/er").mkdir(parents=True)
    roots = [workspaces.create(outer), workspaces.create(inner)]
    assert workspaces.find(outer) == roots[0]
    assert workspaces.find(inner / "deep/er") == roots[1]
    (inner / "deep/.stepwell").mkdir()
    assert workspaces.find(inner / "deep/er") == roots[1]


def test_where_there_is_none_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    assert workspaces.find(tmp_path) is None
    with pytest.raises(UsageError, match="no workspace") as caught:
        workspaces.require(tmp_path)
    assert "stepwell init" in str(caught.value)


def test_making_it_again_keeps_what_is_there(tmp_path: Path) -> None:
    root = workspaces.create(tmp_path)
    workspace = workspaces.open_workspace(root)
    workspace.register_dataset("d", FILES)
    (root / "envs").rmdir()
    assert workspaces.create(tmp_path) == root
    assert workspace.dataset("d").version == 1
    assert (root / "envs").is_dir()
    workspace.close()


def test_a_repository_around_it_does_not_see_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    workspaces.create(tmp_path / "project")
    untracked = subprocess.run(["git", "-C", tmp_path, "status", "--porcelain"], check=True, capture_output=True, text=True).stdout
    assert untracked == ""


def test_what_somebody_killed_left_while_making_it_goes(tmp_path: Path) -> None:
    root = workspaces.create(tmp_path)
    (root / workspaces.DATABASE).unlink()
    (root / "new-1.db-wal").write_bytes(b"of a database that never was")
    workspaces.open_workspace(workspaces.create(tmp_path)).close()
    assert not list(root.glob("new-*"))


def test_folders_that_a_copy_lost_are_made_anew(tmp_path: Path) -> None:
    root = workspaces.create(tmp_path)
    shutil.rmtree(root / "locks")
    workspace = workspaces.open_workspace(root)
    workspace.register_dataset("d", FILES)
    workspace.close()


def test_an_empty_database_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    root = workspaces.create(tmp_path)
    (root / workspaces.DATABASE).write_bytes(b"")
    with pytest.raises(IntegrityError, match="is empty") as caught:
        workspaces.open_workspace(root)
    assert "--restore" in str(caught.value)


@pytest.mark.parametrize("name", ["with space", "ünï ☃ 日本", "100% ?#&", "-w", "a'b\"c"])
def test_any_name_of_a_folder_will_do(tmp_path: Path, name: str) -> None:
    base = tmp_path / name
    base.mkdir()
    workspace = workspaces.open_workspace(workspaces.create(base))
    begin(workspace, "r1")
    workspace.close()
    opened = workspaces.require(base)
    assert opened.name == name
    assert history.find_run(opened.database, "@last").id == "r1"
    opened.close()


FOREIGN = """
import os, sys
from pathlib import Path
from stepwell_store.errors import MachineError
from stepwell_store.workspace import find
os.setuid(65534)
try:
    print(find(Path(sys.argv[1])))
except MachineError as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_workspace_of_another_user_is_refused() -> None:
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o755)
        workspaces.create(Path(base)).chmod(0o755)
        done = subprocess.run([sys.executable, "-c", FOREIGN, base], capture_output=True, text=True, timeout=60)
    assert "belongs to another user" in done.stdout, done.stderr
    assert "-w DIR" in done.stdout


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A workspace on a file system that is then made read-only, and a switch file's place; what mounts it needs root."""
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("only root may mount a file system, and the mode bits alone do not make one read-only")
    place = tmp_path / "mounted"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", str(place)], capture_output=True).returncode:
        pytest.skip("this machine does not let its root mount a tmpfs")
    try:
        yield place, place / ".stepwell"
    finally:
        subprocess.run(["umount", str(place)], check=True, capture_output=True)


@pytest.mark.parametrize("with_log", [False, True], ids=["after a clean end", "with a log that was not taken in"])
def test_a_read_only_file_system_can_be_read(read_only: tuple[Path, Path], with_log: bool) -> None:
    base, root = read_only
    kill_with_log = "import os; os._exit(0)" if with_log else "workspace.close()"
    script = ("import sys; from pathlib import Path; from stepwell_store import workspace as w\n"
              "from stepwell_store.data.definition import *\n"
              "workspace = w.open_workspace(w.create(Path(sys.argv[1])))\n"
              "workspace.register_dataset('d', DatasetDefinition(kind='file', places=(LocalPath('/x'),)))\n" + kill_with_log)
    subprocess.run([sys.executable, "-c", script, str(base)], check=True, timeout=60)
    assert bool(wal_size(root / workspaces.DATABASE)) == with_log
    subprocess.run(["mount", "-o", "remount,ro", str(base)], check=True)
    workspace = workspaces.require(base)
    assert workspace.dataset("d").places == FILES.places
    assert history.list_runs(workspace.database) == []
    with pytest.raises(MachineError, match="read-only"):
        workspace.register_dataset("e", FILES)
    workspace.close()


def test_a_workspace_cannot_be_made_where_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / ".stepwell").write_text("")
    with pytest.raises(MachineError):
        workspaces.create(tmp_path)
