"""What the process of a step inherits."""

from __future__ import annotations

import json
import os
import stat

from stepwell_runner.step import TRAVEL
from stepwell_runner.step.context import StepContext, StepInput, WorkspaceFacts
from stepwell_runner.step.variables import Names, step_variables
from stepwell_store.data.definition import DatasetDefinition, LocalPath

NAMES = Names(run="r", step_run="s", token="t", context="/c/step.json")


def test_own_variables_stay_and_those_of_the_runner_go():
    inherited = {"HOME": "/h", "PYTHONHASHSEED": "7", "STEPWELL_SECRET": "x", "VIRTUAL_ENV": "/v", "PYTHONHOME": "/p",
                 "PATH": "/bin", "PYTHONPATH": "/mine"}  # fmt: skip
    assert step_variables(inherited, NAMES, bin_folder="/env/bin", environment={"VIRTUAL_ENV": "/env"}) == {
        "HOME": "/h", "PYTHONHASHSEED": "7", "VIRTUAL_ENV": "/env", "PATH": "/env/bin:/bin", "PYTHONPATH": f"{TRAVEL}:/mine",
        "PYTHONUNBUFFERED": "1", "STEPWELL_STEP": "/c/step.json", "STEPWELL_RUN_ID": "r", "STEPWELL_STEP_RUN_ID": "s",
        "STEPWELL_RUN_TOKEN": "t",
    }  # fmt: skip


def test_an_empty_environment_is_enough():
    found = step_variables({}, NAMES)
    assert (found["PATH"], found["PYTHONPATH"]) == (os.defpath, TRAVEL)


def test_the_travel_folder_holds_the_package():
    assert os.path.isfile(os.path.join(TRAVEL, "stepwell", "__init__.py"))


def test_the_context_is_private_and_complete(tmp_path):
    data = DatasetDefinition(kind="tabular", places=(LocalPath("/d/a.csv"),), format="delimited")
    context = StepContext(
        run="r", step_run="s", step="k", name="n", experiment="e", pipeline="p", workspace=WorkspaceFacts("w", "/w"), folder="/f",
        reports="/f/reports.jsonl", artifacts="/f/artifacts",
        inputs={"i": StepInput(mode="direct", definition=data, files=("/d/a.csv",))},
    )  # fmt: skip
    path = tmp_path / "step.json"
    context.write(str(path))
    found = json.loads(path.read_text())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(found) == sorted(StepContext.__struct_fields__)
    assert found["inputs"]["i"] == {
        "mode": "direct", "path": None, "id": None, "files": ["/d/a.csv"], "names": None,
        "definition": {"kind": "tabular", "places": [{"type": "local", "path": "/d/a.csv"}], "format": "delimited"},
    }  # fmt: skip
