"""The form of parameters as a person fills it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from frames import SMALL, drive, frame
from modal_bench import bench
from textual.widgets import Input

from stepwell_runner.graph.model import Parameter
from stepwell_tui.modals.parameters import Parameters

RATE = Parameter(name="rate", type="number", default=1.0, maximum=4, description="how fast")
KIND = Parameter(name="kind", type="string", default="b", choices=("a", "b", "c"))
QUICK = Parameter(name="quick", type="boolean", default=False)
NAME = Parameter(name="name", type="string")


async def filled(parameters: Sequence[Parameter], keys: Sequence[str], last: dict[str, Any] | None = None) -> tuple[list[Any], str]:
    """What the form answered, and the last frame."""
    async with bench(Parameters(parameters, last)) as (app, pilot):
        await pilot.press(*keys)
        await pilot.pause()
        return list(app.answers), frame(app)


@pytest.mark.parametrize(("parameters", "keys", "answer"), [
    ([], ["enter"], {}),
    ([RATE, KIND, QUICK], ["enter"], {"rate": 1.0, "kind": "b", "quick": False}),
    ([RATE, KIND, QUICK], ["escape"], None),
    ([RATE], ["2", "enter"], {"rate": 2.0}),
    ([RATE, KIND], ["down", "right", "enter"], {"rate": 1.0, "kind": "c"}),
    ([RATE, KIND], ["down", "space", "space", "enter"], {"rate": 1.0, "kind": "a"}),
    ([KIND, QUICK], ["tab", "left", "up", "left", "enter"], {"kind": "a", "quick": True}),
    ([NAME], ["q", "j", "?", "enter"], {"name": "qj?"}),
    ([Parameter(name="maybe", type="boolean", optional=True)], ["enter"], {}),
    ([Parameter(name="maybe", type="boolean", optional=True)], ["right", "enter"], {"maybe": True}),
])
def test_what_is_filled_in_is_answered(parameters: list[Parameter], keys: list[str], answer: Any) -> None:
    answers, _ = drive(filled(parameters, keys))
    assert answers == [answer]


def test_it_begins_with_the_values_of_the_last_run() -> None:
    answers, _ = drive(filled([RATE, KIND], ["enter"], {"rate": 3.5, "kind": "c", "gone": 1}))
    assert answers == [{"rate": 3.5, "kind": "c"}]


def test_what_does_not_fit_is_said_under_its_field_while_typing() -> None:
    answers, text = drive(filled([RATE, KIND], ["9"]))
    assert answers == []
    lines = [line.strip(" │") for line in text.splitlines()]
    assert lines[lines.index("9") + 1] == "✗ parameter 'rate' cannot be 9.0. It is at most 4."


def test_a_form_that_does_not_fit_is_not_answered_and_goes_to_the_first_wrong_field() -> None:
    async def wrong() -> tuple[list[Any], str]:
        async with bench(Parameters([KIND, NAME, Parameter(name="count", type="integer")])) as (app, pilot):
            await pilot.press("enter")
            await pilot.pause()
            await pilot.press("x")
            assert isinstance(app.focused, Input)
            return list(app.answers), app.focused.value

    assert drive(wrong()) == ([], "x")


def test_a_choice_without_a_value_must_be_made() -> None:
    answers, text = drive(filled([Parameter(name="sure", type="boolean")], ["enter"]))
    assert answers == []
    assert "it has no value yet" in text
    answers, _ = drive(filled([Parameter(name="sure", type="boolean")], ["left", "enter"]))
    assert answers == [{"sure": False}]


def test_foreign_text_is_shown_as_it_is() -> None:
    hostile = Parameter(name="[red]n\x1b[2J", type="string", default="[b]\x1b", description="[/]\x07", choices=("[b]\x1b", "other"))
    answers, text = drive(filled([hostile], []))
    for part in (r"[red]n\x1b[2J", r"[b]\x1b", r"[/]\x07"):
        assert part in text
    assert answers == []


def test_many_fields_fit_a_small_terminal_and_scroll() -> None:
    many = [Parameter(name=f"p{number}", type="integer", default=number) for number in range(20)]

    async def last() -> tuple[list[Any], str]:
        async with bench(Parameters(many), SMALL) as (app, pilot):
            await pilot.press(*["down"] * 19, "7")
            await pilot.pause()
            text = frame(app)
            await pilot.press("enter")
            await pilot.pause()
            return list(app.answers), text

    answers, text = drive(last())
    assert "p19" in text
    assert answers == [{f"p{number}": 7 if number == 19 else number for number in range(20)}]
