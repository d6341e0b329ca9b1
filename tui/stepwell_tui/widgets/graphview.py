"""The graph of a pipeline with a cursor on its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message

from stepwell_tui.configured import settings_of
from stepwell_tui.keys import bindings
from stepwell_tui.render.graph.model import Edge, Links, Node, link, topological
from stepwell_tui.widgets.drawn import Drawn
from stepwell_tui.widgets.lineview import Span
from stepwell_tui.widgets.nodeplaces import GraphPicture, Place, draw_graph


class GraphView(Drawn):
    """Layered where there is room, else in lanes. The cursor moves in an order in which the steps can run, and along the edges."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"graph--cursor", "graph--blurred"}
    DEFAULT_CSS = """
    GraphView {
        .graph--cursor { background: $primary 45%; text-style: bold reverse; }
        .graph--blurred { background: $primary 25%; text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("graph")

    class Of(Message):
        """A message of a graph about the node with this key."""

        def __init__(self, graph: GraphView, key: str) -> None:
            super().__init__()
            self.graph = graph
            self.key = key

        @property
        def control(self) -> GraphView:
            """The graph, for `@on` with a selector."""
            return self.graph

    class NodeSelected(Of):
        """Enter, or a double click, on the node."""

    class NodeHighlighted(Of):
        """The node came under the cursor."""

    def __init__(
        self,
        nodes: Sequence[Node] = (),
        edges: Sequence[Edge] = (),
        *,
        empty: tuple[str, str] = ("No steps", ""),
        id: str | None = None,  # noqa: A002 - as in Textual
        classes: str | None = None,
    ) -> None:
        super().__init__(empty, id=id, classes=classes)
        self._lanes = False
        self._key: str | None = None
        self._take(nodes, edges)

    @property
    def key(self) -> str | None:
        """The key of the node under the cursor."""
        return self._key

    def show_graph(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        """Another graph, or the same with other statuses; the cursor stays on its key. ValueError for a cycle."""
        if (tuple(nodes), tuple(edges)) != (self._steps, self._ways):
            self._take(nodes, edges)
            self.redraw()

    def _take(self, nodes: Sequence[Node], edges: Sequence[Edge]) -> None:
        self._links: Links = link(nodes, edges)
        self._order = [nodes[number].key for number in topological(self._links)]
        self._steps, self._ways = tuple(nodes), tuple(edges)
        if self._key not in self._order:
            self._key = self._order[0] if self._order else None

    def draw(self, size: Size, colour: bool) -> GraphPicture:
        """The graph."""
        if not self._steps:
            return GraphPicture()
        unicode = not settings_of(self.app).ascii
        return draw_graph(self._steps, self._ways, size.width, lanes=self._lanes, colour=colour, unicode=unicode)

    def drawn(self) -> None:
        """Keep the cursor in view."""
        self._into_view()

    def move_to(self, key: str) -> None:
        """Put the cursor on a node."""
        if key != self._key and key in self._order:
            self._key = key
            self.refresh()
            self._into_view()
            self.post_message(self.NodeHighlighted(self, key))

    def _place(self, key: str | None) -> Place | None:
        return self._picture.places.get(key) if key and isinstance(self._picture, GraphPicture) else None

    def _into_view(self) -> None:
        place = self._place(self._key)
        if place:
            self.scroll_to_region(Region(place.begin, place.line, place.end - place.begin, 1), animate=False, force=True, immediate=True)

    def overlay(self, line: int) -> Sequence[Span]:
        """The cursor."""
        place = self._place(self._key)
        if place is None or place.line != line:
            return ()
        return ((place.begin, place.end, "graph--cursor" if self.has_focus else "graph--blurred"),)

    def action_node_by(self, steps: int) -> None:
        """Some nodes on, or back."""
        if self._key is not None:
            self.move_to(self._order[max(0, min(self._order.index(self._key) + steps, len(self._order) - 1))])

    def action_along(self, forward: bool) -> None:
        """To the first node after this one, or before it."""
        if self._key is None:
            return
        number = next(at for at, node in enumerate(self._steps) if node.key == self._key)
        near = (self._links.after if forward else self._links.before)[number]
        if near:
            self.move_to(self._steps[near[0]].key)

    def action_lanes(self) -> None:
        """Lanes, or layers where there is room."""
        self._lanes = not self._lanes
        self.redraw()

    def action_select(self) -> None:
        """Open the node."""
        if self._key is not None:
            self.post_message(self.NodeSelected(self, self._key))

    def on_click(self, event: events.Click) -> None:
        """A click on a node moves the cursor there, a double click opens it."""
        at = event.get_content_offset(self)
        key = self._node_at(at + self.scroll_offset) if at is not None else None
        if key is None:
            return
        self.move_to(key)
        if event.chain == 2:
            event.prevent_default().stop()
            self.action_select()

    def _node_at(self, at: Offset) -> str | None:
        places = self._picture.places if isinstance(self._picture, GraphPicture) else {}
        # The glyph before the name counts, too.
        return next((key for key, place in places.items() if place.line == at.y and place.begin - 2 <= at.x < place.end), None)
