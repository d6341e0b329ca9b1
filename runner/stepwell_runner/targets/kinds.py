"""The kinds of compute targets: what stands behind each, how many steps it takes at once, and its settings.

Nothing is imported until it is asked for, so that nobody pays for Docker who does not use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from stepwell_store.errors import UsageError

SettingType = Literal["text", "integer", "number", "bytes", "seconds", "boolean", "gpus", "master"]


class Setting(msgspec.Struct, frozen=True):
    """One setting of a kind: what it is for, in a line, and what its text must be."""

    name: str
    what: str
    type: SettingType = "text"
    choices: tuple[str, ...] = ()


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of target. `place` is `module:attribute` of what makes one from a TargetSpec; `examine` of what looks at it.

    `max_steps` None is as many as the machine has processors. `containers`: steps run in images, not under interpreters of this
    machine. Work that outlives its runner has a `record` of this name in the folder of its attempt, and `left` makes a `left.Left` of it.
    """

    what: str
    place: str
    examine: str
    settings: tuple[Setting, ...] = ()
    max_steps: int | None = None
    containers: bool = False
    record: str | None = None
    left: str = ""


_GRACE = Setting("grace", "seconds between asking a step to stop and killing it (10)", "seconds")

KINDS: Mapping[str, Kind] = {
    "local": Kind(
        what="processes of this machine",
        place="stepwell_runner.targets.process:make",
        examine="stepwell_runner.targets.process:examine",
        settings=(_GRACE,),
    ),
    "spark": Kind(
        what="Apache Spark, on this machine or on a cluster",
        place="stepwell_runner.targets.spark.target:make",
        examine="stepwell_runner.targets.spark.target:examine",
        settings=(
            Setting("master", "where Spark runs: local[4], spark://host:7077, sc://host:15002 (all processors of this machine)", "master"),
            Setting("driver_memory", "memory of a step's driver, for example 4g (1g)", "bytes"),
            Setting("executor_memory", "memory of each executor of a cluster (1g)", "bytes"),
            Setting("executor_cores", "processors of each executor of a cluster", "integer"),
            Setting("executors", "how many executors of a cluster a step gets", "integer"),
            Setting("conf", "further settings of Spark: name=value;name=value"),
            Setting("java_home", "the Java to use, 17 to 25 (the one of this machine)"),
            Setting("warm", "whether the Python steps of a run share a Java that stays (true)", "boolean"),
            Setting("archive", "whether Java keeps an archive of its classes for faster starts (true)", "boolean"),
            _GRACE,
        ),
    ),
    "docker": Kind(
        what="containers of Docker, or of another engine that answers like it",
        place="stepwell_runner.targets.docker:make",
        examine="stepwell_runner.targets.docker:examine",
        settings=(
            Setting("image", "the image of steps whose environment names none, such as python:3.12-slim"),
            Setting("host", "the engine's address, such as unix:///run/user/1000/podman/podman.sock (as `docker` finds it)"),
            Setting("context", "a context of Docker's command, by name"),
            Setting("memory", "memory of a step, such as 4g (all)", "bytes"),
            Setting("cpus", "processors of a step, such as 1.5 (all)", "number"),
            Setting("shm", "shared memory of a step (2g)", "bytes"),
            Setting("pids", "processes and threads of a step (8192)", "integer"),
            Setting("gpus", "GPUs of a step: all, a count, or ids such as id:0,1", "gpus"),
            Setting("gpu_fallback", "what happens where there is no GPU: error or cpu (error)", choices=("error", "cpu")),
            Setting("network", "what a step may reach: none, host, or a network of the engine (none)"),
            Setting("build_network", "what a build of an image may reach (the engine's default)"),
            Setting("pull", "whether an image that is not there is fetched: missing or never (missing)", choices=("missing", "never")),
            Setting("pass", "names of this machine's variables that steps get, with commas between"),
            Setting("writable", "whether a step may write outside of its folders, inside of its container only (false)", "boolean"),
            Setting("runtime", "the engine's runtime, such as nvidia or runsc"),
            _GRACE,
        ),
        containers=True,
        record="container.json",
        left="stepwell_runner.targets.docker:left",
    ),
}
"""Kinds by name. Each is a target of its own name without being defined."""


def kind_of(name: str, kinds: Mapping[str, Kind] = KINDS) -> Kind:
    """The kind of this name; UsageError with the nearest right names when there is none."""
    if name not in kinds:
        raise UsageError(f"there is no kind of compute target named {name!r}", todo=near(name, kinds))
    return kinds[name]


def near(name: str, known: Mapping[str, object]) -> str:
    """What to say of a name that is not known."""
    import difflib

    matches = difflib.get_close_matches(name, known)
    return f"Did you mean {' or '.join(matches)}?" if matches else f"There are: {', '.join(sorted(known))}."


def check_settings(kind: str, settings: Mapping[str, str], kinds: Mapping[str, Kind] = KINDS) -> None:
    """UsageError for a setting that the kind does not have, or whose text is not what it must be."""
    known = {setting.name: setting for setting in kind_of(kind, kinds).settings}
    for name, text in settings.items():
        if name not in known:
            todo = near(name, known) if known else f"a target of kind {kind} has no settings"
            raise UsageError(f"a target of kind {kind} has no setting {name!r}", todo=todo)
        _check(known[name], text)


def _check(setting: Setting, text: str) -> None:
    from stepwell_runner.targets.values import PARSERS

    if setting.choices and text not in setting.choices:
        raise UsageError(f"{setting.name} is {text!r}", todo=f"it is one of: {', '.join(setting.choices)}")
    parser: Callable[[str], object] | None = PARSERS.get(setting.type)
    if parser is None:
        return
    try:
        parser(text)
    except ValueError as error:
        raise UsageError(f"{setting.name} is {text!r}, which is not {error}", todo=f"{setting.name}: {setting.what}") from error
