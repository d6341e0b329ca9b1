"""What packages of the Azure ML SDK would have held back: releases of NumPy and pandas that scripts of its time are not written for."""

from __future__ import annotations

import os

_HERE = os.path.dirname(os.path.abspath(__file__))


def lines(decided: set[str]) -> list[str]:
    """Constraint lines, as pip takes them, for the packages about which the author has not decided."""
    return [f"-c {os.path.join(_HERE, f'{name}-of-v1.txt')}" for name in ("numpy", "pandas") if name not in decided]
