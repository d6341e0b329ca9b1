from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from widget_host import Host, hosted, lines, shown, until

from stepwell_tui.render.graph.model import Edge, Node
from stepwell_tui.render.graph.text import render_text
from stepwell_tui.render.plot import Series, plot
from stepwell_tui.widgets.drawn import picture
from stepwell_tui.widgets.empty import Empty, empty_lines
from stepwell_tui.widgets.graphview import GraphView
from stepwell_tui.widgets.nodeplaces import LAYERS_FROM, draw_graph
from stepwell_tui.widgets.plot import PlotView

NODES = [Node("a", "ingest", "Completed"), Node("b", "clean", "Running", "0.3 s"), Node("c", "train"), Node("d", "report", "Failed")]
EDGES = [Edge("a", "b"), Edge("a", "c"), Edge("b", "d"), Edge("c", "d")]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Node], list[Edge]]:
    labels = draw(st.lists(st.text("ab深\x1b…~ \U000f0001", max_size=40), min_size=1, max_size=8))
    nodes = [Node(str(at), label, draw(st.sampled_from([None, "Completed", "Odd \U000f0002"]))) for at, label in enumerate(labels)]
    pairs = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=10))
    return nodes, [Edge(str(low), str(high)) for low, high in pairs if low < high < len(nodes)]


@given(graphs(), st.sampled_from([40, 80, 120]))
def test_every_node_has_a_place_and_the_drawing_is_that_of_the_command_line(graph: tuple[list[Node], list[Edge]], width: int) -> None:
    nodes, edges = graph
    drawn = draw_graph(nodes, edges, width, lanes=False, colour=True, unicode=True)
    assert set(drawn.places) == {node.key for node in nodes}
    assert all(place.begin < place.end for place in drawn.places.values())
    assert len({(place.line, place.begin) for place in drawn.places.values()}) == len(nodes)
    if all(node.label[:1] in ("a", "b", "…", "~") for node in nodes) and "\\U000f000" not in repr(nodes):
        expected = render_text(nodes, edges, width, lanes_below=LAYERS_FROM)
        assert [line.text.rstrip() for line in drawn.lines] == [line.rstrip() for line in expected.splitlines()]


def test_colours_are_spans() -> None:
    line = picture("plain \x1b[31mred\x1b[0m and \x1b[2mdim\x1b[0m").lines[0]
    assert line.text == "plain red and dim"
    assert line.spans == ((6, 9, "tone--red"), (14, 17, "tone--dim"))


@pytest.mark.parametrize("size", [(120, 12), (60, 12), (40, 12)])
def test_the_cursor_walks_over_the_steps(size: tuple[int, int]) -> None:
    view = GraphView(NODES, EDGES)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "report" in shown(app))
        expected = render_text(NODES, EDGES, size[0], lanes_below=LAYERS_FROM)
        assert [line.rstrip() for line in lines(app) if line] == [line for line in expected.splitlines() if line]
        await pilot.press("j", "down", "j", "j", "left", "right", "g", "right", "enter", "G", "k")
        keys = [message.key for message in app.heard if isinstance(message, GraphView.NodeHighlighted)]
        assert keys == ["b", "c", "d", "b", "d", "a", "b", "d", "c"]
        assert [message.key for message in app.heard if isinstance(message, GraphView.NodeSelected)] == ["b"]
        view.show_graph([Node("c", "train", "Running"), Node("x", "other")], [])
        await until(pilot, lambda: "other" in shown(app))
        assert view.key == "c"
        place = view._place("x")
        assert place is not None
        await pilot.click(offset=(place.begin, place.line), times=2)
        assert app.heard[-1].key == "x"

    hosted(view, story, GraphView.Of, size=size)


def test_large_graphs_scroll_to_the_cursor() -> None:
    nodes = [Node(str(at), f"step {at}") for at in range(200)]
    view = GraphView(nodes, [Edge(str(at), str(at + 1)) for at in range(199)])

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "step 0" in shown(app))
        await pilot.press("G")
        await until(pilot, lambda: "step 199" in shown(app))
        view.show_graph([], [])
        await until(pilot, lambda: "No steps" in shown(app))

    hosted(view, story)


def test_plots_fill_their_place() -> None:
    series = [Series("loss", [3.0, 2.0, 1.0])]
    view = PlotView()

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "No metrics yet" in shown(app))
        view.show_series(series)
        await until(pilot, lambda: "┤" in shown(app))
        assert [line.rstrip() for line in lines(app)] == [line.rstrip() for line in plot(series, 60, 12).splitlines()]
        view.show_series([*series, Series("acc", [1.0, 2.0, 3.0])])
        await until(pilot, lambda: "acc" in shown(app))
        styles = {segment.style.color for segment in view.render_line(11) if segment.style and segment.text == "━"}
        assert len(styles) == 2
        await pilot.resize_terminal(40, 8)
        await until(pilot, lambda: len(lines(app)) == 8 and "acc" in lines(app)[7])

    hosted(view, story)


def test_what_an_empty_place_says_is_wrapped_where_it_is_narrow() -> None:
    assert empty_lines("No runs yet", "Press 2 for the pipelines", 14, 5) == {
        1: " No runs yet  ", 2: " Press 2 for  ", 3: "the pipelines "}
    assert list(empty_lines("No runs yet", "Press 2", 14, 1).values()) == [" No runs yet  "]


def test_an_empty_place_says_what_fills_it() -> None:
    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "No pipelines here" in lines(app)[5])
        assert lines(app)[6].strip() == "stepwell init makes one"

    hosted(Empty("No pipelines here", "stepwell init makes one"), story)


def test_what_changed_while_it_was_hidden_is_drawn_when_it_is_shown_again() -> None:
    view = GraphView(NODES, EDGES)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "report" in shown(app))
        view.display = False
        await until(pilot, lambda: "report" not in shown(app))
        view.show_graph([Node("x", "another one")], [])
        await pilot.pause()
        view.display = True
        await until(pilot, lambda: "another one" in shown(app))

    hosted(view, story)


def test_what_an_empty_place_says_is_wrapped() -> None:
    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "Nothing here" in shown(app))
        assert [line.strip() for line in lines(app) if line.strip()] == ["Nothing here", "Press 2 for the pipelines", "of this project"]

    hosted(Empty("Nothing here", "Press 2 for the pipelines of this project"), story, size=(26, 8))
