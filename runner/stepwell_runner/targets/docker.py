"""The target `docker`: the command in a container of its own.

The container writes its output to the log file itself and belongs to nobody's process: it goes on when the runner dies, and
whoever comes next takes it over with all that it wrote. Its record in the folder of the attempt says which one it is.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import time
from typing import TYPE_CHECKING, Any

import msgspec

from stepwell_runner.containers import options
from stepwell_runner.containers.client import PATIENCE_S, Engine, engine, explained, said
from stepwell_runner.containers.devices import gpu_options
from stepwell_runner.containers.leftovers import remember_engine
from stepwell_runner.containers.record import Record, read_record, write_record
from stepwell_runner.containers.waiting import OVER, Patience, Waiting
from stepwell_runner.targets.examined import Finding
from stepwell_runner.targets.explain import how_it_ended
from stepwell_runner.targets.process import grace_from_environment
from stepwell_runner.targets.protocol import SCRATCH, Cancellation, Cancelled, Failed, Job, Outcome, Succeeded
from stepwell_runner.targets.registry import TargetSpec
from stepwell_runner.targets.values import number
from stepwell_runner.targets.wrappers import limited
from stepwell_store.errors import MachineError, StepwellError
from stepwell_store.files import make_dir

if TYPE_CHECKING:
    from docker.models.containers import Container

_NO_GPU = ("could not select device driver", "cdi device injection failed", "unresolvable cdi devices", "unknown or invalid runtime name")
_SIGNALS = {128 + number.value for number in signal.Signals}


class DockerTarget:
    """Runs jobs as containers of an engine. One that is cancelled gets SIGTERM, and SIGKILL after `grace_s` seconds.

    MachineError when no engine answers.
    """

    def __init__(self, spec: TargetSpec, *, grace_s: float | None = None, patience: Patience = Patience()) -> None:  # noqa: B008 - a value
        self._patience = patience
        grace = spec.settings.get("grace")
        self._grace_s = grace_s if grace_s is not None else (grace_from_environment() if grace is None else number(grace))
        self._spec = spec
        self._engine: Engine = engine(spec.settings)
        remember_engine(spec.home, spec.settings, self._engine.where)

    def run(self, job: Job, cancel: Cancellation) -> Outcome:
        """As the protocol says."""
        if cancel.is_set():
            return Cancelled()
        try:
            container = self._started(job)
        except _Refused as refused:
            return Failed(str(refused))
        except StepwellError as error:
            return Failed(str(error))
        return self._follow(container, job.folder, cancel)

    def take_over(self, record: Record, folder: str, cancel: Cancellation) -> Outcome:
        """The outcome of an attempt that an earlier runner began, once its container has ended."""
        container = find_container(self._engine, record.name)
        if container is None:
            return Failed("its container is gone: somebody removed it")
        if container.status == "created":
            self._remove(container)
            return Failed("its container was made and never started")
        return self._follow(container, folder, cancel)

    # --- starting

    def _started(self, job: Job) -> Container:
        given = options.limits(self._spec.settings, job.resources)
        image = job.image or self._spec.settings.get("image")
        if image is None:
            raise _Refused("could not start: no image was named")
        _make_ready(job)
        write_record(job.folder, Record(name=options.name_of(job), target=self._spec.name, settings=dict(self._spec.settings),
                                  started_at=time.time(), timeout_s=job.timeout_s, memory=given.memory))  # fmt: skip
        try:
            return self._start(job, image, given)
        except _NoGpu as missing:
            if not given.gpus_optional:
                raise _Refused(_without_gpu_words(given.gpus, str(missing))) from missing
            _tell(job, f"no GPU for this step ({missing}); it goes on without, as it was said to")
            return self._start(job, image, options.without_gpus(given))

    def _start(self, job: Job, image: str, given: options.Limits) -> Container:
        from docker import errors

        found = options.create_options(job, image, given, home=self._spec.home, who=_name_of_user(),
                                       user=options.user(rootless=self._engine.facts.rootless))
        found |= gpu_options(given.gpus, self._engine.facts.cdi)
        container: Container | None = None
        with explained(self._engine.where):
            try:
                container = self._engine.client.containers.create(**found)
                container.start()
            except errors.ImageNotFound as error:
                raise _Refused(f"could not start: the image {image} is not on the engine at {self._engine.where}") from error
            except errors.APIError as error:
                self._remove(container)
                raise _reason(error, given, job) from error
            except BaseException:
                self._remove(container)
                raise
        return container

    # --- following

    def _follow(self, container: Container, folder: str, cancel: Cancellation) -> Outcome:
        try:
            with Waiting(self._engine, container, self._patience) as waiting:
                stopped = waiting.until_ended_or(cancel)
                if stopped:
                    self._stop(container, waiting)
            outcome = Cancelled() if stopped else self._outcome(container, folder)
        except StepwellError as error:
            # It may go on without us: its record stays open, and whoever comes next takes it over.
            return Failed(str(error))
        record = read_record(folder)
        if record is not None:
            write_record(folder, msgspec.structs.replace(record, outcome=outcome))
        self._remove(container)
        return outcome

    def _stop(self, container: Container, waiting: Waiting) -> None:
        self._signal(container, "SIGTERM")
        if not waiting.ended_within(self._grace_s):
            self._signal(container, "SIGKILL")
            waiting.ended_within(PATIENCE_S)

    def _signal(self, container: Container, name: str) -> None:
        from docker import errors

        # 404: it is gone; 409: it has ended. Twice, for a connection that was kept open may have been closed by the engine.
        for last in (False, True):
            try:
                with explained(self._engine.where), contextlib.suppress(errors.APIError):
                    container.kill(signal=name)
                return
            except MachineError:
                if last:
                    raise

    def _outcome(self, container: Container, folder: str) -> Outcome:
        state: dict[str, Any] = container.attrs["State"]  # as it was when it was seen to have ended
        said_code = int(state["ExitCode"])
        code = 128 - said_code if said_code in _SIGNALS else said_code
        if code == 0:
            return Succeeded()
        if os.path.exists(os.path.join(folder, options.NOT_STARTED)):
            return Failed(f"could not start: no such program in the image: {_program(container)}", code)
        record = read_record(folder)
        limit = record.memory if record else None
        starved = bool(state.get("OOMKilled")) or (code == -signal.SIGKILL and limit is not None)
        hint = f" (its limit is {limit / (1 << 20):.0f} MiB)" if starved and limit else ""
        return Failed(how_it_ended(code, out_of_memory=starved) + hint, code)

    def _remove(self, container: Container | None) -> None:
        from docker import errors

        if container is None:
            return
        with contextlib.suppress(errors.APIError, MachineError), explained(self._engine.where):
            container.remove(force=True, v=True)


class LeftContainer:
    """The container of an attempt whose runner died."""

    def __init__(self, record: Record, folder: str, home: str) -> None:
        self._record = record
        self._folder = folder
        self._spec = TargetSpec(name=record.target, kind="docker", home=home, settings=record.settings)

    def is_running(self) -> bool:
        """As the protocol says."""
        if self._record.outcome is not None:
            return False
        container = find_container(engine(self._record.settings), self._record.name)
        return container is not None and container.status not in ("created", *OVER)

    def follow(self, cancel: Cancellation) -> Outcome:
        """As the protocol says."""
        record = self._record
        if record.outcome is not None:
            return record.outcome
        target = DockerTarget(self._spec)
        if record.timeout_s is None:
            return target.take_over(record, self._folder, cancel)
        left_s = max(0.0, record.started_at + record.timeout_s - time.time())
        return limited(lambda limit: target.take_over(record, self._folder, limit), left_s, record.timeout_s, cancel)

    def discard(self) -> None:
        """As the protocol says."""
        from docker import errors

        where = engine(self._record.settings)
        with explained(where.where), contextlib.suppress(errors.NotFound):
            where.client.api.remove_container(self._record.name, force=True, v=True)


class _Refused(Exception):
    """The engine would not make or start the container; the message is for a person."""


class _NoGpu(Exception):
    """The engine has no GPU for it."""


def make(spec: TargetSpec) -> DockerTarget:
    """The target of a definition; MachineError when no engine answers."""
    return DockerTarget(spec)


def examine(spec: TargetSpec) -> list[Finding]:
    """What the engine can do, and what not and why."""
    from stepwell_runner.containers.examined import findings

    return findings(spec)


def left(folder: str, home: str) -> LeftContainer | None:
    """The container of the attempt in this folder; None when it has none."""
    record = read_record(folder)
    return None if record is None else LeftContainer(record, folder, home)


def find_container(where: Engine, name: str) -> Container | None:
    """The container of this name; None when there is none."""
    from docker import errors

    with explained(where.where):
        try:
            return where.client.containers.get(name)
        except errors.NotFound:
            return None


def _make_ready(job: Job) -> None:
    """The files and folders that the container finds or writes to, so that they are the person's and not the engine's."""
    if not job.command:
        raise _Refused("could not start: the command is empty")
    make_dir(os.path.join(job.folder, SCRATCH))
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(job.folder, options.NOT_STARTED))
    descriptor = os.open(job.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _tell(job: Job, text: str) -> None:
    with open(job.log, "ab") as file:
        file.write(f"stepwell: {text}\n".encode())


def _name_of_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _reason(error: Any, given: options.Limits, job: Job) -> Exception:
    text = said(error)
    low = text.lower()
    if given.gpus is not None and any(words in low for words in _NO_GPU):
        return _NoGpu(text)
    if error.status_code == 409:
        return _Refused(f"could not start: a container {options.name_of(job)} is there already, from a runner that died;"
                        " `stepwell doctor` tells of it, `stepwell gc` removes it")
    if "no such file or directory" in low and "/bin/sh" in low:
        return _Refused("could not start: the image has no shell (/bin/sh), which starts a step and keeps its log")
    if "network" in low and "not found" in low:
        return _Refused(f"could not start: the engine has no network {given.network}")
    return _Refused(f"could not start: the engine says: {text}")


def _without_gpu_words(wanted: str | None, why: str) -> str:
    return (f"could not start: the step asks for GPUs ({wanted}) and the engine has none for it: {why}. Install the NVIDIA Container"
            " Toolkit where there is a GPU, or let the step run without one (gpus_optional of the step, gpu_fallback=cpu of the target)")


def _program(container: Container) -> str:
    words = container.attrs.get("Args") or []
    place = words.index("stepwell") + 3 if "stepwell" in words else len(words)
    return str(words[place]) if place < len(words) else "?"
