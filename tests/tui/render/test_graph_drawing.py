from __future__ import annotations

import re
import time
import xml.etree.ElementTree
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepwell_tui.render.graph.canvas import BOX, EAST, NORTH, SOUTH, WEST
from stepwell_tui.render.graph.mermaid import render_mermaid
from stepwell_tui.render.graph.model import Edge, Node
from stepwell_tui.render.graph.svg import render_svg
from stepwell_tui.render.graph.text import render_text

GOLDEN = Path(__file__).parent / "golden"
ARMS = {character: arms for arms, character in enumerate(BOX)} | {"▶": 0}
STEPS = {NORTH: (-1, 0), EAST: (0, 1), SOUTH: (1, 0), WEST: (0, -1)}
BACK = {NORTH: SOUTH, EAST: WEST, SOUTH: NORTH, WEST: EAST}


def graph(*pairs: tuple[int, int], count: int = 0) -> tuple[list[Node], list[Edge]]:
    """Nodes `n0`, `n1`, ... and these edges."""
    size = max([count, *(end + 1 for pair in pairs for end in pair)])
    return [Node(f"n{number}", f"n{number}") for number in range(size)], [Edge(f"n{a}", f"n{b}") for a, b in pairs]


ML_NODES = [
    Node("ingest", "ingest", "Completed", "4.0 s"), Node("validate", "validate", "Completed"), Node("clean", "clean", "Reused"),
    Node("features", "features", "Completed"), Node("xgb", "train-xgb", "Failed", "2 m 11 s"), Node("mlp", "train-mlp", "Running"),
    Node("lin", "train-lin", "Canceled"), Node("evaluate", "evaluate", "Queued"), Node("publish", "publish", "Skipped"),
]  # fmt: skip
ML_EDGES = [
    Edge("ingest", "validate"), Edge("ingest", "clean"), Edge("validate", "features"), Edge("clean", "features"),
    Edge("features", "xgb"), Edge("features", "mlp"), Edge("features", "lin"), Edge("xgb", "evaluate"), Edge("mlp", "evaluate"),
    Edge("lin", "evaluate"), Edge("validate", "evaluate"), Edge("evaluate", "publish"),
]  # fmt: skip


GOLDENS = {
    "wide": lambda: render_text(ML_NODES, ML_EDGES, 200),
    "medium": lambda: render_text(ML_NODES, ML_EDGES, 120),
    "narrow": lambda: render_text(ML_NODES, ML_EDGES, 80),
    "plain": lambda: render_text(ML_NODES, ML_EDGES, 120, status=False),
    "ascii_wide": lambda: render_text(ML_NODES, ML_EDGES, 200, unicode=False),
    "ascii_narrow": lambda: render_text(ML_NODES, ML_EDGES, 80, unicode=False),
    "colour_wide": lambda: render_text(ML_NODES, ML_EDGES, 200, colour=True).replace("\x1b", "^"),
    "colour_narrow": lambda: render_text(ML_NODES, ML_EDGES, 80, colour=True).replace("\x1b", "^"),
    "mermaid": lambda: render_mermaid(ML_NODES, ML_EDGES),
    "svg": lambda: render_svg(ML_NODES, ML_EDGES),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_golden(name: str) -> None:
    """After a wanted change, write the new drawings with `python tests/tui/render/test_graph_drawing.py`, and look at them."""
    assert GOLDENS[name]() == (GOLDEN / f"{name}.txt").read_text("utf-8")


# --- reading a drawing back -----------------------------------------------------------------------------------------


class Drawing:
    """A drawing of nodes `n0`, `n1`, ..., read as a person would: lines are followed, crossings go straight."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.labels = {
            (row, match.start()): int(match.group(1)) for row, line in enumerate(self.lines) for match in re.finditer(r"n(\d+)", line)
        }

    def at(self, row: int, column: int) -> str:
        return self.lines[row][column] if 0 <= row < len(self.lines) and 0 <= column < len(self.lines[row]) else " "

    def layered(self) -> set[tuple[int, int]]:
        """From the right of each label, rightwards, up and down, to arrows."""
        starts = {number: (row, column + len(f"n{number}") - 1, EAST) for (row, column), number in self.labels.items()}
        ends = {(row, column - 1): number for (row, column), number in self.labels.items() if self.at(row, column - 1) == "▶"}
        return self._edges(starts, ends, {EAST: (EAST, NORTH, SOUTH), NORTH: (NORTH, EAST), SOUTH: (SOUTH, EAST)})

    def lanes(self) -> set[tuple[int, int]]:
        """From each dot downwards and to both sides, to dots."""
        dots = {number: (row, re.split("[●○]", self.lines[row])[0]) for (row, _), number in self.labels.items()}
        starts = {number: (row, len(before), SOUTH) for number, (row, before) in dots.items()}
        ends = {(row, len(before)): number for number, (row, before) in dots.items() if "●" in self.lines[row]}
        return self._edges(starts, ends, {SOUTH: (SOUTH, EAST, WEST), EAST: (EAST, SOUTH), WEST: (WEST, SOUTH)})

    def _edges(
        self, starts: dict[int, tuple[int, int, int]], ends: dict[tuple[int, int], int], turns: dict[int, tuple[int, ...]]
    ) -> set[tuple[int, int]]:
        return {(source, target) for source, start in starts.items() for target in self._reached(start, ends, turns)}

    def _reached(
        self, start: tuple[int, int, int], ends: dict[tuple[int, int], int], turns: dict[int, tuple[int, ...]]
    ) -> set[int]:
        waiting, seen, reached = [start], {start}, set()
        while waiting:
            row, column, heading = waiting.pop()
            row, column = row + STEPS[heading][0], column + STEPS[heading][1]
            if (row, column) in ends:
                reached.add(ends[row, column])
                continue
            character = self.at(row, column)
            arms = ARMS.get(character, 0)
            # The half line right after a label has no arm back to it.
            if not arms & BACK[heading] and character != "╶":
                continue
            for turn in (heading,) if character == "┼" else turns[heading]:
                if arms & turn and (row, column, turn) not in seen:
                    seen.add((row, column, turn))
                    waiting.append((row, column, turn))
        return reached


Graph = tuple[list[Node], list[Edge]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(1, 14))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    edges = draw(st.lists(pairs, max_size=24))
    order = draw(st.permutations(range(count)))
    return graph(*((order[min(a, b)], order[max(a, b)]) for a, b in edges), count=count)


def numbered(edges: Sequence[Edge]) -> set[tuple[int, int]]:
    return {(int(edge.source[1:]), int(edge.target[1:])) for edge in edges}


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_layered_drawing_reads_as_the_graph(example: Graph) -> None:
    nodes, edges = example
    drawing = Drawing(render_text(nodes, edges, 1000))
    assert sorted(drawing.labels.values()) == list(range(len(nodes)))
    assert drawing.layered() == numbered(edges)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_the_lanes_read_as_the_graph(example: Graph) -> None:
    nodes, edges = example
    drawing = Drawing(render_text(nodes, edges, 90))
    assert sorted(drawing.labels.values()) == list(range(len(nodes)))
    assert drawing.lanes() == numbered(edges)


@settings(max_examples=50, deadline=None)
@given(graphs(), st.integers(20, 200))
def test_no_line_is_wider_than_asked(example: Graph, width: int) -> None:
    nodes, edges = example
    long = [Node(node.key, node.label + "-with-a-rather-long-name" * 3, "Running", "4 m 02 s") for node in nodes]
    layered_or_lanes = render_text(long, edges, width)
    assert all(len(line) <= max(width, 60) for line in layered_or_lanes.splitlines() if "Running" not in line or width >= 60)
    assert render_text(long, edges, width) == layered_or_lanes


def ladder(count: int) -> Graph:
    """A chain in which every step also needs the one three before it."""
    return graph(*((at, at + 1) for at in range(count - 1)), *((at, at + 3) for at in range(count - 3)))


def broad(count: int, layers: int = 8) -> Graph:
    """Layers of equal size, each step fed by two of the layer before."""
    size = count // layers
    return graph(*((at, (at // size + 1) * size + (at * 7 + k) % size) for at in range(count - size) for k in (0, 3)))


def fan(count: int) -> Graph:
    """One step, many after it, and one that needs them all."""
    return graph(*((0, at) for at in range(1, count - 1)), *((at, count - 1) for at in range(1, count - 1)))


SHAPES = {"ladder": ladder, "broad": broad, "fan": fan}


@pytest.mark.parametrize("shape", SHAPES)
def test_two_hundred_steps_are_drawn_exactly(shape: str) -> None:
    nodes, edges = SHAPES[shape](200)
    wide, narrow = render_text(nodes, edges, 4000), render_text(nodes, edges, 90)
    assert Drawing(wide).layered() == numbered(edges)
    if "┤" in narrow or "├" in narrow:
        assert Drawing(narrow).lanes() == numbered(edges)
    else:
        assert all("after" in line for line in narrow.splitlines()[-20:])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [80, 240])
def test_two_thousand_steps_take_less_than_a_second(shape: str, width: int) -> None:
    nodes, edges = SHAPES[shape](2000)
    started = time.process_time()
    text = render_text(nodes, edges, width)
    assert time.process_time() - started < 1
    assert len(text.splitlines()) >= 1990


def test_too_many_lanes_become_a_list() -> None:
    nodes, edges = graph(*((at, 60 + at % 7 * 8 + k) for at in range(60) for k in range(3)), count=120)
    lines = render_text(nodes, edges, 60).splitlines()
    assert len(lines) == 120
    assert lines[-1].startswith("n")
    assert all(len(line) <= 60 for line in lines)


def test_nothing_to_draw() -> None:
    assert render_text([], [], 120) == ""
    assert render_text([Node("a", "a")], [], 120) == "a\n"
    assert render_text([Node("a", "a")], [], 80) == "○ a\n"


@pytest.mark.parametrize("edges", [[(0, 1), (1, 0)], [(0, 0)], [(0, 1), (1, 2), (2, 1)]])
@pytest.mark.parametrize("width", [80, 120])
def test_a_cycle_is_refused(edges: list[tuple[int, int]], width: int) -> None:
    with pytest.raises(ValueError, match="the graph has a cycle"):
        render_text(*graph(*edges), width)


def test_what_is_no_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="'b', which is no node"):
        render_text([Node("a", "a")], [Edge("a", "b")])
    with pytest.raises(ValueError, match="same key"):
        render_text([Node("a", "a"), Node("a", "b")], [])


HOSTILE = "a\x1b]52;c;eA==\x07\u202e<script>\"&]--%%\nclick"


def test_foreign_names_are_harmless_everywhere() -> None:
    nodes, edges = [Node("a", HOSTILE, "Running", HOSTILE), Node("b", "データ処理", HOSTILE)], [Edge("a", "b")]
    shown = [render_text(nodes, edges, 300), render_text(nodes, edges, 80)]
    markup = [render_mermaid(nodes, edges), render_svg(nodes, edges)]
    assert not any(re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text) for text in shown + markup)
    assert not any("<script" in text for text in markup)
    assert "<br>" in render_mermaid(nodes, edges)
    assert set(re.findall(r"<\w*", render_mermaid(nodes, edges))) == {"<br"}


def test_the_svg_is_well_formed_and_self_contained() -> None:
    nodes, edges = graph((0, 1), (1, 2), (0, 2), (0, 3))
    nodes[0] = Node("n0", HOSTILE, "Failed")
    root = xml.etree.ElementTree.fromstring(render_svg(nodes, edges))
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert names == {"svg", "rect", "text", "path"}
    assert not any("href" in name for element in root.iter() for name in element.attrib)
    assert "Failed" in "".join(root.itertext())


def test_wide_characters_keep_the_lines_apart() -> None:
    nodes = [Node("a", "データ"), Node("b", "b"), Node("c", "abcdef")]
    first, second = render_text(nodes, [Edge("a", "b"), Edge("c", "b")], 120).splitlines()
    assert first.index("┬▶") + 3 == second.index("╯")


if __name__ == "__main__":
    for golden, render in GOLDENS.items():
        (GOLDEN / f"{golden}.txt").write_text(render(), "utf-8")
