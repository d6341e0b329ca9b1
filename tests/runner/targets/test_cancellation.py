from __future__ import annotations

import os
import signal
import threading

import pytest

from stepwell_runner.targets.protocol import Cancellation, monotonic_deadline, wait_readable


@pytest.fixture
def cancel():
    with Cancellation() as cancel:
        yield cancel


def readable(cancel):
    return wait_readable([cancel.fileno()], monotonic_deadline(0)) != []


def test_it_is_set_once_and_for_good(cancel):
    assert not cancel.is_set()
    assert not readable(cancel)
    assert not cancel.wait(0)
    for _ in range(3):
        cancel.set()
        assert cancel.is_set()
        assert readable(cancel)
        assert cancel.wait(None)


def test_a_waiter_in_another_thread_wakes_up(cancel):
    woken = []
    waiter = threading.Thread(target=lambda: woken.append(cancel.wait(None)))
    waiter.start()
    cancel.set()
    waiter.join(30)
    assert woken == [True]


def test_it_reaches_children_and_their_children_but_no_parent(cancel):
    with Cancellation(cancel) as child, Cancellation(child) as grandchild, Cancellation(cancel) as other:
        child.set()
        assert grandchild.is_set()
        assert readable(grandchild)
        assert not other.is_set()
        assert not cancel.is_set()


def test_a_child_born_late_is_set_at_once(cancel):
    cancel.set()
    with Cancellation(cancel) as child:
        assert child.is_set()
        assert readable(child)


def test_a_closed_child_is_left_alone(cancel):
    child = Cancellation(cancel)
    child.close()
    child.close()
    read, write = os.pipe()  # takes the numbers that the child gave back
    cancel.set()
    child.set()
    assert wait_readable([read], monotonic_deadline(0)) == []
    os.close(read)
    os.close(write)


def test_many_threads_that_set_it_call_a_listener_once(cancel):
    calls = []
    cancel.listen(lambda: calls.append(1))
    together = threading.Barrier(8)

    def set_it():
        together.wait(30)
        cancel.set()

    threads = [threading.Thread(target=set_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_a_listener_that_left_is_not_called(cancel):
    calls = []
    cancel.listen(calls.clear)
    listener = cancel.set
    cancel.listen(listener)
    cancel.unlisten(listener)
    calls.append(1)
    cancel.unlisten(calls.clear)
    cancel.set()
    assert calls == [1]


def test_a_signal_handler_may_set_it(cancel):
    before = signal.signal(signal.SIGUSR1, lambda *_: cancel.set())
    try:
        os.kill(os.getpid(), signal.SIGUSR1)
        assert cancel.wait(30)
    finally:
        signal.signal(signal.SIGUSR1, before)
