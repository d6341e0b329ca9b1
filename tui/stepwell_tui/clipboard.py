"""The clipboard: by a program of the machine, and by asking the terminal (OSC 52), because each reaches where the other does not.

Over ssh only the terminal knows the person's clipboard; tmux drops what is asked of the terminal unless it is told itself.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from textual.app import App

from stepwell_store.errors import MachineError, StepwellError, UsageError
from stepwell_tui.configured import settings_of
from stepwell_tui.outside import find
from stepwell_tui.render.text import safe_text
from stepwell_tui.settings import Way

LONGEST_OSC52 = 100_000
"""Bytes; many terminals drop longer requests."""

_PATIENCE_S = 2.0
_TMUX = ("tmux", "load-buffer", "-w", "-")


def copy(app: App[Any], text: str) -> None:
    """Copy a text, and say in a toast which way it went."""
    app.run_worker(copied(app, text, settings_of(app).clipboard), group="copy")


async def copied(app: App[Any], text: str, way: Way = "auto", environ: Mapping[str, str] = os.environ) -> str:
    """Copy a text; how it went, such as `xclip and the terminal`, also said in a toast. Empty when it was not copied."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    try:
        how = [] if way == "osc52" else await asyncio.to_thread(_by_programs, text, environ)
        if way == "native" and not how:
            raise MachineError("no program could copy it", todo="install wl-copy, xclip or xsel, or set clipboard = \"osc52\"")
        if way != "native" and len(text.encode()) <= LONGEST_OSC52:
            app.copy_to_clipboard(text)
            how.append("the terminal")
        if not how:
            raise UsageError(f"this is too long for the terminal ({len(text.encode())} bytes), and no program could copy it")
    except StepwellError as error:
        app.notify(safe_text(str(error)), severity="error", markup=False)
        return ""
    app.notify(f"Copied by {' and '.join(how)}" + (" (OSC 52)" if how[-1] == "the terminal" else ""), timeout=2, markup=False)
    return " and ".join(how)


def programs(environ: Mapping[str, str], platform: str = sys.platform) -> list[tuple[str, ...]]:
    """The commands that copy what they read, as far as they are there: one for the display of this machine, one for tmux."""
    # Over ssh the display is that of another person, or none.
    displays = [] if environ.get("SSH_CONNECTION") else _of_display(environ, platform)
    return _there(displays, environ)[:1] + _there([_TMUX] if environ.get("TMUX") else [], environ)


def _there(commands: Iterable[tuple[str, ...]], environ: Mapping[str, str]) -> list[tuple[str, ...]]:
    return [(found, *rest) for name, *rest in commands if (found := find(name, environ)) is not None]


def _of_display(environ: Mapping[str, str], platform: str) -> list[tuple[str, ...]]:
    if platform == "darwin":
        return [("pbcopy",)]
    wayland = [("wl-copy",)] if environ.get("WAYLAND_DISPLAY") else []
    x11 = [("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input")] if environ.get("DISPLAY") else []
    return [*wayland, *x11]


def _by_programs(text: str, environ: Mapping[str, str]) -> list[str]:
    return [os.path.basename(command[0]) for command in programs(environ) if _took(command, text, environ)]


def _took(command: tuple[str, ...], text: str, environ: Mapping[str, str]) -> bool:
    try:
        # These go on in the background with what they inherit, so they must not inherit a pipe that somebody waits for.
        return subprocess.run(command, input=text.encode(), env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              timeout=_PATIENCE_S, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
