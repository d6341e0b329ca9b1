"""A graph as one self-contained SVG picture: no script, no style sheet, no font from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import accumulate

from stepwell_tui.render.graph.labels import Label, label_of
from stepwell_tui.render.graph.layers import Layering, layered
from stepwell_tui.render.graph.mermaid import FILLS
from stepwell_tui.render.graph.model import Edge, Links, Node, link, topological
from stepwell_tui.render.graph.rows import Rows

_CELL, _ROW, _BOX, _GAP, _EDGE = 7.5, 36, 26, 56, 12
_MOST_STAND_INS = 4000


def render_svg(nodes: Sequence[Node], edges: Sequence[Edge], status: bool = True) -> str:
    """The picture; with `status` its nodes are coloured and say how they stand. ValueError for a cycle."""
    shown = nodes if status else [Node(node.key, node.label) for node in nodes]
    links = link(shown, edges)
    layering = layered(links, _MOST_STAND_INS) or _direct(links)
    labels = [label_of(node, unicode=True) for node in shown]
    rows = Rows(layering).first
    starts, widths = _columns(layering, labels)
    layer_of = {item: index for index, layer in enumerate(layering.layers) for item in layer}
    places = [(starts[layer_of[item]], (row - min(rows)) * _ROW + _EDGE) for item, row in enumerate(rows)]
    height = (max(rows, default=0) - min(rows, default=0)) * _ROW + _BOX + 2 * _EDGE
    parts = [*_edges(layering, places, labels, [widths[layer_of[item]] for item in range(len(rows))]), *_boxes(labels, places)]
    return "".join(f"{part}\n" for part in (_head(starts[-1] - _GAP + _EDGE, height), *parts, "</svg>"))


def _direct(links: Links) -> Layering:
    """Each node in the layer of its place in a row, edges drawn straight: for graphs whose long edges are too many."""
    order = topological(links)
    level = [0] * len(order)
    for node in order:
        level[node] = max((level[before] + 1 for before in links.before[node]), default=0)
    layers: list[list[int]] = [[] for _ in range(max(level) + 1)]
    for node in order:
        layers[level[node]].append(node)
    return Layering(len(order), layers, links.after, links.before)


def _columns(layering: Layering, labels: Sequence[Label]) -> tuple[list[float], list[float]]:
    """Where each layer begins, with the end behind the last, and how wide it is."""
    widths = [max((_width(labels[item]) for item in layer if item < layering.nodes), default=0.0) for layer in layering.layers]
    return list(accumulate((width + _GAP for width in widths), initial=float(_EDGE))), widths


def _width(label: Label) -> float:
    return (label.width + 2) * _CELL


def _head(width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">\n'
        '<rect width="100%" height="100%" fill="#ffffff"/>'
    )


def _edges(
    layering: Layering, places: Sequence[tuple[float, int]], labels: Sequence[Label], widths: Sequence[float]
) -> Iterator[str]:
    """One path for each piece of an edge; a stand-in is a straight line through its layer."""
    for item, targets in enumerate(layering.after):
        x, y = places[item][0], places[item][1] + _BOX / 2
        end = x + (_width(labels[item]) if item < layering.nodes else widths[item])
        through = f"M{x:g},{y:g} H{end:g} " if item >= layering.nodes else f"M{end:g},{y:g} "
        for target in targets:
            to_x, to_y = places[target][0], places[target][1] + _BOX / 2
            half = (end + to_x) / 2
            yield f'<path d="{through}C{half:g},{y:g} {half:g},{to_y:g} {to_x:g},{to_y:g}" fill="none" stroke="#868e96"/>'
            if target < layering.nodes:
                yield f'<path d="M{to_x - 7:g},{to_y - 4:g} L{to_x:g},{to_y:g} L{to_x - 7:g},{to_y + 4:g} z" fill="#868e96"/>'


def _boxes(labels: Sequence[Label], places: Sequence[tuple[float, int]]) -> Iterator[str]:
    for label, (x, y) in zip(labels, places, strict=False):
        fill = FILLS.get(label.colour or "", "#ffffff")
        text = escape(label.glyph + label.name + label.rest)
        yield f'<rect x="{x:g}" y="{y}" width="{_width(label):g}" height="{_BOX}" rx="5" fill="{fill}" stroke="#495057"/>'
        yield f'<text x="{x + _CELL:g}" y="{y + 17}" fill="#212529">{text}</text>'
