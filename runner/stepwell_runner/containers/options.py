"""From a job and the settings of its target to what the engine is asked to make. Pure: nothing here speaks to an engine.

What a container may do is closed unless it is opened: no network, no capabilities, no new privileges, a file system that cannot
be written but for the step's own folders, the person's own user.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from stepwell_runner.graph.model import Resources
from stepwell_runner.targets import values
from stepwell_runner.targets.protocol import SCRATCH, Job

SHM_BYTES = 2 << 30
"""As Azure ML gives a container; the engines' own 64 MiB are too little for the loaders of PyTorch."""

PIDS = 8192
TEMPORARY = "/tmp"  # noqa: S108 - inside the container, where it is its own

NOT_STARTED = "not-started"
_LAUNCH = 'exec >>"$1" 2>&1; command -v "$3" >/dev/null 2>&1 || { : >"$2"; exit 127; }; shift 2; exec "$@"'
"""The command writes to the log file itself: in order, and whoever watches it may die."""

LABEL = "io.stepwell."


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a container gets. `memory` and `shm` in bytes, None for all there is; `gpus` as `values.gpus` reads it."""

    cpus: float | None
    memory: int | None
    shm: int
    pids: int
    gpus: str | None
    gpus_optional: bool
    network: str
    writable: bool
    runtime: str | None


def limits(settings: Mapping[str, str], asked: Resources) -> Limits:
    """What the step asks for comes first, then what the target gives."""
    memory, shm, cpus = settings.get("memory"), settings.get("shm"), settings.get("cpus")
    return Limits(
        cpus=asked.cpus if asked.cpus is not None else (values.number(cpus) if cpus else None),
        memory=asked.memory if asked.memory is not None else (values.size(memory) if memory else None),
        shm=asked.shm if asked.shm is not None else (values.size(shm) if shm else SHM_BYTES),
        pids=values.integer(settings.get("pids", str(PIDS))),
        gpus=asked.gpus if asked.gpus is not None else settings.get("gpus"),
        gpus_optional=asked.gpus_optional or settings.get("gpu_fallback") == "cpu",
        network=asked.network or settings.get("network", "none"),
        writable=values.switch(settings.get("writable", "false")),
        runtime=settings.get("runtime"),
    )


def without_gpus(given: Limits) -> Limits:
    """The same on processors alone."""
    return msgspec.structs.replace(given, gpus=None)


def name_of(job: Job) -> str:
    """The name of the container of an attempt: always the same, so that it cannot be started twice."""
    return f"stepwell-{job.step_run}-{job.attempt}"


def labels_of(job: Job, home: str) -> dict[str, str]:
    """Ids only. What a step was told, and what it must keep secret, is not among them."""
    return {f"{LABEL}workspace": home, f"{LABEL}run": job.run, f"{LABEL}step_run": job.step_run, f"{LABEL}step": job.step,
            f"{LABEL}attempt": str(job.attempt)}  # fmt: skip


def user(*, rootless: bool) -> str:
    """Whoever runs this. In an engine without root that person is `root` inside."""
    return "0:0" if rootless else f"{os.getuid()}:{os.getgid()}"


def mounts(job: Job) -> dict[str, dict[str, str]]:
    """The folders that a step sees, each at its own path: its own and those of its outputs to write, its inputs to read."""
    writable = _outermost([job.folder, *job.writes])
    # What may be written lies inside of what may only be read, or the other way round: the engine mounts the inner one later.
    readable = [path for path in _outermost(job.reads) if path not in writable and not _inside(path, job.folder)]
    return {**{path: {"bind": path, "mode": "ro"} for path in readable}, **{path: {"bind": path, "mode": "rw"} for path in writable}}


def _outermost(paths: Iterable[str]) -> list[str]:
    found: list[str] = []
    for path in sorted({os.path.normpath(path) for path in paths}):
        if not any(_inside(path, one) for one in found):
            found.append(path)
    return found


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def variables(job: Job, who: str) -> dict[str, str]:
    """The job's, and a home that can be written for those that it does not name."""
    scratch = os.path.join(job.folder, SCRATCH)
    return {"HOME": scratch, "TMPDIR": scratch, "USER": who, "LOGNAME": who, **job.variables}


def launched(job: Job) -> tuple[list[str], list[str]]:
    """Entry point and arguments that run the job's command with its output in the log file."""
    marker = os.path.join(job.folder, NOT_STARTED)
    return ["/bin/sh", "-c", _LAUNCH, "stepwell"], [job.log, marker, *job.command]


def create_options(job: Job, image: str, given: Limits, *, home: str, user: str, who: str) -> dict[str, Any]:
    """The keyword arguments of `containers.create`."""
    entry, command = launched(job)
    found: dict[str, Any] = {
        "image": image, "entrypoint": entry, "command": command, "name": name_of(job), "labels": labels_of(job, home),
        "environment": variables(job, who), "working_dir": job.work, "volumes": mounts(job), "user": user, "init": True,
        "network_mode": given.network, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges"], "privileged": False,
        "read_only": not given.writable, "tmpfs": {TEMPORARY: "exec,mode=1777"}, "shm_size": given.shm, "pids_limit": given.pids,
        "group_add": [str(group) for group in os.getgroups()], "auto_remove": False, "detach": True, "stdin_open": False, "tty": False,
    }  # fmt: skip
    if given.memory is not None:
        found |= {"mem_limit": given.memory, "memswap_limit": given.memory}
    if given.cpus is not None:
        found["nano_cpus"] = int(given.cpus * 1_000_000_000)
    if given.runtime is not None:
        found["runtime"] = given.runtime
    return found
