"""Foreign text made safe to show, cut to a width in cells; sizes, durations and ages in words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Control characters but newline and tab, invisible and direction-changing characters, and lone surrogates.
_UNSAFE = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IN_TEXT = f"\r\n|[{_UNSAFE}]"
_IN_LINE = f"[{_UNSAFE}\t\n]"
_UNITS = ("kB", "MB", "GB", "TB", "PB")
_SHORT = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}


def safe_text(foreign: str) -> str:
    """Text of others, for a terminal: what could steer it or hide something is shown as an escape such as `\\x1b`.

    Line ends and tabs stay. Linear time; safe text comes back as it is.
    """
    return foreign if _is_plain(foreign) else re.sub(_IN_TEXT, _escape, foreign)


def safe_line(foreign: str) -> str:
    """The same on one line: line ends and tabs are shown as `\\n` and `\\t` too."""
    return foreign if _is_plain(foreign) else re.sub(_IN_LINE, _escape, foreign)


def _is_plain(text: str) -> bool:
    # Told at once of most names, and compiling the patterns takes longer than showing a run does.
    return text.isascii() and text.isprintable()


def _escape(match: re.Match[str]) -> str:
    return _visible(match[0])


@lru_cache(4096)
def _visible(character: str) -> str:
    if character == "\r\n":
        return "\n"
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        # A byte that was not UTF-8, as Python's surrogateescape keeps it.
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


@lru_cache(4096)
def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def display_width(text: str) -> int:
    """How many terminal cells a line takes: two for wide East Asian characters, none for combining marks."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def truncate(text: str, width: int, mark: str = "…") -> str:
    """The line itself if it fits into so many cells, else its beginning and the mark."""
    if display_width(text) <= width:
        return text
    room = width - display_width(mark)
    if room < 0:
        return truncate(mark, width, "") if mark else ""
    kept = []
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept) + mark


def pad(text: str, width: int, right: bool = False) -> str:
    """The line with blanks up to so many cells; `right` puts them in front."""
    blanks = " " * max(0, width - display_width(text))
    return blanks + text if right else text + blanks


def size_text(count: int) -> str:
    """Bytes for people, by thousands: `812 B`, `1.2 kB`, `340 MB`."""
    if count < 1000:
        return f"{count} B"
    size, power = count / 1000, 0
    while size >= 999.5 and power < len(_UNITS) - 1:
        size, power = size / 1000, power + 1
    return f"{size:.1f} {_UNITS[power]}" if size < 99.95 else f"{size:.0f} {_UNITS[power]}"


def duration_text(seconds: float) -> str:
    """A duration with its two largest units: `0.34 s`, `12.0 s`, `1 m 12 s`, `2 h 05 m`, `3 d 04 h`."""
    if seconds < 0 or seconds != seconds:
        return "?"
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 0.995 else f"{seconds:.1f} s"
    whole = min(round(seconds), 10**11)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if minutes < 60:
        return f"{minutes} m {whole % 60:02d} s"
    if hours < 24:
        return f"{hours} h {minutes % 60:02d} m"
    return f"{days} d {hours % 24:02d} h"


def age_text(seconds: float) -> str:
    """How long ago something was: `just now`, `45 s ago`, `3 min ago`, `5 h ago`, `12 days ago`."""
    if seconds < 5:
        return "just now"
    if seconds < 60:
        return f"{seconds:.0f} s ago" if seconds < 59.5 else "1 min ago"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h ago"
    days = int(seconds // 86_400)
    return f"{days} day{'s' if days > 1 else ''} ago"
