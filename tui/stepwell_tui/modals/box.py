"""What all modals look like: a framed box in the middle, its title in the frame, what enter and escape do in the frame below."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen

from stepwell_tui.render.text import safe_line

Answer = TypeVar("Answer")


class Scroller(VerticalScroll):
    """Text that may be longer than the box; also moved by the keys of vi and less."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("g", "scroll_home", "Top", show=False),
        Binding("G", "scroll_end", "Bottom", show=False),
        Binding("space", "page_down", "Page down", show=False),
    ]
    DEFAULT_CSS = "Scroller { height: auto; max-height: 80vh; scrollbar-size-vertical: 1; }"


class Box(ModalScreen[Answer]):
    """A modal in a frame. `hint` says what its keys do; escape answers `UNANSWERED`."""

    UNANSWERED: ClassVar[object] = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel", show=False)]
    DEFAULT_CSS = """
    Box { align: center middle; }
    Box #box {
        width: 60; max-width: 100%; height: auto; max-height: 90%; padding: 0 1;
        background: $surface; border: round $accent;
        border-title-color: $accent; border-title-style: bold; border-subtitle-color: $soft;
    }
    Box Button.-style-default {
        border: none; height: 1; min-width: 8; margin: 0 1 0 0; background: $panel; color: $foreground; text-style: none;
    }
    Box Button.-style-default:focus { border: none; background: $accent; color: $background; text-style: bold; }
    Box Button.-style-default:hover { border: none; background: $boost; color: $foreground; }
    Box Button.-style-default.-active { border: none; }
    Box Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Box Input:focus { border: none; background: $primary 25%; }
    """

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self._title = title
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The frame around the content."""
        with Vertical(id="box") as box:
            box.border_title = Content(safe_line(self._title))
            box.border_subtitle = Content(self._hint)
            yield from self.content()

    def content(self) -> ComposeResult:
        """What is in the frame."""
        yield from ()

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(self.UNANSWERED)  # type: ignore[arg-type]
