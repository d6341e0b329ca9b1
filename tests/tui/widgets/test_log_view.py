from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollUp
from textual.pilot import Pilot
from widget_host import Host, hosted, lines, shown, until

from stepwell_tui.widgets.log import LogView
from stepwell_tui.widgets.logpanel import LogPanel

TICK = 0.05


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "std_log.txt"


def view_of(path: Path) -> LogView:
    return LogView(str(path), tick=TICK, empty=("Nothing yet", "It comes when the step starts"))


def numbered(count: int, first: int = 0) -> str:
    return "".join(f"line {number}\n" for number in range(first, first + count))


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def last(app: Host) -> str:
    return [line for line in lines(app) if line][-1]


def test_opens_at_the_end_and_follows(log: Path) -> None:
    log.write_text(numbered(300_000))
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "line 299999" in lines(app)[-1])
        await until(pilot, lambda: view.state == "FOLLOW  300,000 lines")
        assert lines(app)[0].startswith("line 299988")
        add(log, numbered(20_000, 300_000))
        await until(pilot, lambda: "line 319999" in lines(app)[-1])
        await until(pilot, lambda: view.count == 320_000)

    hosted(view, story)


def test_following_stops_on_the_way_up_and_begins_again(log: Path) -> None:
    log.write_text(numbered(1000))
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "line 999" in lines(app)[-1])
        await pilot.press("pageup")
        assert not view.follow
        await until(pilot, lambda: lines(app)[0].startswith("line 977"))
        add(log, numbered(500, 1000))
        await until(pilot, lambda: view.count == 1500)
        assert lines(app)[0].startswith("line 977")
        await pilot.press("f")
        await until(pilot, lambda: "line 1499" in lines(app)[-1])
        await pilot._post_mouse_events([MouseScrollUp], view, (5, 5))
        await until(pilot, lambda: not view.follow)
        await pilot.press("g")
        await until(pilot, lambda: lines(app)[0].startswith("line 0 "[:6]))
        await until(pilot, lambda: view.state == "line 1  1,500 lines")
        await pilot.press("G")
        await until(pilot, lambda: "line 1499" in lines(app)[-1])
        assert view.follow

    hosted(view, story)


def test_the_scrollbar_is_where_the_view_is(log: Path) -> None:
    log.write_text(numbered(40))
    view = LogView(None, tick=TICK)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        view.show_log(str(log))
        await until(pilot, lambda: "line 39" in lines(app)[-1])
        await until(pilot, lambda: view.vertical_scrollbar.position == view.scroll_y == 28)
        await pilot.press("g")
        await until(pilot, lambda: view.vertical_scrollbar.position == view.scroll_y == 0)

    hosted(view, story)


@pytest.mark.parametrize("wrap", [False, True])
def test_a_view_of_another_height_goes_on_following(log: Path, wrap: bool) -> None:
    log.write_text("".join(f"line {number} {'and so on ' * 9}\n" for number in range(40)))
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        view.wrap = wrap
        for height in (20, 36, 8, 60, 12):
            await pilot.resize_terminal(60, height)
            await until(pilot, lambda height=height: len(lines(app)) == height and "line 39" in shown(app))
            assert view.follow

    hosted(view, story)


def test_a_log_that_is_not_there_yet_and_one_that_begins_anew(log: Path) -> None:
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "Nothing yet" in shown(app))
        assert "It comes when the step starts" in shown(app)
        log.write_text("first\n")
        await until(pilot, lambda: lines(app)[0].startswith("first"))
        log.write_text("")
        await until(pilot, lambda: "Nothing yet" in shown(app))
        log.write_text("second\n")
        await until(pilot, lambda: lines(app)[0].startswith("second"))

    hosted(view, story)


def test_logs_one_after_another(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"of {name}\n" * 50)
    view = view_of(tmp_path / "a")

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "of a" in shown(app))
        await pilot.press("g")
        for name in ("b", "a", "b"):
            view.show_log(str(tmp_path / name))
        await until(pilot, lambda: "of b" in lines(app)[-1])
        assert "of a" not in shown(app)
        assert view.follow
        view.show_log(None)
        await until(pilot, lambda: shown(app) == "")

    hosted(view, story)


def test_search(log: Path) -> None:
    log.write_text(numbered(30_000).replace("line 20000\n", "a Needle\n").replace("line 10000\n", "needle two\n"))
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "line 29999" in shown(app))
        await pilot.press("g")
        for words in ("n", "ne", "nee", "needle"):
            view.search(words)
        await until(pilot, lambda: view.current == 10_000)
        await until(pilot, lambda: "needle two" in shown(app))
        view.end_search(keep=True)
        await pilot.press("n")
        await until(pilot, lambda: view.current == 20_000)
        await pilot.press("n")
        await until(pilot, lambda: "not found" in view.state)
        assert view.current == 20_000
        await pilot.press("N")
        await until(pilot, lambda: view.current == 10_000)
        await pilot.press("y")
        await until(pilot, lambda: app.copied == ["needle two"])

    hosted(view, story)


def test_errors_from_the_last_one_on(log: Path) -> None:
    text = numbered(5000).replace("line 100\n", "12:00 ERROR first\n").replace("line 4000\n", "ValueError: second\n")
    log.write_text(text)
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "line 4999" in shown(app))
        await pilot.press("E")
        await until(pilot, lambda: view.current == 4000)
        await pilot.press("g", "E")
        await until(pilot, lambda: view.current == 100)
        await pilot.press("E")
        await until(pilot, lambda: view.current == 4000)

    hosted(view, story)


def test_long_lines_are_cut_moved_over_and_wrapped(log: Path) -> None:
    log.write_text(numbered(20) + "a" * 50 + "b" * 50 + "c" * 50 + "\n")
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "aaa" in shown(app))
        assert "b" not in shown(app)
        assert len(lines(app)) == 12
        await pilot.press("right", "right")
        await until(pilot, lambda: "b" in lines(app)[-1])
        await pilot.press("left", "left", "w")
        await until(pilot, lambda: lines(app)[-1] == "ccc")
        assert lines(app)[-4:-1] == ["a" * 49, "a" + "b" * 48, "bb" + "c" * 47]
        assert "wrapped" in view.state
        add(log, "last\n")
        await until(pilot, lambda: last(app).startswith("last"))
        await pilot.press("pageup")
        assert not view.follow
        await pilot.press("G", "w")
        await until(pilot, lambda: lines(app)[-1].startswith("last"))

    hosted(view, story, size=(50, 12))


def test_hostile_lines_reach_no_terminal(log: Path) -> None:
    log.write_bytes(b"\x1b]0;title\x07[bold]x[/] \xff\r\n" + b"x" * 1_000_000 + b"\n")
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: view.state == "FOLLOW  2 lines")
        assert "\\x1b]0;title\\x07[bold]x[/] \\xff" in lines(app)[0]
        assert all(line.isprintable() for line in lines(app))

    hosted(view, story, size=(80, 12))


def test_lines_can_be_selected_with_the_mouse(log: Path) -> None:
    log.write_text(numbered(100))
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "line 99" in lines(app)[-1])
        await pilot.mouse_down(offset=(5, 10))
        await pilot.hover(offset=(3, 11))
        await pilot.mouse_up(offset=(3, 11))
        assert app.screen.get_selected_text() == "98\nline"

    hosted(view, story)


def test_errors_and_warnings_have_colours_of_the_theme(log: Path) -> None:
    log.write_text("fine\nWARN careful\nERROR broken\n")
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        await until(pilot, lambda: "broken" in shown(app))
        colours = [view.render_line(y)._segments[0].style.color for y in range(3)]  # type: ignore[union-attr]
        assert len(set(colours)) == 3

    hosted(view, story)


def test_words_are_typed_below_the_log(log: Path) -> None:
    log.write_text(numbered(3000).replace("line 500\n", "the needle\n").replace("line 100\n", "no nail\n"))
    view = view_of(log)

    async def story(app: Host, pilot: Pilot[None]) -> None:
        view.focus()
        await until(pilot, lambda: "line 2999" in shown(app))
        await pilot.press("g", "slash", "n")
        await until(pilot, lambda: view.current == 0)
        await pilot.press("e", "e", "d")
        await until(pilot, lambda: view.current == 500)
        assert lines(app)[-1].strip() == "need"
        await pilot.press("enter", "k", "n")
        await until(pilot, lambda: view.current == 500)
        assert view.has_focus
        await pilot.press("slash", "x", "escape")
        assert view.has_focus
        assert "need" not in lines(app)[-1]
        await pilot.press("g", "n")
        assert view.current == 0

    hosted(LogPanel(view), story)
