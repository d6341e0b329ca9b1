"""The errors so far, for whoever missed the toast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from stepwell_tui.clipboard import copy
from stepwell_tui.modals.box import Box, Scroller
from stepwell_tui.render.text import safe_text

NEWEST = 100


class Messages(Box[None]):
    """The newest message first. `texts` are in the order in which they came; y copies them all."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,exclamation_mark", "cancel", "Close", show=False),
        Binding("y", "copy", "Copy all", show=False),
    ]
    DEFAULT_CSS = "Messages #box { width: 76; }"

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(f"Messages ({len(texts)})" if texts else "Messages", "y copies · esc closes" if texts else "esc closes")
        self._texts = [safe_text(text) for text in texts[:-NEWEST - 1:-1]]

    def content(self) -> ComposeResult:
        """One paragraph each."""
        with Scroller():
            yield Static(self._paragraphs() if self._texts else "Nothing went wrong so far.", markup=False)

    def _paragraphs(self) -> Content:
        return Content("\n\n").join(Content.assemble(("✗ ", "$text-error"), text) for text in self._texts)

    def action_copy(self) -> None:
        """Copy all of them."""
        if self._texts:
            copy(self.app, "\n\n".join(self._texts))
