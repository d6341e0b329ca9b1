from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from widget_host import Host, hosted, lines, shown, until

from stepwell_store.errors import MachineError
from stepwell_tui.widgets.rows import Cell, Column, Fixed, Row, status_cell
from stepwell_tui.widgets.table import VirtualTable

COLUMNS = (Column("Name", width=8), Column("Status", width=11), Column("Said"), Column("Size", width=6, right=True, hidden_below=40))


class Numbered:
    """Rows n-1, n-2, ..., 0: as in a list whose newest row comes first. Remembers what was asked for, and by which threads."""

    def __init__(self, count: int) -> None:
        self.total = count
        self.asked: list[int] = []
        self.threads: set[int] = set()

    def count(self) -> int:
        self.threads.add(threading.get_ident())
        return self.total

    def page(self, offset: int, limit: int) -> Sequence[Row]:
        self.asked.append(offset)
        return [self.row(self.total - 1 - at) for at in range(offset, min(offset + limit, self.total))]

    def row(self, number: int) -> Row:
        return Row(f"k{number}", (f"r{number}", status_cell("Completed"), Cell(f"row {number}", "dim"), str(number * 10)))


def keys(app: Host, kind: type[VirtualTable.Of]) -> list[object]:
    return [message.key for message in app.heard if type(message) is kind]


def table(rows: object, **options: object) -> VirtualTable:
    return VirtualTable(COLUMNS, rows, **options)  # type: ignore[arg-type]


def test_rows_stand_under_their_titles() -> None:
    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "r2" in shown(app))
        assert lines(app)[:4] == [
            "  Name      Status       Said                           Size",
            "  r2        ✓ Completed  row 2                            20",
            "  r1        ✓ Completed  row 1                            10",
            "  r0        ✓ Completed  row 0                             0",
        ]

    hosted(table(Numbered(3)), story)


def test_a_hundred_thousand_rows_are_read_by_pages_in_threads() -> None:
    rows = Numbered(100_000)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "r99999" in shown(app))
        await pilot.press("G")
        await until(pilot, lambda: lines(app)[11].startswith("  r0 "))
        await pilot.press("pageup", "k")
        await until(pilot, lambda: "r11 " in shown(app))
        assert len(rows.asked) <= 8
        assert threading.get_ident() not in rows.threads

    hosted(table(rows), story)


def test_keys_move_the_cursor_and_say_so() -> None:
    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: app.heard)
        await pilot.press("j", "down", "k", "enter", "g", "up")
        assert keys(app, VirtualTable.Highlighted) == ["k99", "k98", "k97", "k98", "k99"]
        assert keys(app, VirtualTable.Selected) == ["k98"]
        await pilot.press("pagedown", "pagedown", "G")
        assert app.widget.key == "k0"  # type: ignore[attr-defined]
        assert lines(app)[-1].startswith("  r0 ")

    hosted(table(Numbered(100)), story, VirtualTable.Of)


def test_marks() -> None:
    view = table(Numbered(5))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: view.key)
        await pilot.press("space", "j", "space")
        assert view.marked == ("k4", "k2")
        assert [line[:4] for line in lines(app)[1:6]] == ["* r4", "  r3", "* r2", "  r1", "  r0"]
        await pilot.press("g", "space")
        assert view.marked == ("k2",)
        await pilot.press("ctrl+backslash")
        assert view.marked == ()
        assert [message.keys for message in app.heard] == [("k4",), ("k4", "k2"), ("k2",), ()]

    hosted(view, story, VirtualTable.Marked)


@pytest.mark.parametrize("start", ["top", "below"])
def test_the_row_stays_under_the_cursor_when_others_come_in_above(start: str) -> None:
    rows = Numbered(1000)
    view = table(rows)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: view.key)
        await pilot.press(*(["j"] if start == "top" else ["pagedown", "pagedown", "pagedown", "k"]))
        await until(pilot, lambda: view.key)
        key, line = view.key, next(at for at, text in enumerate(lines(app)) if f"r{view.key[1:]} " in text)  # type: ignore[index]
        before = view.cursor
        rows.total += 3
        view.reload()
        await until(pilot, lambda: view.count == 1003)
        await pilot.pause()
        assert (view.key, view.cursor) == (key, before + 3)
        assert f"r{str(key)[1:]} " in lines(app)[line + (3 if start == "top" else 0)]
        rows.total -= 500
        view.reload()
        await until(pilot, lambda: view.count == 503)
        await until(pilot, lambda: view.key != key)
        assert view.cursor < 503

    hosted(view, story)


def test_other_rows_and_no_rows() -> None:
    view = VirtualTable(COLUMNS, empty=("No runs yet", "Press r to run"))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        assert shown(app) == ""
        view.show_rows(Fixed(()))
        await until(pilot, lambda: "No runs yet" in shown(app))
        assert "Press r to run" in shown(app)
        view.show_rows(Numbered(300), key="k200")
        await until(pilot, lambda: view.key == "k200")
        await until(pilot, lambda: "r200 " in shown(app))
        view.show_rows(Fixed(()))
        await until(pilot, lambda: "No runs yet" in shown(app))
        assert keys(app, VirtualTable.Highlighted) == ["k200", None]

    hosted(view, story, VirtualTable.Highlighted)


def test_foreign_text_steers_nothing() -> None:
    evil = "\x1b]0;title\x07[bold]x[/]\u202e\nnext"

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "bold" in shown(app))
        assert "\\x1b]0;title\\x07[bold]x[/]\\u202e\\nnext" in lines(app)[1]

    hosted(VirtualTable((Column("Name"),), Fixed((Row("a", (evil,)),))), story)


def test_wide_characters_are_cut_by_cells() -> None:
    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "done" in shown(app))
        assert lines(app)[1] == "  深層学 …  done"

    hosted(VirtualTable((Column("Name", width=8), Column("S", width=4)), Fixed((Row("a", ("深層学習模型", "done")),))), story)


def test_a_failure_to_read_is_told() -> None:
    class Broken(Numbered):
        def count(self) -> int:
            raise MachineError("the disk is gone", todo="look after it")

    view = table(Broken(3))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "the disk is gone" in shown(app))
        view.show_rows(Numbered(2))
        await until(pilot, lambda: "r1" in shown(app))

    hosted(view, story)


def test_mouse() -> None:
    view = table(Numbered(100))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: view.key)
        await pilot.click(offset=(5, 3))
        assert view.key == "k97"
        await pilot.click(offset=(5, 4), times=2)
        assert keys(app, VirtualTable.Selected) == ["k96"]
        assert app.screen.get_selected_text() is None
        await pilot.click(offset=(5, 0))
        assert view.key == "k96"
        await pilot._post_mouse_events([MouseScrollDown], view, (5, 5))
        await pilot.pause()
        assert view.scroll_offset.y > 0
        assert view.key == "k96"

    hosted(view, story, VirtualTable.Selected)


def test_rows_can_be_selected_with_the_mouse_and_copied() -> None:
    view = table(Numbered(10))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: view.key)
        await pilot.mouse_down(offset=(2, 1))
        await pilot.hover(offset=(4, 2))
        await pilot.mouse_up(offset=(4, 2))
        assert app.screen.get_selected_text() == "r9        ✓ Completed  row 9                            90\n  r8 "

    hosted(view, story)


def test_a_key_paints_two_lines() -> None:
    view = table(Numbered(100_000))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: view.key)
        await pilot.pause()
        drawn: list[int] = []
        draw = view.render_line
        view.render_line = lambda y: drawn.append(y) or draw(y)  # type: ignore[method-assign, func-returns-value]
        await pilot.press("j")
        await pilot.pause()
        assert set(drawn) == {1, 2}

    hosted(view, story)
