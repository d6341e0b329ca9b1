"""Drawing in ASCII: as wide as before, and nothing of ours left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.render.graph.model import Edge, Node
from stepwell_tui.render.graph.text import render_text
from stepwell_tui.render.plain import PLAIN, plain
from stepwell_tui.render.plot import Series, plot, sparkline
from stepwell_tui.render.status import LOOKS
from stepwell_tui.render.text import display_width


def test_every_character_has_one_of_one_cell() -> None:
    assert all(len(sign) == len(stands) == display_width(sign) == 1 and stands.isascii() for sign, stands in PLAIN.items())


def test_all_that_is_drawn_with_is_among_them() -> None:
    nodes = [Node(word, word, status=word) for word in LOOKS]
    edges = [Edge(one.key, other.key) for one in nodes[:3] for other in nodes[3:]]
    curves = [Series("up", range(9)), Series("down", range(9, 0, -1))]
    drawn = [render_text(nodes, edges, width) for width in (60, 200)]
    drawn += [plot(curves[:1]), plot(curves, colour=True), sparkline(range(8), 8)]
    assert all(not text.isascii() and plain(text).isascii() for text in drawn)


def test_a_status_reads_as_on_the_command_line() -> None:
    assert [plain(look.glyph) for look in LOOKS.values()] == [look.plain for look in LOOKS.values()]


def test_letters_of_people_stay_where_they_can_be_shown() -> None:
    assert plain("│ Tür 模型") == "| Tür 模型"
    assert plain("│ Tür 模型", "latin-1") == "| Tür ????"
    assert plain("│ Tür", "ascii") == "| T?r"


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cf", "Mn", "Me"))), st.sampled_from(["utf-8", "latin-1", "ascii", "no such"]))
def test_it_is_as_wide_as_before_and_can_be_written(text: str, encoding: str) -> None:
    drawn = plain(text, encoding)
    assert display_width(drawn) == display_width(text)
    if encoding != "no such":
        drawn.encode(encoding)
