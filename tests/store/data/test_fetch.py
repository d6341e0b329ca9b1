from __future__ import annotations

import http.server
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from stepwell_store.data.definition import Url
from stepwell_store.data.fetch import fetch
from stepwell_store.data.resolve import resolve
from stepwell_store.errors import MachineError, UsageError


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves `server.files`; special paths answer as their name says."""

    server: Server

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(path)
        if path.startswith("/status/"):
            self.send_error(int(path[8:]))
        elif path == "/moved":
            self.answer(302, b"", {"Location": "/data/iris.csv"})
        elif path == "/moved-to-file":
            self.answer(302, b"", {"Location": "file:///etc/hostname"})
        elif path == "/broken":
            self.answer(200, b"half", {"Content-Length": "8"})
        elif path == "/garbage":
            self.wfile.write(b"what?\r\n\r\n")
        elif path == "/silent":
            self.server.stop.wait(20)
        else:
            self.answer_file(path)

    def answer_file(self, path: str) -> None:
        if path not in self.server.files:
            return self.send_error(404)
        body, headers = self.server.files[path]
        if "Status" in headers:
            return self.send_error(int(headers["Status"]))
        etag, changed = headers.get("ETag"), headers.get("Last-Modified")
        same = (etag and etag == self.headers["If-None-Match"]) or (changed and changed == self.headers["If-Modified-Since"])
        return self.answer(304, b"", {}) if same else self.answer(200, body, {"Content-Length": str(len(body)), **headers})

    def answer(self, code: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, *args: object) -> None:
        """The tests' own output stays clean."""


class Server(http.server.ThreadingHTTPServer):
    """A real server on the loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.asked: list[str] = []
        self.sent = 0
        self.stop = threading.Event()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Server()
    server.files["/data/iris.csv"] = (b"a,b\n1,2\n", {"ETag": '"v1"'})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.stop.set()
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_file_is_fetched_under_its_own_name(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    file = fetch(server.url("/data/iris.csv"), str(tmp_path), progress=lambda *step: seen.append(step))
    assert os.path.basename(file) == "iris.csv"
    assert Path(file).read_bytes() == b"a,b\n1,2\n"
    assert seen == [(8, 8, "iris.csv")]
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


@pytest.mark.parametrize("headers", [{"ETag": '"v1"'}, {"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}])
def test_what_has_not_changed_is_not_fetched_again(server: Server, tmp_path: Path, headers: dict[str, str]) -> None:
    server.files["/x"] = (b"body", headers)
    first = fetch(server.url("/x"), str(tmp_path))
    assert fetch(server.url("/x"), str(tmp_path)) == first
    assert (server.asked, server.sent) == (["/x", "/x"], 4)


def test_what_has_changed_is_fetched(server: Server, tmp_path: Path) -> None:
    first = fetch(server.url("/data/iris.csv"), str(tmp_path))
    server.files["/data/iris.csv"] = (b"new", {"ETag": '"v2"'})
    assert fetch(server.url("/data/iris.csv"), str(tmp_path)) == first
    assert Path(first).read_bytes() == b"new"


def test_a_damaged_copy_is_fetched_again(server: Server, tmp_path: Path) -> None:
    file = fetch(server.url("/data/iris.csv"), str(tmp_path))
    Path(file).write_bytes(b"")
    fetch(server.url("/data/iris.csv"), str(tmp_path))
    assert Path(file).read_bytes() == b"a,b\n1,2\n"


def test_addresses_do_not_share_a_copy(server: Server, tmp_path: Path) -> None:
    server.files["/x"] = (b"body", {})
    assert fetch(server.url("/x?a=1"), str(tmp_path)) != fetch(server.url("/x?a=2"), str(tmp_path))


def test_without_the_network_the_copy_is_used_with_a_notice(server: Server, tmp_path: Path) -> None:
    url = server.url("/data/iris.csv?sig=secret")
    first = fetch(url, str(tmp_path))
    server.shutdown()
    server.server_close()
    notices: list[str] = []
    assert fetch(url, str(tmp_path), notice=notices.append) == first
    assert len(notices) == 1
    assert "refused the connection" in notices[0]
    assert "using the copy fetched on" in notices[0]
    assert "secret" not in notices[0]


def test_a_server_that_fails_leaves_the_copy(server: Server, tmp_path: Path) -> None:
    first = fetch(server.url("/data/iris.csv"), str(tmp_path))
    notices: list[str] = []
    for headers in ({"Content-Length": "80"}, {"Status": "503"}):
        server.files["/data/iris.csv"] = (b"half", headers)
        assert fetch(server.url("/data/iris.csv"), str(tmp_path), notice=notices.append) == first
    assert Path(first).read_bytes() == b"a,b\n1,2\n"
    assert ["broke after 4 of 80" in notices[0], "cannot answer now" in notices[1]] == [True, True]


def test_redirects_are_followed_to_http_only(server: Server, tmp_path: Path) -> None:
    assert Path(fetch(server.url("/moved"), str(tmp_path))).read_bytes() == b"a,b\n1,2\n"
    with pytest.raises(UsageError):
        fetch(server.url("/moved-to-file"), str(tmp_path))


@pytest.mark.parametrize(
    ("path", "kind", "words"),
    [
        ("/absent", UsageError, "nothing at this address"),
        ("/status/410", UsageError, "nothing at this address"),
        ("/status/403", UsageError, "does not let us read"),
        ("/status/418", UsageError, "does not serve"),
        ("/status/500", MachineError, "cannot answer now"),
        ("/broken", MachineError, "broke after 4 of 8 bytes"),
        ("/garbage", MachineError, "makes no sense"),
        ("/silent", MachineError, "did not answer in time"),
    ],
)
def test_every_refusal_has_its_sentence(server: Server, tmp_path: Path, path: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words) as caught:
        fetch(server.url(f"{path}?sig=secret"), str(tmp_path), timeout_s=0.3)
    assert "secret" not in str(caught.value)
    assert not [name for name in os.listdir(next(tmp_path.iterdir())) if name.startswith(".tmp")]


def test_nobody_listens(server: Server, tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="refused the connection"):
        fetch(f"http://127.0.0.1:{free_port()}/x", str(tmp_path))


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://host/x", "http:///x", "https", "http://host/a b", "http://host/a\nb"])
def test_other_addresses_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="address"):
        fetch(url, str(tmp_path))


@pytest.mark.parametrize("path", ["/..", "/a/%2e%2e", "/x%2f..%2fy", "/", "/a%00b", "/" + "x" * 300])
def test_no_address_names_a_file_elsewhere(server: Server, tmp_path: Path, path: str) -> None:
    server.files[path] = (b"body", {})
    file = fetch(server.url(path), str(tmp_path))
    assert os.path.realpath(file).startswith(os.path.realpath(tmp_path) + "/")
    assert Path(file).read_bytes() == b"body"


def test_resolving_addresses(server: Server, tmp_path: Path) -> None:
    server.files["/data/b.csv"] = (b"b", {})
    one = resolve([Url(server.url("/data/iris.csv"))], dict[str, None]().__getitem__, str(tmp_path))  # type: ignore[arg-type]
    assert (one.names, one.is_single_file, one.root) == (("/iris.csv",), True, os.path.dirname(one.files[0]))
    places = [Url(server.url("/data/iris.csv")), Url(server.url("/data/b.csv"))]
    two = resolve(places, dict[str, None]().__getitem__, str(tmp_path))  # type: ignore[arg-type]
    assert two.names == ("/127.0.0.1/data/iris.csv", "/127.0.0.1/data/b.csv")
    assert not two.is_single_file
