"""Metrics as curves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Size

from stepwell_tui.configured import settings_of
from stepwell_tui.render.plot import Series, plot
from stepwell_tui.widgets.drawn import Drawn, Picture, picture


class PlotView(Drawn, can_focus=False):
    """The curves of some series, as large as the widget; in one colour of the theme each, or with marks where there are no colours."""

    FILLS: ClassVar[bool] = True
    DEFAULT_CSS = "PlotView { overflow: hidden; }"

    def __init__(
        self,
        series: Sequence[Series] = (),
        *,
        empty: tuple[str, str] = ("No metrics yet", "Steps report them with run.log(name, value)"),
        id: str | None = None,  # noqa: A002 - as in Textual
        classes: str | None = None,
    ) -> None:
        super().__init__(empty, id=id, classes=classes)
        self._series = tuple(series)

    def show_series(self, series: Sequence[Series]) -> None:
        """Other curves, or more of the same."""
        if tuple(series) != self._series:
            self._series = tuple(series)
            self.redraw()

    def draw(self, size: Size, colour: bool) -> Picture:
        """The plot."""
        series = self._series
        if not any(one.values for one in series):
            return Picture()
        return picture(plot(series, size.width, size.height, unicode=not settings_of(self.app).ascii, colour=colour))
