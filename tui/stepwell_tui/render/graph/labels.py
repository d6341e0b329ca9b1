"""How a node reads: glyph, label, status in words, note."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell_tui.render.graph.model import Node
from stepwell_tui.render.status import look_of, paint
from stepwell_tui.render.text import display_width, safe_line, truncate

LONGEST_LABEL = 32


class Label(msgspec.Struct, frozen=True):
    """The parts of one node's text: what stands before the name, the name, and the rest."""

    glyph: str
    name: str
    rest: str
    colour: str | None

    @property
    def width(self) -> int:
        """Cells."""
        return display_width(self.glyph) + display_width(self.name) + display_width(self.rest)


def label_of(node: Node, *, unicode: bool, words: bool = True, longest: int = LONGEST_LABEL) -> Label:
    """The label of a node, its name cut to `longest` cells; without `words` only the glyph tells the status."""
    name = truncate(safe_line(node.label), longest, "…" if unicode else "~")
    separator = " · " if unicode else " - "
    look = look_of(node.status) if node.status else None
    said = [safe_line(look.word)] if look and words else []
    note = [safe_line(node.note)] if node.note and words else []
    rest = "".join(separator + part for part in (*said, *note))
    glyph = f"{look.glyph if unicode else look.plain} " if look else ""
    return Label(glyph, name, rest, look.colour if look else None)


def legend(nodes: Sequence[Node], *, unicode: bool, colour: bool = False) -> str:
    """What the glyphs in a drawing mean."""
    looks = dict.fromkeys(look_of(node.status) for node in nodes if node.status)
    return "   ".join(f"{paint(look.glyph if unicode else look.plain, look.colour, colour)} {safe_line(look.word)}" for look in looks)
