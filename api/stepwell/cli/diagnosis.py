"""What `stepwell doctor` looks at, each as a remark: ok, warn or bad, with what to do."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from stepwell.cli.common import short, terminal
from stepwell_store.errors import StepwellError
from stepwell_store.housekeeping import surroundings
from stepwell_store.ledger import history
from stepwell_store.ledger.database import has_wal_reset_race, sqlite_version
from stepwell_store.workspace import Workspace, open_workspace
from stepwell_tui.render.text import size_text

_LITTLE_BYTES, _TOO_LITTLE_BYTES = 2 << 30, 64 << 20
_FEW_FILES = 10_000
_FEW_DESCRIPTORS = 256
_PATIENCE_S = 5.0
_SHOWN = 5


class Remark(msgspec.Struct, frozen=True):
    """One thing that was looked at. `todo` is empty when there is nothing to do."""

    topic: str
    state: Literal["ok", "warn", "bad"]
    text: str
    todo: str = ""


def examine_machine() -> Iterator[Remark]:
    """The machine, without a workspace."""
    yield Remark("python", "ok", f"{platform.python_version()} at {sys.executable}")
    yield _sqlite()
    yield _uv()
    yield _git()
    yield _interpreters()
    yield _terminal()
    yield _descriptors()
    yield from _gpu()


def examine_workspace(root: Path) -> Iterator[Remark]:
    """A workspace and what it lies on; nothing of it is changed."""
    for look in (_space, _permissions, _file_system, _synced, _conflicts):
        yield from look(root)
    try:
        workspace = open_workspace(root)
    except StepwellError as error:
        yield Remark("workspace", "bad", error.what, error.todo or "run `stepwell check`")
        return
    yield from _runs(workspace)
    yield from _containers(workspace)
    workspace.close()


def _sqlite() -> Remark:
    if has_wal_reset_race():
        return Remark("sqlite", "ok", f"{sqlite_version()}, which can lose a commit when a checkpoint overlaps it; here none ever does,"
                                      " because every write and checkpoint holds locks/write.lock",
                      "do not write to workspace.db with other programs while runs are active")
    return Remark("sqlite", "ok", sqlite_version())


def _uv() -> Remark:
    from uv import find_uv_bin

    try:
        return Remark("uv", "ok", _said([find_uv_bin(), "--version"]))
    except (OSError, subprocess.SubprocessError) as error:
        return Remark("uv", "bad", f"it cannot be started ({error}), so no environment of a step can be made",
                      "install Stepwell again; uv comes with it")


def _git() -> Remark:
    try:
        return Remark("git", "ok", _said(["git", "--version"]))
    except (OSError, subprocess.SubprocessError):
        return Remark("git", "warn", "it is not there, so runs do not record branch, commit and uncommitted changes", "install git")


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True, errors="replace")
    return done.stdout.strip()


def _interpreters() -> Remark:
    from stepwell_runner.environments.found import interpreters

    found = interpreters()
    none = "none named python3.N in PATH; uv can fetch one when a step asks for it"
    return Remark("interpreters", "ok", ", ".join(found) or none)


def _terminal() -> Remark:
    out = terminal()
    looks = f"{'a terminal' if out.is_terminal else 'piped'}, encoding {sys.stdout.encoding}, {'colours' if out.colour else 'no colours'}"
    if out.unicode:
        return Remark("terminal", "ok", looks)
    return Remark("terminal", "warn", f"{looks}: shown in ASCII",
                  "set LANG or PYTHONIOENCODING to UTF-8 for graphs and plots with finer lines")


def _descriptors() -> Remark:
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < _FEW_DESCRIPTORS:
        return Remark("open files", "warn", f"a process may open {soft} files", "raise it with `ulimit -n 1024`")
    return Remark("open files", "ok", f"a process may open {soft}" if soft >= 0 else "no limit")


def _gpu() -> Iterator[Remark]:
    from stepwell_runner.targets.machine import graphics

    for finding in graphics():
        yield Remark(finding.topic, finding.state, finding.text, finding.todo)


def _space(root: Path) -> Iterator[Remark]:
    room, files = surroundings.free(root)
    todo = "free some space: `stepwell gc`, then `stepwell gc --older-than 30d`"
    text = f"{size_text(room)} free" + ("" if files is None else f", room for {files:,} files")
    few = files is not None and files < _FEW_FILES
    state: Literal["ok", "warn", "bad"] = "bad" if room < _TOO_LITTLE_BYTES else "warn" if room < _LITTLE_BYTES or few else "ok"
    yield Remark("disk", state, text, "" if state == "ok" else todo)


def _permissions(root: Path) -> Iterator[Remark]:
    owner = root.stat().st_uid
    if owner != os.geteuid():
        yield Remark("permissions", "warn", f"it belongs to user {owner}, and you are {os.geteuid()}",
                     "work as its owner: files that you write may be closed to them")
        return
    if not os.access(root, os.W_OK):
        yield Remark("permissions", "warn", "it cannot be written", "`runs`, `show`, `why` and `check` work; for the rest make it writable")
        return
    open_to_others = surroundings.exposed(root)
    if open_to_others:
        yield Remark("permissions", "warn", f"other users may read {', '.join(open_to_others[:_SHOWN])}", f"chmod -R go-rwx '{root}'")
    else:
        yield Remark("permissions", "ok", "only you can read it")


def _file_system(root: Path) -> Iterator[Remark]:
    kind = surroundings.file_system(root)
    if kind is not None and surroundings.is_network(kind):
        yield Remark("file system", "bad", f"{kind}: it is on another machine, where SQLite and file locks cannot be relied on",
                     "make the workspace on a disk of this machine, and keep only `stepwell backup` files there")
    else:
        yield Remark("file system", "ok", kind or "unknown")


def _synced(root: Path) -> Iterator[Remark]:
    by = surroundings.synced_by(root)
    if by is not None:
        yield Remark("synced folder", "warn", f"{by} looks like a folder that a program copies to other machines, also half-written files",
                     "move the project elsewhere, or leave .stepwell out of what is synchronised")


def _conflicts(root: Path) -> Iterator[Remark]:
    copies = surroundings.conflict_copies(root)
    if copies:
        yield Remark("conflict copies", "bad", f"a program that synchronises files left {', '.join(copies[:_SHOWN])}",
                     "stop it here, run `stepwell check --full`, then move the copies away")


def _runs(workspace: Workspace) -> Iterator[Remark]:
    from stepwell_runner.execution.ownership import is_owned
    from stepwell_runner.targets.strays import find

    unfinished = history.begun_runs(workspace.database)
    active = [run for run in unfinished if is_owned(workspace, run)]
    dead = [run for run in unfinished if run not in active]
    if active:
        yield Remark("active runs", "ok", ", ".join(map(short, active)))
    if dead:
        strays = sum(len(find(run)) for run in dead)
        text = f"{', '.join(map(short, dead))}: the runner died" + (f" and {strays} of its processes still run" if strays else "")
        yield Remark("unfinished runs", "warn", text, "any other verb, such as `stepwell runs`, ends them and records it")
    if not unfinished:
        yield Remark("runs", "ok", "none is unfinished")


def _containers(workspace: Workspace) -> Iterator[Remark]:
    from stepwell_runner.verbs.orphans import orphans

    found = orphans(workspace)
    for note in found.notes:
        yield Remark("containers", "warn", note, "look at the container engine")
    if found.containers:
        names = ", ".join(one.name for one in found.containers[:_SHOWN])
        yield Remark("containers", "warn", f"{len(found.containers)} of runs that have ended are left: {names}", "run `stepwell gc`")
