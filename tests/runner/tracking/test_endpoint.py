"""The tracking endpoint, spoken to as MLflow's clients speak: JSON and files over HTTP with a token."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from stepwell_runner.step.reports import MetricReport, PropertyReport, ReportReader, TagReport
from stepwell_runner.tracking.endpoint import Endpoint, Scope
from stepwell_store import workspace as workspaces


class Client:
    """Whoever has one token."""

    def __init__(self, variables: dict[str, str], token: str | None = None) -> None:
        self.run = variables["MLFLOW_RUN_ID"]
        self._address = variables["MLFLOW_TRACKING_URI"].removeprefix("http://")
        self._headers = {"Authorization": f"Bearer {token or variables['MLFLOW_TRACKING_TOKEN']}"}

    def ask(self, method: str, path: str, body: bytes | None = None, status: int = 200) -> bytes:
        with contextlib.closing(http.client.HTTPConnection(self._address, timeout=30)) as connection:
            connection.request(method, path, body, self._headers)
            answer = connection.getresponse()
            data = answer.read()
        assert answer.status == status, data
        return data

    def call(self, path: str, code: int = 200, /, method: str = "POST", **body: Any) -> Any:
        return json.loads(self.ask(method, f"/api/2.0/mlflow/{path}", json.dumps(body).encode(), code))

    def get(self, path: str, code: int = 200, /, **query: Any) -> Any:
        return json.loads(self.ask("GET", f"/api/2.0/mlflow/{path}?{urlencode(query)}", None, code))

    def file(self, method: str, path: str, body: bytes | None = None, status: int = 200) -> bytes:
        return self.ask(method, f"/api/2.0/mlflow-artifacts/artifacts/{path}", body, status)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return workspaces.create(tmp_path)


@pytest.fixture
def endpoint(root: Path) -> Iterator[Endpoint]:
    made = Endpoint(str(root))
    yield made
    made.close()


@pytest.fixture
def scope(tmp_path: Path) -> Scope:
    return Scope(step_run="step-run-1", name="train", experiment="trials", reports=str(tmp_path / "reports.jsonl"),
                 artifacts=str(tmp_path / "artifacts"))


@pytest.fixture
def client(endpoint: Endpoint, scope: Scope) -> Iterator[Client]:
    with endpoint.serving(scope) as variables:
        yield Client(variables)


def reports(scope: Scope) -> list[Any]:
    reader = ReportReader(scope.reports)
    found = reader.finish()
    assert reader.problems == []
    return found


def test_what_a_script_logs_becomes_reports_in_its_order(client: Client, scope: Scope) -> None:
    client.call("runs/log-metric", run_id=client.run, key="loss", value=0.5, timestamp=2000, step=3)
    client.call("runs/log-batch", run_id=client.run, metrics=[{"key": "a", "value": "NaN", "timestamp": 1, "step": 0}],
                params=[{"key": "p", "value": "1"}], tags=[{"key": "team", "value": "blue"}, {"key": "mlflow.user", "value": "me"}])
    found = reports(scope)
    assert found[0] == MetricReport(scope="step", name="loss", type="scalar", value=0.5, step=3, at=2.0)
    assert found[1] == PropertyReport(scope="step", key="params.p", value="1")
    assert isinstance(found[2], MetricReport)
    assert found[2].value != found[2].value
    assert found[3:] == [TagReport(scope="step", key="team", value="blue")]


def test_a_script_reads_what_it_logged(client: Client) -> None:
    for step in range(3):
        client.call("runs/log-metric", run_id=client.run, key="loss", value=step, timestamp=step + 1, step=step)
    client.call("runs/log-parameter", run_id=client.run, key="p", value="x")
    client.call("runs/set-tag", run_id=client.run, key="t", value="y")
    run = client.get("runs/get", run_id=client.run)["run"]
    assert run["info"]["status"] == "RUNNING"
    assert run["data"]["params"] == [{"key": "p", "value": "x"}]
    assert run["data"]["tags"] == [{"key": "t", "value": "y"}]
    assert [one["value"] for one in run["data"]["metrics"]] == [2.0]
    assert len(client.get("metrics/get-history", run_id=client.run, metric_key="loss")["metrics"]) == 3
    ended = client.call("runs/update", run_id=client.run, status="FINISHED", end_time=5)
    assert (ended["run_info"]["status"], ended["run_info"]["end_time"]) == ("FINISHED", 5)


def test_a_parameter_never_changes(client: Client) -> None:
    client.call("runs/log-parameter", run_id=client.run, key="p", value="1")
    client.call("runs/log-parameter", run_id=client.run, key="p", value="1")
    assert client.call("runs/log-parameter", 400, run_id=client.run, key="p", value="2")["error_code"] == "INVALID_PARAMETER_VALUE"


def test_runs_within_a_step_put_their_name_before_what_they_report(client: Client, scope: Scope) -> None:
    first = client.call("runs/create", experiment_id="1", run_name="child", tags=[{"key": "mlflow.parentRunId", "value": client.run}])
    second = client.call("runs/create", experiment_id="1", run_name="child")
    for made in (first, second):
        client.call("runs/log-metric", run_id=made["run"]["info"]["run_id"], key="m", value=1, timestamp=1)
    client.file("PUT", f"{first['run']['info']['run_id']}/artifacts/f.txt", b"x")
    assert [one.name for one in reports(scope)] == ["child/m", "child-2/m"]
    assert Path(scope.artifacts, "child", "f.txt").read_bytes() == b"x"


def test_an_experiment_of_any_name_is_that_of_the_step(client: Client) -> None:
    named = client.get("experiments/get-by-name", experiment_name="whatever")["experiment"]
    assert named["experiment_id"] == client.get("runs/get", run_id=client.run)["run"]["info"]["experiment_id"]
    assert client.get("experiments/get", experiment_id=named["experiment_id"])["experiment"]["name"] == "trials"


def test_files_are_put_listed_fetched_and_removed(client: Client, scope: Scope) -> None:
    data = os.urandom(3 << 20)
    client.file("PUT", f"{client.run}/artifacts/a/b.bin", data)
    client.file("PUT", f"{client.run}/artifacts/a/b.bin", data[::-1])
    assert client.file("GET", f"{client.run}/artifacts/a/b.bin") == data[::-1]
    assert Path(scope.artifacts, "a", "b.bin").stat().st_mode & 0o777 == 0o600
    listed = client.get("artifacts/list", run_id=client.run, path="a")
    assert listed["files"] == [{"path": "a/b.bin", "is_dir": False, "file_size": len(data)}]
    assert json.loads(client.file("GET", f"?path={client.run}/artifacts"))["files"] == [{"path": "a", "is_dir": True}]
    client.file("DELETE", f"{client.run}/artifacts/a")
    client.file("GET", f"{client.run}/artifacts/a/b.bin", None, 404)


def test_one_connection_serves_many_requests(client: Client) -> None:
    with contextlib.closing(http.client.HTTPConnection(client._address, timeout=30)) as connection:
        for status in (404, 200, 200):
            run = client.run if status == 200 else "none"
            connection.request("GET", f"/api/2.0/mlflow/runs/get?run_id={run}", None, client._headers)
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read()).keys() & {"run", "error_code"} != set()) == (status, True)


@pytest.mark.parametrize("path", ["../x", "a/../../x", "%2e%2e/x", "", "a\0b"])
def test_no_path_leads_out_of_the_folder(client: Client, scope: Scope, tmp_path: Path, path: str) -> None:
    client.file("PUT", f"{client.run}/artifacts/{path.replace(chr(0), '%00')}", b"x", 400)
    assert not (tmp_path / "x").exists()


def test_no_link_leads_out_of_the_folder(client: Client, scope: Scope, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "f").write_text("s")
    Path(scope.artifacts).mkdir()
    Path(scope.artifacts, "link").symlink_to(tmp_path / "secret")
    client.file("GET", f"{client.run}/artifacts/link/f", None, 400)


def test_models_of_mlflow_3_are_things_with_files(client: Client, scope: Scope) -> None:
    made = client.call("logged-models", name="model", source_run_id=client.run, experiment_id="1")["model"]["info"]
    other = client.call("logged-models", name="model", source_run_id=client.run)["model"]["info"]
    client.file("PUT", f"{made['model_id']}/artifacts/MLmodel", b"1")
    client.file("PUT", f"{other['model_id']}/artifacts/MLmodel", b"2")
    client.call(f"logged-models/{made['model_id']}", method="PATCH", status="LOGGED_MODEL_READY")
    assert client.get(f"logged-models/{made['model_id']}")["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    assert Path(scope.artifacts, "model", "MLmodel").read_bytes() == b"1"
    assert Path(scope.artifacts, "model-2", "MLmodel").read_bytes() == b"2"


def test_a_metric_that_is_said_again_of_a_model_counts_once(client: Client, scope: Scope) -> None:
    said = {"key": "m", "value": 1.0, "timestamp": 5, "step": 0}
    client.call("runs/log-batch", run_id=client.run, metrics=[said])
    client.call("runs/log-batch", run_id=client.run, metrics=[{**said, "model_id": "m-1"}])
    assert len(reports(scope)) == 1


def test_registered_models_are_kept_for_every_step(client: Client, endpoint: Endpoint, scope: Scope, tmp_path: Path) -> None:
    client.file("PUT", f"{client.run}/artifacts/model/MLmodel", b"flavors")
    client.call("registered-models/create", name="iris")
    client.call("registered-models/create", 400, name="iris")
    source = f"mlflow-artifacts:/{client.run}/artifacts/model"
    version = client.call("model-versions/create", name="iris", source=source, run_id=client.run)["model_version"]
    client.call("registered-models/alias", name="iris", alias="best", version=version["version"])
    client.file("DELETE", f"{client.run}/artifacts/model")
    other = Scope(step_run="step-run-2", name="use", experiment="trials", reports=str(tmp_path / "r2"), artifacts=str(tmp_path / "a2"))
    with endpoint.serving(other) as variables:
        second = Client(variables)
        found = second.get("registered-models/alias", name="iris", alias="best")["model_version"]
        uri = second.get("model-versions/get-download-uri", name="iris", version=found["version"])["artifact_uri"]
        path = uri.removeprefix("mlflow-artifacts:/")
        assert second.file("GET", f"{path}/MLmodel") == b"flavors"
        second.file("PUT", f"{path}/MLmodel", b"other", 400)
        assert second.get("registered-models/get", name="iris")["registered_model"]["latest_versions"][0]["version"] == "1"
        assert second.call("model-versions/search", method="GET") == {"model_versions": [found]}
        second.get("registered-models/get", 404, name="none")


def test_runs_are_searched_with_filters(client: Client) -> None:
    client.call("runs/log-parameter", run_id=client.run, key="p", value="1")
    client.call("runs/log-metric", run_id=client.run, key="m", value=2, timestamp=1)
    found = {"": 1, "params.p = '1'": 1, "params.p = '2'": 0, "metrics.m > 1 and params.p = '1'": 1, "metrics.m < 1": 0}
    assert {text: len(client.call("runs/search", filter=text)["runs"]) for text in found} == found
    client.call("runs/search", 400, filter="a or b")


@pytest.mark.parametrize(("path", "body"), [
    ("runs/log-metric", {"key": "x"}), ("runs/log-metric", {"key": "x", "value": "much"}), ("runs/log-batch", {"metrics": [1]}),
    ("runs/log-batch", {"metrics": 7}), ("runs/set-tag", {}), ("experiments/get", {})])
def test_requests_that_make_no_sense_are_refused(client: Client, path: str, body: dict[str, Any]) -> None:
    client.call(path, 400, run_id=client.run, **body)


def test_unknown_runs_and_calls_are_not_found(client: Client) -> None:
    client.get("runs/get", 404, run_id="none")
    client.call("traces", 404)
    client.ask("GET", "/version", None, 404)


def test_bodies_that_are_no_json_are_refused(client: Client) -> None:
    client.ask("POST", "/api/2.0/mlflow/runs/get", b"{", 400)
    client.ask("POST", "/api/2.0/mlflow/runs/get", b"[]", 400)
    client.get("runs/get", run_id=client.run)


def test_only_the_token_of_a_step_that_runs_opens(endpoint: Endpoint, scope: Scope) -> None:
    with endpoint.serving(scope) as variables:
        Client(variables, token="x" * 48).get("runs/get", 401, run_id=scope.step_run)
        Client(variables).get("runs/get", run_id=scope.step_run)
    with endpoint.serving(scope) as again:
        Client(variables).get("runs/get", 401, run_id=scope.step_run)
        Client(again).get("runs/get", run_id=scope.step_run)


def test_it_listens_on_loopback_only_and_nothing_is_loaded_before_a_client_calls(endpoint: Endpoint, scope: Scope) -> None:
    with endpoint.serving(scope) as variables:
        assert variables["MLFLOW_TRACKING_URI"].startswith("http://127.0.0.1:")
        assert "127.0.0.1" in variables["no_proxy"]
