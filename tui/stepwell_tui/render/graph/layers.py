"""Layers from left to right: every edge leads to the next layer, long ones through stand-ins, with few crossings."""

from __future__ import annotations

from bisect import bisect_right, insort

import msgspec

from stepwell_tui.render.graph.model import Links, topological

_SWEEPS = 4


class Layering(msgspec.Struct, frozen=True):
    """Items in layers, top to bottom. Items below `nodes` are the nodes themselves, the others stand-ins.

    `after` and `before` link items of neighbouring layers; all long edges of a node share its stand-ins.
    """

    nodes: int
    layers: list[list[int]]
    after: list[list[int]]
    before: list[list[int]]


def layered(links: Links, most: int) -> Layering | None:
    """The layering, or None when it would need more than so many stand-ins. ValueError for a cycle."""
    level = _levels(links)
    needed = sum(max(0, max((level[t] for t in after), default=0) - level[s] - 1) for s, after in enumerate(links.after))
    if needed > most:
        return None
    layering = _with_stand_ins(links, level)
    _sort(layering)
    return layering


def _levels(links: Links) -> list[int]:
    """The longest way from a start; starts themselves stand just before what first needs them."""
    level = [0] * len(links.after)
    for node in topological(links):
        level[node] = max((level[before] + 1 for before in links.before[node]), default=0)
    for node, after in enumerate(links.after):
        if after and not links.before[node]:
            level[node] = min(level[target] for target in after) - 1
    return level


def _with_stand_ins(links: Links, level: list[int]) -> Layering:
    count = len(level)
    layering = Layering(
        count, [[] for _ in range(max(level, default=-1) + 1)], [[] for _ in range(count)], [[] for _ in range(count)]
    )
    for node in topological(links):
        layering.layers[level[node]].append(node)
    for source, targets in enumerate(links.after):
        at = {level[source]: source}
        for target in sorted(targets, key=lambda node: level[node]):
            for layer in range(max(at) + 1, level[target]):
                at[layer] = _stand_in(layering, at[layer - 1], layer)
            _join(layering, at[level[target] - 1], target)
    return layering


def _stand_in(layering: Layering, before: int, layer: int) -> int:
    item = len(layering.after)
    layering.after.append([])
    layering.before.append([])
    layering.layers[layer].append(item)
    _join(layering, before, item)
    return item


def _join(layering: Layering, source: int, target: int) -> None:
    layering.after[source].append(target)
    layering.before[target].append(source)


def _sort(layering: Layering) -> None:
    """Order every layer by the median place of its neighbours, to and fro, and keep the order with the fewest crossings."""
    best, fewest = [list(layer) for layer in layering.layers], _crossings(layering)
    for sweep in range(_SWEEPS if fewest else 0):
        to_the_right = sweep % 2 == 0
        neighbours = layering.before if to_the_right else layering.after
        count = len(layering.layers)
        for index in range(1, count) if to_the_right else range(count - 2, -1, -1):
            fixed = layering.layers[index - 1 if to_the_right else index + 1]
            _sort_layer(layering.layers[index], fixed, neighbours)
        crossings = _crossings(layering)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layering.layers], crossings
    layering.layers[:] = best


def _sort_layer(layer: list[int], fixed: list[int], neighbours: list[list[int]]) -> None:
    place = {item: index for index, item in enumerate(fixed)}
    medians = {}
    for index, item in enumerate(layer):
        places = sorted(place[near] for near in neighbours[item] if near in place)
        medians[item] = (places[(len(places) - 1) // 2] + places[len(places) // 2]) / 2 if places else float(index)
    layer.sort(key=medians.__getitem__)


def _crossings(layering: Layering) -> int:
    total = 0
    for left, right in zip(layering.layers, layering.layers[1:], strict=False):
        place = {item: index for index, item in enumerate(right)}
        seen: list[int] = []
        for item in left:
            ends = [place[target] for target in layering.after[item]]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total
