"""What a person has set: read once, obeyed, and told in words where it does not fit."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from frames import SMALL, drive, eventually, frame
from pty_program import OnTerminal

from stepwell.cli.verbs.ui import Loading
from stepwell_store import workspace as workspaces
from stepwell_store.errors import UsageError
from stepwell_tui.app import Dashboard
from stepwell_tui.settings import DEFAULTS, Settings, line_of, load

STEPWELL = os.path.join(os.path.dirname(sys.executable), "stepwell")


def settings(folder: Path, text: str) -> Path:
    """A file of settings."""
    path = folder / "config.toml"
    path.write_text(text)
    return path


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The folder of an empty workspace."""
    (tmp_path / "churn").mkdir()
    workspaces.create(tmp_path / "churn")
    return tmp_path / "churn"


def dashboard(base: Path, mine: Settings = DEFAULTS, **more: Any) -> Dashboard:
    """The dashboard as these settings make it."""
    return Dashboard(workspaces.require(base), Loading(), mine, **more)


def test_no_settings_change_nothing(tmp_path: Path) -> None:
    assert load(tmp_path / "config.toml") == DEFAULTS == load(settings(tmp_path, ""))


def test_all_of_them(tmp_path: Path) -> None:
    text = '[ui]\ntheme = "stepwell-light"\nascii = true\nmouse = false\nclipboard = "osc52"\n[keys]\n"go.runs" = "f5"\n'
    assert load(settings(tmp_path, text)) == Settings(
        theme="stepwell-light", ascii=True, mouse=False, clipboard="osc52", keys={"go.runs": "f5"})


@pytest.mark.parametrize(("text", "line", "words"), [
    ('[keys]\n"no.such" = "a"\n', "", "there is no action no.such"),
    ('[keys]\n"runs.rerun" = "x"\n', "", "x is both runs.rerun and runs.cancel"),
    ('[ui]\nmouse = true\n\n[keys]\n"go.runs" = 5\n', ", line 5", "go.runs has no keys"),
    ("[keys\n", "", "cannot be read: .* line 1"),
    ("ui = 3\n", ", line 1", "ui is a table"),
    ("[ui]\n[colours]\n", ", line 2", "there is no table colours .*\n.* ui, keys"),
    ("[key]\n", ", line 1", "did you mean keys"),
    ("[ui]\n# mine\nthem = 'x'\n", ", line 3", "there is no setting them .*\ndid you mean theme"),
    ("[ui]\nascii = 'yes'\n", ", line 2", 'ascii cannot be "yes" .*\nascii is true or false, without quotes'),
    ("[ui]\nmouse = 1\n", ", line 2", "mouse is true or false"),
    ("[ui]\nclipboard = [1]\n", ", line 2", "clipboard is one of auto, native, osc52"),
    ("ui.theme = 'stepwell-lihgt'\n", "", "did you mean stepwell-light"),
])
def test_settings_that_do_not_fit_are_told_with_their_line(tmp_path: Path, text: str, line: str, words: str) -> None:
    path = settings(tmp_path, text)
    with pytest.raises(UsageError, match=words) as caught:
        load(path)
    assert f"({path}{line})" in str(caught.value)


def test_a_line_is_that_of_its_own_table() -> None:
    text = "[keys]\ntheme = 1\n[ui]\n\ntheme = 2\n"
    assert [line_of(text, table, "theme") for table in ("keys", "ui", "other")] == [2, 5, None]


def test_a_key_of_ones_own_works(base: Path) -> None:
    async def story() -> None:
        app = dashboard(base, Settings(keys={"go.runs": "f5"}))
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("f5")
            await eventually(pilot, lambda: "› Runs" in frame(app))

    drive(story())


async def theme_of(app: Dashboard, *keys: str) -> str:
    """The theme after some keys."""
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        return app.theme


def test_the_theme_is_the_one_chosen_last_unless_the_settings_or_the_environment_name_one(
        base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "state" / "dashboard.json"
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    assert drive(theme_of(dashboard(base, kept=kept))) == "stepwell-dark"
    assert not kept.exists()
    assert drive(theme_of(dashboard(base, kept=kept), "ctrl+t")) == "stepwell-light"
    assert drive(theme_of(dashboard(base, kept=kept))) == "stepwell-light"
    assert drive(theme_of(dashboard(base, Settings(theme="nord"), kept=kept))) == "nord"
    monkeypatch.setenv("TEXTUAL_THEME", "dracula")
    assert drive(theme_of(dashboard(base, Settings(theme="nord"), kept=kept))) == "dracula"


@pytest.mark.parametrize("remembered", ["{", '{"theme": "one that is gone"}', "[]"])
def test_what_cannot_be_recalled_is_of_no_matter(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: str) -> None:
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    (tmp_path / "dashboard.json").write_text(remembered)
    assert drive(theme_of(dashboard(base, kept=tmp_path / "dashboard.json"))) == "stepwell-dark"


def test_the_command_obeys_the_settings_and_the_terminal(base: Path, tmp_path: Path) -> None:
    (tmp_path / "stepwell").mkdir()
    settings(tmp_path / "stepwell", "[ui]\nmouse = false\n")
    homes = {"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    with OnTerminal([STEPWELL], cwd=base, **homes, PYTHONIOENCODING="latin-1", TEXTUAL_THEME="") as terminal:
        shown = terminal.until(lambda seen: b"Nothing has run yet" in seen)
        terminal.type("\x14q")  # ctrl+t, and the way out
        assert terminal.end() == 0
    assert shown.isascii()
    assert b"+- Recent runs -" in re.sub(rb"\x1b\[[\d;]*m", b"", shown)
    assert b"\x1b[?1000h" not in shown  # nobody asked for the mouse
    assert "stepwell-light" in (tmp_path / "stepwell" / "dashboard.json").read_text()


@pytest.mark.parametrize(("text", "variables", "words"), [
    ("[ui]\nascii = 1\n", {}, [b"line 2", b"ascii is true or false"]),
    ("", {"TEXTUAL_THEME": "no-such"}, [b"there is no theme no-such", b"stepwell-light"]),
])
def test_the_command_says_what_is_wrong(base: Path, tmp_path: Path, text: str, variables: dict[str, str], words: list[bytes]) -> None:
    (tmp_path / "stepwell").mkdir()
    settings(tmp_path / "stepwell", text)
    with OnTerminal([STEPWELL], cwd=base, **{"XDG_CONFIG_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), **variables}) as terminal:
        assert terminal.end() == 2
        assert all(word in terminal.seen for word in words)
