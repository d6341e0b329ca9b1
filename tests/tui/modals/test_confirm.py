"""Questions: no unless one says yes, and a typed name for what cannot be undone."""

from __future__ import annotations

import pytest
from frames import drive, frame
from modal_bench import bench

from stepwell_tui.modals.confirm import Confirm


async def answered(keys: list[str], modal: Confirm) -> list[bool]:
    async with bench(modal) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        return list(app.answers)


@pytest.mark.parametrize(("keys", "answer"), [
    (["enter"], False), (["escape"], False), (["n"], False), (["q"], False), (["y"], True), (["right", "enter"], True),
    (["tab", "enter"], True), (["right", "left", "enter"], False),
])
def test_no_is_what_happens_unless_one_says_yes(keys: list[str], answer: bool) -> None:
    assert drive(answered(keys, Confirm("Cancel run #3?"))) == [answer]


def test_the_question_and_the_buttons_are_shown_as_they_are_and_cannot_steer_the_terminal() -> None:
    async def shown() -> str:
        async with bench(Confirm("Cancel \x1b[2J [red]words[/red]?", yes="Cancel [it]", no="Keep it")) as (app, _):
            return frame(app)

    text = drive(shown())
    assert r"Cancel \x1b[2J [red]words[/red]?" in text
    assert "Keep it" in text
    assert "Cancel [it]" in text


@pytest.mark.parametrize(("keys", "answers"), [
    (["enter"], []), ([*"dat", "enter"], []), ([*"data", "enter"], [True]), ([*"y", "enter"], []), ([*"data", "escape"], [False]),
])
def test_what_cannot_be_undone_takes_its_name(keys: list[str], answers: list[bool]) -> None:
    assert drive(answered(keys, Confirm("Forget it?", typed="data"))) == answers


def test_a_name_that_is_not_it_is_said_to_be_so() -> None:
    async def shown() -> str:
        async with bench(Confirm("Forget it?", typed="data")) as (app, pilot):
            await pilot.press(*"date", "enter")
            await pilot.pause()
            return frame(app)

    assert "✗ That is another name." in drive(shown())
