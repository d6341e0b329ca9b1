"""No screen lets foreign text steer the terminal: each is painted by the real program on a real terminal, and every byte is looked at."""

from __future__ import annotations

import re

import pytest
from hostile_world import COMMAND, PAYLOADS, make
from pty_program import OnTerminal

from stepwell_tui.render.text import safe_line

SCREENS: dict[str, tuple[str, str]] = {
    "home": ("", "whole"), "pipelines": ("2", "whole"), "runs": ("3", "whole"), "run": ("\r", "Log · main"), "run metrics": ("m", "lowest"),
    "run why": ("d", "the result of"), "run facts": ("i", "kind"), "run outputs": ("a", "1 B"), "run graph": ("v", "Graph"),
    "run copy": ("Y", "log file"), "run snapshot": ("\x1bb", "files,"), "snapshot file": ("\r", "zq"),
    "compare": ("\x1b\x1b\x1b\x1bc", "Parameters"),
    "form": ("\x1br", "enter runs"), "publish": ("\x1bp", "Publish run"), "datasets": ("\x1b4", "set 9"), "dataset": ("\r", "tag"),
    "datastores": ("5", "workspaceblobstore"), "folder": ("\r", "files,"), "snapshots": ("6", "main"), "environments": ("7", "current"),
    "compute": ("8", "free"), "git": ("9", "untracked"), "published": ("0", "curl"), "palette": (":run", "Completed"),
    "help": ("\x1b?", "Everywhere"),
}
"""The keys that lead from the screen before to this one, and a text that tells that it is there."""
ESCAPE = "\x1b"
LISTS = ("home", "runs", "run", "run facts", "folder", "published")
"""Screens on which every payload stands, so that looking at them means something."""

ALLOWED = re.compile(
    rb"\x1b\[[0-9;]*[mHJKABCDGdrt]"      # colours, moves, clearing
    rb"|\x1b\[[?>=<][0-9;]*[hlmu]"       # modes of the terminal
    rb"|\x1b\[\?[0-9;]*\$p|\x1b\[c|\x1b\[>q|\x1b\[\?u"
    rb"|\x1b[78=>]"
    rb"|\x1b_G[^\x1b]*\x1b\\"            # asks whether pictures can be shown
    rb"|\x1b\]22;[a-z-]*(?:\x07|\x1b\\)"  # the shape of the mouse's pointer
)
CONTROL = re.compile(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]")


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the terminal got for each screen."""
    base = make(tmp_path_factory.mktemp("hostile") / "world")
    found = {}
    with OnTerminal(COMMAND, cwd=base, columns=200, lines=60) as terminal:
        for screen, (keys, sign) in SCREENS.items():
            since = len(terminal.seen)
            for key in keys:
                terminal.type(key)
                if key in (ESCAPE, ":"):  # the first at once with what follows is another key, the second opens where the rest is typed
                    terminal.rest()
            found[screen] = terminal.until(lambda seen, sign=sign: sign in plain(seen), since, screen)
        terminal.type(ESCAPE)
        terminal.rest()
        terminal.type("q")
        assert terminal.end() == 0
    return found


@pytest.mark.parametrize("screen", SCREENS)
def test_only_what_the_dashboard_itself_means_reaches_the_terminal(painted: dict[str, bytes], screen: str) -> None:
    rest = ALLOWED.sub(b"", painted[screen])
    assert CONTROL.findall(rest) == [], rest


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("screen", SCREENS)
def test_no_payload_comes_through(painted: dict[str, bytes], screen: str, payload: str) -> None:
    raw = PAYLOADS[payload]
    if safe_line(raw) != raw:
        assert raw.encode() not in painted[screen]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("screen", LISTS)
def test_the_payload_was_there_to_be_seen_as_text(painted: dict[str, bytes], screen: str, payload: str) -> None:
    lines = [PAYLOADS[payload]] if screen != "run facts" else PAYLOADS[payload].split("\n")  # facts may have several lines
    assert all(safe_line(line) in plain(painted[screen]) for line in lines)


def plain(data: bytes) -> str:
    """The text without what styles and moves it."""
    return ALLOWED.sub(b"", data).decode("utf-8", "replace")
