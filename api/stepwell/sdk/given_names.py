"""Names for what its author did not name: as v1 forms them, but the same on every run of a driver, so that results can be reused."""

from __future__ import annotations

from itertools import count

from blake3 import blake3

_outputs = count()


def eight(*parts: str) -> str:
    """8 hexadecimal digits of these texts."""
    return long(*parts)[:8]


def long(*parts: str) -> str:
    """32 hexadecimal digits of these texts."""
    return blake3("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def output_name() -> str:
    """`output_` and 8 digits, for the next output that has no name in this process."""
    return f"output_{eight('output', str(next(_outputs)))}"
