"""Which row every item of a layering gets: near its neighbours, none on top of another.

A node with several edges coming in takes one row for each of them, its port rows, and its label stands in the first.
"""

from __future__ import annotations

from collections.abc import Callable

from stepwell_tui.render.graph.layers import Layering


class Rows:
    """The first row of every item; `ports[item]` are the items before it, in the order of its port rows."""

    def __init__(self, layering: Layering) -> None:
        self._layering = layering
        self.first = [0] * len(layering.after)
        self.ports = [list(before) for before in layering.before]
        self._place_first_time()

    def height(self, item: int) -> int:
        """How many rows an item takes."""
        return max(1, len(self.ports[item]))

    def arrival(self, source: int, target: int) -> int:
        """The row on which the edge from `source` reaches `target`."""
        return self.first[target] + self.ports[target].index(source)

    def _place_first_time(self) -> None:
        layers = self._layering.layers
        place = {item: index for layer in layers for index, item in enumerate(layer)}
        for ports in self.ports:
            ports.sort(key=place.__getitem__)
        for layer in layers[:1]:
            self._settle(layer, lambda _: [])
        for layer in layers[1:]:
            self.follow(layer)
        for layer in reversed(layers[:-1]):
            self._settle(layer, lambda item: [self.arrival(item, target) for target in self._layering.after[item]])

    def follow(self, layer: list[int]) -> None:
        """Place a layer by what comes before it."""
        self._settle(layer, lambda item: [self.first[before] - port for port, before in enumerate(self.ports[item])])

    def push_down(self, layer: list[int], row: int, by: int = 1) -> None:
        """Move the item that has this row, and all below it in the layer, down."""
        for item in layer:
            if self.first[item] + self.height(item) > row:
                self.first[item] += by

    def _settle(self, layer: list[int], wishes: Callable[[int], list[int]]) -> None:
        """Rows nearest to the median wish of each item that keep the order of the layer and overlap nowhere."""
        blocks: list[tuple[float, int]] = []
        offset = 0
        for item in layer:
            wanted = sorted(wishes(item))
            wish = wanted[(len(wanted) - 1) // 2] if wanted else self.first[item]
            blocks.append((wish - offset, 1))
            while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
                (low, some), (high, more) = blocks.pop(), blocks.pop()
                blocks.append(((low * some + high * more) / (some + more), some + more))
            offset += self.height(item)
        self._assign(layer, [round(level) for level, count in blocks for _ in range(count)])

    def _assign(self, layer: list[int], levels: list[int]) -> None:
        offset = 0
        for item, level in zip(layer, levels, strict=True):
            self.first[item] = level + offset
            offset += self.height(item)
