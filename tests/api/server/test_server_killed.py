"""A server that is killed under load: what it acknowledged exists, once; what it did not may be sent again; runs go on without it."""

from __future__ import annotations

import json
import threading
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from served import FINISHED, Served, make_project

from stepwell_runner.verbs.control import withdraw
from stepwell_store.ledger import history, waiting

CALLERS = 8
ENOUGH = 60


@pytest.fixture
def killed(tmp_path: Path) -> Iterator[Served]:
    project = make_project(tmp_path / "project")
    project.stepwell("publish", "waiting.py", "--name", "waiting")
    project.stepwell("compute", "add", "local", "--kind", "local", "--max-steps", "1")
    found = Served(project)
    yield found
    for one in waiting.line(found.workspace.database):
        withdraw(found.workspace, one.run)
    (project.folder / "go").touch()
    found.close()


class Callers:
    """Threads that submit, each submission with a key of its own, until they cannot any longer. `told` is what was acknowledged."""

    def __init__(self, served: Served, identity: str) -> None:
        self.served = served
        self.identity = identity
        self.told: dict[str, str] = {}
        self.tried: set[str] = set()
        self.threads = [threading.Thread(target=self._submit, args=(number,)) for number in range(CALLERS)]

    def _submit(self, number: int) -> None:
        for count in range(10_000):
            key = f"{number}-{count}"
            self.tried.add(key)
            try:
                self.told[key] = self.send(key)
            except (OSError, urllib.error.URLError):
                return

    def send(self, key: str) -> str:
        answer = self.served.post(f"/PipelineRuns/PipelineSubmit/{self.identity}", {"ExperimentName": "load", "tags": {"key": key}},
                                  Idempotency_Key=key)
        assert answer.status == 200, answer
        return str(answer.data["Id"])


def test_what_was_acknowledged_exists_once_after_a_kill(killed: Served, eventually: Callable[..., None]) -> None:
    identity = killed.get("/Pipelines").data[0]["Id"]
    callers = Callers(killed, identity)
    for thread in callers.threads:
        thread.start()
    eventually(lambda: len(callers.told) >= ENOUGH, timeout=60)
    killed.process.kill()
    for thread in callers.threads:
        thread.join()
    assert killed.process.wait() == -9
    database = killed.workspace.database
    kept = {run: json.loads(tags)["key"] for run, tags in database.read("SELECT id, tags FROM runs")}
    assert {run: key for key, run in callers.told.items()}.items() <= kept.items()
    assert len(set(kept.values())) == len(kept)

    killed.start()
    again = {key: callers.send(key) for key in callers.tried}  # also what the server never answered
    assert callers.told.items() <= again.items()
    runs = [json.loads(tags)["key"] for (tags,) in database.read("SELECT tags FROM runs")]
    assert sorted(runs) == sorted(callers.tried)
    assert database.read("PRAGMA integrity_check") == [("ok",)]


def test_runs_go_on_without_the_server_and_the_next_one_follows_them(killed: Served, eventually: Callable[..., None]) -> None:
    identity = killed.get("/Pipelines").data[0]["Id"]
    first, second = killed.submit(identity), killed.submit(identity)
    eventually(lambda: killed.status(first) == 1, timeout=60)
    killed.process.kill()
    killed.process.wait()
    assert history.get_run(killed.workspace.database, first).status == "Running"
    (killed.project.folder / "go").touch()
    # Nobody serves: the run ends by itself, and starts the one that waits.
    eventually(lambda: history.get_run(killed.workspace.database, second).status == "Completed", timeout=60)
    killed.start()
    assert (killed.status(first), killed.status(second)) == (FINISHED, FINISHED)


def test_it_ends_when_it_is_asked_to_and_leaves_nothing_locked(killed: Served) -> None:
    assert "Traceback" not in killed.stop()
    assert killed.process.returncode == 0
    killed.start()
    assert killed.get("/PipelineRuns").status == 200
