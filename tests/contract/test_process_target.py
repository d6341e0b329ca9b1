"""The contract of targets, and what only a process of this machine can promise."""

from __future__ import annotations

import gc
import os
import signal
import stat
import sys
from pathlib import Path

import pytest
from target_contract import PATIENCE_S, Rendezvous, TargetContract, job_in, log_of, shell

from stepwell_runner.targets.ending import ending, from_thread
from stepwell_runner.targets.process import ProcessTarget
from stepwell_runner.targets.protocol import Cancellation, Failed, Succeeded
from stepwell_runner.targets.strays import find, sweep

ESCAPE = """
import os, signal, sys
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        if "stubborn" in sys.argv:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        meet = os.open(sys.argv[1], os.O_WRONLY)
        os.write(meet, b"started")
        signal.pause()
    os._exit(0)
"""


@pytest.fixture(params=[ending, from_thread], ids=["kernel", "thread"])
def way(request):
    return request.param


class TestProcessTarget(TargetContract):
    @pytest.fixture
    def target(self, way):
        return ProcessTarget(ending=way)

    @pytest.fixture
    def hasty_target(self, way):
        return ProcessTarget(ending=way, grace_s=0.03)


@pytest.fixture
def target():
    return ProcessTarget()


@pytest.fixture
def cancel():
    with Cancellation() as cancel:
        yield cancel


def test_the_environment_is_exactly_what_was_given(target, cancel, tmp_path):
    job = job_in(tmp_path / "job", "env", variables={"ONLY": "this", "\u00fc": "\udcff"})
    assert target.run(job, cancel) == Succeeded()
    assert sorted(log_of(job).splitlines()) == [b"ONLY=this", "\u00fc=".encode() + b"\xff"]


def test_it_leads_a_session_of_its_own(target, cancel, tmp_path):
    job = job_in(tmp_path / "job", sys.executable, "-c", "import os; print(os.getsid(0) == os.getpgid(0) == os.getpid())")
    target.run(job, cancel)
    assert log_of(job) == b"True\n"


def test_the_log_is_private_whatever_the_umask(target, cancel, tmp_path):
    job = shell(tmp_path / "job", "umask")
    before = os.umask(0o777)
    try:
        target.run(job, cancel)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(job.log).st_mode) == 0o600


def test_no_descriptor_is_left_open(target, cancel, tmp_path):
    folder = "/dev/fd"
    gc.collect()
    before = len(os.listdir(folder))
    for number in range(3):
        target.run(shell(tmp_path / f"job {number}", "exit 0"), cancel)
        target.run(job_in(tmp_path / f"bad {number}", "no-such-program"), cancel)
    assert len(os.listdir(folder)) == before


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])
def test_a_signal_gives_a_negative_exit_code(target, cancel, tmp_path, number):
    outcome = target.run(shell(tmp_path / "job", f"kill -{number.value} $$"), cancel)
    assert outcome.exit_code == -number
    assert number.name in outcome.message


# --- commands that cannot start ---


def test_no_such_file(target, cancel, tmp_path):
    outcome = target.run(job_in(tmp_path / "job", "./missing.sh"), cancel)
    assert outcome == Failed("could not start: no such file ./missing.sh")


def test_a_file_that_may_not_be_executed(target, cancel, tmp_path):
    job = job_in(tmp_path / "job", "./plain.sh")
    Path(job.work, "plain.sh").write_text("#!/bin/sh\n")
    assert "permission denied: ./plain.sh" in target.run(job, cancel).message


def test_a_bad_interpreter(target, cancel, tmp_path):
    job = job_in(tmp_path / "job", "./script")
    script = Path(job.work, "script")
    script.write_text("#!/no/such/python -u\n")
    script.chmod(0o700)
    assert target.run(job, cancel).message.endswith("script: bad interpreter /no/such/python")


def test_a_script_without_its_first_line(target, cancel, tmp_path):
    job = job_in(tmp_path / "job", "./script")
    script = Path(job.work, "script")
    script.write_text("echo hello\n")
    script.chmod(0o700)
    assert "a script with a #! line" in target.run(job, cancel).message


def test_a_work_folder_that_is_not_there_or_no_folder(target, cancel, tmp_path):
    gone = shell(tmp_path / "gone", "exit 0", work=str(tmp_path / "nowhere"))
    assert target.run(gone, cancel) == Failed(f"could not start: no such folder {tmp_path / 'nowhere'}")
    (tmp_path / "file").touch()
    plain = shell(tmp_path / "plain", "exit 0", work=str(tmp_path / "file"))
    assert target.run(plain, cancel) == Failed(f"could not start: not a directory: the folder {tmp_path / 'file'}")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_work_folder_that_may_not_be_entered(target, cancel, tmp_path):
    job = shell(tmp_path / "job", "exit 0")
    os.chmod(job.work, 0)
    assert "permission denied" in target.run(job, cancel).message


@pytest.mark.parametrize("command", [(), ("echo", "a\0b")], ids=["empty", "null byte"])
def test_a_command_that_no_system_takes(target, cancel, tmp_path, command):
    assert target.run(job_in(tmp_path / "job", *command), cancel).message.startswith("could not start: ")


def test_a_log_that_cannot_be_written(target, cancel, tmp_path):
    job = shell(tmp_path / "job", "echo started > mark", log=str(tmp_path / "no" / "log"))
    assert target.run(job, cancel).message == f"could not start: No such file or directory: {tmp_path / 'no' / 'log'}"
    assert not Path(job.work, "mark").exists()


# --- what recovery finds ---


@pytest.mark.parametrize("temper", ["meek", "stubborn"])
def test_a_process_that_left_its_session_is_found_by_its_token(target, cancel, tmp_path, temper):
    meet = Rendezvous(tmp_path / "job")
    token = os.urandom(8).hex()
    job = job_in(
        tmp_path / "job", sys.executable, "-c", ESCAPE, str(meet.path), temper, token=token,
        variables={"STEPWELL_RUN_TOKEN": token},
    )
    assert target.run(job, cancel) == Succeeded()
    assert meet.wait_for_word() == b"started"
    assert sweep("another " + token) == ()
    assert len(find(token)) == 1  # the control: the group's end did not take it along
    (stray,) = sweep(token, grace_s=0.05 if temper == "stubborn" else PATIENCE_S)
    assert stray.signal == ("SIGKILL" if temper == "stubborn" else "SIGTERM")
    assert meet.wait_for_end() == b""
    assert find(token) == []
