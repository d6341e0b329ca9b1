"""What is said in the lower border of a widget."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


def caption(widget: Widget, text: str) -> None:
    """Say a safe text there, and paint that line only: setting `border_subtitle` would paint the whole widget."""
    widget._border_subtitle = Content(text)  # noqa: SLF001 - it has no other way in
    widget.refresh(Region(-1, widget.size.height, widget.outer_size.width, 1))
