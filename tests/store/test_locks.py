"""Locks: exclusive across processes, freed by any death, never inherited by a fork, and they name their holder."""

from __future__ import annotations

import select
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stepwell_store.errors import BusyError, MachineError
from stepwell_store.locks import FileLock, holder, is_locked

HOLDER = """
import sys
from stepwell_store.locks import FileLock
assert FileLock(sys.argv[1]).try_acquire(shared=sys.argv[2] == "shared")
print("held", flush=True)
sys.stdin.read()
"""

# The parent holds the lock and waits; its forked child lives until its standard input ends.
FORKER = """
import os, signal, sys
from stepwell_store.locks import FileLock
lock = FileLock(sys.argv[1])
assert lock.try_acquire()
if os.fork() == 0:
    print("child", lock.held, flush=True)
    sys.stdin.read()
    os._exit(0)
signal.pause()
"""


@contextmanager
def process(script: str, *arguments: str | Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A Python process and its first line."""
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline().strip()
        finally:
            running.kill()


def test_a_lock_excludes_other_processes_and_names_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with process(HOLDER, path, "exclusive") as (running, line):
        assert line == "held"
        assert is_locked(path)
        lock = FileLock(path)
        assert not lock.try_acquire()
        assert not lock.try_acquire(shared=True)
        who = holder(path)
        assert who is not None
        assert who.pid == running.pid
        with pytest.raises(BusyError, match=f"process {running.pid} .* since 20"):
            lock.acquire(0.02)


def test_sigkill_frees_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with process(HOLDER, path, "exclusive") as (running, _):
        running.kill()
        running.wait()
        assert not is_locked(path)
        assert holder(path) is None
        with FileLock(path) as lock:
            assert lock.held


def test_a_forked_child_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with process(FORKER, path) as (running, line):
        assert line == "child False"
        assert is_locked(path)
        running.kill()
        running.wait()
        assert running.stdout is not None
        assert not is_locked(path)
        assert FileLock(path).try_acquire()
        # The child still lives: the end of the last writer would make the pipe readable.
        assert select.select([running.stdout], [], [], 0)[0] == []


def test_shared_holders_admit_each_other_only(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with process(HOLDER, path, "shared"):
        shared, exclusive = FileLock(path), FileLock(path)
        assert shared.try_acquire(shared=True)
        assert not exclusive.try_acquire()
        assert not is_locked(path)
        shared.release()


def test_two_objects_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    with first:
        assert not second.try_acquire()
    assert second.try_acquire()
    second.release()
    second.release()
    assert not second.held


def test_an_object_is_held_once(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    assert lock.try_acquire()
    assert not lock.try_acquire()
    with lock:
        assert lock.held
    assert not lock.held


def test_threads_that_share_an_object_take_turns(tmp_path: Path) -> None:
    lock, inside, seen = FileLock(tmp_path / "lock"), [0], []

    def work() -> None:
        for _ in range(20):
            with lock:
                inside[0] += 1
                seen.append(inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1] * 80


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a look takes the lock for a moment")
def test_looking_at_a_lock_does_not_cost_anybody_the_lock(tmp_path: Path) -> None:
    path, done, taken = tmp_path / "lock", threading.Event(), []
    path.touch()

    def look() -> None:
        while not done.is_set():
            is_locked(path)

    looking = threading.Thread(target=look)
    looking.start()
    for _ in range(200):
        lock = FileLock(path)
        taken.append(lock.try_acquire())
        lock.release()
    done.set()
    looking.join()
    assert all(taken)


def test_a_lock_whose_file_was_replaced_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = FileLock(path)
    assert first.try_acquire()
    path.unlink()
    second = FileLock(path)
    assert second.try_acquire()
    first.release()
    assert not FileLock(path).try_acquire()
    second.release()


def test_a_lock_file_is_private_and_a_missing_folder_is_told(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"):
        assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    assert not is_locked(tmp_path / "none")
    lock = FileLock(tmp_path / "missing" / "lock")
    with pytest.raises(MachineError, match="does not exist"):
        lock.try_acquire()
    with pytest.raises(MachineError, match="does not exist"):
        lock.acquire(1)
