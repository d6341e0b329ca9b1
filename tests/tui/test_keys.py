"""Keys of a person's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from frames import SMALL, drive, eventually, frame

from stepwell.cli.verbs.ui import Loading
from stepwell_store import workspace as workspaces
from stepwell_store.errors import UsageError
from stepwell_tui.app import Dashboard
from stepwell_tui.keys import load_keymap


def settings(folder: Path, text: str) -> Path:
    """A file of settings."""
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_no_settings_change_nothing(tmp_path: Path) -> None:
    assert load_keymap(tmp_path / "config.toml") == {}


def test_a_key_of_ones_own_works(tmp_path: Path) -> None:
    keymap = load_keymap(settings(tmp_path, '[keys]\n"go.runs" = "f5"\n'))

    async def story() -> None:
        app = Dashboard(workspaces.open_workspace(workspaces.create(tmp_path)), Loading(), keymap=keymap)
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("f5")
            await eventually(pilot, lambda: "› Runs" in frame(app))

    drive(story())


@pytest.mark.parametrize(("text", "words"), [
    ('[keys]\n"no.such" = "a"\n', "there is no action no.such"),
    ('[keys]\n"runs.rerun" = "x"\n', "x is both runs.rerun and runs.cancel"),
    ("[keys\n", "cannot be read"),
])
def test_settings_that_do_not_fit_are_told(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        load_keymap(settings(tmp_path, text))
