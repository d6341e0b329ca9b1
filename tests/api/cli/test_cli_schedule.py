"""Schedules and tokens at the command line, and a server that fires what is due when it starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commandline import Project, finish

SAY = 'pipeline = Pipeline(ws, [CommandStep(["cat text.txt"], name="say", source_directory="source", allow_reuse=False)], name="saying")\n'


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.pipeline(SAY)
    made.stepwell("publish", "pipeline.py", "--name", "talk", "--endpoint", "talker")
    return made


@pytest.fixture
def serve(project: Project) -> Iterator[Callable[[], None]]:
    """Starts a server, which is ended after the test."""
    servers = []

    def start() -> None:
        servers.append(project.start("serve", "--port", "0"))
        assert servers[-1].stderr is not None
        assert b"serving at" in servers[-1].stderr.readline()

    yield start
    for server in servers:
        server.terminate()
        finish(server)


def test_what_was_due_fires_once_when_a_server_starts(project: Project, serve: Callable[[], None], eventually: Callable[..., None]) -> None:
    identity = project.stepwell("schedule", "add", "often", "talker", "--every", "2 hours").out.strip()
    (listed,) = project.stepwell("schedule", "ls", "--json").data
    assert (listed["id"], listed["trigger"]["frequency"], listed["trigger"]["interval"]) == (identity, "Hour", 2)
    assert project.runs() == []
    serve()
    eventually(lambda: [run["status"] for run in project.runs()] == ["Completed"], timeout=60)
    shown = project.stepwell("schedule", "show", "often").out
    assert "every 2 hours" in shown
    assert "Completed" in shown
    assert len(project.runs()) == 1


def test_schedules_are_made_in_every_way_and_switched(project: Project) -> None:
    project.stepwell("schedule", "add", "nightly", "talk", "--every", "day", "--at", "22:30", "--start", "2026-12-01T00:00:00", "--zone",
                     "Europe/Berlin")
    project.stepwell("schedule", "add", "weekly", "talk", "--every", "2 weeks", "--on", "Monday", "Friday", "--at", "8:00", "9:00")
    project.stepwell("schedule", "add", "arrivals", "talk", "--datastore", "workspaceblobstore", "--path", "inbox", "--look", "2")
    project.stepwell("schedule", "disable", "weekly")
    assert {one["name"] for one in project.stepwell("schedule", "ls", "--json").data} == {"nightly", "arrivals"}
    table = project.stepwell("schedule", "ls", "--all").out
    assert re.search(r"weekly .*every 2 weeks on Monday, Friday at 08:00, 09:00 .*Disabled", table)
    assert "on changes at workspaceblobstore:inbox, looked at every 2 minutes" in table
    project.stepwell("schedule", "enable", "weekly")


def test_a_schedule_file_publishes_its_pipeline(project: Project) -> None:
    (project.folder / "say.yml").write_text("type: pipeline\nsettings: {default_compute: azureml:cpu}\njobs:\n  say:\n"
                                            "    command: echo hello\n    environment: {image: none}\n")
    (project.folder / "schedule.yml").write_text('name: nightly\ntrigger: {type: cron, expression: "30 2 * * 1-5"}\n'
                                                 "create_job: ./say.yml\n")
    made = project.stepwell("schedule", "create", "-f", "schedule.yml", "--json").data
    assert made["trigger"] == {"type": "cron", "expression": "30 2 * * 1-5"}
    assert project.stepwell("schedule", "create", "-f", "schedule.yml").out.strip() == made["id"]
    assert re.search(r"nightly .*say .*at 30 2 \* \* 1-5", project.stepwell("schedule", "ls").out)
    (project.folder / "schedule.yml").write_text("name: nightly\ntrigger: {type: cron}\ncreate_job: ./say.yml\n")
    assert "schedule.yml:2:10" in project.stepwell("schedule", "create", "-f", "schedule.yml", code=2).err


@pytest.mark.parametrize(("words", "said"), [
    (("add", "x", "nothing", "--every", "day"), "no published pipeline nothing"), (("add", "x", "talk"), "by time or by data"),
    (("add", "x", "talk", "--every", "fortnight"), "no interval"),
    (("add", "x", "talk", "--every", "day", "--at", "25:00"), "from 0 to 23"),
    (("add", "x", "talk", "--every", "day", "--at", "noon"), "no time of day"),
    (("add", "x", "talk", "--every", "day", "--at", "8:00", "9:30"), "every hour goes with every minute"),
    (("add", "x", "talk", "--every", "day", "--zone", "Europe/Berlin"), "needs a start time"),
    (("add", "x", "talk", "--every", "day", "-p", "a=1"), "no parameter"), (("show", "x"), "no schedule x"),
    (("add", "x", "talk", "--datastore", "none"), "no datastore none"),
])
def test_what_is_wrong_with_a_schedule_is_said(project: Project, words: tuple[str, ...], said: str) -> None:
    assert said in project.stepwell("schedule", *words, code=2).err


def test_a_token_is_shown_once_and_listed_without_its_secret(project: Project) -> None:
    made = project.stepwell("token", "new", "ci", "--verbs", "submit", "--only", "talker", "--calls", "3", "--json").data
    assert made["token"].startswith("stepwell_")
    assert len(made["token"]) > 40
    listed = project.stepwell("token", "ls", "--json")
    assert made["token"] not in listed.out
    assert "hash" not in listed.out
    assert [(one["name"], one["verbs"], one["calls_left"]) for one in listed.data] == [("ci", ["submit"], 3)]
    assert "3 calls left" in project.stepwell("token", "ls").out
    project.stepwell("token", "revoke", "ci")
    assert "no token" in project.stepwell("token", "ls").err
    assert "revoked" in project.stepwell("token", "ls", "--all").out
    assert "could be revoked" in project.stepwell("token", "revoke", "ci", code=2).err
    assert "no published pipeline x" in project.stepwell("token", "new", "y", "--only", "x", code=2).err
    assert project.stepwell("token", "new", "y", "--days", "0", code=2).code == 2


def test_a_port_that_is_taken_is_told_with_who_has_it(project: Project) -> None:
    import os
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = project.stepwell("serve", "--port", port, code=3).err
    assert f"process {os.getpid()} listens there" in said
    assert "--port" in said
    assert project.stepwell("serve", "--port", "70000", code=2).code == 2
