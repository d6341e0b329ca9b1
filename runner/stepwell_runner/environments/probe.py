"""Facts of another interpreter: it is asked once, and asked again when its files change."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import msgspec

from stepwell_runner.environments.distributions import Facts
from stepwell_runner.environments.found import no_interpreter
from stepwell_store.errors import MachineError
from stepwell_store.files import make_dir, write_atomic

_TIMEOUT_S = 30.0

# Runs under any Python from 3.8 on. Outside a virtual environment the user's own packages count too, which -I leaves out.
_QUESTION = """
import json, os, site, sys
v = sys.version_info
path = list(sys.path)
if sys.prefix == sys.base_prefix:
    path.append(site.getusersitepackages())
folders = [p for p in path if os.path.basename(p.rstrip("/")) in ("site-packages", "dist-packages") and os.path.isdir(p)]
version = "%d.%d.%d" % v[:3] + ("" if v[3] == "final" else "%s%d" % (v[3][0], v[4]))
print(json.dumps([sys.implementation.name, version, os.uname()[4], list(dict.fromkeys(folders))]))
"""


class _Kept(msgspec.Struct, frozen=True):
    """An answer, and the state of the interpreter's files when it was given."""

    state: list[Any]
    facts: Facts


def probe(python: str, cache: str) -> Facts:
    """Facts of the interpreter at a path; `cache` is a folder, made when needed. MachineError when it cannot run."""
    if not os.access(python, os.X_OK) or os.path.isdir(python):
        raise no_interpreter(f"there is no interpreter at {python}")
    state = _state(python)
    path = os.path.join(cache, f"{_digest(python)}.json")
    kept = _read(path)
    if kept is not None and kept.state == state:
        return kept.facts
    facts = _ask(python)
    with suppress(OSError):  # on a read-only disk it is asked again each time
        make_dir(cache)
        write_atomic(path, msgspec.json.encode(_Kept(state, facts)), durable=False)
    return facts


def _state(python: str) -> list[Any]:
    """What changes when the interpreter or its virtual environment is replaced."""
    config = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(python))), "pyvenv.cfg")
    return [python, _stat(python), _stat(config)]


def _stat(path: str) -> list[int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return [found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _digest(text: str) -> str:
    from blake3 import blake3

    return str(blake3(text.encode("utf-8", "surrogateescape")).hexdigest(16))


def _read(path: str) -> _Kept | None:
    try:
        with open(path, "rb") as file:
            return msgspec.json.decode(file.read(), type=_Kept)
    except (OSError, msgspec.DecodeError):
        return None


def _ask(python: str) -> Facts:
    import subprocess

    try:
        done = subprocess.run([python, "-I", "-c", _QUESTION], stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT_S,
                              check=False)  # fmt: skip
        found = msgspec.json.decode(done.stdout, type=tuple[str, str, str, tuple[str, ...]])
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError) as problem:
        raise MachineError("it does not answer as a Python interpreter does", where=python,
                           todo=f"Run `{python} -c 'print()'` to see why, or name another interpreter.") from problem  # fmt: skip
    return Facts(*found)
