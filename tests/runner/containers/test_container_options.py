"""From a job to what an engine is asked to make: no engine is needed for that."""

from __future__ import annotations

import os

import pytest

from stepwell_runner.containers.devices import gpu_options
from stepwell_runner.containers.options import create_options, limits, mounts, name_of
from stepwell_runner.containers.recipe import dockerfile, pieces
from stepwell_runner.environments.placed import placed
from stepwell_runner.execution.seen import passed_on
from stepwell_runner.graph.model import CurrentInterpreter, Dockerfile, Image, Interpreter, Packages, Resources
from stepwell_runner.targets.protocol import Job
from stepwell_runner.targets.registry import TargetSpec
from stepwell_store.errors import UsageError


def job(**changes: object) -> Job:
    plain = {"run": "r", "step_run": "s", "step": "step", "attempt": 2, "command": ("python", "a.py"), "variables": {"PASSWORD": "hunter2"},
             "folder": "/w/runs/r/step/2", "work": "/w/runs/r/step/2/work", "log": "/w/runs/r/step/2/logs/log", "token": "t"}
    return Job(**{**plain, **changes})


def test_everything_is_closed_unless_it_is_opened() -> None:
    found = create_options(job(), "image", limits({}, Resources()), home="/w", user="1:2", who="me")
    assert (found["network_mode"], found["cap_drop"], found["security_opt"]) == ("none", ["ALL"], ["no-new-privileges"])
    assert (found["read_only"], found["privileged"], found["init"], found["auto_remove"]) == (True, False, True, False)
    assert (found["user"], found["name"], found["shm_size"]) == ("1:2", "stepwell-s-2", 2 << 30)
    assert "mem_limit" not in found
    assert "hunter2" not in str(found["labels"]) + str(found["command"]) + found["name"]


def test_the_step_comes_before_the_target() -> None:
    settings = {"memory": "1g", "cpus": "2", "shm": "64m", "gpus": "all", "network": "host", "gpu_fallback": "cpu"}
    of_target = limits(settings, Resources())
    assert (of_target.memory, of_target.cpus, of_target.shm, of_target.gpus) == (1 << 30, 2.0, 64 << 20, "all")
    assert (of_target.network, of_target.gpus_optional) == ("host", True)
    of_step = limits(settings, Resources(memory=5, cpus=0.5, shm=7, gpus="id:1", network="none"))
    assert (of_step.memory, of_step.cpus, of_step.shm, of_step.gpus, of_step.network) == (5, 0.5, 7, "id:1", "none")


def test_each_folder_is_mounted_once_the_outer_one_for_the_inner() -> None:
    found = mounts(job(reads=("/data", "/data/a", "/data2", "/w/runs/r/step/2/inputs/x", "/out"), writes=("/out", "/out/x/y")))
    assert {path: mount["mode"] for path, mount in found.items()} == {
        "/data": "ro", "/data2": "ro", "/out": "rw", "/w/runs/r/step/2": "rw"}
    assert all(path == mount["bind"] for path, mount in found.items())


@pytest.mark.parametrize(("wanted", "cdi", "expected"), [
    (None, (), None), ("0", (), None),
    ("all", (), {"Count": -1, "DeviceIDs": [], "Driver": ""}), ("2", (), {"Count": 2, "DeviceIDs": [], "Driver": ""}),
    ("id:0,GPU-7", (), {"Count": 0, "DeviceIDs": ["0", "GPU-7"], "Driver": ""}),
    ("all", ("nvidia.com/gpu=0", "nvidia.com/gpu=all"), {"Count": 0, "DeviceIDs": ["nvidia.com/gpu=all"], "Driver": "cdi"}),
    ("1", ("nvidia.com/gpu=0", "nvidia.com/gpu=1", "nvidia.com/gpu=all"),
     {"Count": 0, "DeviceIDs": ["nvidia.com/gpu=0"], "Driver": "cdi"}),
    ("vendor.com/gpu=x", (), {"Count": 0, "DeviceIDs": ["vendor.com/gpu=x"], "Driver": "cdi"}),
])
def test_gpus_as_the_engine_is_asked_for_them(wanted: str | None, cdi: tuple[str, ...], expected: dict[str, object] | None) -> None:
    found = gpu_options(wanted, cdi)
    if expected is None:
        assert found == {}
    else:
        (request,) = found["device_requests"]
        assert {name: request[name] for name in expected} == expected


def target(kind: str, **settings: str) -> TargetSpec:
    return TargetSpec(name="t", kind=kind, settings=settings)


def test_an_environment_is_what_its_target_makes_of_it() -> None:
    base, packages = Image(reference="base"), Packages(requirements=("six",))
    box, local = target("docker", image="base"), target("local")
    assert placed(CurrentInterpreter(), box) == base
    assert placed(Interpreter("/opt/python"), box) == Image(reference="base", python="/opt/python")
    assert placed(packages, box) == Packages(requirements=("six",), image=base)
    own = Packages(requirements=("six",), image=Image(reference="own"))
    assert placed(own, box) == own
    assert placed(own, local) == packages
    assert placed(CurrentInterpreter(), local) == CurrentInterpreter()
    for spec in (Image(reference="x"), Dockerfile(text="FROM x")):
        assert placed(spec, box) == spec
        with pytest.raises(UsageError, match="runs processes"):
            placed(spec, local)
    with pytest.raises(UsageError, match="which image"):
        placed(packages, target("docker"))


def test_only_named_variables_of_this_machine_go_into_a_container() -> None:
    own = {"TOKEN": "t", "HOME": "/root", "OTHER": "o"}
    assert passed_on({"PATH": "/bin"}, "TOKEN, MISSING", own) == {"PATH": "/bin", "TOKEN": "t"}
    assert passed_on({"PATH": "/bin"}, None, own) == {"PATH": "/bin"}


def test_a_recipe_names_its_base_by_content_and_takes_over_only_the_environment() -> None:
    text = dockerfile("sha256:0", "/usr/bin/python3", "abc", "/usr/bin:/bin")
    before, making, final = text.split("FROM sha256:0")
    assert before == ""
    assert "COPY build /stepwell-build" in making
    assert "/stepwell-build" not in final
    assert "ENV PATH=/opt/stepwell/env/bin:/usr/bin:/bin" in final


def test_requirements_keep_their_words_and_local_files_get_a_place(tmp_path: object) -> None:
    wheel = os.path.join(str(tmp_path), "x-1.0-py3-none-any.whl")
    with open(wheel, "wb") as file:
        file.write(b"x")
    spec = Packages(requirements=("six==1.16  # why", f"x @ file://{wheel}", wheel, "--no-binary six"))
    environment = {"UV_INDEX_URL": "https://i", "HTTPS_PROXY": "http://p", "HOME": "/root", "PATH": "/bin"}
    found = {piece.name: piece for piece in pieces(spec, environment, "/bin/uv")}
    lines = (found["build/requirements.txt"].content or b"").decode().splitlines()
    assert lines[0].startswith("six==1.16")
    assert [line for line in lines if "/stepwell-build/local/" in line] == lines[1:3]
    assert lines[3] == "--no-binary six"
    variables = (found["build/variables"].content or b"").decode()
    assert variables == "export HTTPS_PROXY=http://p\nexport UV_INDEX_URL=https://i\n"
    assert any(piece.path == wheel for piece in found.values())


def test_a_name_is_the_same_for_the_same_attempt() -> None:
    assert name_of(job()) == name_of(job(command=("other",)))
    assert name_of(job()) != name_of(job(attempt=3))
