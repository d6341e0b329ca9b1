"""An interpreter for a step: one that exists, or one made by uv and kept for everybody who wants the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from stepwell_runner.graph.model import CurrentInterpreter, Dockerfile, EnvironmentSpec, Image, Interpreter, Packages

if TYPE_CHECKING:
    from stepwell_store.files import FileLock

_WAIT_S = 3600.0

Progress = Callable[[str], None]


class Provided(msgspec.Struct, frozen=True):
    """An interpreter that is ready: its path, the folder to put first in PATH, and variables that belong to it.

    With an `image` it is one of that image, and `variables` are all that a step starts from; `python` is empty without one.
    """

    python: str
    bin: str | None
    variables: dict[str, str]
    image: str | None = None


def provide_image(spec: EnvironmentSpec, settings: Mapping[str, str], envs_dir: str, cache: str, progress: Progress) -> Provided:
    """An image for an environment that `placed` made for containers: found, fetched or built. `settings` are the target's.

    MachineError when no engine answers or an image is not to be had, UsageError when one cannot be built.
    """
    from stepwell_runner.containers.provide import Built, Maker
    from stepwell_runner.environments.identity import identify

    maker = Maker(settings, envs_dir, cache, progress)

    def built(one: EnvironmentSpec) -> Built:
        if isinstance(one, Image):
            return maker.image(one)
        digest = identify(one, cache, settings).digest
        if isinstance(one, Dockerfile):
            return maker.dockerfile(one, digest)
        assert isinstance(one, Packages)
        assert one.image is not None
        return maker.packages(one, built(one.image), digest)

    found = built(spec)
    return Provided(found.inside.python or "", None, found.inside.variables, found.image)


def provide(spec: EnvironmentSpec, envs_dir: str, progress: Progress) -> Provided:
    """The environment, made in `envs_dir` when it is not there yet; `progress` is told a line at a time.

    Whoever wants the same environment meanwhile waits for it. MachineError for a missing interpreter or a machine that is not
    ready, UsageError for requirements that cannot be met, both with the last words of uv.
    """
    if isinstance(spec, CurrentInterpreter):
        return _existing(sys.executable)
    if isinstance(spec, Interpreter):
        return _existing(_checked(spec.path))
    assert isinstance(spec, Packages)
    return _made(spec, envs_dir, progress)


def _checked(path: str) -> str:
    from stepwell_runner.environments.found import no_interpreter

    python = os.path.abspath(os.path.expanduser(path))
    if not os.path.isfile(python) or not os.access(python, os.X_OK):
        raise no_interpreter(f"there is no interpreter at {python}")
    return python


def _existing(python: str) -> Provided:
    folder = os.path.dirname(python)
    home = os.path.dirname(folder)
    is_virtual = os.path.exists(os.path.join(home, "pyvenv.cfg"))
    return Provided(python, folder, {"VIRTUAL_ENV": home} if is_virtual else {})


def _made(spec: Packages, envs_dir: str, progress: Progress) -> Provided:
    from stepwell_runner.environments.build import build
    from stepwell_runner.environments.identity import identify
    from stepwell_store.files import FileLock, explained, make_dir

    home = os.path.join(envs_dir, identify(spec, "").digest.partition(":")[2][:20])
    python = os.path.join(home, "bin", "python")
    if not os.path.exists(python):
        with explained("making an environment", envs_dir):
            make_dir(envs_dir)
            with _taken(FileLock(f"{home}.lock"), progress):
                if not os.path.exists(python):
                    build(spec, home, progress)
    return _existing(python)


def _taken(lock: FileLock, progress: Progress) -> FileLock:
    if not lock.try_acquire():
        progress("waiting for another process that makes the same environment")
        lock.acquire(_WAIT_S)
    return lock
