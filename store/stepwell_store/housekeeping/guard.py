"""Who may remove: whoever needs what is stored uses the workspace together, and a collection that removes from it is alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from stepwell_store.errors import BusyError
from stepwell_store.locks import FileLock, holder

_WAIT_S = 600.0


def use_lock(locks: str | os.PathLike[str]) -> FileLock:
    """The lock that runs, checks and backups hold shared and that a collection holds exclusively."""
    return FileLock(os.path.join(locks, "gc.lock"))


@contextmanager
def using(locks: str | os.PathLike[str]) -> Iterator[None]:
    """Nothing that is stored is removed while the block works. Waits for a collection that is under way.

    A run holds this from before it looks at earlier results until its last event is written. On a workspace that cannot be
    written nothing is held.
    """
    if not os.access(locks, os.W_OK):
        yield
        return
    lock = use_lock(locks)
    lock.acquire(_WAIT_S, shared=True)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def collecting(locks: str | os.PathLike[str]) -> Iterator[bool]:
    """True when nobody uses what is stored, nor begins to before the block ends. BusyError when another collection is at work."""
    mine = FileLock(os.path.join(locks, "collect.lock"))
    if not mine.try_acquire():
        who = holder(mine.path)
        raise BusyError(f"process {who.pid if who else 'unknown'} is collecting garbage here", where=mine.path, todo="wait until it ends")
    lock = use_lock(locks)
    alone = lock.try_acquire()
    try:
        yield alone
    finally:
        lock.release()
        mine.release()
