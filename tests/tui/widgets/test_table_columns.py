from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.widgets.pages import PAGE, Pages, Wanted, read, read_anew
from stepwell_tui.widgets.rows import GAP, Column, Row, slots

columns = st.lists(
    st.builds(Column, title=st.just("x"), width=st.none() | st.integers(1, 30), share=st.integers(1, 4), hidden_below=st.integers(0, 120)),
    max_size=8,
)


class Falling:
    """Rows count-1, ..., 1, 0."""

    def __init__(self, count: int) -> None:
        self.total = count

    def count(self) -> int:
        return self.total

    def page(self, offset: int, limit: int) -> list[Row]:
        return [Row(str(self.total - 1 - at), ()) for at in range(offset, min(offset + limit, self.total))]


@given(columns, st.integers(0, 200))
def test_columns_never_take_more_than_there_is(some: list[Column], width: int) -> None:
    placed = slots(some, width)
    taken = sum(slot.width for slot in placed) + GAP * max(0, len(placed) - 1)
    assert taken <= width
    if any(some[slot.column].width is None for slot in placed):
        assert taken == width
    assert all(width >= some[slot.column].hidden_below for slot in placed)


@given(st.integers(1, 3000), st.integers(0, 2999), st.integers(-1200, 1200))
def test_the_key_is_found_again_near_where_it_was(count: int, cursor: int, grown: int) -> None:
    cursor, grown = cursor % count, max(grown, -count)
    key = str(count - 1 - cursor)
    found = read_anew(Falling(count + grown), Wanted(cursor, cursor + 20, key, cursor, count))
    here = cursor + grown
    assert found.count == count + grown
    assert found.cursor in ((None,) if here < 0 else (here,) if abs(grown) < 7 * PAGE else (here, None))
    if found.cursor is not None:
        shown = Pages(found.count, found.pages).row(found.cursor)
        assert shown is not None
        assert shown.key == key


@given(st.lists(st.integers(0, 9_999), min_size=1, max_size=30))
def test_whatever_is_in_view_is_kept(places: list[int]) -> None:
    pages = Pages(10_000)
    for first in places:
        last = min(first + 50, 9_999)
        pages.put(read(Falling(10_000), pages.missing(first, last)), first)
        shown = [pages.row(index) for index in range(first, last + 1)]
        assert [row.key for row in shown if row] == [str(9_999 - index) for index in range(first, last + 1)]
        assert not pages.missing(first, last)
