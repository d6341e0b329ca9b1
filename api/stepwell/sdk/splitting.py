"""What splits and samples of datasets need: shares, and seeds that are drawn when nobody gives one."""

from __future__ import annotations

import os

from stepwell.sdk.exceptions import UserErrorException


def share(value: float) -> float:
    """The value; UserErrorException unless it is between 0 and 1."""
    if not 0 <= value <= 1:
        raise UserErrorException(f"a share is a number between 0 and 1, not {value}")
    return value


def draw_seed(seed: int | None) -> int:
    """The seed, or one drawn now, which then belongs to the definition."""
    return int.from_bytes(os.urandom(4), "big") if seed is None else seed
