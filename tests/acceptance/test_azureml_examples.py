"""The public examples of Azure ML v2, run as they are: a clone of github.com/Azure/azureml-examples beside the tests, if there is one.

`STEPWELL_AZUREML_EXAMPLES` names the clone, `STEPWELL_AZUREML_PYTHON` an interpreter that has what the examples of its class
import (pandas < 2, scikit-learn 1.5, mlflow-skinny < 2.19, joblib, pyjokes). What needs neither always runs: the stand-ins in
`test_yaml_pipelines.py`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commandline import Project
from stepwell.jobs.loading import load_job
from stepwell_runner.graph.check import check
from stepwell_store.errors import StepwellError

CLONE = os.environ.get("STEPWELL_AZUREML_EXAMPLES")
PYTHON = os.environ.get("STEPWELL_AZUREML_PYTHON")
pytestmark = pytest.mark.skipif(CLONE is None, reason="STEPWELL_AZUREML_EXAMPLES names no clone of Azure/azureml-examples")

BASICS = [
    f"jobs/basics/hello-pipeline{name}{kind}.yml"
    for name in ("-abc", "-customize-output-file", "-customize-output-folder", "-default-artifacts", "-io", "-settings", "")
    for kind in ("", "-serverless")
]
COMPONENTS = [
    f"jobs/pipelines-with-components/basics/{name}/pipeline.yml"
    for name in (
        "1a_e2e_local_components",
        "2a_basic_component",
        "2b_component_with_input_output",
        "3b_pipeline_with_data",
        "4a_local_data_input",
        "4b_datastore_datapath_uri",
        "5a_env_public_docker_image",
        "6a_tf_hello_world",
        "6b_pytorch_hello_world",
    )
]
NESTED = "jobs/pipelines-with-components/pipeline_with_pipeline_component/pipeline_with_train_eval_pipeline_component/pipeline.yml"
WITH_PACKAGES = [
    "jobs/pipelines-with-components/basics/5c_env_conda_file/pipeline.yml",
    "jobs/pipelines/nyc-taxi/pipeline.yml",
    "jobs/pipelines-with-components/nyc_taxi_data_regression/pipeline.yml",
    "jobs/pipelines-with-components/nyc_taxi_data_regression/single-job-pipeline.yml",
    "jobs/pipelines-with-components/pipeline_with_hyperparameter_sweep/pipeline.yml",
]
_LONGEST_S = 1800.0
IRIS = "wasbs://datasets@azuremlexamples.blob.core.windows.net/iris.csv"
TRUE_REASONS = re.compile(
    r"cannot run on this machine|is in the registry|is in the cloud|is not on this machine|"
    r"there is no (component|data|file or folder|code folder|environment file)|"
    r"is no part of|cannot be '|needs a `path`|has no input|deploys a pipeline|cannot be listed from here|"
    r"has no pip counterpart|is no Python package|is no pipeline but|must be"
)


def pipelines() -> Iterator[Path]:
    """Every file of the clone that says that it is a pipeline job."""
    for path in sorted(Path(CLONE or ".").rglob("*.y*ml")):
        text = path.read_text("utf-8", "replace")
        if (
            "pipelineJob.schema" in text or re.search(r"^type: *['\"]?pipeline", text, re.MULTILINE)
        ) and "pipelineComponent.schema" not in text:
            yield path


def test_every_pipeline_loads_or_is_refused_for_a_true_reason() -> None:
    loaded, refused = [], {}
    for path in pipelines():
        try:
            check(load_job(str(path)).graph)
            loaded.append(path)
        except StepwellError as error:
            refused[path] = str(error)
    assert len(loaded) >= 40, refused
    assert {path: why for path, why in refused.items() if not TRUE_REASONS.search(why)} == {}
    assert all(re.search(r"\.ya?ml:\d+:\d+|deploys", why) for why in refused.values())


def completes(project: Project, name: str, *words: str) -> Any:
    """Run an example twice: it completes, and the second time everything is reused."""
    path = str(Path(CLONE or "", "cli", name))
    project.stepwell("init")
    first = project.stepwell("run", path, "-w", ".", "--json", *words).data
    assert first["status"] == "Completed", first
    again = project.stepwell("run", path, "-w", ".", "--json", *words).data
    assert [step["name"] for step in again["steps"] if not step["reused"]] == []
    return first


@pytest.mark.parametrize("name", [*BASICS, *COMPONENTS, NESTED])
def test_examples_that_need_nothing_complete_and_are_reused(project: Project, name: str) -> None:
    completes(project, name)


def test_what_the_examples_write_is_what_they_say(project: Project) -> None:
    data = completes(project, "jobs/basics/hello-pipeline-customize-output-file.yml")
    assert Path(data["outputs"]["output"]).read_text() == "world\n"
    steps = completes(project, NESTED)["steps"]
    assert {step["name"].split(".")[0] for step in steps} >= {"train_and_evaluate_model1"}


def test_data_registered_from_the_file_beside_the_pipeline(project: Project) -> None:
    folder = Path(CLONE or "", "cli/jobs/pipelines-with-components/basics/4d_data_input")
    assert "data register" in project.stepwell("run", str(folder / "pipeline.yml"), code=2).err
    project.stepwell("init")
    project.stepwell("data", "register", str(folder / "data.yml"), "-w", ".")
    completes(project, "jobs/pipelines-with-components/basics/4d_data_input/pipeline.yml")


@pytest.mark.skipif(PYTHON is None, reason="STEPWELL_AZUREML_PYTHON names no interpreter with the packages of the examples")
@pytest.mark.parametrize("name", WITH_PACKAGES)
def test_examples_that_need_packages_complete_and_are_reused(project: Project, name: str, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(Path(CLONE or "", "cli", Path(name).parent), clone)
    iris = next(Path(CLONE or "").rglob("add-column-and-word-count-using-spark/data/iris.csv"))
    (clone / "stepwell.yml").write_text(f"environments:\n  '*': {PYTHON}\ndata:\n  {IRIS}: {iris}\n")
    project.stepwell("init")
    for reused in (False, True):
        words = [sys.executable, "-m", "stepwell", "run", str(clone / Path(name).name), "-w", ".", "--json"]
        done = subprocess.run(words, cwd=project.folder, capture_output=True, text=True, timeout=_LONGEST_S)
        data = json.loads(done.stdout.splitlines()[-1])
        assert data["status"] == "Completed", data
        assert {step["reused"] for step in data["steps"]} == {reused}
    if "nyc_taxi_data_regression/pipeline" in name:
        report = next(Path(data["outputs"]["pipeline_job_score_report"]).iterdir()).read_text()
        assert "Coefficient of determination" in report
