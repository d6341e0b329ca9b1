"""What was of the Azure ML SDK's time: scripts that were written then do without what later releases took away."""

from __future__ import annotations

import os
import re

_HERE = os.path.dirname(os.path.abspath(__file__))
_LATER = {"numpy": (2,), "pandas": (2,), "scikit-learn": (1, 4)}
"""Package → the first release that no script of that time asks for."""

_SUCCEEDED = re.compile(r"(?P<name>sklearn|tensorflow-gpu)(?![\w.-])(?P<rest>(?:\[[^\]]*\])?\s*(?P<exact>==)?.*)\Z", re.IGNORECASE)


def lines(decided: set[str]) -> list[str]:
    """Constraint lines, as pip takes them, for the packages about which the author has not decided."""
    return [f"-c {os.path.join(_HERE, f'{name}-of-v1.txt')}" for name in _LATER if name not in decided]


def is_later(package: str, version: str) -> bool:
    """Whether who asks for this release of a package asks for more than is held back."""
    return package in _LATER and tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) >= _LATER[package]


def succeeded(line: str) -> str:
    """A requirement line with the package that took the place of one that can no longer be installed."""
    match = _SUCCEEDED.match(line)
    if match is None:
        return line
    if match["name"].lower() == "sklearn":
        return "scikit-learn"  # the versions of its alias say nothing
    return line if match["exact"] else f"tensorflow{match['rest']}"
