"""Conda environments of this machine by name."""

from __future__ import annotations

import os


def interpreter_of(name: str) -> str | None:
    """The interpreter of the environment of this name, as conda keeps lists of them; None when there is none."""
    for prefix in _prefixes():
        python = os.path.join(prefix, "bin", "python")
        if os.path.basename(prefix) == name and os.path.exists(python):
            return python
    return None


def _prefixes() -> list[str]:
    listed = os.path.join(os.path.expanduser("~"), ".conda", "environments.txt")
    found: list[str] = []
    if os.path.isfile(listed):
        with open(listed, encoding="utf-8") as file:
            found += [line.strip() for line in file if line.strip()]
    base = os.environ.get("CONDA_PREFIX")
    envs = os.path.join(base, "envs") if base else ""
    if envs and os.path.isdir(envs):
        found += [os.path.join(envs, name) for name in sorted(os.listdir(envs))]
    return found
