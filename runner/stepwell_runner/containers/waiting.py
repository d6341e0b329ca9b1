"""The end of a container as something that can be waited for together with a cancellation, with an eye on the engine.

An engine that is stopped, restarted or stuck does not answer a wait. So it is asked how the container is whenever nothing was
heard for a while; only one that does not answer again and again is given up.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Self

import msgspec

from stepwell_runner.containers.client import Engine, explained
from stepwell_runner.targets.protocol import Cancellation, monotonic_deadline, wait_readable
from stepwell_store.errors import MachineError

if TYPE_CHECKING:
    from docker.models.containers import Container



class Patience(msgspec.Struct, frozen=True):
    """How long nothing is heard before the engine is asked, how long it may take to answer, and how often it may fail to, in a row."""

    silence_s: float = 30.0
    answer_s: float = 10.0
    tries: int = 3


OVER = frozenset({"exited", "stopped", "dead", "removing"})


class Waiting:
    """Waits for one container, by a thread that the engine answers when it has ended."""

    def __init__(self, engine: Engine, container: Container, patience: Patience) -> None:
        self._engine = engine
        self._container = container
        self._patience = patience
        self._read, self._write = os.pipe()
        self._lock = threading.Lock()
        self._closed = False
        self._failures = 0
        self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            os.close(self._write)
        os.close(self._read)

    def until_ended_or(self, cancel: Cancellation) -> bool:
        """Wait for the end; True when asked to stop before that. MachineError when the engine answers no longer."""
        while True:
            ready = wait_readable([self._read, cancel.fileno()], monotonic_deadline(self._patience.silence_s))
            if cancel.fileno() in ready and self._read not in ready:
                return True
            if self._looked(woken=self._read in ready):
                return False

    def ended_within(self, seconds: float) -> bool:
        """Whether it has ended by then."""
        deadline = monotonic_deadline(seconds)
        assert deadline is not None
        while True:
            ready = wait_readable([self._read], min(deadline, time.monotonic() + self._patience.silence_s))
            if self._looked(woken=bool(ready)):
                return True
            if time.monotonic() >= deadline:
                return False

    def _looked(self, *, woken: bool) -> bool:
        """Whether it has ended, asked of the engine. A wait that the engine broke off is begun again, not at once."""
        if woken:
            os.read(self._read, 4096)
        try:
            if self._is_over():
                return True
            self._failures = 0
        except MachineError:
            self._failures += 1
            if self._failures >= self._patience.tries:
                raise
        if woken:
            time.sleep(min(0.5, self._patience.silence_s))
            self._listen()
        return False

    def _is_over(self) -> bool:
        answer = _within(self._patience.answer_s, self._state, self._engine.where)
        return answer in OVER

    def _state(self) -> str:
        from docker import errors

        with explained(self._engine.where):
            try:
                self._container.reload()
            except errors.NotFound as error:
                raise MachineError("its container is gone: somebody removed it") from error
        return str(self._container.status)

    def _listen(self) -> None:
        threading.Thread(target=self._wait, name=f"wait for {self._container.name}", daemon=True).start()

    def _wait(self) -> None:
        import requests
        from docker import errors

        with suppress(errors.DockerException, requests.RequestException, OSError):
            # No limit of its own: a step may take days. Who waits asks in between.
            self._engine.client.api.wait(str(self._container.id), timeout=None)
        with self._lock:
            if not self._closed:
                os.write(self._write, b"x")


def _within(seconds: float, ask: Callable[[], str], where: str) -> str:
    """What `ask` gives; MachineError when it takes longer, as it does of an engine that is stuck: its client waits without a limit."""
    answers: list[str | BaseException] = []

    def work() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            answers.append(error)

    thread = threading.Thread(target=work, daemon=True, name="ask the engine")
    thread.start()
    started = time.monotonic()
    thread.join(seconds)
    if not answers:
        raise MachineError(f"the container engine at {where} has not answered for {time.monotonic() - started:.0f} s",
                           todo="look at it: docker ps; the container may go on, and `stepwell resume` takes it over")
    if isinstance(answers[0], BaseException):
        raise answers[0]
    return answers[0]
