"""Which distributions an interpreter has, read from the names of folders, and which interpreter it is."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable

import msgspec

_METADATA = re.compile(r"(?P<name>.+?)(?:-(?P<version>[^-]+)(?:-py[\d.]+)?)?\.(?:dist-info|egg-info)\Z")
_RUNS = re.compile(r"[-_.]+")
_OURS = "stepwell"


class Facts(msgspec.Struct, frozen=True):
    """An interpreter: implementation, full version, machine, and the folders that packages are installed to."""

    implementation: str
    version: str
    machine: str
    folders: tuple[str, ...]


def current_facts() -> Facts:
    """Those of this process; nothing is started."""
    return Facts(sys.implementation.name, version_text(), os.uname().machine, package_folders(sys.path))


def version_text() -> str:
    """The version of this interpreter, such as `3.12.1`, or `3.14.0b2` before a release."""
    major, minor, micro, level, serial = sys.version_info
    return f"{major}.{minor}.{micro}" + ("" if level == "final" else f"{level[0]}{serial}")


def package_folders(path: Iterable[str]) -> tuple[str, ...]:
    """Of a module path, the folders that installers write to, in order."""
    found = [folder for folder in path if os.path.basename(folder.rstrip("/")) in ("site-packages", "dist-packages")]
    return tuple(dict.fromkeys(found))


def installed(folders: Iterable[str]) -> dict[str, str]:
    """Normalised name → version of every distribution but Stepwell itself, sorted. The first folder that has one wins."""
    found: dict[str, str] = {}
    for folder in folders:
        for name, version in _listed(folder):
            found.setdefault(name, version)
    found.pop(_OURS, None)
    return dict(sorted(found.items()))


def _listed(folder: str) -> list[tuple[str, str]]:
    try:
        entries = os.listdir(folder)
    except OSError:
        return []
    metadata = [entry for entry in entries if entry.endswith("-info")]
    matches = [match for entry in sorted(metadata) if (match := _METADATA.match(entry))]
    return [(normalised(match["name"]), match["version"] or "") for match in matches]


def normalised(name: str) -> str:
    """A distribution's name as packaging tools compare it."""
    return _RUNS.sub("-", name).lower()
