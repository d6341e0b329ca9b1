"""The dashboard's own themes: dark, light, and a pair whose success and error differ for every kind of colour vision."""

from __future__ import annotations

from collections.abc import Container

from textual.theme import Theme

DARK = Theme(
    name="stepwell-dark", primary="#5fa8d3", secondary="#8d99ae", accent="#e9c46a", success="#7fb069", warning="#e9a23b", error="#ee8387",
    foreground="#d8dee9", background="#14171c", surface="#1a1e25", panel="#232933", dark=True,
    variables={"border": "#3b4252", "soft": "#929cae", "live": "#5ec4d4", "scrollbar": "#3b4252", "scrollbar-background": "#1a1e25"},
)
LIGHT = Theme(
    name="stepwell-light", primary="#1d5c88", secondary="#556074", accent="#8a5a00", success="#2b621c", warning="#7d4a00", error="#a4161a",
    foreground="#1f2430", background="#fbfaf7", surface="#f3f1ea", panel="#e7e4da", dark=False,
    variables={"border": "#b8b4a6", "soft": "#555e6c", "live": "#0a6175", "scrollbar": "#b8b4a6", "scrollbar-background": "#f3f1ea"},
)
COLOUR_BLIND = Theme(
    name="stepwell-colour-blind", primary="#56b4e9", secondary="#999999", accent="#f0e442", success="#56b4e9", warning="#e69f00",
    error="#f0784a", foreground="#e4e4e4", background="#121212", surface="#1a1a1a", panel="#262626", dark=True,
    variables={"border": "#444444", "soft": "#a8a8a8", "live": "#1fbf94", "scrollbar": "#4a4a4a", "scrollbar-background": "#1a1a1a"},
)
DEFAULTS = {"border": "#5a6270", "soft": "#8b95a7", "live": "#4fb3c4"}
"""Our variables in themes that are not ours: frames, text that is not the first thing to read, and what goes on now."""
THEMES = (DARK, LIGHT, COLOUR_BLIND)

STATUS_COLOURS = {"green": "success", "red": "error", "yellow": "warning", "cyan": "live", "blue": "primary", "magenta": "secondary",
                  "dim": "soft", "bold": "foreground"}
"""Names of render.status' colours → theme variables."""


def first_theme(known: Container[str], *wanted: str | None) -> str:
    """The first of the names that is one of a theme, else that of our dark one."""
    return next((name for name in wanted if name and name in known), DARK.name)
