"""A disk that is really full: a small file system in memory, in a mount namespace of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stepwell_store.housekeeping import reserve
from stepwell_store.workspace import Workspace

UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]

STORY = """
import os, subprocess, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from house_story import Story
from stepwell_store import workspace as workspaces
from stepwell_store.housekeeping import reserve
base = Path(sys.argv[1])
workspace = workspaces.open_workspace(workspaces.create(base))
story = Story(workspace)
story.run()
_, orphans = story.snapshot(40)
assert reserve.keep(workspace.root)
workspace.database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
workspace.close()
with open(base / "filling", "wb", buffering=0) as file:
    try:
        while file.write(bytes(1 << 16)):
            pass
        while file.write(bytes(512)):
            pass
    except OSError as error:
        print(error)
stepwell = [str(Path(sys.executable).parent / "stepwell")]
print("check", subprocess.run([*stepwell, "check", "-w", str(base)]).returncode)
print("gc", subprocess.run([*stepwell, "gc", "--grace", "0s", "-w", str(base)]).returncode)
assert not any(workspace.objects.has(digest) for digest in orphans)
print("check", subprocess.run([*stepwell, "check", "-w", str(base)]).returncode)
os.unlink(base / "filling")
print("gc", subprocess.run([*stepwell, "gc", "-w", str(base)]).returncode, (workspace.root / "reserve").exists())
"""


def test_a_full_disk_can_be_collected(tmp_path: Path) -> None:
    if sys.platform != "linux" or subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "none", str(tmp_path)], capture_output=True).returncode:
        pytest.skip("no file systems of one's own on this machine")
    script = 'mount -t tmpfs -o size=20m none "$1" && shift && exec "$@"'
    words = [*UNSHARE, "sh", "-c", script, "sh", str(tmp_path), sys.executable, "-c", STORY, str(tmp_path), str(Path(__file__).parent)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    told = [line for line in done.stdout.splitlines() if line.startswith(("check ", "gc "))]
    assert told == ["check 3", "gc 0", "check 0", "gc 0 True"], done.stdout + done.stderr


def test_space_is_kept_once_and_given_back_only_when_needed(workspace: Workspace) -> None:
    assert reserve.keep(workspace.root)
    made = (workspace.root / reserve.NAME).stat()
    assert made.st_size == reserve.BYTES
    assert reserve.keep(workspace.root)
    assert (workspace.root / reserve.NAME).stat().st_ino == made.st_ino
    assert not reserve.release_when_full(workspace.root)
    assert os.path.exists(workspace.root / reserve.NAME)
