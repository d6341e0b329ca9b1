"""What is drawn: nodes and edges as plain values, and the same numbered and checked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Node(msgspec.Struct, frozen=True):
    """One step. `label` and `note` (such as a duration) are shown; they may be foreign text. `status` as in the ledger."""

    key: str
    label: str
    status: str | None = None
    note: str | None = None


class Edge(msgspec.Struct, frozen=True):
    """From the key of a node to the key of one that comes after it."""

    source: str
    target: str


class Links(msgspec.Struct, frozen=True):
    """Edges by number of node: who follows each node and who precedes it, in the order of the edges, each once."""

    after: list[list[int]]
    before: list[list[int]]


def link(nodes: Sequence[Node], edges: Sequence[Edge]) -> Links:
    """The edges by number; ValueError for an edge to a node that is not there or for two nodes with one key."""
    numbers = {node.key: number for number, node in enumerate(nodes)}
    if len(numbers) != len(nodes):
        raise ValueError("two nodes have the same key")
    pairs = dict.fromkeys((_number(numbers, edge.source), _number(numbers, edge.target)) for edge in edges)
    links = Links([[] for _ in nodes], [[] for _ in nodes])
    for source, target in pairs:
        links.after[source].append(target)
        links.before[target].append(source)
    return links


def _number(numbers: dict[str, int], key: str) -> int:
    if key not in numbers:
        raise ValueError(f"an edge names {key!r}, which is no node")
    return numbers[key]


def topological(links: Links) -> list[int]:
    """The nodes so that each comes after those before it, chains kept together; ValueError for a cycle."""
    missing = [len(before) for before in links.before]
    ready = [node for node in reversed(range(len(missing))) if not missing[node]]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for after in reversed(links.after[node]):
            missing[after] -= 1
            if not missing[after]:
                ready.append(after)
    if len(order) != len(missing):
        raise ValueError("the graph has a cycle")
    return order
