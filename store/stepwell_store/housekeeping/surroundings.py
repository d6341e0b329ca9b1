"""Where a workspace lies: space, permissions, the kind of file system, folders that other programs copy to and fro."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from stepwell_store.workspace import FOLDERS

_NETWORK = re.compile(r"nfs|cifs|smb|9p|vboxsf|drvfs|afpfs|webdav|davfs|afs|ceph|glusterfs|lustre|beegfs|fuse\.(sshfs|s3fs|rclone|gcsfuse)")
_SYNCED = re.compile(r"dropbox|onedrive|google ?drive|icloud|mobile documents|com~apple~clouddocs|nextcloud|owncloud|pcloud|syncthing",
                     re.IGNORECASE)
_CONFLICT = re.compile(r"conflict(ed)? copy|sync-conflict|workspace( \(\d+\)|-[\w-]+)\.db", re.IGNORECASE)
_OTHERS = 0o077


def free(folder: Path) -> tuple[int, int | None]:
    """Bytes and files that may still be written there; None files where the file system has no such limit."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize, room.f_favail if room.f_files else None


def exposed(root: Path) -> list[str]:
    """Folders and files of a workspace that other users may read, as paths below it. People's data is not looked through."""
    places = [root, root / "datastores", *(root / folder for folder in FOLDERS)]
    places += [Path(entry.path) for entry in os.scandir(root) if entry.is_file(follow_symlinks=False)]
    return [os.path.relpath(place, root) for place in places if place.exists() and stat.S_IMODE(place.stat().st_mode) & _OTHERS]


def file_system(folder: Path) -> str | None:
    """The name of the file system that a folder is on, such as `ext4` or `nfs4`; None when it cannot be told."""
    path = str(folder.resolve())
    inside = [(point, kind) for point, kind in _mounts() if path == point or path.startswith(point.rstrip("/") + "/")]
    return max(inside, key=lambda mount: len(mount[0]))[1] if inside else None


def is_network(kind: str) -> bool:
    """Whether files there are on another machine, where SQLite's WAL and file locks cannot be relied on."""
    return _NETWORK.match(kind) is not None


def synced_by(folder: Path) -> str | None:
    """The part of the path that looks like the folder of a program that synchronises it with other machines."""
    return next((part for part in folder.resolve().parts if _SYNCED.search(part)), None)


def conflict_copies(root: Path) -> list[str]:
    """Files that such a program left when it did not know which one to keep."""
    return sorted(name for name in os.listdir(root) if _CONFLICT.search(name))


def _mounts() -> Iterator[tuple[str, str]]:
    """Mount points and kinds of file systems, later ones over earlier ones."""
    if sys.platform == "linux":
        with open("/proc/self/mounts", encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                _, point, kind, *_ = line.split(" ")
                yield re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), point), kind
        return
    import subprocess

    said = subprocess.run(["mount"], capture_output=True, text=True, check=False).stdout
    for found in re.finditer(r"^.* on (.*) \((\w+)", said, re.MULTILINE):
        yield found[1], found[2]
