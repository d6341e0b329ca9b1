"""Copying: by the programs that are there, by the terminal, and as the settings say."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from bare import Bare, bare
from frames import drive

from stepwell_tui import clipboard
from stepwell_tui.clipboard import copied, programs
from stepwell_tui.settings import Way


def program(folder: Path, name: str, text: str = 'cat > "$TAKEN"') -> None:
    """A program that takes what it reads, as the real ones do."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Variables of a desktop on which nothing is installed but what a test puts there."""
    (tmp_path / "bin").mkdir()
    return {"PATH": str(tmp_path / "bin"), "TAKEN": str(tmp_path / "taken"), "DISPLAY": ":0"}


async def copy(base: Path, text: str, environ: dict[str, str], way: Way = "auto") -> tuple[str, str, str]:
    """How it was copied, what the toast said, and what the terminal was asked to keep."""
    async with bare(base) as (app, pilot):
        assert isinstance(app, Bare)
        how = await copied(app, text, way, environ)
        await pilot.pause()
        return how, app.toasts()[-1], app.clipboard


def test_by_default_a_program_and_the_terminal_get_it(tmp_path: Path, environ: dict[str, str]) -> None:
    program(tmp_path / "bin", "xclip")
    assert drive(copy(tmp_path, "täxt\ud800", environ)) == (
        "xclip and the terminal", "Copied by xclip and the terminal (OSC 52)", "täxt?")
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "täxt?"


def test_without_a_program_the_terminal_gets_it(tmp_path: Path, environ: dict[str, str]) -> None:
    assert drive(copy(tmp_path, "text", environ)) == ("the terminal", "Copied by the terminal (OSC 52)", "text")


@pytest.mark.parametrize("text", ["exit 1", "exec /nowhere/at/all"])
def test_a_program_that_fails_does_not_count(tmp_path: Path, environ: dict[str, str], text: str) -> None:
    program(tmp_path / "bin", "xclip", text)
    assert drive(copy(tmp_path, "text", environ))[0] == "the terminal"


def test_the_settings_choose_the_program_only(tmp_path: Path, environ: dict[str, str]) -> None:
    how, toast, kept = drive(copy(tmp_path, "text", environ, "native"))
    assert (how, kept) == ("", "")
    assert "no program could copy it" in toast
    program(tmp_path / "bin", "xsel")
    assert drive(copy(tmp_path, "text", environ, "native")) == ("xsel", "Copied by xsel", "")


def test_the_settings_choose_the_terminal_only(tmp_path: Path, environ: dict[str, str]) -> None:
    program(tmp_path / "bin", "xclip")
    assert drive(copy(tmp_path, "text", environ, "osc52"))[0] == "the terminal"
    assert not (tmp_path / "taken").exists()


def test_what_terminals_would_drop_is_not_asked_of_them(tmp_path: Path, environ: dict[str, str]) -> None:
    long = "x" * (clipboard.LONGEST_OSC52 + 1)
    how, toast, _ = drive(copy(tmp_path, long, environ))
    assert how == ""
    assert "too long" in toast
    program(tmp_path / "bin", "xclip")
    assert drive(copy(tmp_path, long, environ))[:2] == ("xclip", "Copied by xclip")


def test_copying_from_a_screen_says_how(tmp_path: Path) -> None:
    async def test() -> str:
        async with bare(tmp_path) as (app, pilot):
            clipboard.copy(app, "text")
            await app.workers.wait_for_complete()
            await pilot.pause()
            return app.toasts()[-1]

    assert drive(test()).startswith("Copied by ")


@pytest.mark.parametrize(("there", "variables", "platform", "found"), [
    (["xclip", "xsel"], {"DISPLAY": ":0"}, "linux", ["xclip"]),
    (["xsel"], {"DISPLAY": ":0"}, "linux", ["xsel"]),
    (["xclip", "wl-copy"], {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, "linux", ["wl-copy"]),
    (["xclip"], {}, "linux", []),
    (["pbcopy", "tmux"], {}, "darwin", ["pbcopy"]),
    (["pbcopy", "tmux"], {"TMUX": "x"}, "darwin", ["pbcopy", "tmux"]),
    (["xclip", "tmux"], {"DISPLAY": ":0", "TMUX": "x", "SSH_CONNECTION": "y"}, "linux", ["tmux"]),
    (["xclip"], {"DISPLAY": ":0", "SSH_CONNECTION": "y"}, "linux", []),
])
def test_the_program_is_that_of_the_display_and_not_of_another_persons(
        tmp_path: Path, there: list[str], variables: dict[str, str], platform: str, found: list[str]) -> None:
    for name in there:
        program(tmp_path / "bin", name)
    assert [Path(words[0]).name for words in programs({"PATH": str(tmp_path / "bin"), **variables}, platform)] == found


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[tuple[list[str], dict[str, str]]]:
    """A tmux server of the test's own: the words that speak to it, and the variables of a program that runs in it."""
    if shutil.which("tmux") is None and not os.environ.get("CI"):
        pytest.skip("tmux is not here")
    words = ["tmux", "-S", str(tmp_path / "socket"), "-f", os.devnull]
    environ = {"PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    subprocess.run([*words, "new-session", "-d", "cat"], env=environ, check=True)
    yield words, {**environ, "TMUX": f"{tmp_path / 'socket'},1,0"}
    subprocess.run([*words, "kill-server"], env=environ, check=True)


@pytest.mark.skipif(sys.platform == "darwin", reason="the person's own clipboard would be written over")
def test_tmux_keeps_what_was_copied(tmp_path: Path, tmux: tuple[list[str], dict[str, str]]) -> None:
    words, environ = tmux
    assert drive(copy(tmp_path, "two\nlines -and ä", environ))[0] == "tmux and the terminal"
    shown = subprocess.run([*words, "show-buffer"], env=environ, stdout=subprocess.PIPE, check=True).stdout
    assert shown.decode() == "two\nlines -and ä"
