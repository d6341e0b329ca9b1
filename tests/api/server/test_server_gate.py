"""What every request has to pass: the host, the origin, the token and what it allows, the body. Attacks T1 to T13, each in a table."""

from __future__ import annotations

import http.client
import itertools
import json
import re
import sqlite3
from typing import Any
from urllib.parse import urlsplit

import pytest
from served import BASE, Served

from stepwell_store.ledger import tokens


def raw(served: Served, method: str, path: str, headers: dict[str, str] | None = None) -> http.client.HTTPResponse:
    """A request as it is, with no header that is not named."""
    place = urlsplit(served.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


# --- T1: rebinding

GOOD_HOSTS = ["127.0.0.1", "127.0.0.1:{port}", "localhost", "LOCALHOST:{port}", "[::1]", "[::1]:{port}", "127.0.0.1:1"]
BAD_HOSTS = ["evil.com", "evil.com:{port}", "localhost.evil.com", "127.0.0.1.nip.io", "127.0.0.2", "0.0.0.0", "[::]", "", "localhost:x",
             "127.0.0.1@evil.com", "127.0.0.1 evil.com", "localhost.", "[::1].evil.com", "169.254.169.254"]


@pytest.mark.parametrize(("host", "status"), [*((host, 200) for host in GOOD_HOSTS), *((host, 400) for host in BAD_HOSTS)])
def test_a_host_that_is_not_ours_is_refused_before_anything_else(served: Served, host: str, status: int) -> None:
    named = {"Host": host.format(port=urlsplit(served.url).port)}
    assert raw(served, "GET", "/healthz", named).status == status
    if status == 400:
        assert raw(served, "GET", f"{BASE}/PipelineRuns", {**named, "Authorization": f"Bearer {served.token}"}).status == 400


# --- T2: no route without a token


def routes(served: Served) -> list[str]:
    """All paths of the document, with something in their placeholders, and the pages."""
    document = served.get("//schema/openapi.json").data
    pages = ["/", "/schema/openapi.json", "/schema", "/runs/x", "/endpoints/x", "/published/x", "/runs/x/steps/y", "/nothing/here"]
    return [re.sub(r"\{\w+\}", "x", path) for path in document["paths"]] + pages


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")


def test_every_route_and_method_without_a_token_is_unauthorised(served: Served) -> None:
    host = urlsplit(served.url).netloc
    paths = routes(served)
    assert len(paths) > 20
    for path, method in itertools.product(paths, METHODS):
        for more in ({}, {"Cookie": f"token={served.token}"}, {"Authorization": "Basic eDp5"} if method != "GET" else {}):
            answer = raw(served, method, path, {"Host": host, "Content-Length": "0", **more})
            # A page takes a browser's way to sign in for looking; that is a try then, and one too many of those has to wait.
            assert answer.status in ((401, 429) if more else (401,)), (method, path, more, answer.status)
    assert raw(served, "GET", f"{BASE}/PipelineRuns?token={served.token}", {"Host": host}).status == 401


def test_only_json_is_taken(served: Served, saying: str) -> None:
    path = f"/PipelineRuns/PipelineSubmit/{saying}"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert served.post(path, raw=b"{}", Content_Type=kind).status == 415
    assert served.post(path, raw=b"{}", Content_Type="Application/JSON; charset=utf-8").status == 200


# --- T3: other pages


def test_pages_from_elsewhere_are_refused_and_told_nothing(served: Served) -> None:
    for origin in ("https://evil.com", "null", "http://127.0.0.1:1", "http://localhost.evil.com"):
        answer = served.get("/PipelineRuns", Origin=origin)
        assert answer.status == 403, origin
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert served.get("/PipelineRuns", Origin=served.url).status == 200


def test_the_health_check_tells_nothing_of_what_this_is(served: Served) -> None:
    answer = served.get("//healthz", token=None)
    assert (answer.status, answer.body) == (200, b"ok")
    assert not {"server", "x-powered-by"} & {name.lower() for name in answer.headers}


# --- T5, T6: who may come in


def test_it_is_not_exposed_by_mistake(served: Served) -> None:
    project = served.project
    for host in ("0.0.0.0", "::", "192.0.2.1"):
        assert "--expose" in project.stepwell("serve", "--host", host, code=2).err
    assert "served already" in project.stepwell("serve", "--port", "0", code=5).err


def test_wrong_tokens_are_all_answered_alike_and_slowed_down(served: Served) -> None:
    expired, _ = tokens.make(served.workspace.database, "expired", lifetime_s=-1)
    revoked, token = tokens.make(served.workspace.database, "revoked")
    tokens.revoke(served.workspace.database, token.id)
    answers = [served.get("/PipelineRuns", token=secret) for secret in (expired, revoked, "wrong", "stepwell_" + "x" * 43, "\xe9")]
    assert len({answer.body for answer in answers if answer.status == 401}) <= 1
    for _ in range(25):
        answer = served.get("/PipelineRuns", token="wrong")
    assert answer.status == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert served.get("/PipelineRuns").status == 200


# --- T7: where tokens are not


def test_a_token_is_nowhere_in_the_workspace(served: Served) -> None:
    secret = served.token.encode()
    served.get("/PipelineRuns")
    with sqlite3.connect(served.project.root / "workspace.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    read = 0
    for path in served.project.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            read += len(data)
            assert secret not in data, path
    assert read > 100_000
    assert served.project.root.joinpath("workspace.db").stat().st_mode & 0o777 == 0o600


def test_a_local_script_needs_no_ceremony(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    from stepwell.server.access import local_header

    header = local_header(served.workspace)
    assert served.get("/PipelineRuns", token=header["Authorization"].split()[1]).status == 200
    assert local_header(served.workspace) == header


# --- T8: what a token allows


def test_a_token_opens_what_it_is_for_and_nothing_else(served: Served, saying: str, talk: str) -> None:
    database = served.workspace.database
    other = next(one["Id"] for one in served.get("/Pipelines").data if one["Version"] == "2")
    mine = served.post(f"/PipelineRuns/PipelineEndpointSubmit/Id/{talk}").data["Id"]
    theirs = served.submit(other)
    requests = {
        "list": ("GET", "/PipelineRuns"), "submit mine": ("POST", f"/PipelineRuns/PipelineEndpointSubmit/Id/{talk}"),
        "submit theirs": ("POST", f"/PipelineRuns/PipelineSubmit/{other}"), "read mine": ("GET", f"/PipelineRuns/{mine}"),
        "read theirs": ("GET", f"/PipelineRuns/{theirs}"), "log of theirs": ("GET", f"/PipelineRuns/{theirs}/Steps/say/Log"),
        "outputs of theirs": ("GET", f"/PipelineRuns/{theirs}/Outputs"), "cancel mine": ("POST", f"/PipelineRuns/{mine}/Execution"),
        "cancel theirs": ("DELETE", f"/PipelineRuns/{theirs}/Execution"), "my endpoint": ("GET", f"/PipelineEndpoints/{talk}"),
        "their pipeline": ("GET", f"/Pipelines/{other}"), "nobody's run": ("GET", "/PipelineRuns/none"), "schedules": ("GET", "/Schedules"),
    }
    verbs_of = {"submit": "submit", "cancel": "cancel"}
    for verbs, only in itertools.product((("read",), ("submit",), ("cancel",), tokens.VERBS), (None, talk)):
        secret, _ = tokens.make(database, "scoped", verbs=verbs, only_for=only)  # type: ignore[arg-type]
        for what, (method, path) in requests.items():
            wanted = verbs_of.get(what.split()[0], "read")
            allowed = wanted in verbs and (only is None or "mine" in what or "my" in what)
            answer = served.call(method, path, {} if method == "POST" else None, token=secret)
            expected = {200, 404} if allowed else {403}
            assert answer.status in expected, (verbs, only, what, answer)


def test_a_token_may_make_so_many_submissions(served: Served, saying: str) -> None:
    secret, _ = tokens.make(served.workspace.database, "few", calls=2)
    path = f"/PipelineRuns/PipelineSubmit/{saying}"
    wrong = served.post(path, {"ParameterAssignments": {"count": "many"}}, token=secret)
    assert wrong.status == 422
    assert [served.post(path, token=secret).status for _ in range(3)] == [200, 200, 403]


# --- T9, T12, T13: what values may be

BOUNDARY: list[Any] = [2**31, 2**63, 10**22, -1, -(2**63) - 1, 1e308, 0, "", " ", "0x10", "1_000", "nan", "inf", "NaN", "\u202e", "é" * 100]


@pytest.mark.parametrize("name", ["word", "count", "rate", "loud", "data"])
def test_values_at_the_edges_are_taken_or_refused(served: Served, saying: str, name: str) -> None:
    for value in BOUNDARY:
        answer = served.post(f"/PipelineRuns/PipelineSubmit/{saying}", {"ExperimentName": "edges", "ParameterAssignments": {name: value}})
        assert answer.status in (200, 422), (name, value, answer)


ODD_BODIES = [
    b"", b"{", b"[]", b"null", b'"text"', b"nul", b"\xff\xfe",
    b'{"ParameterAssignments": {"word": NaN}}', b'{"ParameterAssignments": {"rate": Infinity}}',
    b'{"ParameterAssignments": {"word": "a", "word": "b"}}', b'{"ExperimentName": "a", "ExperimentName": "b"}',
    b'{"ParameterAssignments": {"word": "\\ud800"}}', b'{"ParameterAssignments": {"\\udfff": "x"}}', b'{"tags": {"a": "\\u0000"}}',
    b'{"ParameterAssignments": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"x": ' * 50_000 + b"1" + b"}" * 50_000,
    b'{"ParameterAssignments": {"count": ' + b"9" * 10_000 + b"}}", b'{"ParameterAssignments": {"word": {"deep": 1}}}',
    b'{"ParameterAssignments": ["word"]}', b'{"ExperimentName": 5}', b'{"ExperimentName": "../x"}',
    b'{"ExperimentName": "' + b"x" * 300 + b'"}',
    b'{"tags": {"a": 1}}', b'{"DataPathAssignments": {"data": "x"}}', b'{"DataPathAssignments": {"data": {}}}',
    b'{"DataSetDefinitionValueAssignments": {"data": {}}}', b'{"ContinueRunOnStepFailure": "yes"}',
    json.dumps({"ParameterAssignments": {"word": "x" * 70_000}}).encode(), json.dumps({"tags": {"x" * 300: "y"}}).encode(),
    json.dumps({"ParameterAssignments": {f"p{number}": 1 for number in range(1001)}}).encode(),
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=lambda body: repr(body[:40]))
def test_odd_bodies_are_refused(served: Served, saying: str, body: bytes) -> None:
    answer = served.post(f"/PipelineRuns/PipelineSubmit/{saying}", raw=body)
    assert answer.status == 422, answer
    assert answer.data["error"]["code"] == "Invalid"


@pytest.mark.parametrize("place", ["http://169.254.169.254/latest", "https://example.com/x.csv", "file:///etc/passwd", "/etc/passwd",
                                   "../x", "azureml://datastores/none/paths/x/../../..", "azureml://datastores//paths/x"])
def test_data_is_on_a_datastore_and_nothing_is_fetched_or_read_for_a_caller(served: Served, saying: str, place: str) -> None:
    path = f"/PipelineRuns/PipelineSubmit/{saying}"
    answer = served.post(path, {"ParameterAssignments": {"data": place}})
    assert answer.status in (200, 422), answer
    if not place.startswith("azureml://datastores/none"):
        assert answer.status == 422, place


def test_a_path_that_leaves_its_datastore_is_never_read(served: Served, saying: str, eventually: Any) -> None:
    for way in ("../../../../../../etc", "in/../../../..", "/etc"):
        run = served.submit(saying, DataPathAssignments={"data": {"DataStoreName": "workspaceblobstore", "RelativePath": way}})
        eventually(lambda run=run: served.status(run) in (2, 3), timeout=60)
        assert "passwd" not in served.get(f"/PipelineRuns/{run}/Steps/say/Log").body.decode()


# --- T10: paths

TRAVERSALS = ["..", "../..", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "%252e%252e%252f", "....//", "..\\..\\", "%5c..%5c", "C:%5cWindows",
              "//etc/passwd", "%2fetc%2fpasswd", "std_log.txt%00", "x%23y", "x%3fy", "%c0%ae%c0%ae", "~", "$HOME", "%0d%0aX: y", "%ff",
              "'; DROP TABLE runs; --"]


@pytest.mark.parametrize("name", TRAVERSALS)
def test_no_name_in_an_address_becomes_a_path(served: Served, saying: str, name: str) -> None:
    run = served.submit(saying)
    host = {"Host": urlsplit(served.url).netloc, "Authorization": f"Bearer {served.token}"}
    for path in (f"/PipelineRuns/{run}/Steps/{name}/Log", f"/PipelineRuns/{name}", f"/PipelineRuns/{name}/Outputs", f"/Pipelines/{name}",
                 f"/PipelineRuns/{run}/PipelineRunOutputs/{name}", f"/PipelineEndpoints/{name}"):
        answer = raw(served, "GET", (BASE + path).replace(" ", "%20"), host)
        assert answer.status in (400, 404), (path, answer.status)


# --- T11, T13: numbers and sizes


def test_bodies_and_queries_have_limits(served: Served, saying: str) -> None:
    path = f"/PipelineRuns/PipelineSubmit/{saying}"
    assert served.post(path, raw=b" " * ((1 << 20) + 1)).status == 413
    for query in ("top=0", "top=1001", "top=-1", "top=99999999999999999999999", "top=x", "before=0", "before=99999999999999999999999",
                  "before=9223372036854775808", "before=-1", "top=1.5", "before=NaN"):
        assert served.get(f"/PipelineRuns?{query}").status == 422, query
    for identity in ("99999999999999999999999", "-1", "0", "9223372036854775808", "%F0%9F%98%80"):
        assert served.get(f"/PipelineRuns/{identity}").status == 404


def test_a_body_that_grows_beyond_what_it_said_is_refused(served: Served, saying: str) -> None:
    place = urlsplit(served.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    try:
        headers = {"Authorization": f"Bearer {served.token}", "Transfer-Encoding": "chunked", "Content-Type": "application/json"}
        connection.request("POST", f"{BASE}/PipelineRuns/PipelineSubmit/{saying}", iter([b"x" * 65536] * 40), headers, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # it did not even wait for all of it
    finally:
        connection.close()


def test_headers_that_are_there_twice_are_refused(served: Served) -> None:
    place = urlsplit(served.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    connection.putrequest("GET", f"{BASE}/PipelineRuns", skip_host=True)
    for name, value in (("Host", place.netloc), ("Authorization", "Bearer x"), ("Authorization", f"Bearer {served.token}")):
        connection.putheader(name, value)
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()
