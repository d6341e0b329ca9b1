"""What all views of lines share."""

from __future__ import annotations

from frames import drive
from textual.geometry import Size
from textual.strip import Strip
from widget_host import Host, until

from stepwell_tui.widgets.lineview import LineView


class Lines(LineView):
    """Numbers."""

    def render_line(self, y: int) -> Strip:
        """One of them."""
        return self.line(str(y + self.scroll_offset.y))


def test_a_scrollbar_that_comes_after_scrolling_stands_where_the_lines_are() -> None:
    async def story() -> None:
        view = Lines(id=None, classes=None)
        app = Host(view)
        async with app.run_test(size=(40, 10)) as pilot:
            view.extend(Size(40, 100))
            view.scroll_to(y=90, animate=False, force=True, immediate=True)
            assert (view.scroll_y, view.show_vertical_scrollbar) == (90, False)
            await until(pilot, lambda: view.show_vertical_scrollbar)
            assert view.vertical_scrollbar.position == 90

    drive(story())
