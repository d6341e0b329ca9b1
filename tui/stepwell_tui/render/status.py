"""How a status looks: a glyph, a word and a colour, so that no one of them carries the meaning alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

import msgspec


class Look(msgspec.Struct, frozen=True):
    """`plain` is the glyph in ASCII; `colour` a key of `COLOURS`."""

    word: str
    glyph: str
    plain: str
    colour: str


COLOURS = {"green": "32", "red": "31", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36", "dim": "2", "bold": "1"}
"""Names of colours and their SGR codes: the terminal's own palette, so that its theme decides."""

LOOKS = {
    look.word: look
    for look in (
        Look("Completed", "✓", "+", "green"),
        Look("Running", "●", ">", "cyan"),
        Look("Failed", "✗", "x", "red"),
        Look("Canceled", "⊘", "/", "yellow"),
        Look("Queued", "◌", ".", "dim"),
        Look("Reused", "↺", "=", "blue"),
        Look("Skipped", "–", "-", "dim"),
        Look("Fresh", "◆", "*", "green"),
        Look("Stale", "▲", "!", "yellow"),
        Look("Waits", "◔", ":", "dim"),
        Look("Active", "◉", "o", "green"),
        Look("Disabled", "○", "0", "dim"),
    )
}


def look_of(status: str) -> Look:
    """The look of a status; one that is not known keeps its word."""
    return LOOKS.get(status) or Look(status, "·", "?", "dim")


def paint(text: str, colour: str, on: bool = True) -> str:
    """The text in a colour, if colours are on."""
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if on and text else text


def status_text(status: str, *, colour: bool, unicode: bool) -> str:
    """Glyph and word, such as `✓ Completed`."""
    look = look_of(status)
    return paint(f"{look.glyph if unicode else look.plain} {look.word}", look.colour, colour)


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to write colours there: to terminals, unless NO_COLOR is set or the terminal is dumb; FORCE_COLOR insists."""
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or (stream.isatty() and environ.get("TERM") != "dumb")


def wants_unicode(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether characters beyond ASCII arrive there; STEPWELL_ASCII says that they shall not."""
    return not environ.get("STEPWELL_ASCII") and (stream.encoding or "").lower().replace("-", "").startswith("utf")
