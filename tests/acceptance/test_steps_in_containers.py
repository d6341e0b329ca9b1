"""Pipelines whose steps run in containers, as a person types them. All against a real engine."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker_engine import HOST, IMAGE, need_engine

from commandline import Project

PATIENCE_S = 60


@pytest.fixture(scope="module")
def _engine() -> None:
    need_engine()


pytestmark = pytest.mark.usefixtures("_engine")


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    found = docker.DockerClient(base_url=HOST)
    yield found
    found.close()


@pytest.fixture
def project(tmp_path: Path, client: docker.DockerClient) -> Iterator[Project]:
    """A project with a compute target `box`; its containers are gone afterwards."""
    found = Project(tmp_path / "project")
    found.stepwell("init")
    found.stepwell("compute", "add", "box", "--kind", "docker", "--set", f"host={HOST}", "--set", f"image={IMAGE}")
    yield found
    for container in left_of(client, found):
        container.remove(force=True)


def left_of(client: docker.DockerClient, project: Project) -> list[Any]:
    return list(client.containers.list(all=True, filters={"label": f"io.stepwell.workspace={project.root}"}))


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


MIXED = """
import os
data = Dataset.File.from_files((ws.get_default_datastore(), "numbers/**"))
table = Dataset.Tabular.from_delimited_files((ws.get_default_datastore(), "numbers/a.csv"))
first, second = PipelineData("first", is_directory=True), PipelineData("second")
make = PythonScriptStep("make.py", name="make", arguments=["--data", data.as_named_input("data").as_mount(), "--out", first],
                        inputs=[table.as_named_input("table")], outputs=[first], source_directory="source", compute_target="box")
use = CommandStep(["cd", first, "&& cat sum.txt >", second], name="use", inputs=[first], outputs=[second], source_directory="source")
back = CommandStep(["cat", second, "; id -u; ls /sys/class/net"], name="back", inputs=[second], source_directory="source",
                   compute_target="box")
pipeline = Pipeline(ws, [use, back])
"""
MAKE = """
import argparse, os
from pathlib import Path
from azureml.core import Run
parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--out")
args = parser.parse_args()
run = Run.get_context()
numbers = [int(line) for path in sorted(Path(args.data).glob("*.csv")) for line in path.read_text().split()[1:]]
run.log("sum", sum(numbers))
run.tag("where", "container")
Path("outputs", "note.txt").write_text("kept")
os.makedirs(args.out)
Path(args.out, "sum.txt").write_text(str(sum(numbers)))
try:
    Path(args.data, "a.csv").write_text("spoiled")
except OSError as error:
    print("input:", error.strerror)
print("inputs", sorted(run.input_datasets))
"""


def test_steps_in_containers_and_processes_mix(project: Project, client: docker.DockerClient) -> None:
    project.write("numbers/a.csv", "n\n1\n2\n")
    project.write("numbers/b.csv", "n\n39\n")
    project.stepwell("datastore", "upload", "workspaceblobstore", "numbers", "numbers")
    project.write("source/make.py", MAKE)
    project.pipeline(MIXED)
    done = project.stepwell("run", "pipeline.py", "--json").data
    assert done["status"] == "Completed"
    assert Path(done["outputs"]["use/second"]).read_text() == "42"
    logs = project.stepwell("logs", "@last/make").out
    assert "input: Read-only file system" in logs
    assert project.stepwell("logs", "@last/back").out.split() == [f"42{os.getuid()}", "lo"]
    metrics = project.stepwell("metrics", "@last/make", "--json").data
    assert [metric["name"] for metric in metrics] == ["sum"] if isinstance(metrics, list) else "sum" in str(metrics)
    assert "note.txt" in project.stepwell("outputs", "@last/make").out
    folder = Path(done["outputs"]["make/first"])
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {os.getuid()}
    assert stat.S_IMODE(os.stat(project.root).st_mode) == 0o700
    assert left_of(client, project) == []
    again = project.stepwell("run", "pipeline.py", "--json").data
    assert [step["reused"] for step in again["steps"]] == [True, True, True]


def test_the_image_is_a_reason_to_run_again(project: Project, client: docker.DockerClient) -> None:
    project.pipeline('pipeline = Pipeline(ws, [CommandStep("true", name="only", source_directory="source", compute_target="box")])')
    assert project.stepwell("run", "pipeline.py", "--json").data["steps"][0]["reused"] is False
    client.images.get(IMAGE).tag("stepwell-test", "same")
    project.stepwell("compute", "add", "box", "--kind", "docker", "--replace", "--set", f"host={HOST}", "--set", "image=stepwell-test:same")
    reasons = project.stepwell("run", "pipeline.py", "--plan", "--json").data["steps"][0]["reasons"]
    assert (reasons[0]["type"], reasons[0]["change"]) == ("environment_changed", f"image {IMAGE} → stepwell-test:same")


def test_what_does_not_go_together_is_told_before_anything_runs(project: Project) -> None:
    project.pipeline('pipeline = Pipeline(ws, [CommandStep("true", name="only", source_directory="source", compute_target="docker")])')
    nameless = project.stepwell("run", "pipeline.py", code=2)
    assert "step only: which image?" in nameless.err
    assert "--set image=" in nameless.err
    project.stepwell("compute", "add", "far", "--kind", "docker", "--set", "host=unix:///nowhere/docker.sock", "--set", "image=x")
    gone = project.stepwell("run", "pipeline.py", "--target", "far", code=None)
    assert (gone.code, "no container engine at unix:///nowhere/docker.sock" in gone.err) == (3, True), gone


SECRET = """
step = CommandStep("test -n \\"$TOKEN\\" && test -z \\"$OTHER\\" && echo has it", name="only", source_directory="source",
                   compute_target="box")
pipeline = Pipeline(ws, [step])
"""


def test_a_step_gets_the_variables_that_its_target_names_and_nothing_keeps_their_values(project: Project) -> None:
    project.stepwell("compute", "add", "box", "--kind", "docker", "--replace", "--set", f"host={HOST}", "--set", f"image={IMAGE}",
                     "--set", "pass=TOKEN")
    project.pipeline(SECRET)
    project.stepwell("run", "pipeline.py", environment={"TOKEN": "hunter2-the-secret", "OTHER": "x"})
    assert project.stepwell("logs", "@last/only").out == "has it\n"
    for path in project.root.rglob("*"):
        assert not path.is_file() or b"hunter2-the-secret" not in path.read_bytes(), path


SLOW = """
one, two = PipelineData("one"), PipelineData("two")
slow = CommandStep(["echo before; touch outputs/started; while ! test -e outputs/go; do sleep 0.05; done; echo after; echo done >", one],
                   name="slow", outputs=[one], source_directory="source", compute_target="box")
local = CommandStep(["sleep 1000"], name="local", source_directory="source")
use = CommandStep(["cat", one, ">", two], name="use", inputs=[one], outputs=[two], source_directory="source", compute_target="box")
pipeline = Pipeline(ws, [STEPS])
"""


class Killed:
    """A run whose runner was killed with SIGKILL while its step `slow` ran in a container."""

    def __init__(self, project: Project, steps: str) -> None:
        self.project = project
        project.pipeline(SLOW.replace("STEPS", steps))
        self.runner = project.start("run", "pipeline.py", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: bool(list(project.root.glob("runs/*/slow/1/work/outputs/started"))))
        self.runner.send_signal(signal.SIGKILL)
        self.runner.wait()
        self.work = next(project.root.glob("runs/*/slow/1/work"))
        self.run = self.work.parents[2].name

    def release(self) -> None:
        """Let the step come to its end."""
        (self.work / "outputs" / "go").touch()

    def show(self) -> dict[str, Any]:
        found: dict[str, Any] = self.project.stepwell("show", self.run, "--json").data
        return found


def test_a_container_outlives_its_runner_and_is_seen_to_its_end(project: Project, client: docker.DockerClient) -> None:
    killed = Killed(project, "use, local")
    said = project.stepwell("runs").err
    assert "slow goes on without it" in said
    assert killed.show()["status"] == "Running"
    killed.release()
    eventually(lambda: killed.show()["status"] != "Running")
    shown = killed.show()
    steps = {step["step"]: step for step in shown["steps"]}
    assert shown["status"] == "Failed"
    assert (steps["slow"]["status"], steps["slow"]["exit_code"]) == ("Completed", 0)
    assert (steps["local"]["status"], "its runner ended" in steps["local"]["error"]) == ("Failed", True)
    assert project.stepwell("logs", f"{killed.run}/slow").out == "before\nafter\n"
    assert left_of(client, project) == []


def test_resume_waits_for_what_goes_on_and_uses_it(project: Project) -> None:
    killed = Killed(project, "use")
    follower = project.start("resume", killed.run, "--json")
    eventually(lambda: bool(list(project.root.glob("runs/*/adopted"))))
    killed.release()
    out, err = follower.communicate(timeout=PATIENCE_S)
    assert b"waiting for them" in err
    steps = {step["step"]: step for step in json.loads(out.splitlines()[-1])["steps"]}
    assert (steps["slow"]["reused"], steps["use"]["reused"], steps["use"]["status"]) == (True, False, "Completed")


def test_one_that_ended_meanwhile_is_taken_in_by_whoever_looks_next(project: Project, client: docker.DockerClient) -> None:
    killed = Killed(project, "slow")
    killed.release()
    eventually(lambda: all(container.status == "exited" for container in left_of(client, project)))
    assert "recorded as completed" in project.stepwell("runs").err
    shown = killed.show()
    assert [step["status"] for step in shown["steps"]] == ["Completed"]
    assert left_of(client, project) == []
    assert project.stepwell("run", "pipeline.py", "--json").data["steps"][0]["reused"] is True


def test_a_new_run_waits_for_the_result_that_a_container_still_makes(project: Project, client: docker.DockerClient) -> None:
    killed = Killed(project, "use")
    following = project.start("run", "pipeline.py", "--json")
    eventually(lambda: bool(list(project.root.glob("runs/*/adopted"))))
    assert len(left_of(client, project)) == 1
    killed.release()
    out, err = following.communicate(timeout=PATIENCE_S)
    assert following.returncode == 0, err
    assert b'"reused":true' in out.replace(b" ", b"")
    assert len(list(project.root.glob("runs/*/slow/1"))) == 1


def test_a_run_that_goes_on_without_its_runner_can_be_cancelled(project: Project, client: docker.DockerClient) -> None:
    killed = Killed(project, "use")
    project.stepwell("runs")
    project.stepwell("cancel", killed.run)
    assert [step["status"] for step in killed.show()["steps"] if step["step"] == "slow"] == ["Canceled"]
    assert left_of(client, project) == []


def test_containers_that_nobody_needs_are_told_of_and_removed(project: Project, client: docker.DockerClient) -> None:
    project.pipeline('pipeline = Pipeline(ws, [CommandStep("true", name="only", source_directory="source", compute_target="box")])')
    run = project.stepwell("run", "pipeline.py", "--json").data["run"]
    assert "containers" not in [remark["topic"] for remark in project.stepwell("doctor", "--json").data["remarks"]]
    labels = {"io.stepwell.workspace": str(project.root), "io.stepwell.run": run, "io.stepwell.step": "only"}
    client.containers.create(IMAGE, ["sleep", "1000"], labels=labels, network_mode="none", name=f"stepwell-orphan-{run}").start()
    remark = next(remark for remark in project.stepwell("doctor", "--json").data["remarks"] if remark["topic"] == "containers")
    assert (remark["state"], remark["todo"]) == ("warn", "run `stepwell gc`")
    dry = project.stepwell("gc", "--dry-run", "--json").data
    assert [container["name"] for container in dry["containers"]] == [f"stepwell-orphan-{run}"]
    assert len(left_of(client, project)) == 1
    assert "containers: 1" in project.stepwell("gc").out
    assert left_of(client, project) == []


def test_images_that_were_built_go_with_their_environments_but_not_beside_a_container_of_theirs(
        project: Project, client: docker.DockerClient) -> None:
    project.write("Dockerfile", f"FROM {IMAGE}\nENV OF={project.folder}\n")
    project.pipeline("""
from stepwell import Environment
environment = Environment.from_dockerfile("made", "Dockerfile")
pipeline = Pipeline(ws, [CommandStep("true", name="only", source_directory="source", compute_target="box", environment=environment)])
""")
    project.stepwell("run", "pipeline.py")
    (note,) = project.root.glob("envs/*.image.json")
    tag = json.loads(note.read_text())["tag"]
    now = ("--grace", "0s", "--older-than", "0s")
    container = client.containers.create(tag, ["true"], network_mode="none")
    try:
        stays = project.stepwell("gc", *now, "--json").data
    finally:
        container.remove()
    assert stays["images"] == []
    assert f"the image {tag} stays" in str(stays["notes"])
    assert client.images.get(tag)
    assert note.exists()
    assert [image["name"] for image in project.stepwell("gc", *now, "--dry-run", "--json").data["images"]] == [tag]
    assert client.images.get(tag)
    assert "images: 1" in project.stepwell("gc", *now).out
    with pytest.raises(docker.errors.ImageNotFound):
        client.images.get(tag)
    assert not note.exists()
    assert project.stepwell("run", "pipeline.py", "--force", "--json").data["status"] == "Completed"
    project.stepwell("gc", *now)


def test_compute_test_says_what_the_engine_can_do(project: Project) -> None:
    found = project.stepwell("compute", "test", "box", "--json").data
    topics = {finding["topic"]: finding for finding in found["findings"]}
    assert found["ready"]
    assert {"engine", "machine", "networks", "gpus", "image", "container"} <= topics.keys()
    assert "made, run and removed" in topics["container"]["text"]
    project.stepwell("compute", "add", "wrong", "--kind", "docker", "--set", f"host={HOST}", "--set", f"image={IMAGE}",
                     "--set", "gpus=all", "--set", "runtime=nothing")
    wrong = project.stepwell("compute", "test", "wrong", "--json", code=3).data
    bad = {finding["topic"] for finding in wrong["findings"] if finding["state"] == "bad"}
    assert bad == {"gpus", "container"}
    project.stepwell("compute", "add", "nowhere", "--kind", "docker", "--set", "host=unix:///nowhere/docker.sock")
    assert "no container engine" in project.stepwell("compute", "test", "nowhere", code=3).out
