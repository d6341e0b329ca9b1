"""An application that looks as the settings say."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter

from stepwell_tui.render.plain import plain
from stepwell_tui.settings import DEFAULTS, Settings


class Configured(App[None]):
    """`settings` are those of the person, with `ascii` also set where the terminal shows nothing else."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        stream = sys.__stderr__  # where Textual writes
        self._plain = [Plain(stream.encoding if stream is not None else "utf-8")] if settings.ascii else []

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Those of Textual, and ours."""
        return [*super().get_line_filters(), *self._plain]


class Plain(LineFilter):
    """Draws in ASCII whatever a widget has drawn with."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - as in Textual
        """The same in as many cells."""
        return [Segment(plain(text, self._encoding), style, control) for text, style, control in segments]


def settings_of(app: App[Any]) -> Settings:
    """Those of an application, the defaults in one that knows none."""
    return app.settings if isinstance(app, Configured) else DEFAULTS
