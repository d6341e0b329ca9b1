"""The characters that are drawn with, each with the one of ASCII that stands for it where no others can be shown."""

from __future__ import annotations

from functools import lru_cache

from stepwell_tui.render.graph.canvas import BOX
from stepwell_tui.render.graph.canvas import PLAIN as PLAIN_BOX
from stepwell_tui.render.plot import BLOCKS, LEVELS
from stepwell_tui.render.status import LOOKS
from stepwell_tui.render.text import display_width

_LINES = dict.fromkeys(map(chr, range(0x2500, 0x2580)), "+")
_SOLID = dict.fromkeys(map(chr, range(0x2580, 0x25A0)), "#")
_DOTS = dict.fromkeys(map(chr, range(0x2801, 0x2900)), "*") | {"\u2800": " "}
_SIGNS = dict(zip("·•…‹›→←↑↓−–—▰▱━┃║═┄┆▎▏▍▌▋▊▉▐▕▔“”‘’", ".*~<>><^v---#.=||=-:|||||||||-\"\"''", strict=True))  # noqa: RUF001

PLAIN = {
    **_LINES, **_SOLID, **_DOTS, **_SIGNS,
    **dict(zip(BLOCKS, LEVELS, strict=True)),
    **dict(zip(BOX, PLAIN_BOX, strict=True)),
    "└": "+",
    **{look.glyph: look.plain for look in LOOKS.values()},
}
"""Every character takes one cell, and so does what stands for it."""

_TABLE = str.maketrans(PLAIN)


def plain(text: str, encoding: str = "utf-8") -> str:
    """The text drawn in ASCII. Letters of people stay as far as the encoding has them, else a `?` stands in each of their cells."""
    text = text.translate(_TABLE)
    return text if text.isascii() or _has(encoding, text) else "".join([_shown(character, encoding) for character in text])


@lru_cache(4096)
def _shown(character: str, encoding: str) -> str:
    return character if _has(encoding, character) else "?" * display_width(character)


def _has(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
