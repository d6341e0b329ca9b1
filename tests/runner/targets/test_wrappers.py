from __future__ import annotations

import msgspec
import pytest

from stepwell_runner.targets.process import ProcessTarget
from stepwell_runner.targets.protocol import Cancellation, Cancelled, Job, Succeeded, TimedOut
from stepwell_runner.targets.slots import Slots
from stepwell_runner.targets.wrappers import DryRun, WithSlots, WithTimeout


@pytest.fixture
def cancel():
    with Cancellation() as cancel:
        yield cancel


@pytest.fixture
def job(tmp_path):
    return Job(
        run="r", step_run="s", step="step", attempt=1, command=("sleep", "1000"), variables={}, folder=str(tmp_path),
        work=str(tmp_path), log=str(tmp_path / "log"), token="t",
    )


def test_a_dry_run_says_what_it_would_run_and_touches_nothing(job, cancel, tmp_path):
    said = []
    assert DryRun(said.append).run(job, cancel) == Succeeded()
    assert said == [job]
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_dry_run_says_nothing(job, cancel):
    cancel.set()
    assert DryRun(pytest.fail).run(job, cancel) == Cancelled()


def test_waiting_for_a_slot_does_not_count_as_running(job, cancel, tmp_path):
    slots = Slots(str(tmp_path / "locks"), "local", 1)
    limited = WithSlots(WithTimeout(ProcessTarget()), slots)
    job = msgspec.structs.replace(job, timeout_s=0.01)
    assert limited.run(job, cancel) == TimedOut(0.01)
    with slots.acquire(cancel), Cancellation(cancel) as asked:
        asked.set()
        assert limited.run(job, asked) == Cancelled()


def test_a_slot_is_given_back_whatever_happens(job, cancel, tmp_path):
    slots = Slots(str(tmp_path / "locks"), "local", 1)

    def break_down(job):
        raise RuntimeError("broken target")

    with pytest.raises(RuntimeError):
        WithSlots(DryRun(break_down), slots).run(job, cancel)
    assert slots.try_acquire() is not None


def test_a_cancelled_job_with_a_time_limit_is_cancelled_not_timed_out(job, cancel):
    job = msgspec.structs.replace(job, timeout_s=1000.0)
    cancel.set()
    assert WithTimeout(ProcessTarget()).run(job, cancel) == Cancelled()
