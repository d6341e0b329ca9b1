"""What `doctor FILE` finds in a driver without running it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stepwell.azureml.migration import Diagnosis, diagnose
from stepwell_store.errors import UsageError


def found(tmp_path: Path, text: str, name: str = "driver.py") -> Diagnosis:
    """What there is to say of a driver with this text."""
    path = tmp_path / name
    path.write_text(text)
    return diagnose(path)


def levels(diagnosis: Diagnosis) -> dict[str, str]:
    return {finding.symbol: finding.level for finding in diagnosis.findings}


def test_members_are_followed_through_assignments(tmp_path: Path) -> None:
    said = levels(found(tmp_path, """
import azureml.core as core
from azureml.core import Workspace, Experiment as Exp
from azureml.pipeline.core import Pipeline
ws = core.Workspace.from_config()
store: object = ws.get_default_datastore()
store = ws.get_default_datastore()
store.upload_files(["a"])
run = Exp(ws, "x").submit(Pipeline(ws, []))
for child in run.get_children():
    child.get_job_log()
first = run.find_step_run("a")[0]
print([step.name for step in run.get_steps()], first.get_output_data("b").download("c"))
def later(workspace: Workspace):
    workspace.frobnicate()
first, second = 1, Exp(ws, "y")
first.frobnicate(); second.frobnicate()
"""))
    assert {"Workspace.from_config", "Workspace.get_default_datastore", "Datastore.upload_files", "Experiment.submit",
            "PipelineRun.get_children", "PipelineRun.find_step_run", "StepRun.name", "StepRun.get_output_data",
            "PortDataReference.download"} <= {symbol for symbol, level in said.items() if level == "runs"}  # fmt: skip
    assert said["Run.get_job_log"] == "runs"
    assert said["Workspace.frobnicate"] == said["Experiment.frobnicate"] == "missing"
    assert "StepRun.frobnicate" not in said


def test_places_and_the_worst_come_first(tmp_path: Path) -> None:
    diagnosis = found(tmp_path, """from azureml.core import Workspace
from azureml.pipeline.steps import AutoMLStep
import azureml.dataprep
import azureml.interpret
from azureml.core import Frobnicator
ws = Workspace.from_config()
a = AutoMLStep
""")
    assert [finding.level for finding in diagnosis.findings][:4] == ["refused", "refused", "missing", "missing"]
    assert diagnosis.findings[0].symbol == "AutoMLStep"
    assert diagnosis.findings[0].places == ("line 2",)
    assert "PythonScriptStep" in diagnosis.findings[0].note
    assert levels(diagnosis)["azureml.dataprep"] == levels(diagnosis)["Frobnicator"] == "missing"
    assert levels(diagnosis)["azureml.interpret"] == "refused"


def test_a_notebook_is_read_cell_by_cell_without_its_magics(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": ["from azureml.core import Nothing"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!pip list\n", "from azureml.core import Workspace\n", "Workspace?\n"]},
        {"cell_type": "code", "source": "%%writefile a.py\nthis is no python"},
        {"cell_type": "code", "source": "%%time\nif True:\n    %ls\nws = Workspace.from_config()"},
    ]
    diagnosis = found(tmp_path, json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 2}), "work.ipynb")
    places = {finding.symbol: finding.places for finding in diagnosis.findings}
    assert places == {"Workspace": ("cell 1, line 3",), "Workspace.from_config": ("cell 3, line 4",)}


def test_packages_that_are_not_installed_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("")
    diagnosis = found(tmp_path, "import os, msgspec, mine, nowhere_to_be_found.deep\nfrom . import sibling")
    assert diagnosis.missing_packages == ("nowhere_to_be_found",)
    assert diagnosis.findings == ()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("driver.py", "x = = 1", "driver.py, line 1"), ("work.ipynb", "[]", "no notebook"), ("work.ipynb", '{"cells": [{}]}', "no notebook")],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError) as told:
        found(tmp_path, text, name)
    assert said in str(told.value)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        diagnose(tmp_path / "nothing.py")
