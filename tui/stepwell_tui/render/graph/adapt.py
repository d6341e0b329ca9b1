"""From the graph of a pipeline to what is drawn."""

from __future__ import annotations

from collections.abc import Mapping

from stepwell_runner.graph.model import Graph
from stepwell_runner.graph.order import predecessors
from stepwell_tui.render.graph.model import Edge, Node


def drawable(
    graph: Graph, status: Mapping[str, str] | None = None, notes: Mapping[str, str] | None = None
) -> tuple[list[Node], list[Edge]]:
    """Nodes and edges of a pipeline; `status` and `notes` by the key of the step."""
    known, said = status or {}, notes or {}
    nodes = [Node(step.key, step.name, known.get(step.key), said.get(step.key)) for step in graph.steps]
    edges = [Edge(before, key) for key, earlier in predecessors(graph).items() for before in earlier]
    return nodes, edges
