"""Where the names of nodes stand in a drawing of a graph.

Names are drawn with a sign of their own in place of their first character, which is looked for in the lines and put back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from stepwell_tui.render.graph.model import Edge, Node
from stepwell_tui.render.graph.text import render_text
from stepwell_tui.render.text import display_width, safe_line
from stepwell_tui.widgets.drawn import Picture, picture
from stepwell_tui.widgets.tableline import Line

LAYERS_FROM = 48
"""Cells from which on layers are tried; a panel beside others is narrower than a terminal."""
_SIGNS = 0xF0000
_LAST = 0xFFFFD
_SIGN = re.compile(f"[{chr(_SIGNS)}-{chr(_LAST)}]")


class Place(msgspec.Struct, frozen=True):
    """Line, and characters from `begin` up to `end`."""

    line: int
    begin: int
    end: int


class GraphPicture(Picture, frozen=True):
    """A drawing of a graph, with the place of each node by its key."""

    places: Mapping[str, Place] = msgspec.field(default_factory=dict)


def draw_graph(nodes: Sequence[Node], edges: Sequence[Edge], width: int, *, lanes: bool, colour: bool, unicode: bool) -> GraphPicture:
    """The graph in so many cells: layered where there is room, unless lanes are asked for."""
    names = [_split(node) for node in nodes]
    signed = [
        Node(node.key, chr(_SIGNS + number) + rest, _unsigned(node.status), _unsigned(node.note))
        for number, (node, (_, rest)) in enumerate(zip(nodes, names, strict=True))
    ]
    lanes_below = width + 1 if lanes else LAYERS_FROM
    drawn = picture(render_text(signed, edges, width, colour=colour, unicode=unicode, lanes_below=lanes_below))
    places: dict[str, Place] = {}
    lines = []
    for at, line in enumerate(drawn.lines):
        text = line.text
        for begin, character in enumerate(text):
            if _SIGNS <= ord(character) <= _LAST:
                first, rest = names[ord(character) - _SIGNS]
                text = text[:begin] + first + text[begin + 1 :]
                places[nodes[ord(character) - _SIGNS].key] = Place(at, begin, _end(text, begin + 1, rest))
        lines.append(Line(text, line.spans))
    return GraphPicture(tuple(lines), places)


def _unsigned(text: str | None) -> str | None:
    return text and _SIGN.sub("?", text)


def _split(node: Node) -> tuple[str, str]:
    """What takes the place of the sign, which is one cell wide, and the rest of the name."""
    name = _SIGN.sub("?", safe_line(node.label))
    return (name[0], name[1:]) if name and display_width(name[0]) == 1 else (" ", name)


def _end(text: str, begin: int, rest: str) -> int:
    """Where a name ends that may have been cut."""
    end = begin
    while end - begin < len(rest) and text[end : end + 1] == rest[end - begin]:
        end += 1
    return end + (end - begin < len(rest) and text[end : end + 1] in ("…", "~"))
