"""The sample whose steps run in containers, on a real engine: its packages are installed into an image, from the package index."""

from __future__ import annotations

import shutil
from pathlib import Path

import docker
import pytest
from docker_engine import HOST, IMAGE, need_engine

from commandline import Project

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "digits-docker"


def test_digits_are_read_in_containers(tmp_path: Path) -> None:
    need_engine()
    shutil.copytree(SAMPLE, tmp_path / "digits")
    project = Project(tmp_path / "digits", new=False)
    project.stepwell("init")
    project.stepwell("compute", "add", "docker", "--set", f"host={HOST}", "--set", f"image={IMAGE}", "--set", "build_network=host")
    built = project.stepwell("env", "build", "pipeline.py", "--json", limit=600.0).data
    try:
        assert [one["steps"] for one in built] == [["prepare", "train", "judge"]]
        done = project.stepwell("run", "pipeline.py", "-p", "epochs=15", "--json", limit=600.0).data
        assert done["status"] == "Completed"
        assert "macro avg" in Path(done["outputs"]["report"], "report.txt").read_text()
        (accuracy,) = [float(line.split()[1]) for line in project.stepwell("metrics", "@last/judge").out.splitlines()[1:]]
        assert accuracy > 0.9
        assert "training on" in project.stepwell("logs", "@last/train").out
        listed = [one for one in project.stepwell("env", "ls", "--json").data if one["kind"] == "image"]
        assert [one["words"] for one in listed] == [f"packages on {IMAGE}"]
        assert "scikit-learn" in project.stepwell("env", "show", listed[0]["key"][:8]).out
        assert project.stepwell("env", "show", "nothing", code=2).err
    finally:
        client = docker.DockerClient(base_url=HOST)
        client.images.remove(built[0]["image"], force=True)
        client.close()


def test_the_sample_says_what_it_needs_where_there_is_no_engine(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "digits")
    project = Project(tmp_path / "digits", new=False)
    told = project.stepwell("run", "pipeline.py", code=2)
    assert "step judge: which image?" in told.err or "step prepare: which image?" in told.err
    planned = project.stepwell("run", "pipeline.py", "--target", "local", "--plan", "--json").data
    assert [step["step"] for step in planned["steps"]] == ["prepare", "train", "judge"]


@pytest.mark.parametrize("name", ["README.md", "requirements.txt"])
def test_the_sample_is_whole(name: str) -> None:
    assert (SAMPLE / name).stat().st_size > 0
