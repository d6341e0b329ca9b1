"""What every target must do. A suite for one target subclasses TargetContract and gives the three fixtures at its top.

Processes are watched through FIFOs in the job's folder, never by pid, so that the suite holds for a container as well: a FIFO
that is open for writing in a process reads as ended once every such process has gone.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from stepwell_runner.targets.protocol import Cancellation, Cancelled, Failed, Job, Outcome, Succeeded, Target, TimedOut
from stepwell_runner.targets.wrappers import WithTimeout

OUTPUT_BYTES = 32 << 20
PATIENCE_S = 30


def job_in(folder: Path, *command: str, **changes: object) -> Job:
    """A job with a fresh folder, as the engine would make it."""
    work = folder / "work"
    work.mkdir(parents=True)
    job = Job(
        run="r1", step_run=os.urandom(8).hex(), step="step", attempt=1, command=command, folder=str(folder), work=str(work),
        log=str(folder / "std_log.txt"), token="token-of-r1",
        variables={"PATH": os.environ["PATH"], "STEPWELL_RUN_TOKEN": "token-of-r1"},
    )
    return msgspec.structs.replace(job, **changes)


def shell(folder: Path, script: str, **changes: object) -> Job:
    return job_in(folder, "sh", "-c", script, **changes)


def log_of(job: Job) -> bytes:
    return Path(job.log).read_bytes()


class Rendezvous:
    """A FIFO that a job opens for writing. Opening it here waits for the job; reading it to its end waits for the job's end."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / "rendezvous"
        os.mkfifo(self.path)
        self._reader = -1

    def wait_for_word(self) -> bytes:
        """The first bytes that a job writes."""
        self._reader = os.open(self.path, os.O_RDONLY)
        return os.read(self._reader, 4096)

    def wait_for_end(self) -> bytes:
        """What else was written until every process that had the FIFO open was gone."""
        with open(self._reader, "rb") as file:
            return file.read()


@contextlib.contextmanager
def running(target: Target, job: Job, cancel: Cancellation) -> Iterator[Future[Outcome]]:
    """The job in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        try:
            yield pool.submit(target.run, job, cancel)
        finally:
            cancel.set()


class TargetContract:
    """One protocol, one suite."""

    @pytest.fixture
    def target(self) -> Target:
        """With a grace period that no test outlasts."""
        raise NotImplementedError

    @pytest.fixture
    def hasty_target(self) -> Target:
        """With a grace period of a few hundredths of a second."""
        raise NotImplementedError

    @pytest.fixture
    def cancel(self) -> Iterator[Cancellation]:
        with Cancellation() as cancel:
            yield cancel

    # --- how a command ends ---

    def test_exit_code_zero_is_success(self, target, cancel, tmp_path):
        assert target.run(shell(tmp_path / "job", "exit 0"), cancel) == Succeeded()

    @pytest.mark.parametrize("code", [1, 3, 255])
    def test_other_exit_codes_are_failures_that_name_the_code(self, target, cancel, tmp_path, code):
        assert target.run(shell(tmp_path / "job", f"exit {code}"), cancel) == Failed(f"exit code {code}", code)

    def test_a_signal_is_a_failure_that_names_the_signal(self, target, cancel, tmp_path):
        outcome = target.run(shell(tmp_path / "job", "kill -9 $$"), cancel)
        assert isinstance(outcome, Failed)
        assert outcome.message.startswith("killed by signal 9 (SIGKILL)")

    def test_a_missing_program_is_a_failure_that_names_it(self, target, cancel, tmp_path):
        outcome = target.run(job_in(tmp_path / "job", "no-such-program-here"), cancel)
        assert isinstance(outcome, Failed)
        assert "could not start" in outcome.message
        assert "no-such-program-here" in outcome.message

    # --- what a command gets ---

    def test_it_runs_in_its_work_folder(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", "echo here > mark")
        target.run(job, cancel)
        assert Path(job.work, "mark").read_text() == "here\n"

    def test_it_gets_its_arguments_and_variables_untouched(self, target, cancel, tmp_path):
        odd = "a b\n$HOME 'q' \"r\" * \\ \u00fc"
        job = job_in(tmp_path / "job", "sh", "-c", 'printf "%s|%s" "$1" "$ODD"', "sh", odd)
        job = msgspec.structs.replace(job, variables={**job.variables, "ODD": odd})
        assert target.run(job, cancel) == Succeeded()
        assert log_of(job).decode() == f"{odd}|{odd}"

    def test_it_gets_nothing_of_the_runners_environment(self, target, cancel, tmp_path):
        assert "PYTEST_CURRENT_TEST" in os.environ
        job = job_in(tmp_path / "job", "env")
        target.run(job, cancel)
        assert b"STEPWELL_RUN_TOKEN=token-of-r1\n" in log_of(job)
        assert b"PYTEST_CURRENT_TEST" not in log_of(job)

    def test_its_stdin_is_empty(self, target, cancel, tmp_path):
        assert target.run(job_in(tmp_path / "job", "cat"), cancel) == Succeeded()

    # --- what it writes ---

    def test_stdout_and_stderr_keep_their_order(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", "for i in 1 2 3; do echo out $i; echo err $i >&2; done")
        target.run(job, cancel)
        assert log_of(job) == b"out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n"

    def test_the_log_is_private_and_appended_to(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", "echo more")
        Path(job.log).write_bytes(b"before\n")
        target.run(job, cancel)
        assert log_of(job) == b"before\nmore\n"
        assert stat.S_IMODE(os.stat(job.log).st_mode) == 0o600

    def test_bytes_that_are_no_text_arrive_as_they_are(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", r"printf '\377\376\000\033[31m\r\n'")
        target.run(job, cancel)
        assert log_of(job) == b"\xff\xfe\x00\x1b[31m\r\n"

    def test_a_flood_of_output_arrives_whole(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", f"head -c {OUTPUT_BYTES} /dev/zero; echo end >&2")
        assert target.run(job, cancel) == Succeeded()
        assert os.path.getsize(job.log) == OUTPUT_BYTES + 4

    def test_the_log_can_be_read_while_the_job_runs(self, target, cancel, tmp_path):
        meet = Rendezvous(tmp_path / "job")
        job = shell(tmp_path / "job", f"echo early; exec 9> '{meet.path}'; echo started >&9; exec sleep 1000")
        with running(target, job, cancel) as outcome:
            meet.wait_for_word()
            assert log_of(job) == b"early\n"
            assert not outcome.done()

    # --- how it is stopped ---

    def test_cancelled_before_it_starts_it_never_starts(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", "echo started > mark")
        cancel.set()
        assert target.run(job, cancel) == Cancelled()
        assert not Path(job.work, "mark").exists()

    def test_cancelled_while_it_runs_it_may_clean_up(self, target, cancel, tmp_path):
        meet = Rendezvous(tmp_path / "job")
        script = f"trap 'echo bye; exit 0' TERM; exec 9> '{meet.path}'; echo started >&9; while :; do sleep 1000 & wait; done"
        job = shell(tmp_path / "job", script)
        with running(target, job, cancel) as outcome:
            meet.wait_for_word()
            cancel.set()
            assert outcome.result(PATIENCE_S) == Cancelled()
        assert log_of(job) == b"bye\n"
        assert meet.wait_for_end() == b""

    def test_one_that_ignores_the_request_is_killed(self, hasty_target, cancel, tmp_path):
        meet = Rendezvous(tmp_path / "job")
        job = shell(tmp_path / "job", f"trap '' TERM; exec 9> '{meet.path}'; echo started >&9; while :; do sleep 1000; done")
        with running(hasty_target, job, cancel) as outcome:
            meet.wait_for_word()
            cancel.set()
            assert outcome.result(PATIENCE_S) == Cancelled()
            assert meet.wait_for_end() == b""

    def test_a_parents_cancellation_stops_it(self, target, cancel, tmp_path):
        meet = Rendezvous(tmp_path / "job")
        job = shell(tmp_path / "job", f"exec 9> '{meet.path}'; echo started >&9; exec sleep 1000")
        with Cancellation(cancel) as child, running(target, job, child) as outcome:
            meet.wait_for_word()
            cancel.set()
            assert outcome.result(PATIENCE_S) == Cancelled()

    def test_children_that_it_leaves_behind_are_ended(self, target, cancel, tmp_path):
        meet = Rendezvous(tmp_path / "job")
        script = f"sh -c 'trap \"\" TERM HUP; exec 9> \"$0\"; echo started >&9; sleep 1000 & wait' '{meet.path}' & read gone < go"
        job = shell(tmp_path / "job", script)
        os.mkfifo(Path(job.work, "go"))
        with running(target, job, cancel) as outcome:
            meet.wait_for_word()
            Path(job.work, "go").write_text("go\n")
            assert outcome.result(PATIENCE_S) == Succeeded()
            assert meet.wait_for_end() == b""

    def test_it_is_stopped_when_its_time_is_over(self, target, cancel, tmp_path):
        job = job_in(tmp_path / "job", "sleep", "1000", timeout_s=0.02)
        assert WithTimeout(target).run(job, cancel) == TimedOut(0.02)
        assert not cancel.is_set()

    def test_a_time_limit_that_is_not_reached_changes_nothing(self, target, cancel, tmp_path):
        job = shell(tmp_path / "job", "exit 4", timeout_s=1000.0)
        assert WithTimeout(target).run(job, cancel) == Failed("exit code 4", 4)

    # --- many at once ---

    def test_many_at_once_do_not_mix(self, target, cancel, tmp_path):
        count, together = 24, threading.Barrier(8)

        def run(number: int) -> tuple[Outcome, bytes]:
            together.wait(PATIENCE_S)
            job = shell(tmp_path / f"job {number}", f"echo {number}; exit {number}")
            return target.run(job, cancel), log_of(job)

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(run, range(count)))
        assert [log for _, log in results] == [b"%d\n" % number for number in range(count)]
        assert [outcome.exit_code for outcome, _ in results] == list(range(count))


