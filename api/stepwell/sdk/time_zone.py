"""The time zones that a schedule may name: those of Windows, as Azure has them."""

from __future__ import annotations

import re
from enum import Enum

from tzlocal.windows_tz import win_tz

# Members are named as v1 names them: the words without what a name cannot hold, such as PacificStandardTime.
TimeZone = Enum("TimeZone", {re.sub(r"\W", "", name): name for name in sorted(win_tz)}, module=__name__)  # type: ignore[misc]
"""A time zone; its value is its Windows name, such as `Pacific Standard Time`."""
