"""Locks between processes: held by an open file, so that the end of the holder, however it comes, frees them."""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import threading
import time
from types import TracebackType
from typing import Self

import msgspec

from stepwell_store.errors import BusyError
from stepwell_store.faults import explained

_SHORTEST_WAIT_S, _LONGEST_WAIT_S = 0.001, 0.010
_WITH_TIMEOUT_S = 30.0
_SIGNATURE = 1500


class Holder(msgspec.Struct, frozen=True):
    """Who holds a lock: process id, its command line, and since when (seconds since 1970)."""

    pid: int
    command: str
    since: float


class FileLock:
    """An exclusive or shared lock on a file, which is made when missing and never removed.

    Not reentrant: an object that is held cannot be taken a second time, by no thread. A forked child never holds what its
    parent holds.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        self._owner: int | None = None
        self._descriptor: int | None = None
        self._mine = threading.Lock()

    def try_acquire(self, shared: bool = False) -> bool:
        """Take the lock if nobody has it; False if somebody does. Never waits."""
        if not self._mine.acquire(blocking=False):
            return False
        try:
            with explained("opening a lock", self.path):
                taken = self._take(shared)
        except BaseException:
            self._mine.release()
            raise
        if not taken:
            self._mine.release()
            return False
        self._owner = threading.get_ident()
        if not shared:
            self._sign()
        return True

    def acquire(self, timeout_s: float, shared: bool = False) -> None:
        """Take the lock within so many seconds; else BusyError names the holder."""
        deadline = time.monotonic() + timeout_s
        pause = _SHORTEST_WAIT_S
        while not self.try_acquire(shared):
            if time.monotonic() >= deadline:
                raise _busy(self.path, timeout_s)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_WAIT_S)

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        with _registry:
            descriptor, self._descriptor = self._descriptor, None
            _held.discard(self)
        if descriptor is None:
            return
        self._owner = None
        # A process that another thread is starting has a copy of the descriptor for a moment: closing ours would not free it.
        _unlock(descriptor)
        os.close(descriptor)
        self._mine.release()

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._descriptor is not None

    def __enter__(self) -> Self:
        """Take it exclusively within 30 seconds, unless this thread has taken it already; the end of the block releases it."""
        if self._owner != threading.get_ident():
            self.acquire(_WITH_TIMEOUT_S)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def abandon(self) -> None:
        """In a forked child: close without unlocking, for the lock is the parent's."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._owner = None
        self._mine = threading.Lock()

    def _take(self, shared: bool) -> bool:
        while True:
            with _registry:
                self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
                _held.add(self)
            try:
                taken = _try_lock(self._descriptor, shared)
            except BaseException:
                self._drop()
                raise
            if not taken:
                self._drop()
                return False
            if _is_at(self._descriptor, self.path):
                return True
            self._drop()

    def _drop(self) -> None:
        with _registry:
            descriptor, self._descriptor = self._descriptor, None
            _held.discard(self)
        if descriptor is not None:
            os.close(descriptor)

    def _sign(self) -> None:
        """Write who holds it into the file. A help for people only: a full disk must not cost the lock."""
        holder = Holder(os.getpid(), " ".join(sys.argv)[:200], time.time())
        try:
            # Always as long, so that it covers the last holder's without a truncation, which would cost more than the lock.
            data = msgspec.json.encode(holder).ljust(_SIGNATURE)
            assert self._descriptor is not None
            os.pwrite(self._descriptor, data, 0)
        except (OSError, UnicodeEncodeError):
            return


def is_locked(path: str | os.PathLike[str]) -> bool:
    """Whether somebody holds the lock exclusively; False when there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return _is_held(descriptor)
    finally:
        os.close(descriptor)


def holder(path: str | os.PathLike[str]) -> Holder | None:
    """Who holds the lock exclusively; None when it is free or when its holder has not signed yet."""
    if not is_locked(path):
        return None
    try:
        with open(path, "rb") as file:
            return msgspec.json.decode(file.read(), type=Holder)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


# Linux has locks of an open file that can be looked at without being taken, so that a look never costs anybody the lock.
# Elsewhere flock does, with the same meaning.
_LOOKS = sys.platform == "linux" and sys.maxsize > 1 << 32
_LOCK_STRUCT = "hhqqi0q"


def _lock_struct(kind: int) -> bytes:
    return struct.pack(_LOCK_STRUCT, kind, os.SEEK_SET, 0, 0, 0)


def _try_lock(descriptor: int, shared: bool) -> bool:
    try:
        if _LOOKS:
            fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _lock_struct(fcntl.F_RDLCK if shared else fcntl.F_WRLCK))
        else:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _unlock(descriptor: int) -> None:
    if _LOOKS:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _lock_struct(fcntl.F_UNLCK))
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _is_held(descriptor: int) -> bool:
    if _LOOKS:
        found = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _lock_struct(fcntl.F_RDLCK))
        return bool(struct.unpack(_LOCK_STRUCT, found)[0] != fcntl.F_UNLCK)
    free = _try_lock(descriptor, shared=True)
    if free:
        _unlock(descriptor)
    return not free


def _is_at(descriptor: int, path: str) -> bool:
    """Whether the path still leads to the open file: another process may have removed it meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


def _busy(path: str, timeout_s: float) -> BusyError:
    who = holder(path)
    name = "another process"
    if who is not None:
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(who.since))
        name = f"process {who.pid} (`{who.command}`) since {since}"
    what = f"Waited {timeout_s:g} s for a lock that is held by {name}."
    return BusyError(what, where=path, todo="Wait until it ends, or end it.")


_held: set[FileLock] = set()
# Held around every change of `_held` and around a fork, so that a child finds every descriptor that it must close.
_registry = threading.Lock()


def _forget_all() -> None:
    for lock in _held:
        lock.abandon()
    _held.clear()
    _registry.release()


os.register_at_fork(before=_registry.acquire, after_in_parent=_registry.release, after_in_child=_forget_all)
