"""The status page, as a browser shows it."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from served import FINISHED, Answer, Served

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def page(served: Served, path: str) -> Answer:
    """A page as a browser asks for it, with a token as the password."""
    basic = base64.b64encode(f"anyone:{served.token}".encode()).decode()
    return served.get(f"/{path}", token=None, Authorization=f"Basic {basic}")


def test_the_pages_show_runs_steps_logs_and_how_to_call(served: Served, saying: str, talk: str, eventually: Callable[..., None]) -> None:
    run = served.submit(saying, ParameterAssignments={"word": "<script>alert(1)</script>"}, tags={"<b>": "&"})
    eventually(lambda: served.status(run) == FINISHED, timeout=60)
    home = page(served, "/")
    assert home.status == 200
    assert home.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in home.headers["content-security-policy"]
    assert f"/runs/{run}".encode() in home.body
    shown = page(served, f"/runs/{run}").body.decode()
    assert "<script>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "&lt;b&gt;" in shown
    log = page(served, f"/runs/{run}/steps/say").body.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 1 0.5 False" in log
    how = page(served, f"/endpoints/{talk}").body.decode()
    assert f"curl -X POST {served.url}" in how
    assert "word" in how
    assert page(served, f"/published/{saying}").status == 200
    for missing in ("/runs/none", "/runs/none/steps/x", f"/runs/{run}/steps/none", "/endpoints/none", "/published/none"):
        assert page(served, missing).status == 404


def test_a_browsers_way_to_sign_in_is_for_looking_only(served: Served, saying: str) -> None:
    asked = served.get("//", token=None)
    assert asked.status == 401
    assert asked.headers["www-authenticate"].startswith("Basic")
    basic = base64.b64encode(f"x:{served.token}".encode()).decode()
    submit = served.post(f"/PipelineRuns/PipelineSubmit/{saying}", token=None, Authorization=f"Basic {basic}")
    assert submit.status == 401
    assert submit.headers["www-authenticate"].startswith("Bearer")
    assert served.get("/PipelineRuns", token=None, Authorization=f"Basic {basic}").status == 401


@pytest.mark.skipif(BROWSER is None and "CI" not in os.environ, reason="there is no Chromium on this machine")
def test_chromium_shows_it(served: Served, saying: str, tmp_path: Path, eventually: Callable[..., None]) -> None:
    assert BROWSER is not None, "CI installs one"
    run = served.submit(saying, ParameterAssignments={"word": "<script>document.title='hacked'</script>"})
    eventually(lambda: served.status(run) == FINISHED, timeout=60)
    place = urlsplit(served.url).netloc
    picture = tmp_path / "page.png"
    common = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={tmp_path / 'profile'}",
              "--window-size=1200,900", "--virtual-time-budget=2000"]
    environment = {**os.environ, "HOME": str(tmp_path)}
    subprocess.run([*common, f"--screenshot={picture}", f"http://x:{served.token}@{place}/"], check=True, capture_output=True, timeout=120,
                   env=environment)
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 20_000  # an empty page is smaller
    shown = subprocess.run([*common, "--dump-dom", f"http://x:{served.token}@{place}/runs/{run}"], check=True, capture_output=True,
                           text=True, timeout=120, env=environment).stdout
    assert "hacked" not in shown.partition("<title>")[2].partition("</title>")[0]
    assert "Completed" in shown
