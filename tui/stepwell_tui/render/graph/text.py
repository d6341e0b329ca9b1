"""A graph as text: layered where the terminal is wide enough, else in lanes, else as a list."""

from __future__ import annotations

from collections.abc import Sequence

from stepwell_tui.render.graph.draw import draw
from stepwell_tui.render.graph.labels import label_of, legend
from stepwell_tui.render.graph.lanes import draw_lanes
from stepwell_tui.render.graph.layers import layered
from stepwell_tui.render.graph.model import Edge, Links, Node, link

LANES_BELOW = 100
"""Terminals narrower than this get the lanes."""
_MOST_STAND_INS = 4000


def render_text(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    width: int = 100,
    status: bool = True,
    colour: bool = False,
    unicode: bool = True,
    lanes_below: int = LANES_BELOW,
) -> str:
    """The graph in so many cells; with `status` the statuses and notes of its nodes are shown. ValueError for a cycle.

    In fewer cells than `lanes_below` it comes in lanes, and in more as well where its layers do not fit.
    """
    shown = nodes if status else [Node(node.key, node.label) for node in nodes]
    links = link(shown, edges)
    lines = _layered(shown, links, width, colour, unicode) if width >= lanes_below else None
    if lines is None:
        lines = draw_lanes(shown, links, width, colour=colour, unicode=unicode)
    return "".join(f"{line}\n" for line in lines)


def _layered(nodes: Sequence[Node], links: Links, width: int, colour: bool, unicode: bool) -> list[str] | None:
    """With the statuses in words if they fit, else with glyphs and a legend, else not at all."""
    layering = layered(links, _MOST_STAND_INS)
    if layering is None:
        return None
    for words in (True, False):
        canvas = draw(layering, [label_of(node, unicode=unicode, words=words) for node in nodes], width)
        if canvas:
            lines = canvas.lines(colour=colour, unicode=unicode)
            key = "" if words else legend(nodes, unicode=unicode, colour=colour)
            return [*lines, "", key] if key else lines
    return None
