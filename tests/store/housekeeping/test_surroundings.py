"""Places that are bad for a workspace are recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepwell_store.housekeeping import surroundings
from stepwell_store.workspace import Workspace


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "vboxsf"])
def test_network_file_systems(kind: str) -> None:
    assert surroundings.is_network(kind)


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "apfs", "tmpfs", "overlay", "fuseblk"])
def test_local_file_systems(kind: str) -> None:
    assert not surroundings.is_network(kind)


def test_the_file_system_of_a_folder_is_told(tmp_path: Path) -> None:
    kind = surroundings.file_system(tmp_path)
    assert kind
    assert not surroundings.is_network(kind)
    assert surroundings.free(tmp_path)[0] > 0


@pytest.mark.parametrize("name", ["Dropbox", "OneDrive - Company", "Google Drive", "Mobile Documents", "Nextcloud"])
def test_synchronised_folders(tmp_path: Path, name: str) -> None:
    assert surroundings.synced_by(tmp_path / name / "project") == name
    assert surroundings.synced_by(tmp_path) is None


def test_conflict_copies(workspace: Workspace) -> None:
    assert surroundings.conflict_copies(workspace.root) == []
    names = ["workspace (1).db", "workspace-my-laptop.db", "workspace (Ann's conflicted copy 2024-01-01).db"]
    for name in names:
        (workspace.root / name).touch()
    assert surroundings.conflict_copies(workspace.root) == sorted(names)


def test_what_others_may_read_is_told(workspace: Workspace) -> None:
    assert surroundings.exposed(workspace.root) == []
    workspace.root.chmod(0o755)
    (workspace.root / "workspace.db").chmod(0o644)
    (workspace.root / "runs").chmod(0o750)
    assert sorted(surroundings.exposed(workspace.root)) == [".", "runs", "workspace.db"]
