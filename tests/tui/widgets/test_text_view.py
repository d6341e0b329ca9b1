"""Text that is drawn a line at a time."""

from __future__ import annotations

from typing import Any

from frames import drive, eventually, frame
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from stepwell_tui.widgets.textview import TextView, code_lines, diff_lines, pair_lines, plain_lines


class Host(App[None]):
    """A text and nothing else."""

    def compose(self) -> ComposeResult:
        yield TextView(id="text")

    @property
    def view(self) -> TextView:
        return self.query_one(TextView)


def test_any_number_of_lines_scrolls_both_ways() -> None:
    async def story() -> None:
        app = Host()
        async with app.run_test(size=(30, 6)) as pilot:
            app.view.put(plain_lines("\n".join(f"line {number} {'x' * 40} end" for number in range(20_000))))
            await shows(pilot, "line 0 ")
            app.view.focus()
            await pilot.press("G")
            await shows(pilot, "line 19999")
            app.view.scroll_to(x=app.view.max_scroll_x, animate=False)
            await shows(pilot, "xxx end")
            await pilot.press("g")
            await eventually(pilot, lambda: app.view.scroll_offset.y == 0)

    drive(story())


def test_other_text_begins_at_the_top_unless_one_is_to_stay() -> None:
    async def story() -> None:
        app = Host()
        async with app.run_test(size=(30, 6)) as pilot:
            lines = plain_lines("\n".join(map(str, range(100))))
            app.view.put(lines)
            await shows(pilot, "0\n1\n")
            await pilot.pause()  # its first layout scrolls it once more
            app.view.scroll_to(y=50, animate=False, immediate=True)
            app.view.put(lines, from_top=False)
            await shows(pilot, "50\n51\n")
            app.view.put(lines)
            await shows(pilot, "0\n1\n")

    drive(story())


def test_text_can_be_selected() -> None:
    async def story() -> None:
        app = Host()
        async with app.run_test(size=(30, 6)) as pilot:
            app.view.put(code_lines("import os\nprint('[b]é[/b]')\n", "a.py"))
            await shows(pilot, "print('[b]é[/b]')")
            selection = Selection(Offset(7, 0), Offset(5, 1))
            assert app.view.get_selection(selection) == ("os\nprint", "\n")
            app.screen.selections = {app.view: selection}
            await shows(pilot, "print('[b]é[/b]')")
            assert app.view.text == "import os\nprint('[b]é[/b]')"

    drive(story())


async def shows(pilot: Pilot[Any], text: str) -> None:
    """As soon as it is in the frame."""
    await eventually(pilot, lambda: text in "\n".join(line.rstrip(" ▁▂▃▄▅▆▇█") for line in frame(pilot.app).splitlines()))


def test_lines_keep_their_text_whatever_their_colours() -> None:
    code = "def f(x):\n    return '[b]' + x\n\n"
    for path in ("a.py", "a.unknown", "Makefile", ""):
        assert "\n".join(line.plain for line in code_lines(code, path)).rstrip("\n") == code.rstrip("\n")
    large = "x = 1\n" * 20_000
    assert len(code_lines(large, "a.py")) == 20_000
    assert [line.plain for line in diff_lines("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+[b]y[/b]\n z")][-2:] == ["+[b]y[/b]", " z"]
    assert [line.plain for line in pair_lines([("a", "1"), ("long name", "[b]")])] == ["a          1", "long name  [b]"]
