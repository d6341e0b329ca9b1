"""What an engine can do for steps, and what not and why: `stepwell compute test`."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from stepwell_runner.containers import options
from stepwell_runner.containers.client import Engine, Facts, engine, explained, said
from stepwell_runner.containers.images import find, look
from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.graphics import gpus as graphics
from stepwell_runner.targets.registry import TargetSpec
from stepwell_runner.targets.values import gpus

_OLDEST = (1, 40)


def findings(spec: TargetSpec) -> list[Finding]:
    """All of it; the first bad one is why steps cannot run there."""
    found = engine(spec.settings)
    return [*_engine(found), *_machine(found.facts), *_gpus(found.facts, spec), *_image(found, spec), *_left(found, spec)]


def _engine(found: Engine) -> Iterator[Finding]:
    facts = found.facts
    old = tuple(int(part) for part in facts.api.split(".") if part.isdecimal()) < _OLDEST
    text = f"{facts.name} {facts.version} (API {facts.api}) at {found.where}{', rootless' if facts.rootless else ''}, {facts.storage}"
    yield Finding("engine", "warn" if old else "ok", text, "update it: some settings of steps are not known to it" if old else "")
    if not found.is_local():
        yield Finding("place", "warn", "it is on another machine: it must see the workspace's folders at the same paths",
                      "use an engine of this machine")


def _machine(facts: Facts) -> Iterator[Finding]:
    yield Finding("machine", "ok", f"{facts.cpus} processors, {facts.memory / (1 << 30):.1f} GiB of memory")
    yield Finding("networks", "ok", ", ".join(facts.networks) or "none")


def _gpus(facts: Facts, spec: TargetSpec) -> Iterator[Finding]:
    by_interface = [name for name in facts.cdi if "gpu" in name]
    here, note = graphics()
    able = bool(by_interface) or "nvidia" in facts.runtimes
    how = f"by CDI: {', '.join(by_interface)}" if by_interface else "by the runtime nvidia" if able else ""
    wanted = spec.settings.get("gpus")
    if able:
        yield Finding("gpus", "ok", f"containers get them {how}")
    elif here or note:
        yield Finding("gpus", "warn", f"this machine has {len(here) or 'one or more'}, and the engine cannot give them to containers",
                      "install the NVIDIA Container Toolkit: nvidia-ctk runtime configure --runtime=docker, or nvidia-ctk cdi generate")
    elif wanted is not None and gpus(wanted) != 0 and spec.settings.get("gpu_fallback") != "cpu":
        yield Finding("gpus", "bad", f"none, and steps of this target ask for them (gpus={wanted})",
                      "let steps run without: --set gpu_fallback=cpu")
    else:
        yield Finding("gpus", "ok", "none: steps run on processors")


def _image(found: Engine, spec: TargetSpec) -> Iterator[Finding]:
    reference = spec.settings.get("image")
    if reference is None:
        yield Finding("image", "warn", "none: only steps whose environment names an image can run here",
                      f"stepwell compute add {spec.name} --kind {spec.kind} --replace --set image=python:3.12-slim")
        return
    image = find(found, reference)
    if image is None:
        yield Finding("image", "warn", f"{reference} is not there; it is fetched when a step needs it")
        return
    inside = look(found, image, os.path.join(spec.home, "cache"))
    if not inside.shell:
        yield Finding("image", "bad", f"{reference} has no shell (/bin/sh), which starts a step and keeps its log",
                      "take an image with one")
        return
    python = f"Python at {inside.python}" if inside.python else "no Python: only commands can run"
    yield Finding("image", "ok" if inside.python else "warn", f"{reference}: {python}")
    yield _tried(found, spec, image)


def _tried(found: Engine, spec: TargetSpec, image: str) -> Finding:
    """A container as steps get it, limits and all, that does nothing."""
    from docker import errors

    from stepwell_runner.graph.model import Resources
    from stepwell_runner.targets.protocol import Job

    job = Job(run="test", step_run=f"test-{os.getpid()}-{time.monotonic_ns()}", step="test", attempt=1, command=("true",), variables={},
              folder=spec.home, work="/", log="/dev/null", token="")
    given = options.limits(spec.settings, Resources())
    wanted = options.create_options(job, image, given, home=spec.home, who="", user=options.user(rootless=found.facts.rootless))
    wanted |= {"volumes": {spec.home: {"bind": spec.home, "mode": "ro"}}, "entrypoint": ["/bin/sh", "-c", "true"], "command": []}
    started = time.monotonic()
    container = None
    with explained(found.where):
        try:
            container = found.client.containers.create(**wanted)
            container.start()
            code = container.wait(timeout=60)["StatusCode"]
        except errors.APIError as error:
            return Finding("container", "bad", f"one like those of steps cannot be started: {said(error)}", "change the target's settings")
        finally:
            if container is not None:
                container.remove(force=True)
    if code != 0:
        return Finding("container", "bad", f"one that does nothing ended with exit code {code}", "look at the engine's log")
    return Finding("container", "ok", f"made, run and removed in {time.monotonic() - started:.2f} s")


def _left(found: Engine, spec: TargetSpec) -> Iterator[Finding]:
    from stepwell_runner.containers.leftovers import containers_of

    count = len(containers_of(found, spec.home))
    if count:
        yield Finding("containers", "ok", f"{count} of this workspace are there")
