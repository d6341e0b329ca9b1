"""What steps run in: the interpreter of Stepwell, the environments that it made, and others that runs remember."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from typing import Literal

import msgspec

from stepwell_runner.containers.provide import MadeImage, made_images, short
from stepwell_runner.environments.identity import identify
from stepwell_runner.graph.model import CurrentInterpreter
from stepwell_runner.verbs.compare import environment_facts, environment_words
from stepwell_store.errors import StepwellError
from stepwell_store.files import explained, is_locked
from stepwell_store.ledger.uses import EnvironmentUse, environment_uses
from stepwell_store.workspace import Workspace

_NAME_LENGTH = 20
_PACKAGE = "package:"


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """An environment. `where` is its folder or interpreter, empty when only runs remember it; `made_at` and `size` of folders only.

    `packages` are those that are known, `name version` each; `requirements` what was asked for; all foreign text.
    """

    key: str
    kind: Literal["current", "made", "image", "remembered"]
    words: str
    where: str = ""
    requirements: tuple[str, ...] = ()
    packages: tuple[tuple[str, str], ...] = ()
    size: int | None = None
    files: int | None = None
    made_at: float | None = None
    state: str = "ready"
    uses: int = 0
    used_by: tuple[str, ...] = ()
    used_at: float | None = None


def environments(workspace: Workspace) -> list[Environment]:
    """The current interpreter, then environments and images that were made, the newest first, then those that runs remember."""
    uses = {use.digest.partition(":")[2]: use for use in environment_uses(workspace.database)}
    current = _current(workspace)
    made = [*_made(workspace), *map(_image, made_images(str(workspace.envs)))]
    found = [_used(one, uses) for one in (current, *made)]
    taken = {use for use in uses if any(one.key and use.startswith(one.key) for one in found)}
    return [*found, *(_remembered(workspace, use) for digits, use in uses.items() if digits not in taken)]


def _used(one: Environment, uses: dict[str, EnvironmentUse]) -> Environment:
    use = next((use for digits, use in uses.items() if one.key and digits.startswith(one.key)), None)
    return one if use is None else msgspec.structs.replace(one, uses=use.uses, used_by=use.steps, used_at=use.newest_at)


def _current(workspace: Workspace) -> Environment:
    try:
        found = identify(CurrentInterpreter(), str(workspace.cache))
    except StepwellError as error:
        return Environment(key="", kind="current", words="the interpreter of Stepwell", where=sys.executable, state=error.what)
    return Environment(key=found.digest.partition(":")[2], kind="current", words=_words(found.facts), where=sys.executable,
                       packages=_packages(found.facts))


def _words(facts: dict[str, str]) -> str:
    count = sum(name.startswith(_PACKAGE) for name in facts)
    return f"Python {facts.get('python', '?')}, {count} package{'' if count == 1 else 's'}"


def _packages(facts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name[len(_PACKAGE) :], said) for name, said in facts.items() if name.startswith(_PACKAGE))


def _made(workspace: Workspace) -> list[Environment]:
    with explained("reading a folder", str(workspace.envs)), os.scandir(workspace.envs) as entries:
        folders = [(entry.path, entry.stat().st_mtime) for entry in entries
                   if len(entry.name) == _NAME_LENGTH and entry.is_dir(follow_symlinks=False)]
    return [_folder(path, made_at) for path, made_at in sorted(folders, key=lambda pair: -pair[1])]


def _folder(path: str, made_at: float) -> Environment:
    requirements = _lines(os.path.join(path, "requirements.txt"))
    python = next((line.partition("=")[2].strip() for line in _lines(os.path.join(path, "pyvenv.cfg")) if line.startswith("version")), "?")
    size, files = _measured(path, made_at)
    count = len(requirements)
    return Environment(
        key=os.path.basename(path), kind="made", words=f"Python {python}, {count} requirement{'' if count == 1 else 's'}", where=path,
        requirements=requirements, size=size, files=files, made_at=made_at, state=_state(path))


def _state(path: str) -> str:
    if is_locked(f"{path}.lock"):
        return "being made"
    return "ready" if os.path.exists(os.path.join(path, "bin", "python")) else "broken: its interpreter has gone"


def _lines(path: str) -> tuple[str, ...]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return tuple(line for line in file.read().splitlines() if line.strip())
    except OSError:
        return ()


@lru_cache(maxsize=256)
def _measured(path: str, _made_at: float) -> tuple[int, int]:
    """Bytes and files below a folder. An environment does not change once it is made, so it is walked once."""
    size = files = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                size += os.lstat(os.path.join(folder, name)).st_size
            except OSError:  # it went away meanwhile
                continue
            files += 1
    return size, files


def _image(made: MadeImage) -> Environment:
    return Environment(key=short(made.digest), kind="image", words=made.words, where=f"{made.tag} on {made.where}",
                       requirements=made.requirements, size=made.size, made_at=made.made_at)


def _remembered(workspace: Workspace, use: EnvironmentUse) -> Environment:
    facts = environment_facts(workspace, use.digest) or {}
    return Environment(key=use.digest.partition(":")[2], kind="remembered", words=environment_words(workspace, use.digest) or "",
                       packages=_packages(facts), state="used by earlier runs", uses=use.uses, used_by=use.steps, used_at=use.newest_at)
