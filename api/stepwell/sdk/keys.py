"""Keys of steps: short names that are unique in a graph and safe as folder names."""

from __future__ import annotations

import re
from collections.abc import Sequence

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60


def slug(name: str) -> str:
    """The name with everything unsafe replaced, without `.py` at its end."""
    if name.isidentifier() and name.isascii() and len(name) <= _LONGEST:
        return name
    return _UNSAFE.sub("-", name.removesuffix(".py")).strip("-.")[:_LONGEST].rstrip("-.") or "step"


def step_keys(names: Sequence[str]) -> list[str]:
    """A key for every name, in order. The first of several equal ones keeps the plain slug, the others get -2, -3, ...

    Keys that differ only in case are taken for equal, because some file systems do.
    """
    slugs = [slug(name) for name in names]
    taken = {text.casefold() for text in slugs}
    seen: dict[str, int] = {}
    return [_numbered(text, text.casefold(), seen, taken) for text in slugs]


def _numbered(text: str, folded: str, seen: dict[str, int], taken: set[str]) -> str:
    number = seen[folded] = seen.get(folded, 0) + 1
    if number == 1:
        return text
    while f"{folded}-{number}" in taken:
        number += 1
    seen[folded] = number
    taken.add(f"{folded}-{number}")
    return f"{text}-{number}"
