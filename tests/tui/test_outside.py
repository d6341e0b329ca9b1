"""The pager and the editor: which program, with which words, and that it gets the terminal and gives it back."""

from __future__ import annotations

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from bare import bare
from frames import drive

from stepwell_store.errors import MachineError, UsageError
from stepwell_tui.outside import EDITOR, PAGER, command, edit, find, page


def program(folder: Path, name: str, text: str = "exit 0") -> str:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("what", "variables", "words"), [
    (PAGER, {}, ["less", "--"]),
    (PAGER, {"PAGER": "  "}, ["less", "--"]),
    (PAGER, {"PAGER": "less -R -S"}, ["less", "-R", "-S", "--"]),
    (PAGER, {"PAGER": "my-pager 'a b; rm'"}, ["my-pager", "a b; rm"]),
    (PAGER, {"EDITOR": "nano"}, ["less", "--"]),
    (EDITOR, {}, ["vi", "--"]),
    (EDITOR, {"EDITOR": "nano -w"}, ["nano", "-w", "--"]),
    (EDITOR, {"EDITOR": "nano", "VISUAL": "my-pager"}, ["my-pager"]),
])
def test_the_variables_of_the_person_name_the_program(
        tmp_path: Path, what: tuple[tuple[str, ...], tuple[str, ...]], variables: dict[str, str], words: list[str]) -> None:
    for name in ("less", "vi", "nano", "my-pager"):
        program(tmp_path / "bin", name)
    found = command(what, "/some/-log; rm", {"PATH": str(tmp_path / "bin"), **variables})
    assert found == [str(tmp_path / "bin" / words[0]), *words[1:], "/some/-log; rm"]


def test_the_second_editor_is_taken_when_the_first_is_not_there(tmp_path: Path) -> None:
    nano = program(tmp_path / "bin", "nano")
    assert command(EDITOR, "/a", {"PATH": str(tmp_path / "bin")}) == [nano, "--", "/a"]


def test_a_program_that_is_not_there_and_a_variable_that_cannot_be_read_are_said() -> None:
    with pytest.raises(MachineError, match="no program less"):
        command(PAGER, "/a", {"PATH": "/nowhere"})
    with pytest.raises(MachineError, match="no program mine"):
        command(EDITOR, "/a", {"PATH": "/nowhere", "VISUAL": "mine"})
    with pytest.raises(UsageError, match="PAGER cannot be read"):
        command(PAGER, "/a", {"PAGER": "less '"})


@pytest.mark.parametrize("path", ["", ".", ":", "bin", ".:bin"])
def test_programs_of_the_current_folder_are_not_found(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "less")
    program(tmp_path / "bin", "less")
    monkeypatch.chdir(tmp_path)
    assert find("less", {"PATH": path}) is None
    assert find("./less", {"PATH": path}) is None
    assert find("bin/less", {"PATH": path}) is None
    assert find(str(tmp_path / "less"), {"PATH": path}) == str(tmp_path / "less")


def test_what_is_wrong_is_a_toast(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")

    async def test() -> list[str]:
        async with bare(tmp_path) as (app, pilot):
            page(app, tmp_path / "missing")
            edit(app, file)  # a terminal that is none cannot be handed over
            await pilot.pause()
            return app.toasts()

    missing, none = drive(test())
    assert "there is no such file" in missing
    assert "cannot be handed" in none


APP = """
import fcntl, sys, termios
from textual.app import App
from textual.widgets import Static
from stepwell_tui.outside import page

class Small(App):
    BINDINGS = [("p", "page"), ("q", "quit")]
    def compose(self):
        yield Static("ready")
    def action_page(self):
        page(self, sys.argv[1])

fcntl.ioctl(0, termios.TIOCSCTTY, 0)
Small().run()
"""

SCRIPT = """
trap 'echo interrupted' INT
printf 'in the pager: %s %s\\n' "$1" "${LESSOPEN-none}"
read line || read line
printf 'it read %s\\n' "$line"
exit 3
"""


class Terminal:
    """A program on a terminal of 80 columns, and everything that the terminal got."""

    def __init__(self, words: list[str], environ: dict[str, str]) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = b""
        self._read = 0
        self.process = subprocess.Popen(words, env=environ, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)

    def type(self, keys: bytes) -> None:
        """Press some keys."""
        os.write(self._master, keys)

    def until(self, text: bytes, seconds: float = 30.0) -> None:
        """Read until the terminal got this text, after the one that was waited for before."""
        deadline = time.monotonic() + seconds
        while (found := self.seen.find(text, self._read)) < 0:
            ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, self.seen[self._read:]
            self.seen += os.read(self._master, 65536)
        self._read = found + len(text)

    def end(self) -> int:
        """Read to its end; how it ended."""
        with suppress(OSError):  # the other side has closed
            while os.read(self._master, 65536):
                pass
        return self.process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


def test_the_pager_gets_the_terminal_and_interrupts_and_gives_it_back(tmp_path: Path) -> None:
    log = tmp_path / "a log"
    log.write_text("x")
    pager = program(tmp_path / "bin", "pager", SCRIPT)
    path = os.pathsep.join(entry for entry in sys.path if entry)
    environ = {**os.environ, "PAGER": pager, "LESSOPEN": "|evil %s", "PYTHONPATH": path, "TERM": "xterm-256color"}
    with Terminal([sys.executable, "-c", APP, str(log)], environ) as terminal:
        terminal.until(b"ready")
        terminal.type(b"p")
        terminal.until(f"in the pager: {log} none".encode())
        terminal.type(b"\x03")
        terminal.until(b"interrupted")
        terminal.type(b"words\n")
        terminal.until(b"it read words")
        terminal.until(b"exit code 3")
        terminal.type(b"q")
        assert terminal.end() == 0
