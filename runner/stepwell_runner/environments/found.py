"""The interpreters that this machine has, for the message when one is missing."""

from __future__ import annotations

import os
import re

from stepwell_store.errors import MachineError

_PYTHON = r"python3\.\d+"


def interpreters() -> list[str]:
    """Paths of the versioned interpreters in PATH, each version once, the newest first."""
    found: dict[str, str] = {}
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for name in _names(folder):
            found.setdefault(name, os.path.join(folder, name))
    return [found[name] for name in sorted(found, key=lambda name: int(name.rpartition(".")[2]), reverse=True)]


def _names(folder: str) -> list[str]:
    try:
        return [name for name in os.listdir(folder) if re.fullmatch(_PYTHON, name)]
    except OSError:
        return []


def no_interpreter(what: str) -> MachineError:
    """The error that says which interpreter is missing and which there are."""
    found = interpreters()
    there = f"In PATH there are {', '.join(found)}." if found else "There is none named python3.N in PATH."
    return MachineError(f"{what[0].upper()}{what[1:]}.", todo=f"{there} Name one of them, or install the one that is missing.")
