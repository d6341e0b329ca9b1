"""Schedule files of Azure ML v2: what they mean, and what is said of wrong ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from stepwell.jobs.schedule import LoadedSchedule, load_schedule
from stepwell_runner.scheduling.firing import OCCURRENCE, tick
from stepwell_runner.scheduling.recurrence import as_utc
from stepwell_runner.scheduling.triggers import Cron, Recurrence
from stepwell_runner.verbs.publish import publish_graph
from stepwell_runner.verbs.schedule import create_or_change
from stepwell_store import workspace as workspaces
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history, schedules

PIPELINE = """\
type: pipeline
display_name: saying
settings: {default_compute: azureml:cpu}
inputs: {word: hello}
jobs:
  say:
    command: echo ${{inputs.word}}
    inputs: {word: "${{parent.inputs.word}}"}
    environment: {image: none}
"""
NOW = datetime(2026, 11, 26, 1, 7, 30, tzinfo=UTC).timestamp()
CRON = 'name: n\ntrigger: {type: cron, expression: "30 8 * * mon-fri"}\n'
DAILY = "name: n\ntrigger: {type: recurrence, frequency: day, interval: 1}\n"


def loaded(folder: Path, text: str) -> LoadedSchedule:
    (folder / "jobs").mkdir(exist_ok=True)
    (folder / "jobs" / "say.yml").write_text(PIPELINE)
    (folder / "schedule.yml").write_text(text)
    return load_schedule(str(folder / "schedule.yml"), None, NOW)


def test_a_recurrence_with_all_its_words(tmp_path: Path) -> None:
    found = loaded(tmp_path, """\
$schema: https://azuremlschemas.azureedge.net/latest/schedule.schema.json
name: weekly
display_name: Weekly saying
description: says it
tags: {team: a}
trigger:
  type: recurrence
  frequency: week
  interval: 2
  schedule:
    hours: [8, 20]
    minutes: 30
    week_days: [monday, friday]
  start_time: "2026-12-01T10:00:00"
  end_time: "2027-12-01T10:00:00Z"
  time_zone: "W. Europe Standard Time"
create_job:
  type: pipeline
  job: ./jobs/say.yml
  experiment_name: talks
  inputs: {word: good day}
  settings: {continue_on_step_failure: false}
  tags: {kind: b}
""")
    assert found.trigger == Recurrence(frequency="Week", interval=2, hours=(8, 20), minutes=(30,), week_days=("Monday", "Friday"),
                                       start="2026-12-01T10:00:00", end="2027-12-01T11:00:00", zone="W. Europe Standard Time")
    assert (found.name, found.description, found.source) == ("weekly", "says it", str(tmp_path / "jobs" / "say.yml"))
    graph = found.graph
    assert (graph.name, graph.experiment, graph.continue_on_failure, graph.tags) == ("saying", "talks", False, {"team": "a", "kind": "b"})
    assert {one.name: one.default for one in graph.parameters} == {"word": "good day"}


@pytest.mark.parametrize("job", ["jobs/say.yml", "./jobs/say.yml", "file:./jobs/say.yml", "azureml:./jobs/say.yml", "azureml:jobs/say.yml"])
def test_a_cron_trigger_and_every_way_to_name_a_pipeline(tmp_path: Path, job: str) -> None:
    found = loaded(tmp_path, f"{CRON}create_job: {job}\n")
    assert found.trigger == Cron(expression="30 8 * * mon-fri")
    assert {one.name: one.default for one in found.graph.parameters} == {"word": "hello"}


def test_days_of_a_month_and_a_time_zone_without_a_start(tmp_path: Path) -> None:
    text = """\
name: monthly
trigger: {type: recurrence, frequency: month, interval: 1, schedule: {hours: 9, minutes: 0, month_days: [1, 15]}, time_zone: Asia/Tokyo}
create_job: jobs/say.yml
"""
    assert loaded(tmp_path, text).trigger == Recurrence(frequency="Month", interval=1, hours=(9,), minutes=(0,), month_days=(1, 15),
                                                        start="2026-11-26T10:07:00", zone="Asia/Tokyo")


JOB = "create_job: jobs/say.yml\n"


@pytest.mark.parametrize(("text", "said", "where"), [
    (CRON, "needs `create_job`", ":1:1"),
    (f"trigger: {{type: cron, expression: '* * * * *'}}\n{JOB}", "needs `name`", ":1:1"),
    (f"name: n\n{JOB}", "needs `trigger`", ":1:1"),
    (f"name: n\ntrigger: {{type: cron}}\n{JOB}", "needs `expression`", ":2:10"),
    (f"name: n\ntrigger:\n  type: cron\n  expression: '61 * * * *'\n{JOB}", "'61' is no minute", ":4:15"),
    (f"name: n\ntrigger: {{frequency: day}}\n{JOB}", "needs `interval`", ":2:10"),
    (f"name: n\ntrigger: {{frequency: fortnight, interval: 1}}\n{JOB}", "cannot be 'fortnight'", ":2:22"),
    (f"name: n\ntrigger: {{frequency: day, interval: 1, schedule: {{hours: [24]}}}}\n{JOB}", "at most 23", ":2:59"),
    (f"name: n\ntrigger: {{frequency: day, interval: 1, schedule: {{week_days: [monday]}}}}\n{JOB}", "week days do not go", ":2:50"),
    (f"name: n\ntrigger: {{frequency: day, interval: 1, time_zone: Mars}}\n{JOB}", "'Mars' is no time zone", ":2:51"),
    (f"name: n\ntrigger: {{frequency: day, interval: 1, start_time: soon}}\n{JOB}", "`start_time` is no time", ":2:52"),
    (f"name: n\ntrigger: {{type: moon}}\n{JOB}", "no trigger of type 'moon'", ":2:17"),
    (f"{DAILY}create_job: jobs/none.yml\n", "no pipeline file jobs/none.yml", ":3:13"),
    (f"{DAILY}create_job: {{type: pipeline}}\n", "needs `job`", ":3:13"),
    (f"{DAILY}create_job: {{job: jobs/say.yml, inputs: {{wrod: x}}}}\n", "no input 'wrod'; did you mean 'word'?", ":3:42"),
    (f"{DAILY}create_job: {{job: jobs/say.yml, outputs: {{wrods: }}}}\n", "no output 'wrods'", ":3:43"),
    (f"{DAILY}create_job: {{jobs: {{}}}}\n", "put the job into a file of its own", ":3:14"),
    (f"{DAILY}create_jobs: x\n{JOB}", "`create_jobs` is no part", ":3:1"),
    (f"{DAILY}create_monitor: {{}}\n", "`create_monitor` is no part of a schedule; monitoring is a service of Azure", ":3:1"),
    (f"{DAILY}import_data: {{}}\n", "go through Azure's connections", ":3:1"),
])
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, said: str, where: str) -> None:
    with pytest.raises(UsageError) as told:
        loaded(tmp_path, text)
    assert said in str(told.value)
    assert f"schedule.yml{where}" in str(told.value)


def test_what_was_loaded_fires_and_loading_it_again_changes_it(tmp_path: Path) -> None:
    workspace = workspaces.open_workspace(workspaces.create(tmp_path))
    try:
        for hour in (2, 3):
            found = loaded(tmp_path, f'name: n\ntrigger: {{type: cron, expression: "0 {hour} * * *"}}\n{JOB}')
            published = publish_graph(workspace, found.graph, name="saying")
            create_or_change(workspace, found.name, found.trigger, "talks", description=None, published=published.id, now=NOW)
        (made,) = schedules.list_schedules(workspace.database)
        for minutes in range(0, 180, 5):
            tick(workspace, NOW + minutes * 60)
        (run,) = history.list_runs(workspace.database)
        assert run.properties[OCCURRENCE] == as_utc(datetime(2026, 11, 26, 3, tzinfo=UTC).timestamp())
        assert schedules.runs_of(workspace.database, made.id) == [run.id]
    finally:
        workspace.close()
