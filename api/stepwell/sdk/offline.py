"""The run that a script gets outside a step; scripts tell it apart by its class."""

from __future__ import annotations

from typing import Any

from stepwell.sdk.step_modules import step_module

_OfflineRun: Any = step_module("offline")._OfflineRun  # noqa: SLF001  v1's own name for it
