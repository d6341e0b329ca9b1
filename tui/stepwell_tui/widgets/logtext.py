"""Lines of logs as they are shown: safe, cut, and with the level that their words tell."""

from __future__ import annotations

import re

import msgspec

from stepwell_tui.render.text import safe_line, size_text
from stepwell_tui.widgets.logindex import Line

WIDEST = 2000
"""Characters of a line that are shown."""
ERROR, WARNING = "error", "warning"

# Metrics are called error, too: the word counts where a level or the name of an exception stands.
_ERROR = r"\b(?:ERROR|FATAL|CRITICAL)\b|level=(?:error|fatal)\b|^Traceback \(|^(?:[\w.]+\.)?\w*(?:Error|Exception)\b|(?:^|[:\]] )error: "
_WARNING = r"\bWARN(?:ING)?\b|level=warn|\b\w*Warning\b|(?:^|[:\]] )warning: "
_LEVELS = re.compile(f"(?P<{ERROR}>{_ERROR})|(?P<{WARNING}>{_WARNING})")
ERROR_LINES = re.compile(_ERROR.encode(), re.MULTILINE)
"""Finds the lines that are shown as errors."""


class Shown(msgspec.Struct, frozen=True):
    """Text that a terminal may see, and a level, or none."""

    text: str
    level: str = ""


def shown_line(line: Line) -> Shown:
    """A line as it is shown; what was cut off is told at its end."""
    text = line.begin.decode("utf-8", "surrogateescape")
    cut = line.length > len(line.begin) + 1 or len(text) > WIDEST
    safe = safe_line(text[:WIDEST].expandtabs())
    found = _LEVELS.search(text[:WIDEST])
    level = (found.lastgroup or "") if found else ""
    return Shown(f"{safe[:WIDEST]}… ({size_text(line.length)})" if cut or len(safe) > WIDEST else safe, level)


def whole_text(line: Line) -> str:
    """All that was read of a line, safe to paste."""
    return safe_line(line.begin.decode("utf-8", "surrogateescape").expandtabs())
