"""The narrow drawing: one line per step, lanes beside it as in `git log --graph`."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from stepwell_tui.render.graph.canvas import BOX, EAST, NORTH, PLAIN, SOUTH, WEST
from stepwell_tui.render.graph.labels import Label, label_of
from stepwell_tui.render.graph.model import Links, Node, topological
from stepwell_tui.render.status import paint
from stepwell_tui.render.text import display_width, safe_line, truncate

_DOTS = (("*", "o"), ("●", "○"))
_MANY_LANES = 8
_NARROWEST_LABEL = 24


class _Line(msgspec.Struct, frozen=True):
    """One line: arms of its cells, two per lane, and the node that stands on it in a lane, if one does.

    A `start`, which nothing leads to, has a dot of its own: it may stand right below the end of something else.
    """

    arms: list[int]
    node: int | None = None
    lane: int = 0
    start: bool = False


class _Lanes:
    """The lanes that are open: each holds the nodes that it still leads to.

    A lane never holds more than one source's edges, except that lanes to one and the same node may become one.
    """

    def __init__(self) -> None:
        self.open: list[set[int]] = []
        self.lines: list[_Line] = []
        self.widest = 0

    def free(self, beyond: int = -1) -> int:
        """The leftmost lane to the right of `beyond` that is not open; it is made."""
        for lane in range(beyond + 1, len(self.open)):
            if not self.open[lane]:
                return lane
        self.open.append(set())
        self.widest = max(self.widest, len(self.open))
        return len(self.open) - 1

    def line(self, node: int | None = None, lane: int = 0, start: bool = False) -> list[int]:
        """A new line below the others on which all open lanes go on; its arms."""
        arms = [0] * (2 * len(self.open))
        for at, ends in enumerate(self.open):
            if ends:
                arms[2 * at] = NORTH | SOUTH
        self.lines.append(_Line(arms, node, lane, start))
        return arms

    def branch(self, lane: int, node: int) -> int:
        """Lead the edge to `node` out of a lane that has others too, into one of its own."""
        own = self.free()
        arms = self.line()
        _span(arms, 2 * min(lane, own), 2 * max(lane, own))
        arms[2 * own] |= SOUTH
        self.open[lane].discard(node)
        self.open[own] = {node}
        return own

    def merge(self, lanes: Sequence[int]) -> int:
        """Make one of several lanes that lead to the same node: the leftmost."""
        into, *others = sorted(lanes)
        if others:
            arms = self.line()
            _span(arms, 2 * into, 2 * others[-1])
            for lane in others:
                arms[2 * lane] &= ~SOUTH
                self.open[lane] = set()
            self.trim()
        return into

    def trim(self) -> None:
        """Forget closed lanes at the right."""
        while self.open and not self.open[-1]:
            self.open.pop()


def _span(arms: list[int], left: int, right: int) -> None:
    for cell in range(left, right):
        arms[cell] |= EAST
        arms[cell + 1] |= WEST


def draw_lanes(nodes: Sequence[Node], links: Links, width: int, *, colour: bool, unicode: bool) -> list[str]:
    """The lines of the drawing, in an order in which the steps can run; a plain list when the lanes take too much room."""
    order = topological(links)
    lanes = _Lanes()
    for node in order:
        _place(lanes, links, node)
        if 2 * lanes.widest + _NARROWEST_LABEL > max(width, 2 * _NARROWEST_LABEL):
            return [_listed(nodes, links, node, width, colour=colour, unicode=unicode) for node in order]
    return [_written(nodes, line, width, colour=colour, unicode=unicode) for line in lanes.lines]


def _place(lanes: _Lanes, links: Links, node: int) -> None:
    """Bring all edges to the node into one lane, put it there, and open the lane for what comes after it."""
    arriving = [lane for lane, ends in enumerate(lanes.open) if node in ends]
    alone = [lane if len(lanes.open[lane]) == 1 else lanes.branch(lane, node) for lane in arriving]
    own = lanes.merge(alone) if alone else lanes.free()
    lanes.line(node, own, start=not arriving)
    lanes.open[own] = set(links.after[node])
    lanes.trim()
    if len(lanes.open) > _MANY_LANES and len(links.after[node]) == 1:
        lanes.merge([lane for lane, ends in enumerate(lanes.open) if ends == {links.after[node][0]}])


def _written(nodes: Sequence[Node], line: _Line, width: int, *, colour: bool, unicode: bool) -> str:
    characters = BOX if unicode else PLAIN
    cells = "".join([characters[arm] for arm in line.arms])
    if line.node is None:
        return paint(cells.rstrip(), "dim", colour)
    before, after = cells[: 2 * line.lane], cells[2 * line.lane + 1 :]
    label = _fitting(nodes[line.node], width - len(cells), unicode)
    dot = paint(_DOTS[unicode][line.start], label.colour or "dim", colour and bool(label.colour))
    return paint(before, "dim", colour) + dot + paint(after, "dim", colour) + _coloured(label, colour)


def _listed(nodes: Sequence[Node], links: Links, node: int, width: int, *, colour: bool, unicode: bool) -> str:
    """One step and the names of those before it, as many as there is room for."""
    label = _fitting(nodes[node], width, unicode)
    names = ", ".join(safe_line(nodes[before].label) for before in links.before[node])
    after = truncate(f"  after {names}", width - label.width, "…" if unicode else "~") if names else ""
    return _coloured(label, colour) + paint(after, "dim", colour)


def _fitting(node: Node, room: int, unicode: bool) -> Label:
    label = label_of(node, unicode=unicode)
    if label.width <= room:
        return label
    return label_of(node, unicode=unicode, longest=max(8, room - label.width + display_width(label.name)))


def _coloured(label: Label, colour: bool) -> str:
    return paint(label.glyph, label.colour or "dim", colour and bool(label.colour)) + label.name + paint(label.rest, "dim", colour)
