"""Sorting the rows of a table by its columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from widget_host import Host, hosted, lines, shown, until

from stepwell_tui.widgets.listtable import ListTable
from stepwell_tui.widgets.ordering import arranged, following, turned
from stepwell_tui.widgets.rows import Cell, Column, Order, Row, slots
from stepwell_tui.widgets.table import VirtualTable

COLUMNS = (Column("run", width=6), Column("took", width=8, right=True), Column("", width=4), Column("steps", width=6, sorts=False),
           Column("file", share=1, hidden_below=40))
ROWS = (Row("a", ("#10", Cell("2 m 00 s", rank=120.0), "x", "1/2", "b.py")), Row("b", ("#9", Cell("0.50 s", rank=0.5), "y", "2/2", "")),
        Row("c", ("#11", "", "z", "2/2", "A.py")))


def keys(order: Order | None) -> str:
    return "".join(row.key for row in arranged(ROWS, order))


def test_numbers_in_text_count_by_their_value() -> None:
    assert keys(Order(0)) == "bac"
    assert keys(Order(0, descending=True)) == "cab"


def test_a_cell_in_words_is_sorted_by_its_rank_and_nothing_comes_last() -> None:
    assert keys(Order(1)) == "bac"
    assert keys(Order(1, descending=True)) == "abc"
    assert keys(Order(4)) == "cab"


def test_without_an_order_rows_stay_as_they_are() -> None:
    assert keys(None) == "abc"


def test_only_columns_that_are_shown_and_sort_are_gone_through() -> None:
    shown = slots(COLUMNS, 60)
    orders = [following(None, COLUMNS, shown)]
    while orders[-1] is not None:
        orders.append(following(orders[-1], COLUMNS, shown))
    assert orders == [Order(0), Order(1), Order(4), None]
    assert following(Order(1), COLUMNS, slots(COLUMNS, 30)) is None


def test_the_other_way_round() -> None:
    shown = slots(COLUMNS, 60)
    assert turned(None, COLUMNS, shown) == Order(0, descending=True)
    assert turned(Order(1), COLUMNS, shown) == Order(1, descending=True)
    assert turned(Order(1, descending=True), COLUMNS, shown) == Order(1)


@given(st.lists(st.tuples(st.text(max_size=8), st.none() | st.floats(allow_nan=False))), st.booleans())
def test_no_row_is_lost_and_what_is_silent_is_last(cells: list[tuple[str, float | None]], descending: bool) -> None:
    rows = [Row(str(at), (Cell(text, rank=rank),)) for at, (text, rank) in enumerate(cells)]
    there = arranged(rows, Order(0, descending))
    assert sorted(row.key for row in there) == sorted(row.key for row in rows)
    silent = [isinstance(cell, Cell) and not cell.text and cell.rank is None for row in there for cell in row.cells]
    assert silent == sorted(silent)


def test_keys_sort_and_the_header_says_by_what() -> None:
    table = ListTable(COLUMNS, title="Runs", empty=("", ""), id="runs")

    async def story(app: Host, pilot: Pilot[None]) -> None:
        table.put(ROWS)
        await until(pilot, lambda: "#10" in shown(app))
        await pilot.press("G", "s")
        await until(pilot, lambda: lines(app)[1].split()[0] == "#9")
        assert "run↑" in lines(app)[0]
        assert table.cursor == 0
        await pilot.press("S")
        await until(pilot, lambda: lines(app)[1].split()[0] == "#11")
        assert "run↓" in lines(app)[0]
        await pilot.press("s", "s", "s")
        await until(pilot, lambda: lines(app)[1].split()[0] == "#10")
        assert table.order is None
        assert [message.order for message in app.heard] == [Order(0), Order(0, descending=True), Order(1), Order(4), None]

    hosted(table, story, VirtualTable.Sorted)


def test_marks_outlive_sorting_and_narrowing() -> None:
    table = ListTable(COLUMNS, title="Runs", empty=("", ""), id="runs")

    async def story(app: Host, pilot: Pilot[None]) -> None:
        table.put(ROWS)
        await until(pilot, lambda: "#10" in shown(app))
        await pilot.press("space", "s")
        table.narrow("#9")
        await until(pilot, lambda: table.count == 1)
        await pilot.press("space")
        assert table.marked == ("a", "b")
        assert table.narrowed_to == "#9"

    hosted(table, story)
