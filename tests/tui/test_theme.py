"""Our themes can be read: every colour of text stands out from what is below it, as WCAG counts contrast."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from stepwell_tui.theme import COLOUR_BLIND, STATUS_COLOURS, THEMES, first_theme

TEXT, LARGE = 4.5, 3.4
"""The contrast of text, and of text that is bold and has its row marked by a colour and its status by a glyph."""
CURSOR = 0.25
"""How much of the primary colour is in the row of the cursor."""


def light(colour: Color) -> float:
    """Relative luminance, 0 to 1."""
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Color, other: Color) -> float:
    """1 to 21."""
    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


def colour_of(theme: Theme, name: str) -> Color:
    """A variable of the theme."""
    return Color.parse(theme.variables.get(name) or getattr(theme, name))


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", sorted({*STATUS_COLOURS.values(), "accent"}))
def test_text_stands_out(theme: Theme, name: str) -> None:
    text = colour_of(theme, name)
    for below in ("background", "surface", "panel"):
        assert contrast(text, colour_of(theme, below)) >= TEXT, below
    for below in ("background", "surface"):
        row = colour_of(theme, below).blend(colour_of(theme, "primary"), CURSOR)
        assert contrast(text, row) >= LARGE, f"the cursor on {below}"


def test_success_and_error_differ_without_red_and_green() -> None:
    success, error = (colour_of(COLOUR_BLIND, name) for name in ("success", "error"))
    assert success.b - error.b > 100  # blue is what every common kind of colour vision tells apart


def test_a_theme_that_is_not_known_gives_way() -> None:
    assert first_theme({"a", "b"}, None, "", "gone", "b", "a") == "b"
    assert first_theme(set(), "a") == "stepwell-dark"
