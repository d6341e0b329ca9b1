"""Publishing from the dashboard, at the keyboard: a run becomes a published pipeline, a version of an endpoint, and runs again."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import drive, eventually, frame
from textual.pilot import Pilot
from textual.widgets import Input

from short_history import Seeded, seed
from stepwell.cli.verbs.ui import Loading
from stepwell_store.ledger import history, publishing, schedules
from stepwell_store.ledger.publishing import Published
from stepwell_store.ledger.schedules import Schedule
from stepwell_store.workspace import Workspace, require
from stepwell_tui.app import Dashboard
from stepwell_tui.views.published import endpoint_detail, pipeline_detail
from stepwell_tui.views.schedules import due_words


class Keeping(Dashboard):
    """Keeps what was copied."""

    CSS_PATH = Path(__file__).parents[2] / "tui" / "stepwell_tui" / "dashboard.tcss"

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    return seed(tmp_path_factory.mktemp("publishing"))


async def shows(pilot: Pilot[None], *texts: str) -> None:
    await eventually(pilot, lambda: all(text in frame(pilot.app) for text in texts))


def only(workspace: Workspace) -> Published:
    found, = publishing.list_published(workspace.database)
    return found


def test_from_a_run_to_an_endpoint_and_back_to_a_run(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    workspace = require(seeded.base)

    async def story() -> None:
        app = Keeping(workspace, Loading())
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            await pilot.press("0")
            await shows(pilot, "Nothing is published.", "No endpoint.")
            await pilot.press("3")
            await shows(pilot, "words")
            await pilot.press("G", "p")
            await shows(pilot, "Publish run #1")
            pilot.app.screen.query_one(Input).value = "scoring [b]x[/b]"
            await pilot.press("enter")
            await eventually(pilot, lambda: publishing.list_published(workspace.database))
            await pilot.press("0")
            await shows(pilot, "scoring [b]x[/b]", "◉ active", "rate", "curl -X POST")
            await pilot.press("y")
            await eventually(pilot, lambda: "PipelineSubmit/" + only(workspace).id in getattr(app, "copied", ""))
            await pilot.press("a")
            await shows(pilot, "of which endpoint")
            await pilot.press(*"door", "enter")
            await eventually(pilot, lambda: publishing.list_endpoints(workspace.database))
            await pilot.press("e")
            await shows(pilot, "○ disabled")
            assert only(workspace).status == "Disabled"
            await pilot.press("r")
            await shows(pilot, "is disabled")
            await pilot.press("e", "tab")
            await eventually(pilot, lambda: only(workspace).status == "Active")
            await shows(pilot, "Versions", "default")
            await pilot.press("d")
            await shows(pilot, "Default version")
            await pilot.press("enter", "r")
            await shows(pilot, "Run scoring")
            before = history.count_runs(workspace.database)
            await pilot.press("enter")
            await eventually(pilot, lambda: history.count_runs(workspace.database) == before + 1)
            await eventually(pilot, lambda: not history.unfinished_runs(workspace.database))
            newest = history.list_runs(workspace.database, limit=1)[0]
            assert newest.status == "Completed"
            assert newest.properties["stepwell.endpoint_version"] == "0"
            await pilot.press("escape", "0", "l")
            await shows(pilot, "› Runs › door", f"#{newest.number}", "Completed")
            assert f"#{newest.number - 1}" not in frame(pilot.app)
            await pilot.press("escape")
            await shows(pilot, "Runs: 1")

    drive(story())
    found = only(workspace)
    address = Loading().address
    told = pipeline_detail(workspace, found.id, address)
    assert told is not None
    assert dict(told.facts)["from run"] == found.source_run
    endpoint, = publishing.list_endpoints(workspace.database)
    door = endpoint_detail(workspace, endpoint.id, address)
    assert door is not None
    assert [(one.number, one.is_default, one.pipeline) for one in door.versions] == [("0", True, found.name)]
    assert f"PipelineEndpointSubmit/Id/{endpoint.id}" in door.curl
    assert (door.count, [run.status for run in door.runs]) == (1, ["Completed"])
    schedules.add_schedule(workspace.database, Schedule(id="s", name="nightly", experiment="e", trigger={}, parameters={},
                                                        state={"until": 1.0, "due": 1.0}, created_at=1.0, endpoint=endpoint.id))
    again = endpoint_detail(workspace, endpoint.id, address)
    assert again is not None
    assert [(one.name, due_words(one.seconds)) for one in again.schedules] == [("nightly", "waits for serve")]
    assert pipeline_detail(workspace, "none", address) is endpoint_detail(workspace, "none", address) is None
    workspace.close()
