"""The line at the top: in a narrow terminal it keeps what one looks at and how it stands."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from widget_host import Host, hosted, shown

from stepwell_tui.views.context import Facts
from stepwell_tui.widgets.contextbar import ContextBar


@pytest.mark.parametrize(("width", "text"), [
    (120, "churn › Runs › churn-train › #5  ● Running  1 m 40 s  3/6 steps"),
    (85, "churn › Runs › churn-train › #5  ● Running  1 m 40 s  3/6 steps"),
    (75, "churn › churn-train › #5  ● Running  1 m 40 s  3/6 steps"),
    (60, "churn › #5  ● Running  1 m 40 s  3/6 steps"),
    (40, "churn › #5  ● Running"),
    (30, "#5  ● Running"),
])
def test_what_matters_least_goes_first(width: int, text: str) -> None:
    bar = ContextBar(Facts("churn", 1, "main@3f2c9a1*"))

    async def story(app: Host, pilot: Pilot[None]) -> None:
        bar.crumbs, bar.status, bar.note = ("Runs", "churn-train", "#5"), "Running", "1 m 40 s  3/6 steps"
        await pilot.pause()
        line = shown(app).splitlines()[0]
        assert line.strip().startswith(text)
        assert line.endswith("main@3f2c9a1*" if width == 120 else "● 1 running")

    hosted(bar, story, size=(width, 4))
