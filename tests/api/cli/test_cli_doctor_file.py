"""`stepwell doctor FILE` as a person types it."""

from __future__ import annotations

import pytest

from commandline import Project


@pytest.fixture
def told(tmp_path):
    project = Project(tmp_path / "project")
    project.write("fine.py", "from azureml.core import Experiment\nfrom azureml.widgets import RunDetails\n")
    project.write("bad.py", "import nowhere_to_be_found\nfrom azureml.pipeline.steps import KustoStep\n")
    return project


def test_a_driver_that_runs(told):
    done = told.stepwell("doctor", "fine.py")
    assert "differs  RunDetails  shows text  (line 2)" in done.out
    assert "1 more: Experiment" in done.out


def test_a_driver_that_does_not(told):
    done = told.stepwell("doctor", "bad.py", code=2)
    assert done.out.startswith("refused  KustoStep")
    assert "not installed where the driver runs: nowhere_to_be_found" in done.out


def test_json(told):
    data = told.stepwell("doctor", "bad.py", "--json", code=2).data
    assert data["findings"][0]["symbol"] == "KustoStep"
    assert data["missing_packages"] == ["nowhere_to_be_found"]
    assert not (told.folder / ".stepwell").exists()
