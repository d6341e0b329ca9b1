"""What callers do: submit in every way that v1 knows, follow a run, read what it left, cancel it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from served import CANCELLED, FINISHED, Served

PATIENCE_S = 60


def test_a_published_pipeline_is_run_with_its_parameters_and_followed_to_its_end(
        served: Served, saying: str, eventually: Callable[..., None]) -> None:
    body = {"ExperimentName": "from-rest", "RunSource": "SDK", "tags": {"by": "rest"}, "ParentRunId": "parent", "Description": "a call",
            "ParameterAssignments": {"word": "hello; echo $(id) {{7*7}}", "count": 3, "rate": "2.5", "loud": "true", "nobody knows": 1}}
    answer = served.post(f"/PipelineRuns/PipelineSubmit/{saying}", body)
    assert answer.status == 200
    made = answer.data
    assert made["ExperimentName"] == "from-rest"
    assert made["PipelineId"] == saying
    assert (made["ParentRunId"], made["tags"], made["Description"]) == ("parent", {"by": "rest"}, "a call")
    run = made["Id"]
    eventually(lambda: served.status(run) == FINISHED, timeout=PATIENCE_S)
    told = served.get(f"/PipelineRuns/{run}").data
    assert told["ParameterAssignments"]["count"] == "3"
    assert made["RunUrl"].endswith(run)
    (step,) = served.get(f"/PipelineRuns/{run}/Steps").data
    assert (step["NodeId"], step["RunStatus"]) == ("say", "Completed")
    assert served.get(f"/PipelineRuns/{run}/Graph/AllNodes/Status").data["say"]["Id"] == step["Id"]
    log = served.get(f"/PipelineRuns/{run}/Steps/say/Log")
    assert log.headers["content-type"].startswith("text/plain")
    assert log.body.decode().split("\n")[0] == "hello; echo $(id) {{7*7}} 3 2.5 True"
    (output,) = served.get(f"/PipelineRuns/{run}/Outputs").data
    named = served.get(f"/PipelineRuns/{run}/PipelineRunOutputs/result").data
    assert (output["RelativePath"], output["Digest"]) == (named["RelativePath"], named["Digest"])
    assert served.get("/PipelineRuns?experimentName=from-rest&top=5").data[0]["Id"] == run


def test_tags_of_steps_are_those_of_each_step_run_also_of_one_that_is_reused(
        served: Served, saying: str, eventually: Callable[..., None]) -> None:
    told = []
    for build in ("1", "2"):
        run = served.post(f"/PipelineRuns/PipelineSubmit/{saying}", {"tags": {"of": "run"}, "StepTags": {"build": build}}).data["Id"]
        eventually(lambda run=run: served.status(run) == FINISHED, timeout=PATIENCE_S)
        assert served.get(f"/PipelineRuns/{run}").data["tags"] == {"of": "run"}
        told += served.get(f"/PipelineRuns/{run}/Steps").data
    assert [(step["tags"], step["IsReused"]) for step in told] == [({"build": "1"}, False), ({"build": "2"}, True)]


@pytest.mark.parametrize("path", ["/PipelineRuns/PipelineEndpointSubmit/Id/{talk}", "/PipelineRuns/PipelineEndpointSubmit/Id/{talk}/0",
                                  "/PipelineRuns/PipelineEndpointSubmit/Id/{talk}?pipelineVersion=0",
                                  "/PipelineRuns/PipelineEndpointSubmit/Name?name=talk",
                                  "/PipelineRuns/PipelineEndpointSubmit/Name?name=talk&pipelineVersion=0",
                                  "/PipelineRuns/PipelineEndpointSubmit/Name?name=talk&parentRunId=above"])
def test_an_endpoint_is_run_by_id_and_name_with_and_without_a_version(served: Served, talk: str, path: str) -> None:
    answer = served.post(path.format(talk=talk), {"ExperimentName": "versions"})
    assert answer.status == 200, answer
    assert (answer.data["PipelineEndpointId"], answer.data["PipelineEndpointVersion"]) == (talk, "0")
    assert answer.data["ParentRunId"] == ("above" if "above" in path else None)


@pytest.mark.parametrize("path", ["/PipelineRuns/PipelineSubmit/none", "/PipelineRuns/PipelineEndpointSubmit/Id/none",
                                  "/PipelineRuns/PipelineEndpointSubmit/Id/{talk}/9",
                                  "/PipelineRuns/PipelineEndpointSubmit/Name?name=none"])
def test_what_is_not_there_is_not_found(served: Served, talk: str, path: str) -> None:
    answer = served.post(path.format(talk=talk))
    assert answer.status == 404
    assert answer.data["error"]["code"] == "NotFound"


def test_data_of_a_parameter_is_a_path_or_a_dataset(served: Served, saying: str, eventually: Callable[..., None]) -> None:
    served.project.stepwell("dataset", "register", "other", "workspaceblobstore:other", code=None)
    place = {"DataStoreName": "workspaceblobstore", "RelativePath": "other"}
    bodies: list[dict[str, Any]] = [
        {"DataPathAssignments": {"data": place, "unknown": place}},
        {"DataSetDefinitionValueAssignments": {"data": {"LiteralValue": place}}},
        {"ParameterAssignments": {"data": "azureml://datastores/workspaceblobstore/paths/other"}},
    ]
    for body in bodies:
        run = served.submit(saying, **body)
        eventually(lambda run=run: served.status(run) in (FINISHED, 2), timeout=PATIENCE_S)
        assert "other.txt" in served.get(f"/PipelineRuns/{run}/Steps/say/Log").body.decode(), body


def test_a_registered_dataset_is_found_by_its_id(served: Served, saying: str, eventually: Callable[..., None]) -> None:
    from stepwell_store.data.definition import DatasetDefinition, DatastorePath

    place = DatastorePath("workspaceblobstore", "other")
    served.workspace.register_dataset("kept", DatasetDefinition(kind="file", places=(place,)), create_new_version=True)
    (record,) = [one for one in served.workspace.datasets() if one.name == "kept"]
    for reference in ({"SavedDataSetReference": {"Id": record.id}}, {"DataSetReference": {"Id": "kept", "Version": str(record.version)}}):
        run = served.submit(saying, DataSetDefinitionValueAssignments={"data": reference})
        eventually(lambda run=run: served.status(run) in (FINISHED, 2), timeout=PATIENCE_S)
        assert "other.txt" in served.get(f"/PipelineRuns/{run}/Steps/say/Log").body.decode()
    missing = served.post(f"/PipelineRuns/PipelineSubmit/{saying}",
                          {"DataSetDefinitionValueAssignments": {"data": {"SavedDataSetReference": {"Id": "none"}}}})
    assert missing.status == 422


def test_the_same_key_makes_one_run(served: Served, saying: str) -> None:
    path, body = f"/PipelineRuns/PipelineSubmit/{saying}", {"ExperimentName": "keys", "ParameterAssignments": {"word": "once"}}
    first = served.post(path, body, Idempotency_Key="k-1")
    again = served.post(path, body, Idempotency_Key="k-1")
    assert (first.status, again.status) == (200, 200)
    assert first.data["Id"] == again.data["Id"]
    assert served.post(path, {**body, "tags": {"other": "body"}}, Idempotency_Key="k-1").status == 409
    assert served.post(path, body, Idempotency_Key="k-2").data["Id"] != first.data["Id"]


def test_a_run_is_cancelled_while_it_goes_on_and_while_it_waits(served: Served, eventually: Callable[..., None]) -> None:
    waiting = next(one["Id"] for one in served.get("/Pipelines").data if one["Name"] == "waiting")
    import os

    runs = [served.submit(waiting) for _ in range((os.cpu_count() or 1) + 1)]
    eventually(lambda: served.status(runs[0]) == 1, timeout=PATIENCE_S)
    last = served.get(f"/PipelineRuns/{runs[-1]}").data
    assert last["Status"]["StatusCode"] == 0
    assert last["QueuePlace"] is not None
    assert served.post(f"/PipelineRuns/{runs[-1]}/Execution").data == {"Id": runs[-1], "Status": "Canceled"}
    for run in runs[:-1]:
        assert served.call("DELETE", f"/PipelineRuns/{run}/Execution").status == 200
    eventually(lambda: {served.status(run) for run in runs} == {CANCELLED}, timeout=PATIENCE_S)
    assert served.post(f"/PipelineRuns/{runs[0]}/Execution").data["Status"] == "Canceled"


def test_runs_come_in_pages(served: Served, saying: str) -> None:
    for _ in range(3):
        served.submit(saying)
    first = served.get("/PipelineRuns?top=2").data
    second = served.get(f"/PipelineRuns?top=2&before={first[-1]['RunNumber']}").data
    numbers = [one["RunNumber"] for one in (*first, *second)]
    assert numbers == sorted(set(numbers), reverse=True)


def test_what_is_published_is_told_with_its_parameters(served: Served, saying: str, talk: str) -> None:
    told = served.get(f"/Pipelines/{saying}").data
    assert {one["Name"]: one["Type"] for one in told["Parameters"]} == {
        "word": "string", "count": "integer", "rate": "number", "loud": "boolean", "data": "data"}
    assert told["Endpoint"].startswith(served.url)
    assert served.get(f"/PipelineEndpoints/{talk}").data["PipelineVersionList"] == [{"Version": "0", "PipelineId": saying}]
    assert served.get("/Pipelines/none").status == served.get("/PipelineEndpoints/none").status == 404


def test_what_is_disabled_is_refused(served: Served) -> None:
    identity = next(one["Id"] for one in served.get("/Pipelines").data if one["Version"] == "2")
    served.project.stepwell("published", "disable", identity)
    assert served.post(f"/PipelineRuns/PipelineSubmit/{identity}").status == 409
    assert identity not in {one["Id"] for one in served.get("/Pipelines").data}
    assert identity in {one["Id"] for one in served.get("/Pipelines?activeOnly=false").data}
    served.project.stepwell("published", "enable", identity)


def test_a_driver_calls_the_address_of_what_it_published_and_signs_in_as_it_does_in_the_cloud(
        served: Served, saying: str, talk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    from stepwell import PipelineEndpoint, PipelineRun, PublishedPipeline, Workspace
    from stepwell.sdk.authentication import InteractiveLoginAuthentication

    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    monkeypatch.chdir(served.project.folder)
    ws = Workspace.from_config()
    header = InteractiveLoginAuthentication().get_authentication_header()
    published, endpoint = PublishedPipeline.get(ws, saying), PipelineEndpoint.get(ws, id=talk)
    by_name = endpoint.endpoint.split("Id", 1)[0] + f"Name?name={endpoint.name}&pipelineVersion=0"
    for address in (published.endpoint, endpoint.endpoint, f"{endpoint.endpoint}/0", by_name):
        body = {"ExperimentName": "driver", "ParameterAssignments": {"count": 2, "1": "x"}, "RunSource": "SDK"}
        answer = requests.post(address, headers=header, json=body, timeout=60)
        answer.raise_for_status()
        run = PipelineRun(ws.experiments["driver"], answer.json().get("Id"))
        assert run.wait_for_completion(show_output=False) == "Finished"
    assert requests.get(endpoint.swaggerurl, headers=header, timeout=60).json()["info"]["title"] == "Stepwell"
