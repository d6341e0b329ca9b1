"""Programs of the person's own: the pager for logs, the editor for files. They get the whole terminal until they end.

Nothing goes through a shell. Programs are looked for in absolute folders of PATH only, so none of a project's files is run by
accident.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from stepwell_store.errors import MachineError, StepwellError, UsageError
from stepwell_tui.render.text import safe_text

PAGER = (("PAGER",), ("less",))
EDITOR = (("VISUAL", "EDITOR"), ("vi", "nano"))
"""Variables that name the program, and what is taken when none of them does."""

_KNOWS_DASHES = frozenset(("less", "more", "most", "vi", "vim", "nvim", "view", "nano", "emacs"))
_PREPROCESSORS = ("LESSOPEN", "LESSCLOSE")


def page(app: App[Any], path: str | Path) -> None:
    """Show a file in the pager; what is wrong is a toast."""
    _open(app, PAGER, path, cwd="/")  # some pagers read settings from the current folder


def edit(app: App[Any], path: str | Path) -> None:
    """Open a file in the editor; what is wrong is a toast."""
    _open(app, EDITOR, path)


def find(name: str, environ: Mapping[str, str]) -> str | None:
    """The absolute path of a program; None when there is none in an absolute folder of PATH."""
    import shutil

    if os.path.dirname(name):
        return name if os.path.isabs(name) and os.access(name, os.X_OK) else None
    folders = [folder for folder in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.isabs(folder)]
    return shutil.which(name, path=os.pathsep.join(folders)) if folders else None


def command(what: tuple[tuple[str, ...], tuple[str, ...]], path: str | Path, environ: Mapping[str, str]) -> list[str]:
    """The words that open the file. MachineError when the program is not there, UsageError for a variable that cannot be read."""
    variables, defaults = what
    variable = next((name for name in variables if environ.get(name, "").strip()), None)
    if variable is not None:
        program, *options = _words(variable, environ[variable])
        found = find(program, environ)
    else:
        program, options = " or ".join(defaults), []
        found = next(filter(None, (find(name, environ) for name in defaults)), None)
    if found is None:
        raise MachineError(f"there is no program {program}", todo=f"install it, or name another one in {variables[-1]}")
    dashes = ["--"] if os.path.basename(found) in _KNOWS_DASHES else []
    return [found, *options, *dashes, os.path.abspath(path)]


def _words(variable: str, value: str) -> list[str]:
    try:
        return shlex.split(value)
    except ValueError as error:
        raise UsageError(f"{variable} cannot be read: {error}", where=value) from error


def _open(app: App[Any], what: tuple[tuple[str, ...], tuple[str, ...]], path: str | Path, cwd: str | None = None) -> None:
    try:
        if not os.path.isfile(path):
            raise UsageError("there is no such file", where=str(path))
        words = command(what, path, os.environ)
        with app.suspend():
            code = _run(words, cwd)
    except (StepwellError, OSError) as error:
        app.notify(safe_text(str(error)), severity="error", markup=False)
    except SuspendNotSupported:
        app.notify("This terminal cannot be handed to another program.", severity="error", markup=False)
    else:
        if code:
            app.notify(f"{os.path.basename(words[0])} ended with exit code {code}", severity="warning", markup=False)


def _run(words: list[str], cwd: str | None) -> int:
    # What prepares files for less by their names shall not be run on files of others.
    environment = {name: value for name, value in os.environ.items() if name not in _PREPROCESSORS}
    with _interrupts_left_to_it():
        return subprocess.run(words, cwd=cwd, env=environment, check=False).returncode


@contextmanager
def _interrupts_left_to_it() -> Iterator[None]:
    """Ctrl-C reaches everything on the terminal; here it is meant for the other program."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A function, because a child inherits SIG_IGN but not a handler.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        with suppress(TypeError):  # a handler that was not set by Python
            signal.signal(signal.SIGINT, before)
