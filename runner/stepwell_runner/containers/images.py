"""Images of an engine: finding, fetching and building them, and what is in one."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any

import msgspec

from stepwell_runner.containers.client import Engine, explained, said
from stepwell_store.errors import MachineError, StepwellError, UsageError
from stepwell_store.files import make_dir, write_atomic

Progress = Callable[[str], None]

_LAST_LINES = 25
_PROBE = 'command -v "$1" || command -v python || command -v python3 || true'
_PROBE_S = 60.0


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """What an image holds: the path of its Python (None without one), its variables, and whether it has a shell."""

    python: str | None
    variables: dict[str, str]
    shell: bool


def find(engine: Engine, reference: str) -> str | None:
    """The id of an image that the engine has; None when it has none of this name."""
    from docker import errors

    with explained(engine.where):
        try:
            return str(engine.client.images.get(reference).id)
        except errors.ImageNotFound:
            return None
        except errors.APIError as error:
            raise UsageError(f"{reference!r} is no name of an image: {said(error)}", todo="for example python:3.12-slim") from error


def fetch(engine: Engine, reference: str, progress: Progress) -> str:
    """Take an image from its registry; its id. MachineError when it is not to be had."""
    from docker import errors

    progress(f"fetching the image {reference}")
    name, tag = _parts(reference)
    with explained(engine.where):
        try:
            # To the end of what it says, also after an error: else its connection stays open.
            said_so = [event for event in engine.client.api.pull(name, tag=tag, stream=True, decode=True) if "error" in event]
            if said_so:
                raise _not_fetched(reference, str(said_so[0]["error"]), engine)
        except errors.APIError as error:
            raise _not_fetched(reference, said(error), engine) from error
    found = find(engine, reference)
    if found is None:
        raise _not_fetched(reference, "it is not there after all", engine)
    return found


def _parts(reference: str) -> tuple[str, str | None]:
    if "@" in reference:
        return reference, None
    name, colon, tag = reference.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (reference, "latest")


def _not_fetched(reference: str, why: str, engine: Engine) -> MachineError:
    return MachineError(f"the image {reference} is not on the engine at {engine.where}, and cannot be fetched: {why}",
                        todo=f"correct its name, look at the network, or load it: docker load -i FILE, docker pull {reference}")


def remove(engine: Engine, tag: str) -> None:
    """Take a name from an image, and the image away with its last one. MachineError while a container uses it."""
    from docker import errors

    with explained(engine.where):
        try:
            engine.client.api.remove_image(tag)
        except errors.ImageNotFound:
            return
        except errors.APIError as error:
            raise MachineError(f"the image {tag} stays: {said(error)}") from error


def look(engine: Engine, image: str, cache: str, python: str | None = None) -> Inside:
    """What an image holds, asked of the image itself once and remembered in `cache`."""
    path = os.path.join(cache, "images", f"{image.rpartition(':')[2]}{'' if python is None else '-' + python.replace('/', '_')}.json")
    try:
        with open(path, "rb") as file:
            return msgspec.json.decode(file.read(), type=Inside)
    except (OSError, msgspec.MsgspecError):
        pass
    found = _look(engine, image, python)
    make_dir(os.path.dirname(path))
    write_atomic(path, msgspec.json.encode(found), durable=False)
    return found


def _look(engine: Engine, image: str, python: str | None) -> Inside:
    with explained(engine.where):
        config = engine.client.images.get(image).attrs.get("Config") or {}
        words = (entry.partition("=") for entry in config.get("Env") or ())
        variables = {name: value for name, _, value in words}
        answer = _asked(engine, image, python)
    lines = (answer or "").split()
    return Inside(python=lines[0] if lines else None, variables=variables, shell=answer is not None)


def _asked(engine: Engine, image: str, python: str | None) -> str | None:
    """What the image's shell says of its Python; None when it has no shell."""
    from docker import errors

    container = engine.client.containers.create(
        image, ["-c", _PROBE, "sh", python or "python"], entrypoint=["/bin/sh"], network_mode="none", cap_drop=["ALL"],
        security_opt=["no-new-privileges"], labels={"io.stepwell.probe": "1"})  # fmt: skip
    try:
        container.start()
        container.wait(timeout=_PROBE_S)
        return container.logs(stdout=True, stderr=False).decode("utf-8", "replace")
    except errors.APIError:
        return None
    finally:
        container.remove(force=True)


def build(engine: Engine, context: IO[bytes], *, tag: str, log: str, progress: Progress, labels: Mapping[str, str],
          network: str | None = None, dockerfile: str | None = None, stage: str | None = None,
          arguments: Mapping[str, str] | None = None) -> str:  # fmt: skip
    """Build an image from a context (a tar) and keep what the engine says in `log`; the image's id.

    UsageError with the last lines when the build fails.
    """
    from docker import errors

    write_atomic(log, b"", durable=False)
    with explained(engine.where), open(log, "ab") as kept:
        try:
            events = engine.client.api.build(
                fileobj=context, custom_context=True, tag=tag, labels=dict(labels), rm=True, forcerm=True, decode=True,
                network_mode=network, dockerfile=dockerfile, target=stage, buildargs=dict(arguments or {}))  # fmt: skip
            _follow(events, kept.write, progress, log)
        except errors.APIError as error:
            raise _not_built(said(error), log) from error
    found = find(engine, tag)
    if found is None:
        raise _not_built("the engine built it and has it no longer", log)
    return found


def _follow(events: Iterable[Any], keep: Callable[[bytes], int], progress: Progress, log: str) -> None:
    last: deque[str] = deque(maxlen=_LAST_LINES)
    failed = False
    for event in events:
        failed |= "error" in event
        text = str(event.get("stream") or event.get("status") or event.get("error") or "")
        keep(text.encode("utf-8", "replace") if text.endswith("\n") or not text else f"{text}\n".encode("utf-8", "replace"))
        for line in text.splitlines():
            if line.strip():
                last.append(line)
                if line.startswith("Step "):
                    progress(line)
    if failed:  # only now: a connection whose end was not read stays open
        raise _not_built("\n".join(last), log)


def _not_built(why: str, log: str) -> StepwellError:
    advice = "Correct the environment of the step, then run again."
    if "BuildKit" in why or "buildkit" in why:
        advice = "The engine's own builder has no BuildKit: build the image with `docker build` and name it as the step's image."
    return UsageError("The image of a step could not be built.", where=log, todo=f"the engine said:\n{why}\n{advice}")
