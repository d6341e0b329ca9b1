"""Help is what is bound where it was asked for; messages are the texts that were said, newest first."""

from __future__ import annotations

from typing import ClassVar

import pytest
from frames import SMALL, drive, frame
from modal_bench import Bench, bench
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from stepwell_tui import keys
from stepwell_tui.actions import SCOPES
from stepwell_tui.modals.help import Help, key_text
from stepwell_tui.modals.messages import Messages


class Room(Screen[None]):
    """A screen with the keys of the list of runs."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("runs")

    def compose(self) -> ComposeResult:
        yield Static("a room")


class WithKeys(Bench):
    """Has the keys that work everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = keys.bindings("everywhere")

    def action_help(self) -> None:
        self.push_screen(Help(self.screen))


async def all_of(pilot: Pilot[None], app: App[None]) -> str:
    """Every frame that one sees when scrolling to the end."""
    await pilot.pause()
    seen = [frame(app)]
    while True:
        await pilot.press("space")
        await pilot.pause()
        now = frame(app)
        if now == seen[-1]:
            return "\n".join(seen)
        seen.append(now)


async def helped(app: WithKeys, keymap: dict[str, str] | None = None) -> str:
    async with app.run_test(size=SMALL) as pilot:
        app.set_keymap(keymap or {})
        await app.push_screen(Room())
        await pilot.press("question_mark")
        return await all_of(pilot, app)


def test_help_shows_every_action_of_the_screen_and_of_everywhere() -> None:
    text = drive(helped(WithKeys()))
    for action in (*SCOPES["runs"], *SCOPES["everywhere"]):
        assert action.label in text
    assert "ctrl+p" in text
    assert max(map(len, text.splitlines())) <= SMALL[0]


def test_help_shows_the_keys_that_a_person_chose() -> None:
    text = drive(helped(WithKeys(), {"runs.cancel": "D"}))
    cancel = next(line for line in text.splitlines() if "Cancel" in line)
    assert cancel.split("Cancel")[0].strip(" │") == "D"


@pytest.mark.parametrize("key", ["escape", "q", "enter", "question_mark"])
def test_help_is_left_by(key: str) -> None:
    async def stack() -> int:
        app = WithKeys()
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("question_mark", key)
            await pilot.pause()
            return len(app.screen_stack)

    assert drive(stack()) == 1


@pytest.mark.parametrize(("key", "text"), [
    ("question_mark", "?"), ("ctrl+r", "ctrl+r"), ("escape", "esc"), ("slash", "/"), ("G", "G"), ("enter", "enter"), ("+", "+"),
    ("shift+tab", "shift+tab"), ("right_square_bracket", "]"), ("minus", "-"), ("exclamation_mark", "!"), ("colon", ":"),
])
def test_keys_are_written_as_on_the_keyboard(key: str, text: str) -> None:
    assert key_text(key) == text


async def read(texts: list[str]) -> str:
    async with bench(Messages(texts)) as (app, pilot):
        return await all_of(pilot, app)


def test_messages_are_shown_with_the_newest_first() -> None:
    text = drive(read(["the first one", "the second one"]))
    assert text.index("✗ the second one") < text.index("✗ the first one")


def test_messages_cannot_steer_the_terminal_or_be_taken_for_markup() -> None:
    assert r"✗ [bold]\x1b]0;title\x07" in drive(read(["[bold]\x1b]0;title\x07"]))


def test_many_messages_can_be_scrolled() -> None:
    text = drive(read([f"message {number}" for number in range(60)]))
    assert "message 59" in text
    assert "message 0 " in text


def test_no_messages_is_said() -> None:
    assert "Nothing went wrong so far." in drive(read([]))
