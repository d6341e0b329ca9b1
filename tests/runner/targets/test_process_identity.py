from __future__ import annotations

import os
import signal
import subprocess
import sys

import msgspec
import psutil
import pytest

from stepwell_runner.targets import identity, strays
from stepwell_runner.targets.identity import identify, is_running, send
from stepwell_runner.targets.strays import find, sweep

TOKEN = f"of the child of {os.getpid()}"
"""Of these tests alone: others may run on this machine at the same time."""


@pytest.fixture
def child():
    with subprocess.Popen(["sleep", "1000"], env={"STEPWELL_RUN_TOKEN": TOKEN, "PATH": os.environ["PATH"]}) as process:
        yield process
        process.kill()


def test_this_process_runs():
    me = identify(os.getpid())
    assert me.pid == os.getpid()
    assert is_running(me)
    assert send(me, signal.SIGCONT)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere psutil is what tells")
def test_the_start_time_is_the_one_that_psutil_sees(child):
    since_boot = identify(child.pid).started / os.sysconf("SC_CLK_TCK")
    assert psutil.boot_time() + since_boot == pytest.approx(psutil.Process(child.pid).create_time(), abs=0.1)


def test_a_name_with_spaces_and_parentheses_does_not_confuse(tmp_path):
    program = tmp_path / "a) S 1 (b"
    program.symlink_to(sys.executable)
    with subprocess.Popen([program, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert is_running(identify(process.pid))
        process.kill()


def test_one_that_ended_does_not_run_though_nobody_waited(child, eventually):
    process = identify(child.pid)
    child.kill()
    eventually(lambda: not is_running(process))
    assert identify(child.pid) == process
    child.wait()
    assert identify(child.pid) is None
    assert not send(process, signal.SIGCONT)


@pytest.mark.parametrize("change", [{"started": 1.0}, {"boot": "another boot"}], ids=["reused pid", "reboot"])
def test_another_process_with_the_same_pid_is_never_signalled(child, change):
    other = msgspec.structs.replace(identify(child.pid), **change)
    assert not is_running(other)
    assert not send(other, signal.SIGKILL)
    assert child.poll() is None
    assert send(identify(child.pid), signal.SIGKILL)  # the control: the right identity does end it
    assert child.wait() == -signal.SIGKILL


def test_a_token_is_compared_as_a_whole(child):
    assert find("of the") == []
    assert find("the child") == []
    assert [process.pid for process in find(TOKEN)] == [child.pid]


def test_a_sweep_spares_the_process_that_sweeps():
    code = "from stepwell_runner.targets.strays import sweep; print(sweep('mine'))"
    environment = {**os.environ, "STEPWELL_RUN_TOKEN": "mine"}
    assert subprocess.check_output([sys.executable, "-c", code], env=environment) == b"()\n"


def test_a_sweep_ends_all_and_tells_which(child):
    with subprocess.Popen(["sleep", "1000"], env={"STEPWELL_RUN_TOKEN": TOKEN}) as second:
        found = sweep(TOKEN, grace_s=30)
    assert {stray.process.pid for stray in found} == {child.pid, second.pid}
    assert {stray.signal for stray in found} == {"SIGTERM"}


def test_both_ways_to_look_see_the_same(child, eventually):
    """The ways of Linux and of other systems, side by side."""
    eventually(lambda: list(strays._marked_by_psutil(TOKEN)) == [child.pid])
    assert identity._look_with_psutil(child.pid).group == os.getpgid(child.pid)
    assert not identity._look_with_psutil(child.pid).over
    child.kill()
    eventually(lambda: identity._look_with_psutil(child.pid).over)
    child.wait()
    assert identity._look_with_psutil(child.pid) is None
    assert list(strays._marked_by_psutil(TOKEN)) == []
