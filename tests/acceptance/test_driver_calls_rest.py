"""A v1 driver that publishes and then calls the REST address of what it published, with no server started beforehand."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

from commandline import Project, processes_with

DRIVER = """
import sys
import requests
from azureml.core import Experiment, Workspace
from azureml.core.authentication import InteractiveLoginAuthentication
from azureml.pipeline.core import Pipeline, PipelineEndpoint, PipelineRun
from azureml.pipeline.core.graph import PipelineParameter
from azureml.pipeline.core.schedule import Schedule, ScheduleRecurrence
from azureml.pipeline.steps import PythonScriptStep

ws = Workspace.from_config()
word = PipelineParameter("word", "nothing")
step = PythonScriptStep("say.py", name="say", arguments=[word], source_directory="source", allow_reuse=False)
published = Pipeline(ws, [step]).publish(name="saying", description="says", version="1.0")
endpoint = PipelineEndpoint.publish(workspace=ws, name="talk", description="talks", pipeline=published)
header = InteractiveLoginAuthentication().get_authentication_header()
by_name = endpoint.endpoint.split("Id", 1)[0] + "Name?name=talk&pipelineVersion=0"
for number, address in enumerate((published.endpoint, endpoint.endpoint + "/0", by_name)):
    body = {"ExperimentName": "rest", "ParameterAssignments": {"word": f"word {number}", "1": "unknown"}, "RunSource": "SDK"}
    answer = requests.post(address, headers=header, json=body)
    answer.raise_for_status()
    run = PipelineRun(ws.experiments["rest"], answer.json().get("Id"))
    assert run.wait_for_completion(show_output=False) == "Finished"
    assert f"said word {number}" in run.find_step_run("say")[0].get_stdout_log()
schedule = Schedule.create(ws, "later", published.id, "scheduled", ScheduleRecurrence("Day", 1, start_time="2999-01-01T00:00:00"))
assert schedule.status == "Active"
print("address", published.endpoint)
"""


def test_a_driver_finds_a_server_that_ends_with_it(tmp_path: Path, eventually: Callable[..., None]) -> None:
    project = Project(tmp_path / "project")
    project.stepwell("init")
    project.write("source/say.py", "import sys\nprint('said', *sys.argv[1:])\n")
    project.write("driver.py", DRIVER)
    said = project.stepwell("exec", "driver.py")
    assert "address http://127.0.0.1:" in said.out
    assert [run["status"] for run in project.runs()] == ["Completed"] * 3
    eventually(lambda: not list(processes_with(f"stepwell.azureml.serving {project.root}")), timeout=60)


def test_a_server_that_is_there_is_used(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.stepwell("init")
    project.write("source/say.py", "import sys\nprint('said', *sys.argv[1:])\n")
    project.write("driver.py", DRIVER)
    with project.start("serve", "--port", "0") as server, contextlib.ExitStack() as after:
        after.callback(server.terminate)
        assert server.stderr is not None
        address = server.stderr.readline().split()[2].decode()
        assert f"address {address}/pipelines/" in project.stepwell("exec", "driver.py").out
