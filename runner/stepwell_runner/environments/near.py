"""Requirements that were written for another Python than the one that serves: the nearest later versions that are built for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stepwell_runner.environments.distributions import normalised

_EXACT = re.compile(
    r"(?P<name>[A-Za-z0-9][\w.-]*)(?P<extras>\[[^\]]*\])?\s*(?:===?|~=)\s*(?P<version>\d[\w.!+]*?)(?:\.\*)?\s*(?P<rest>;.*)?\Z", re.ASCII
)
OF_THEIR_TIME = ("numpy<2", "setuptools<81")
"""What nobody had to say then: scripts and wheels of that time know no NumPy 2, and take `pkg_resources` for granted."""


def lower_bounds(requirements: Iterable[str]) -> list[str]:
    """Lines that ask for an exact version, with that as the lowest that will do; and options, which say where packages are."""
    found: list[str] = []
    for line in requirements:
        if match := _EXACT.match(line.strip()):
            found.append(f"{match['name']}{match['extras'] or ''}>={match['version']}{match['rest'] or ''}")
        elif line.startswith("-"):
            found.append(line)
    return found


def nearest(requirements: Iterable[str], resolved: str) -> list[str]:
    """The lines with each exact version replaced by that of `resolved`, lines of `name==version`."""
    versions = {normalised(name): version for name, equals, version in (line.partition("==") for line in resolved.split()) if equals}
    return [_nearest(line, versions) for line in requirements]


def _nearest(line: str, versions: dict[str, str]) -> str:
    match = _EXACT.match(line.strip())
    version = versions.get(normalised(match["name"])) if match is not None else None
    return line if match is None or version is None else f"{match['name']}{match['extras'] or ''}=={version}{match['rest'] or ''}"
