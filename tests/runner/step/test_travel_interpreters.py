"""The travelling package under every Python that it promises, as far as this machine has them."""

from __future__ import annotations

import glob
import json
import math
import os
import shutil
import subprocess
import sys

import pytest

VERSIONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]

SCRIPT = """
import sys
before = set(sys.modules)
from azureml.core import Dataset, Experiment, Model, Run, Workspace
from azureml.core.run import Run as SameRun
from azureml.exceptions import UserErrorException
import azureml.core
added = set(sys.modules) - before
run = Run.get_context()
import stepwell
assert run is SameRun.get_context() is stepwell.Run.get_context() and isinstance(run, Run) and azureml.core.VERSION
assert run is Run.get_context() and (run.id, run.name) == ("step-run-1", "train model")
assert (run.experiment.name, run.experiment.workspace.name, run.parent.id) == ("trial", "home", "run-1")
run.log("loss", float("nan")); run.log("loss", 0.5, step=2); run.log("flag", True, description="why")
run.log_list("list", range(3)); run.log_row("row", x=1, y=float("-inf"))
run.log_table("table", {"a": [1, 2], "b": ["NaN", None]})
run.log_confusion_matrix("cm", {"schema_type": "confusion_matrix", "data": {"matrix": [[1, 2]]}})
open("picture.png", "wb").write(b"PNG"); run.log_image("picture", path="picture.png")
run.tag("a", 1); run.add_properties({"p": 2}); run.parent.log("total", 3); run.parent.upload_file("whole.txt", "picture.png")
open("outputs/model.bin", "wb").write(b"M"); run.upload_folder("models", "outputs")
for extra in [run.child_run("fold")] + run.create_children(2):
    extra.log("score", 1)
metrics = run.get_metrics()
assert metrics["row"] == {"x": 1, "y": float("-inf")} and metrics["flag"] is True and metrics["loss"][1] == 0.5, metrics
assert metrics["picture"] == "aml://artifactId/step-run-1/picture.png" and metrics["table"]["b"] == ["NaN", None]
assert run.get_tags() == {"who": "me", "a": "1"} and run.get_properties() == {"p": "2"}
assert run.get_file_names() == ["models/model.bin", "outputs/model.bin", "picture.png"], run.get_file_names()
run.complete(); run.flush(); run.cancel()
heavy = {"pandas", "numpy", "uuid", "inspect", "logging", "tempfile", "shutil", "random", "asyncio", "subprocess", "threading"}
print(sorted(heavy & added))
"""


def _interpreter(version: str) -> str | None:
    if "{}.{}".format(*sys.version_info) == version:
        return sys.executable
    beside = glob.glob(os.path.join(os.path.dirname(sys.base_prefix), f"{version}.*", "bin", f"python{version}"))
    for found in [*beside, shutil.which(f"python{version}")]:
        if found and subprocess.run([found, "-c", ""], capture_output=True).returncode == 0:
            return found
    return None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_script_reports_everything(attempt, version):
    interpreter = _interpreter(version)
    if interpreter is None:
        pytest.skip(f"Python {version} is not on this machine")
    assert json.loads(attempt.ok(SCRIPT, interpreter).replace("'", '"')) == []
    metrics = [(report.scope, report.name, report.type) for report in attempt.read() if hasattr(report, "at")]
    assert metrics == [
        ("step", "loss", "scalar"), ("step", "loss", "scalar"), ("step", "flag", "scalar"), ("step", "list", "list"),
        ("step", "row", "row"), ("step", "table", "table"), ("step", "cm", "confusion_matrix"), ("step", "picture", "image"),
        ("run", "total", "scalar"), ("step", "fold/score", "scalar"), ("step", "child_2/score", "scalar"),
        ("step", "child_3/score", "scalar"),
    ]  # fmt: skip
    assert math.isnan(attempt.read()[0].value)
    assert (attempt.artifacts / "models/model.bin").read_bytes() == b"M"
    assert (attempt.artifacts / ".run/whole.txt").read_bytes() == b"PNG"


def test_this_interpreter_is_one_of_them():
    assert _interpreter("{}.{}".format(*sys.version_info)) == sys.executable
