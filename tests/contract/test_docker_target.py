"""The target `docker`: the contract, and what is its own. All against a real engine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import msgspec
import pytest
from docker_engine import HOST, IMAGE, need_engine, settings
from engine_proxy import EngineProxy
from target_contract import PATIENCE_S, Rendezvous, TargetContract, job_in, log_of, running, shell

from stepwell_runner.containers.options import LABEL, name_of
from stepwell_runner.containers.record import read_record
from stepwell_runner.containers.waiting import Patience
from stepwell_runner.graph.model import Resources
from stepwell_runner.targets.docker import DockerTarget, left
from stepwell_runner.targets.protocol import Cancellation, Cancelled, Failed, Job, Succeeded, TimedOut
from stepwell_runner.targets.registry import TargetSpec
from stepwell_store.errors import MachineError, UsageError

pytestmark = pytest.mark.usefixtures("_engine")


@pytest.fixture(scope="session")
def _engine() -> None:
    need_engine()


@pytest.fixture
def cancel() -> Iterator[Cancellation]:
    with Cancellation() as cancel:
        yield cancel


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    found = docker.DockerClient(base_url=HOST)
    yield found
    found.close()


def spec(**more: str) -> TargetSpec:
    return TargetSpec(name="box", kind="docker", home="/nowhere/.stepwell", settings=settings(**more))


def target(**more: str) -> DockerTarget:
    return DockerTarget(spec(**more), grace_s=1000.0)


class TestDockerTarget(TargetContract):
    @pytest.fixture
    def target(self) -> DockerTarget:
        return target()

    @pytest.fixture
    def hasty_target(self) -> DockerTarget:
        return DockerTarget(spec(), grace_s=0.05)


# --- what a container may do ---


def said(job: Job, **more: str) -> str:
    with Cancellation() as cancel:
        outcome = target(**more).run(job, cancel)
    assert outcome == Succeeded(), (outcome, log_of(job))
    return log_of(job).decode()


def test_it_has_no_privileges_no_network_and_a_file_system_that_cannot_be_written(tmp_path: Path) -> None:
    script = ("grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status; ls /sys/class/net; touch /etc/mark 2>&1;"
              " touch /tmp/mark && echo temporary")
    lines = said(shell(tmp_path / "job", script)).split()
    assert lines[:6] == ["CapEff:", "0000000000000000", "NoNewPrivs:", "1", "Seccomp:", "2"]
    assert lines[6] == "lo"
    assert "Read-only" in lines
    assert lines[-1] == "temporary"


def test_network_and_a_writable_file_system_are_there_for_who_asks(tmp_path: Path) -> None:
    job = shell(tmp_path / "job", "ls /sys/class/net | wc -l; touch /etc/mark && echo written", resources=Resources(network="host"))
    lines = said(job, writable="true").split()
    assert int(lines[0]) >= len(os.listdir("/sys/class/net"))
    assert lines[-1] == "written"


def test_limits_of_the_step_come_before_those_of_the_target(tmp_path: Path, client: docker.DockerClient, cancel: Cancellation) -> None:
    meet = Rendezvous(tmp_path / "job")
    job = shell(tmp_path / "job", f"exec 9> '{meet.path}'; echo started >&9; exec sleep 1000",
                resources=Resources(memory=64 << 20, cpus=0.5))
    with running(target(memory="1g", shm="32m", pids="77"), job, cancel):
        meet.wait_for_word()
        found = client.containers.get(name_of(job)).attrs["HostConfig"]
    assert (found["Memory"], found["MemorySwap"], found["NanoCpus"]) == (64 << 20, 64 << 20, 500_000_000)
    assert (found["ShmSize"], found["PidsLimit"], found["Privileged"], found["Init"]) == (32 << 20, 77, False, True)
    assert found["CapDrop"] == ["ALL"]


def test_inputs_can_be_read_and_not_written(tmp_path: Path) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    data.mkdir()
    kept.mkdir()
    (data / "a.txt").write_text("a")
    script = f"cat {data}/a.txt; echo; echo more >> {data}/a.txt || echo refused; ls {tmp_path}; echo out > {kept}/out.txt"
    job = shell(tmp_path / "job", script, reads=(str(data), str(data / "a.txt")), writes=(str(kept),))
    assert said(job).split() == ["a", "sh:", "1:", "cannot", "create", f"{data}/a.txt:", "Read-only", "file", "system", "refused",
                                 "data", "job", "kept"]
    assert (data / "a.txt").read_text() == "a"
    assert (kept / "out.txt").read_text() == "out\n"


def test_a_home_and_a_temporary_folder_that_can_be_written_are_on_the_disk(tmp_path: Path) -> None:
    job = shell(tmp_path / "job", 'touch "$HOME/mark" "$TMPDIR/other"; echo "$USER"')
    assert said(job).strip()
    assert sorted(os.listdir(Path(job.folder) / "scratch")) == ["mark", "other"]


def test_labels_hold_ids_and_no_variable(tmp_path: Path, client: docker.DockerClient, cancel: Cancellation) -> None:
    meet = Rendezvous(tmp_path / "job")
    job = shell(tmp_path / "job", f"exec 9> '{meet.path}'; echo started >&9; exec sleep 1000")
    job = msgspec.structs.replace(job, variables={**job.variables, "PASSWORD": "hunter2"})
    with running(target(), job, cancel):
        meet.wait_for_word()
        labels = client.containers.get(name_of(job)).labels
    assert labels == {f"{LABEL}workspace": "/nowhere/.stepwell", f"{LABEL}run": "r1", f"{LABEL}step_run": job.step_run,
                      f"{LABEL}step": "step", f"{LABEL}attempt": "1"}
    assert b"hunter2" not in log_of(job) + Path(job.folder, "container.json").read_bytes()


OWNER = """
import os, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from docker_engine import settings
from stepwell_runner.targets.docker import DockerTarget
from stepwell_runner.targets.protocol import Cancellation
from stepwell_runner.targets.registry import TargetSpec
from target_contract import shell
spec = TargetSpec(name="box", kind="docker", home="/nowhere", settings={**settings(), "host": sys.argv[2]})
home = Path(sys.argv[1])
with Cancellation() as cancel:
    DockerTarget(spec).run(shell(home / "root", "true"), cancel)  # all that is needed is imported now, and may be out of reach later
    os.chown(home, 1234, 1234)
    os.setgroups([])
    os.setgid(1234)
    os.setuid(1234)
    print(DockerTarget(spec).run(shell(home / "job", "id -u; echo kept > kept.txt; mkdir folder"), cancel))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_what_a_step_of_an_ordinary_user_writes_is_theirs() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        home = Path(name, "home")
        home.mkdir()
        proxy = EngineProxy(Path(name, "s"), HOST)
        try:
            program = [sys.executable, "-c", OWNER, str(home), proxy.host, str(Path(__file__).parent)]
            done = subprocess.run(program, capture_output=True, text=True)
        finally:
            proxy.close()
        assert done.stdout == "Succeeded(exit_code=0)\n", done
        job = home / "job"
        assert (job / "std_log.txt").read_text() == "1234\n"
        assert {(path.stat().st_uid, path.stat().st_gid) for path in job.rglob("*")} == {(1234, 1234)}


# --- how it ends ---


def test_memory_that_ran_out_is_told_with_the_limit(tmp_path: Path, cancel: Cancellation) -> None:
    job = job_in(tmp_path / "job", "python3", "-c", "x = bytearray(200 << 20)", resources=Resources(memory=32 << 20))
    outcome = target().run(job, cancel)
    assert isinstance(outcome, Failed)
    assert outcome.message == "killed by signal 9 (SIGKILL), probably out of memory (its limit is 32 MiB)"


def test_no_gpu_is_one_clear_error_or_a_stated_fallback(tmp_path: Path, cancel: Cancellation) -> None:
    wanted = Resources(gpus="all")
    outcome = target().run(shell(tmp_path / "a", "echo ran", resources=wanted), cancel)
    assert isinstance(outcome, Failed)
    assert "asks for GPUs (all) and the engine has none" in outcome.message
    assert "gpu_fallback=cpu" in outcome.message
    job = shell(tmp_path / "b", "echo ran", resources=wanted)
    assert target(gpu_fallback="cpu").run(job, cancel) == Succeeded()
    first, second = log_of(job).decode().splitlines()
    assert first.startswith("stepwell: no GPU for this step")
    assert second == "ran"


def test_what_cannot_be_started_says_why(tmp_path: Path, cancel: Cancellation) -> None:
    missing = target(image="no-such-image:1").run(shell(tmp_path / "a", "true"), cancel)
    network = target(network="nowhere").run(shell(tmp_path / "b", "true"), cancel)
    empty = target().run(job_in(tmp_path / "c"), cancel)
    assert isinstance(missing, Failed)
    assert "the image no-such-image:1 is not on the engine" in missing.message
    assert isinstance(network, Failed)
    assert "no network nowhere" in network.message
    assert empty == Failed("could not start: the command is empty")


def test_no_container_is_left_whatever_happened(tmp_path: Path, client: docker.DockerClient, cancel: Cancellation) -> None:
    jobs = [shell(tmp_path / "a", "true"), shell(tmp_path / "b", "exit 3"), job_in(tmp_path / "c", "nothing"),
            shell(tmp_path / "d", "true", resources=Resources(gpus="all"))]
    for job in jobs:
        target().run(job, cancel)
    assert [client.containers.list(all=True, filters={"name": name_of(job)}) for job in jobs] == [[], [], [], []]


def test_an_attempt_cannot_be_started_twice(tmp_path: Path, cancel: Cancellation) -> None:
    meet = Rendezvous(tmp_path / "job")
    job = shell(tmp_path / "job", f"exec 9> '{meet.path}'; echo started >&9; exec sleep 1000")
    again = shell(tmp_path / "again", "echo twice", step_run=job.step_run)
    with running(target(), job, cancel) as outcome:
        meet.wait_for_word()
        second = target().run(again, cancel)
        assert not outcome.done()
    assert isinstance(second, Failed)
    assert "is there already" in second.message


# --- an engine that fails ---


@pytest.fixture
def proxy() -> Iterator[EngineProxy]:
    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        proxy = EngineProxy(Path(folder, "s"), HOST)
        yield proxy
        proxy.close()


def impatient(host: str) -> DockerTarget:
    return DockerTarget(spec(host=host), grace_s=1000.0, patience=Patience(silence_s=0.1, answer_s=0.5))


def wait_until_followed(job: Job) -> None:
    """The engine answers that the container has started after the container says so itself."""
    deadline = time.monotonic() + PATIENCE_S
    while not any(thread.name == f"wait for {name_of(job)}" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_connection_that_breaks_off_is_made_anew(tmp_path: Path, proxy: EngineProxy, cancel: Cancellation) -> None:
    meet = Rendezvous(tmp_path / "job")
    job = shell(tmp_path / "job", f"exec 9> '{meet.path}'; echo started >&9; read gone < go; exit 7")
    os.mkfifo(Path(job.work, "go"))
    with running(impatient(proxy.host), job, cancel) as outcome:
        meet.wait_for_word()
        wait_until_followed(job)
        proxy.drop()
        Path(job.work, "go").write_text("go\n")
        assert outcome.result(PATIENCE_S) == Failed("exit code 7", 7)


def test_an_engine_that_is_stuck_is_given_up_and_its_container_can_be_taken_over(tmp_path: Path, proxy: EngineProxy,
                                                                                cancel: Cancellation) -> None:
    meet = Rendezvous(tmp_path / "job")
    job = shell(tmp_path / "job", f"echo before; exec 9> '{meet.path}'; echo started >&9; read gone < go; echo after; exit 7")
    os.mkfifo(Path(job.work, "go"))
    with running(impatient(proxy.host), job, cancel) as outcome:
        meet.wait_for_word()
        wait_until_followed(job)
        proxy.stall()
        lost = outcome.result(PATIENCE_S)
        proxy.go_on()
    assert isinstance(lost, Failed)
    assert "has not answered" in lost.message
    found = left(job.folder, "/nowhere/.stepwell")
    assert found is not None
    assert found.is_running()
    Path(job.work, "go").write_text("go\n")
    with Cancellation() as other:
        assert found.follow(other) == Failed("exit code 7", 7)
    assert log_of(job) == b"before\nafter\n"


def test_no_engine_is_a_machine_that_is_not_ready(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match=r"no container engine|does not answer") as caught:
        target(host=f"unix://{tmp_path}/nothing.sock")
    assert "stepwell compute add" in str(caught.value)


def test_an_engine_that_anybody_can_reach_is_refused() -> None:
    with pytest.raises(UsageError, match="without protection"):
        target(host="tcp://127.0.0.1:2375")


# --- a runner that died ---


RUNNER = """
import sys, msgspec
from stepwell_runner.targets.docker import DockerTarget
from stepwell_runner.targets.protocol import Cancellation, Job
from stepwell_runner.targets.registry import TargetSpec
spec, job = msgspec.json.decode(sys.argv[1], type=TargetSpec), msgspec.json.decode(sys.argv[2], type=Job)
DockerTarget(spec).run(job, Cancellation())
"""


class Abandoned:
    """A job that was begun, and whose runner was killed once the job had said a word."""

    def __init__(self, folder: Path, script: str, **changes: object) -> None:
        self.meet = Rendezvous(folder)
        self.job = shell(folder, f"echo before; exec 9> '{self.meet.path}'; echo started >&9; {script}", **changes)
        os.mkfifo(Path(self.job.work, "go"))
        runner = subprocess.Popen([sys.executable, "-c", RUNNER, msgspec.json.encode(spec()), msgspec.json.encode(self.job)])
        self.meet.wait_for_word()
        runner.kill()
        runner.wait()

    def go(self) -> None:
        Path(self.job.work, "go").write_text("go\n")


def test_it_goes_on_and_is_taken_over_with_every_line_and_its_exit_code(tmp_path: Path, cancel: Cancellation) -> None:
    gone = Abandoned(tmp_path / "job", "read gone < go; seq 1 5000; exit 9")
    found = left(gone.job.folder, "/nowhere/.stepwell")
    assert found is not None
    assert found.is_running()
    gone.go()
    assert found.follow(cancel) == Failed("exit code 9", 9)
    assert log_of(gone.job).decode() == "before\n" + "".join(f"{number}\n" for number in range(1, 5001))
    record = read_record(gone.job.folder)
    assert record is not None
    assert record.outcome == Failed("exit code 9", 9)


def test_one_that_ended_meanwhile_is_taken_over_as_well_and_only_once(tmp_path: Path, cancel: Cancellation,
                                                                     client: docker.DockerClient) -> None:
    gone = Abandoned(tmp_path / "job", "read gone < go")
    gone.go()
    assert gone.meet.wait_for_end() == b""
    client.containers.get(name_of(gone.job)).wait(timeout=PATIENCE_S)
    first, again = (left(gone.job.folder, "/nowhere/.stepwell") for _ in range(2))
    assert first is not None
    assert not first.is_running()
    assert first.follow(cancel) == Succeeded()
    later = left(gone.job.folder, "/nowhere/.stepwell")
    assert later is not None
    assert later.follow(cancel) == Succeeded()
    assert again is not None
    assert client.containers.list(all=True, filters={"name": name_of(gone.job)}) == []


def test_what_was_taken_over_can_be_stopped_and_has_its_time_limit(tmp_path: Path, cancel: Cancellation) -> None:
    gone = Abandoned(tmp_path / "a", "trap 'echo bye; exit 0' TERM; while :; do sleep 1000 & wait; done")
    found = left(gone.job.folder, "/nowhere/.stepwell")
    assert found is not None
    threading.Timer(0.2, cancel.set).start()
    assert found.follow(cancel) == Cancelled()
    assert log_of(gone.job) == b"before\nbye\n"
    late = Abandoned(tmp_path / "b", "exec sleep 1000", timeout_s=0.01)
    found = left(late.job.folder, "/nowhere/.stepwell")
    assert found is not None
    with Cancellation() as other:
        assert found.follow(other) == TimedOut(0.01)


def test_one_that_somebody_removed_is_told(tmp_path: Path, cancel: Cancellation, client: docker.DockerClient) -> None:
    gone = Abandoned(tmp_path / "job", "exec sleep 1000")
    client.containers.get(name_of(gone.job)).remove(force=True)
    found = left(gone.job.folder, "/nowhere/.stepwell")
    assert found is not None
    assert not found.is_running()
    assert found.follow(cancel) == Failed("its container is gone: somebody removed it")


def test_an_image_is_named_by_the_job_or_by_the_target(tmp_path: Path, cancel: Cancellation, client: docker.DockerClient) -> None:
    client.images.get(IMAGE).tag("stepwell-test", "other")
    job = shell(tmp_path / "job", "echo ran", image=client.images.get("stepwell-test:other").id)
    assert DockerTarget(TargetSpec(name="box", kind="docker", settings={"host": HOST})).run(job, cancel) == Succeeded()
    nameless = DockerTarget(TargetSpec(name="box", kind="docker", settings={"host": HOST})).run(shell(tmp_path / "b", "true"), cancel)
    assert nameless == Failed("could not start: no image was named")
