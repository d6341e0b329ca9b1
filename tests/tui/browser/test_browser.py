"""The dashboard in a page: who is let in, and what a real browser shows."""

from __future__ import annotations

import base64
import http.client
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import msgspec
import psutil
import pytest
from chromium import Chromium, find

from short_history import STEPWELL
from stepwell_store.errors import BusyError
from stepwell_store.workspace import create
from stepwell_tui.browser import LOOPBACK, listen


class Answer(NamedTuple):
    """What was answered."""

    status: int
    headers: Message
    text: str


class Served(msgspec.Struct, frozen=True):
    """A dashboard that is served."""

    process: subprocess.Popen[str]
    address: str

    @property
    def port(self) -> int:
        return int(urlsplit(self.address).port or 0)

    @property
    def token(self) -> str:
        return parse_qs(urlsplit(self.address).query)["token"][0]

    def ask(self, path: str, **headers: str) -> Answer:
        """Ask for a page as nobody in particular."""
        with closing(http.client.HTTPConnection(LOOPBACK, self.port, timeout=60)) as connection:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    base = tmp_path_factory.mktemp("served")
    create(base)
    words = [STEPWELL, "ui", "--browser", "-w", str(base)]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, "it ended before it told its address"
            found = re.search(r"http://\S+", line)
        yield Served(process, found[0])
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def cookie(served: Served) -> str:
    return str(served.ask(f"/?token={served.token}").headers["Set-Cookie"]).partition(";")[0]


def test_it_listens_on_loopback_only(served: Served) -> None:
    places = {found.laddr.ip for found in psutil.Process(served.process.pid).net_connections() if found.status == psutil.CONN_LISTEN}
    assert places == {LOOPBACK}


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", "/ws", "/static/js/textual.js", "/download/x"])
def test_nobody_gets_in_without_the_token(served: Served, path: str) -> None:
    answer = served.ask(path)
    assert answer.status == 403
    assert "stepwell ui --browser" in answer.text


def test_the_token_becomes_a_cookie_that_no_script_and_no_other_site_can_use(served: Served) -> None:
    answer = served.ask(f"/?token={served.token}")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(str(answer.headers["Set-Cookie"]).split("; "))
    page = served.ask("/", Cookie=cookie(served))
    assert page.status == 200
    assert served.token not in page.text
    assert "default-src 'none'" in str(page.headers["Content-Security-Policy"])


@pytest.mark.parametrize("headers", [{"Host": "evil.example:80"}, {"Host": "stepwell.localhost"}, {"Origin": "http://evil.example"},
                                     {"Origin": "null"}])
def test_other_sites_are_refused_even_with_the_cookie(served: Served, headers: dict[str, str]) -> None:
    assert served.ask("/", Cookie=cookie(served), **headers).status == 403
    assert served.ask("/ws", Cookie=cookie(served), Connection="Upgrade", Upgrade="websocket", **headers).status == 403


def test_a_port_that_is_taken_is_told(served: Served) -> None:
    with pytest.raises(BusyError, match=f"port {served.port}"):
        listen(served.port)


def received(browser: Chromium) -> str:
    """Everything that the page got from its dashboard."""
    frames = (frame["response"]["payloadData"] for frame in browser.of("Network.webSocketFrameReceived"))
    return b"".join(base64.b64decode(frame) for frame in frames if not frame.startswith("[")).decode("utf-8", "replace")


def test_a_browser_shows_the_dashboard_and_its_keys_work(served: Served, tmp_path: Path) -> None:
    program = find()
    if program is None and not os.environ.get("CI"):
        pytest.skip("there is no Chromium here")
    assert program is not None
    with Chromium(program, tmp_path / "profile") as browser:
        browser.call("Page.navigate", url=served.address)
        browser.until(lambda: "Nothing has run yet" in received(browser), "the dashboard")
        browser.until(lambda: browser.evaluate("document.body.classList.contains('-first-byte')"), "the first byte")
        assert "token" not in browser.evaluate("window.location.href")
        browser.evaluate("document.querySelector('.xterm-helper-textarea').focus()")
        browser.press("2")
        browser.until(lambda: "No pipeline file in this project" in received(browser), "the pipelines")
        asked = {urlsplit(request["request"]["url"]).netloc for request in browser.of("Network.requestWillBeSent")}
        assert asked == {f"{LOOPBACK}:{served.port}"}
        behind = psutil.Process(served.process.pid).children()
        assert len(behind) == 1
        browser.press("q")
        browser.until(lambda: browser.evaluate("document.body.classList.contains('-closed')"), "the end")
    psutil.wait_procs(behind, timeout=60)
    assert not [one for one in behind if one.is_running()]


def test_dashboards_of_pages_end_with_a_server_that_is_killed(tmp_path: Path) -> None:
    """Their process notices that it has another parent."""
    create(tmp_path)
    environment = {**os.environ, "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    script = f"exec 3<&0; {STEPWELL} ui -w {tmp_path} >out <&3 & echo $!; while ! [ -s out ]; do sleep 0.05; done"
    with subprocess.Popen(["sh", "-c", script], cwd=tmp_path, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as server:
        assert server.stdout is not None
        dashboard = int(server.stdout.readline())
        assert server.wait(120) == 0
        assert psutil.pid_exists(dashboard)
        deadline = time.monotonic() + 60
        while psutil.pid_exists(dashboard) and psutil.Process(dashboard).status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
            time.sleep(0.05)
