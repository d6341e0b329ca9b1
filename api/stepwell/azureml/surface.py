"""The table of v1's modules and names. It travels with steps, and is read from there."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

from stepwell_runner.step import TRAVEL


def _table() -> ModuleType:
    spec = spec_from_file_location("stepwell_azureml_surface", f"{TRAVEL}/azureml/surface.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_TABLE = _table()
MODULES: dict[str, tuple[str, ...]] = _TABLE.MODULES
"""Module → its public names."""
STAND_INS: dict[str, tuple[str, ...]] = _TABLE.STAND_INS
"""Modules of a package that comes with the SDK → its public names; served only where that package is not installed."""
VERSION: str = _TABLE.VERSION
"""What `azureml.core.VERSION` says."""
REFUSED_PACKAGES: dict[str, str] = _TABLE.REFUSED_PACKAGES
"""Package of the SDK that is not served → why."""
refusal: Callable[[str], str | None] = _TABLE.refusal
"""Why a module is not served, when it is in one of these packages; None for others."""
