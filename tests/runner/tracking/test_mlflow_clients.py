"""Real clients of MLflow, of its second and third major version, in environments that Stepwell makes, in steps of real runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from commandline import Project, variables
from stepwell_runner.environments.provide import provide
from stepwell_runner.graph.model import Packages
from stepwell_store.errors import MachineError

CLIENTS = {"2": ("mlflow-skinny>=2.9,<2.19", "numpy<2", "pandas<2.3", "setuptools<81"), "3": ("mlflow-skinny>=3.1", "numpy", "pandas")}
_LONGEST_S = 900.0  # importing these clients alone takes half a minute on a loaded machine
SCRIPT = """\
import pathlib, sys
import mlflow

count = int(sys.argv[1])
with mlflow.start_run() as run:
    for step in range(count):
        mlflow.log_metric("loss", count - step, step=step)
    assert len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "loss")) == count
    mlflow.log_metrics({"a": 1, "b": float("nan")})
    mlflow.log_params({"p": 1, "q": "x"})
    mlflow.set_tag("team", "blue")
    mlflow.log_text("hello", "notes/a.txt")
    pathlib.Path("local.bin").write_bytes(bytes(300_000))
    mlflow.log_artifact("local.bin", "bin")

    class Model(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return [value * 2 for value in model_input]

    named = {"artifact_path": "model"} if mlflow.__version__.startswith("2") else {"name": "model"}
    info = mlflow.pyfunc.log_model(python_model=Model(), registered_model_name="twice", **named)
    assert mlflow.pyfunc.load_model(info.model_uri).predict([1]) == [2]
    assert mlflow.pyfunc.load_model("models:/twice/1").predict([2]) == [4]
    with mlflow.start_run(nested=True, run_name="child"):
        mlflow.log_metric("m", 7)
"""
PIPELINE = """\
type: pipeline
jobs:
  train:
    code: ./code
    command: python script.py 700
    environment: {image: client}
"""


@pytest.fixture(params=CLIENTS)
def interpreter(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An interpreter with a client of that major version."""
    try:
        return provide(Packages(requirements=CLIENTS[request.param]), str(tmp_path / "client"), lambda _: None).python
    except MachineError as error:
        pytest.skip(f"MLflow {request.param} cannot be installed here: {error.what} {error.todo}")


def test_all_that_a_client_logs_is_of_the_step_run(interpreter: str, project: Project) -> None:
    project.write("code/script.py", SCRIPT)
    project.write("stepwell.yml", f"environments:\n  client: {interpreter}\n")
    project.write("pipeline.yml", PIPELINE)
    words = [sys.executable, "-m", "stepwell", "run", "pipeline.yml", "--json"]
    done = subprocess.run(words, cwd=project.folder, env=variables({"MLFLOW_TRACKING_URI": "file:./elsewhere"}), capture_output=True,
                          text=True, timeout=_LONGEST_S)  # fmt: skip
    data = json.loads(done.stdout.splitlines()[-1])
    assert data["status"] == "Completed", data
    step = data["steps"][0]["id"]
    metrics = project.rows(f"SELECT name, count(*), count(DISTINCT step) FROM metrics WHERE owner = '{step}' GROUP BY name")
    assert {name: (count, steps) for name, count, steps in metrics} == {"loss": (700, 700), "a": (1, 1), "b": (1, 1), "child/m": (1, 1)}
    ((properties, tags),) = project.rows(f"SELECT properties, tags FROM step_runs WHERE id = '{step}'")
    assert '"params.p":"1"' in properties
    assert '"team":"blue"' in tags
    artifacts = {name for (name,) in project.rows(f"SELECT name FROM artifacts WHERE owner = '{step}'")}
    assert {"notes/a.txt", "bin/local.bin", "model/MLmodel"} <= artifacts
    assert not list(Path(project.folder).rglob("elsewhere"))
    # The token that let the client in is nowhere.
    assert [path for path in project.root.rglob("*") if path.is_file() and b"MLFLOW_TRACKING_TOKEN" in path.read_bytes()] == []
