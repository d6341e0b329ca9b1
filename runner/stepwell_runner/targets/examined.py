"""What was found when a compute target was looked at."""

from __future__ import annotations

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at: `bad` means that steps cannot run there, `warn` that some cannot. `todo` may be empty."""

    topic: str
    state: Literal["ok", "warn", "bad"]
    text: str
    todo: str = ""
