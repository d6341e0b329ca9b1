from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from stepwell_runner.targets.protocol import Cancellation
from stepwell_runner.targets.slots import Slots
from stepwell_store.errors import UsageError

HOLD = """
import sys
from stepwell_runner.targets.protocol import Cancellation
from stepwell_runner.targets.slots import Slots
slot = Slots(sys.argv[1], "local", int(sys.argv[2])).acquire(Cancellation())
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def cancel():
    with Cancellation() as cancel:
        yield cancel


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path / "locks")


@pytest.fixture
def holder(folder):
    """A process that holds the only slot, until it is killed or its stdin ends."""
    command = [sys.executable, "-c", HOLD, folder, "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


@pytest.fixture
def pool(cancel):
    with ThreadPoolExecutor(12) as pool:
        yield pool
        cancel.set()  # nobody waits on after a failed test


def free_now(slots):
    """Whether a slot can be had without waiting."""
    slot = slots.try_acquire()
    if slot is not None:
        slot.release()
    return slot is not None


def test_as_many_as_there_are_and_no_more(folder, cancel):
    slots = Slots(folder, "local", 3)
    held = [slots.acquire(cancel) for _ in range(3)]
    assert not free_now(slots)
    held[1].release()
    held[1].release()
    assert free_now(slots)
    assert sorted(os.listdir(folder)) == ["local-0.lock", "local-1.lock", "local-2.lock"]


def test_two_objects_share_the_same_slots(folder, cancel):
    first, second = Slots(folder, "local", 1), Slots(folder, "local", 1)
    with first.acquire(cancel):
        assert not free_now(second)
    assert free_now(second)


def test_targets_do_not_share(folder, cancel):
    with Slots(folder, "local", 1).acquire(cancel):
        assert free_now(Slots(folder, "big", 1))


@pytest.mark.parametrize("objects", [1, 4], ids=["one object", "four objects as four processes would"])
def test_threads_never_are_more_than_the_slots_and_all_get_one(folder, cancel, pool, objects):
    several = [Slots(folder, "local", 3) for _ in range(objects)]
    inside, most, lock = 0, 0, threading.Lock()

    def work(number):
        nonlocal inside, most
        with several[number % objects].acquire(cancel):
            with lock:
                inside += 1
                most = max(most, inside)
            os.sched_yield()
            with lock:
                inside -= 1
        return number

    assert list(pool.map(work, range(60))) == list(range(60))
    assert 1 <= most <= 3


def test_who_is_cancelled_gets_none(folder, cancel):
    slots = Slots(folder, "local", 1)
    cancel.set()
    assert slots.acquire(cancel) is None
    assert free_now(slots)


@pytest.mark.parametrize("same", [True, False], ids=["held by this object", "held by another"])
def test_who_waits_is_woken_by_cancellation_and_the_next_one_by_release(folder, cancel, pool, eventually, same):
    slots = Slots(folder, "local", 1)
    held = (slots if same else Slots(folder, "local", 1)).acquire(cancel)
    with Cancellation(cancel) as asked:
        gives_up = pool.submit(slots.acquire, asked)
        eventually(lambda: asked._listeners)
        waits = pool.submit(slots.acquire, cancel)
        asked.set()
        assert gives_up.result(30) is None
        assert not waits.done()
        held.release()
        waits.result(30).release()
    assert free_now(slots)


def test_a_slot_of_a_killed_process_is_free_again(folder, cancel, pool, holder):
    slots = Slots(folder, "local", 1)
    assert not free_now(slots)
    waits = pool.submit(slots.acquire, cancel)
    os.kill(holder.pid, signal.SIGKILL)
    waits.result(30).release()


def test_no_child_process_keeps_a_slot(folder, cancel):
    slots = Slots(folder, "local", 1)
    slot = slots.acquire(cancel)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as child:
        slot.release()
        assert free_now(slots)
        child.kill()


@pytest.mark.parametrize(("name", "count"), [("../up", 1), ("", 1), (".hidden", 1), ("local", 0)])
def test_bad_names_and_counts_are_refused(folder, name, count):
    with pytest.raises(UsageError, match="compute target"):
        Slots(folder, name, count)
    assert not os.path.exists(folder)
