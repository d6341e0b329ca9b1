"""Backups are whole, taken beside writers, and restore to the same; what restoring refuses leaves nothing behind."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stepwell_store.content.digest import digest_bytes
from stepwell_store.content.trees import TreeEntry, encode, make_tree
from stepwell_store.errors import IntegrityError, UsageError
from stepwell_store.housekeeping.archive import MANIFEST, read_manifest, verify
from stepwell_store.housekeeping.backup import backup
from stepwell_store.housekeeping.check import FULL, check
from stepwell_store.housekeeping.restore import CUT_OFF, restore
from stepwell_store.ledger import events, history
from stepwell_store.workspace import FOLDERS, Workspace, open_workspace

if TYPE_CHECKING:
    from house_story import Story


def files_of(root: Path, below: str) -> dict[str, bytes]:
    """The content of all files in a folder, by path."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted((root / below).rglob("*")) if path.is_file()}


def test_a_restored_workspace_is_the_same(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    made = story.run()
    story.reusing(made)
    strange = workspace.root / "datastores/workspacefilestore" / os.fsdecode(b"n\xff " + b"x" * 120) / ("y" * 120)
    strange.mkdir(parents=True)
    (strange / "script.sh").write_bytes(b"#!")
    (strange / "script.sh").chmod(0o700)
    (strange / "empty").write_bytes(b"")
    written = backup(workspace, tmp_path / "b.tar")
    assert (written.size, written.left_out) == ((tmp_path / "b.tar").stat().st_size, ())
    assert stat.S_IMODE((tmp_path / "b.tar").stat().st_mode) == 0o600
    root = restore(tmp_path / "b.tar", tmp_path / "there")
    for below in ("objects", "datastores"):
        assert files_of(root, below) == files_of(workspace.root, below)
    lost = set(files_of(workspace.root, "runs")) - set(files_of(root, "runs"))
    assert lost == {f"runs/{made.run}/{step}/1/work/script.py" for step in made.steps}
    assert ((root / strange.relative_to(workspace.root)) / "script.sh").stat().st_mode & 0o777 == 0o700
    assert all(stat.S_IMODE((root / folder).stat().st_mode) == 0o700 for folder in FOLDERS)
    assert stat.S_IMODE((root / "workspace.db").stat().st_mode) == 0o600
    copy = open_workspace(root)
    for table in (*events.HISTORY_TABLES, "events"):
        query = f"SELECT * FROM {table} ORDER BY 1, 2"
        assert copy.database.read(query) == workspace.database.read(query)
    assert copy.database.read("PRAGMA journal_mode") == [("wal",)]
    assert not check(copy, FULL).findings
    copy.close()


def test_an_ordinary_tar_program_reads_it(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    story.run()
    written = backup(workspace, tmp_path / "b.tar")
    with tarfile.open(tmp_path / "b.tar") as archive:
        names = archive.getnames()
    assert names[0] == MANIFEST
    assert "workspace.db" in names
    assert len(names) == written.files + 1


def test_empty_folders_and_links_among_outputs_come_back(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    made = story.run(("one",), end=False)
    step_run = made.steps["one"]
    place = workspace.root / "datastores/workspaceblobstore/azureml" / step_run
    (place / "none").mkdir(parents=True)
    (place / "links").mkdir()
    (tmp_path / "outside.txt").write_bytes(b"outside")
    (place / "links" / "link.txt").symlink_to(tmp_path / "outside.txt")
    outputs = [_record(workspace, step_run, name) for name in ("none", "links")]
    workspace.record(events.StepEnded(at=1.0, run=made.run, step_run=step_run, status="Completed", outputs=outputs),
                     events.RunEnded(at=1.0, run=made.run, status="Completed"))
    backup(workspace, tmp_path / "b.tar")
    copy = open_workspace(restore(tmp_path / "b.tar", tmp_path / "there"))
    assert not check(copy, FULL).findings
    copy.close()


def _record(workspace: Workspace, step_run: str, name: str) -> events.OutputRecord:
    from stepwell_store.content.sealed import measure

    path = f"azureml/{step_run}/{name}"
    found = measure(workspace.root / "datastores/workspaceblobstore" / path)
    return events.OutputRecord(step_run=step_run, name=name, kind=found.kind, datastore="workspaceblobstore", path=path,
                               digest=found.digest, seal=found.seal, size=found.size, files=found.files)


def test_runs_that_go_on_are_ended_in_the_copy_only(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    made = story.run(end=False)
    backup(workspace, tmp_path / "b.tar")
    copy = open_workspace(restore(tmp_path / "b.tar", tmp_path / "there"))
    assert history.unfinished_runs(copy.database) == []
    assert {(step.status, step.error) for step in history.steps_of(copy.database, made.run)} == {("Failed", CUT_OFF)}
    copy.close()
    assert history.unfinished_runs(workspace.database) == [made.run]


def test_a_corrupt_object_is_left_out_and_told(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    made = story.run(("one",))
    digest = min(made.digests)
    path = Path(workspace.objects.path(digest))
    path.chmod(0o600)
    path.write_bytes(b"x" * path.stat().st_size)
    written = backup(workspace, tmp_path / "b.tar")
    assert written.left_out == (str(path.relative_to(workspace.root)),)
    copy = open_workspace(restore(tmp_path / "b.tar", tmp_path / "there"))
    assert [finding.name for finding in check(copy).damage] == [digest]
    copy.close()


def test_targets_that_are_there_or_inside_are_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "b.tar").write_bytes(b"mine")
    with pytest.raises(UsageError, match="already"):
        backup(workspace, tmp_path / "b.tar")
    with pytest.raises(UsageError, match="in the workspace itself"):
        backup(workspace, workspace.root / "datastores" / "b.tar")
    with pytest.raises(UsageError, match="no folder"):
        backup(workspace, tmp_path / "none" / "b.tar")
    assert (tmp_path / "b.tar").read_bytes() == b"mine"
    backup(workspace, tmp_path / "b.tar", overwrite=True)
    with pytest.raises(UsageError, match="a workspace already"):
        restore(tmp_path / "b.tar", workspace.base)
    assert sorted(os.listdir(tmp_path)) == ["b.tar", "here"]


def test_every_flipped_byte_of_a_backup_is_refused(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    story.run(("one",))
    backup(workspace, tmp_path / "b.tar")
    whole = bytearray((tmp_path / "b.tar").read_bytes())
    with open(tmp_path / "b.tar", "rb") as file:
        places = {0, file.tell() + 512, *(story.random.randrange(len(whole)) for _ in range(150))}
    unnoticed = []
    for place in sorted(places):
        broken = bytearray(whole)
        broken[place] ^= 1 << story.random.randrange(8)
        try:
            verify(io.BytesIO(broken))
        except IntegrityError:
            continue
        unnoticed.append(place)
    # Only the filling between files, which nobody reads, may differ.
    assert all(not whole[place : place + 1].strip(b"\0") for place in unnoticed)
    for size in (0, 511, 512, 5000, len(whole) // 2, len(whole) - 1):
        with pytest.raises(IntegrityError):
            verify(io.BytesIO(whole[:size]))


def _archive(path: Path, entries: list[TreeEntry], members: list[tuple[tarfile.TarInfo, bytes]], manifest: bytes | None = None) -> Path:
    """An archive as somebody might make it by hand."""
    data = encode(make_tree(entries)) if manifest is None else manifest
    head = tarfile.TarInfo(MANIFEST)
    head.size = len(data)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        archive.addfile(head, io.BytesIO(data))
        for info, content in members:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def _entry(path: str, data: bytes = b"x") -> TreeEntry:
    return TreeEntry(path, digest_bytes(data), len(data))


_DB = _entry("workspace.db")
_FILE = _entry("runs/a")


def _lying(line: str) -> bytes:
    return b"stepwell tree 1\n" + f"{digest_bytes(b'x')} - 1 {line}\0".encode() + f"{digest_bytes(b'x')} - 1 workspace.db\0".encode()


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


HOSTILE: dict[str, Callable[[Path], Path]] = {
    "parent": lambda path: _archive(path, [], [(_member("../a"), b"x")], _lying("../a")),
    "inner parent": lambda path: _archive(path, [], [(_member("runs/../../a"), b"x")], _lying("runs/../../a")),
    "absolute": lambda path: _archive(path, [], [(_member("/tmp/a"), b"x")], _lying("/tmp/a")),
    "elsewhere": lambda path: _archive(path, [_entry("envs/a/bin/python"), _DB], [(_member("envs/a/bin/python"), b"x")]),
    "the folder itself": lambda path: _archive(path, [_entry("locks/gc.lock"), _DB], [(_member("locks/gc.lock"), b"x")]),
    "symbolic link": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a", tarfile.SYMTYPE, "/etc/passwd"), b"")]),
    "hard link": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a", tarfile.LNKTYPE, "workspace.db"), b"")]),
    "device": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a", tarfile.CHRTYPE), b"")]),
    "pipe": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a", tarfile.FIFOTYPE), b"")]),
    "sparse": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a", tarfile.GNUTYPE_SPARSE), b"x")]),
    "extended header": lambda path: _archive(path, [_FILE, _DB], [(_member("x", tarfile.XHDTYPE), b"11 path=/a\n")]),
    "duplicate in the manifest": lambda path: _archive(path, [_FILE, _FILE, _DB], [(_member("runs/a"), b"x")] * 2),
    "duplicate member": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a"), b"x")] * 2),
    "file in a file": lambda path: _archive(path, [_FILE, _entry("runs/a/b"), _DB], [
        (_member("runs/a"), b"x"), (_member("runs/a/b"), b"x"), (_member("workspace.db"), b"x")]),
    "more members": lambda path: _archive(path, [_DB], [(_member("workspace.db"), b"x"), *((_member(f"runs/{n}"), b"") for n in range(9))]),
    "fewer members": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a"), b"x")]),
    "other bytes": lambda path: _archive(path, [_FILE, _DB], [(_member("runs/a"), b"y"), (_member("workspace.db"), b"x")]),
    "wrong object": lambda path: _archive(path, [_entry("objects/ab/" + "c" * 62), _DB], [
        (_member("objects/ab/" + "c" * 62), b"x"), (_member("workspace.db"), b"x")]),
    "no database": lambda path: _archive(path, [_FILE], [(_member("runs/a"), b"x")]),
    "no manifest": lambda path: _written(path, b"not a tar" * 1000),
    "empty": lambda path: _written(path, b""),
    "unsorted manifest": lambda path: _archive(path, [], [], _lying("zzz")),
    "not a database": lambda path: _archive(path, [_DB], [(_member("workspace.db"), b"x")]),
    "endless name": lambda path: _archive(path, [_DB], [(_member("././@LongLink", tarfile.GNUTYPE_LONGNAME), b"a" * 100_000)]),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_archives_are_refused_whole(kind: str, tmp_path: Path) -> None:
    archive = HOSTILE[kind](tmp_path / "hostile.tar")
    (tmp_path / "in" / "deep").mkdir(parents=True)
    with pytest.raises((IntegrityError, UsageError)):
        restore(archive, tmp_path / "in" / "deep")
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["hostile.tar", "in", "deep"]


def test_a_manifest_that_announces_a_huge_count_is_refused(tmp_path: Path) -> None:
    with open(tmp_path / "hostile.tar", "wb") as file:
        head = tarfile.TarInfo(MANIFEST)
        head.size = 1 << 40
        file.write(head.tobuf(tarfile.GNU_FORMAT))
    with pytest.raises(IntegrityError, match="its manifest has"):
        restore(tmp_path / "hostile.tar", tmp_path)


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from house_story import Story
from stepwell_store.housekeeping.guard import using
from stepwell_store.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
story = Story(workspace, seed=int(sys.argv[3]))
print("begin", flush=True)
for number in range(12):
    with using(workspace.locks):
        story.run(("one", "two"), pipeline=f"p{sys.argv[3]}")
"""


def test_backups_beside_writers_are_consistent(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    story.run()
    words = [sys.executable, "-c", WRITER, str(workspace.root), str(Path(__file__).parent)]
    writers = [subprocess.Popen([*words, str(seed)], stdout=subprocess.PIPE, text=True) for seed in (1, 2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begin\n"
    taken = []
    while any(writer.poll() is None for writer in writers) and len(taken) < 4:
        taken.append(tmp_path / f"b{len(taken)}.tar")
        backup(workspace, taken[-1])
    for writer in writers:
        writer.communicate()
        assert writer.returncode == 0
    for number, path in enumerate(taken):
        copy = open_workspace(restore(path, tmp_path / f"there{number}"))
        assert not check(copy, FULL).findings
        copy.close()


BACKUP = """
import sys
from pathlib import Path
from stepwell_store.housekeeping.backup import backup
from stepwell_store.workspace import open_workspace
workspace = open_workspace(Path(sys.argv[1]))
print("begin", flush=True)
backup(workspace, Path(sys.argv[2]), overwrite=True)
"""


def test_a_backup_may_be_killed_anywhere(workspace: Workspace, story: Story, tmp_path: Path) -> None:
    made = story.run(tuple(f"s{number}" for number in range(30)))
    target = tmp_path / "b.tar"
    backup(workspace, target)
    first = target.read_bytes()
    killed = 0
    for _ in range(6):
        process = subprocess.Popen([sys.executable, "-c", BACKUP, str(workspace.root), str(target)], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "begin\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(story.random.uniform(0.0, 0.1))
        process.kill()
        process.communicate()
        killed += process.returncode != 0
        with open(target, "rb") as file:
            assert len(verify(file).entries) > len(made.digests)
    assert killed, "it was always quicker"
    backup(workspace, target, overwrite=True)
    assert sorted(os.listdir(tmp_path)) == ["b.tar", "here"]
    with open(target, "rb") as file, io.BytesIO(first) as before:
        assert read_manifest(file).entries[:10] == read_manifest(before).entries[:10]
    assert not check(workspace).damage
