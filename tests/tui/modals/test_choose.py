"""Choosing one of several things."""

from __future__ import annotations

import pytest
from frames import drive, frame
from modal_bench import bench

from stepwell_tui.modals.choose import Choose

FEW = [("a", "the first"), ("b", "the [second]\x1b"), ("c", "the third")]
MANY = [(str(number), f"run {number} of many") for number in range(200)]


async def chosen(items: list[tuple[str, str]], keys: list[str]) -> tuple[list[str | None], str]:
    async with bench(Choose("Which?", items)) as (app, pilot):
        text = frame(app)
        await pilot.press(*keys)
        await pilot.pause()
        return list(app.answers), text


@pytest.mark.parametrize(("items", "keys", "answers"), [
    (FEW, ["enter"], ["a"]), (FEW, ["down", "enter"], ["b"]), (FEW, ["j", "j", "enter"], ["c"]), (FEW, ["j", "k", "enter"], ["a"]),
    (FEW, ["escape"], [None]), ([], ["enter"], []), ([], ["escape"], [None]),
    (MANY, ["enter"], ["0"]), (MANY, [*"157", "enter"], ["157"]), (MANY, [*"run 19", "down", "enter"], ["119"]),
    (MANY, [*"nothing", "enter"], []),
])
def test_the_key_of_what_was_chosen_is_answered(items: list[tuple[str, str]], keys: list[str], answers: list[str | None]) -> None:
    assert drive(chosen(items, keys))[0] == answers


def test_labels_cannot_steer_the_terminal() -> None:
    assert r"the [second]\x1b" in drive(chosen(FEW, []))[1]
