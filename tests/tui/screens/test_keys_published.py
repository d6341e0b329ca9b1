"""Keys of what is published, each pressed over real publications, and what came of it."""

from __future__ import annotations

from frames import eventually, frame
from stage import Stage, play, ran, says, shows
from textual.pilot import Pilot
from textual.widgets import Input

from short_history import Seeded
from stepwell_runner.verbs import publish
from stepwell_store.ledger import history, publishing
from stepwell_store.workspace import require
from stepwell_tui.widgets.listtable import ListTable


def published(words: Seeded, *names: str) -> list[str]:
    """Publish what the third run ran under these names; the ids."""
    workspace = require(words.base)
    record = history.get_run(workspace.database, words.runs[2])
    ids = [publish.publish_run(workspace, record, name=name).id for name in names]
    workspace.close()
    return ids


async def answer(app: Stage, pilot: Pilot[None], question: str, text: str) -> None:
    """Type this instead of what the line begins with, once it is asked for."""
    await eventually(pilot, lambda: app.screen.is_modal and app.screen.query(Input))
    await shows(pilot, question)
    app.screen.query_one(Input).value = text
    await pilot.press("enter")


def test_nothing_is_published_and_every_key_says_what_it_needs(seeded: Seeded) -> None:
    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "Nothing is published.", "No endpoint.")
        await pilot.press("a")
        await says(app, pilot, "Go to a published pipeline")
        await pilot.press("d")
        await says(app, pilot, "There is no endpoint yet")
        await pilot.press("r", "e", "y")
        await eventually(pilot, lambda: "Nothing is published." in frame(app))
        assert app.clipboard == ""

    play(seeded.base, "published", story)


def test_a_published_pipeline_is_run_disabled_and_enabled(words: Seeded) -> None:
    identity, = published(words, "scoring")

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "scoring", "active")
        await pilot.press("e")
        await says(app, pilot, "scoring cannot be run until it is enabled again")
        await shows(pilot, "disabled")
        await pilot.press("r")
        await says(app, pilot, "is disabled")
        await pilot.press("e")
        await says(app, pilot, "scoring can be run")
        await shows(pilot, "active")
        await pilot.press("r")
        await shows(pilot, "Run scoring", "rate")
        await pilot.press("3", "enter")
        made = await ran(app, pilot, 6)
        assert (made.status, made.parameters) == ("Completed", {"rate": 3.0})
        await shows(pilot, "› #6")
        await pilot.press("escape", "y")
        await eventually(pilot, lambda: app.clipboard.startswith("curl -X POST"))
        assert f"PipelineSubmit/{identity}" in app.clipboard
        await pilot.press("l")
        await shows(pilot, "Runs › scoring", "#6", "1 ─")

    play(words.base, "published", story)


def test_versions_of_an_endpoint_and_its_default(words: Seeded) -> None:
    published(words, "first", "second")

    async def story(app: Stage, pilot: Pilot[None]) -> None:
        await shows(pilot, "first", "second")
        for name in ("door", "door"):
            await pilot.press("a")
            await answer(app, pilot, "which endpoint", name)
            await eventually(pilot, lambda: not app.screen.is_modal)
            await pilot.press("j")
        await says(app, pilot, "It is version 1 of door, and the default one")
        await pilot.press("tab")
        await shows(pilot, "1 ◉", "0 ◉", "default")
        await pilot.press("a")
        await says(app, pilot, "Go to a published pipeline")
        await pilot.press("d")
        await shows(pilot, "Default version of door", "(default)")
        await pilot.press("j", "enter")
        await says(app, pilot, "Version 0 of door is run when none is named")
        endpoint, = publishing.list_endpoints(app.workspace.database)
        assert endpoint.default_version == "0"
        await pilot.press("tab")
        assert not app.has(ListTable)
        await shows(pilot, "Versions")
        await pilot.press("y")
        await eventually(pilot, lambda: f"PipelineEndpointSubmit/Id/{endpoint.id}" in app.clipboard)
        await pilot.press("e")
        await says(app, pilot, "door cannot be run until it is enabled again")
        await pilot.press("shift+tab", "r")
        await says(app, pilot, "is disabled")

    play(words.base, "published", story)
