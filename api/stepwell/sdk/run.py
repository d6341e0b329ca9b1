"""The run that a process belongs to."""

from __future__ import annotations

from typing import Any

from stepwell.sdk.step_modules import step_module

Run: Any = step_module("run").Run
"""`Run.get_context()`: in a driver an offline run, whose metrics are printed; in a step the step's own run."""
