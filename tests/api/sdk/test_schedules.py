"""Schedules as drivers make and change them. That they fire is tested with the runner, under a clock of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from driven import project, two_steps, waiting_step

from stepwell import (
    DataPath,
    Pipeline,
    PipelineEndpoint,
    PipelineParameter,
    PythonScriptStep,
    Schedule,
    ScheduleRecurrence,
    TimeZone,
    Workspace,
)
from stepwell.sdk.data_reference import DataPathComputeBinding
from stepwell.sdk.published_pipeline import PublishedPipeline
from stepwell_runner.scheduling.firing import tick
from stepwell_store.errors import StepwellError


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.delenv("STEPWELL_WORKSPACE", raising=False)
    monkeypatch.chdir(tmp_path)
    return project(tmp_path)


@pytest.fixture
def published(ws: Workspace) -> PublishedPipeline:
    return two_steps(ws).publish(name="two")


def test_one_of_a_published_pipeline_is_made_found_changed_and_switched(ws: Workspace, published: PublishedPipeline) -> None:
    recurrence = ScheduleRecurrence(frequency="Day", interval=2, hours=[22], minutes=[30])
    made = Schedule.create(workspace=ws, name="nightly", pipeline_id=published.id, experiment_name="Schedule_Run", recurrence=recurrence,
                           wait_for_provisioning=True, description="Schedule Run", pipeline_parameters={"rate": 2.0})
    assert (made.name, made.description, made.status, made.pipeline_id, made.pipeline_endpoint_id) == (
        "nightly", "Schedule Run", "Active", published.id, None)
    assert [one.id for one in Schedule.list(ws)] == [made.id]
    assert [one.id for one in Schedule.list(ws, pipeline_id=published.id)] == [made.id]
    assert Schedule.list(ws, pipeline_id="other") == []
    found = Schedule.get(ws, made.id)
    told = found.recurrence
    assert told is not None
    assert (told.frequency, told.interval, told.hours, told.minutes) == ("Day", 2, [22], [30])
    found.disable(wait_for_provisioning=True)
    assert Schedule.get(ws, made.id).status == "Disabled"
    assert Schedule.list(ws) == []
    assert len(Schedule.list(ws, active_only=False)) == len(Schedule.get_schedules_for_pipeline_id(ws, published.id)) == 1
    found.enable()
    found.update(name="weekly", description="Updated", recurrence=ScheduleRecurrence("Week", 1, week_days=["Monday"], time_of_day="05:30"))
    again = Schedule.get(ws, made.id)
    assert (again.name, again.description, again.status) == ("weekly", "Updated", "Active")
    assert (again.recurrence.week_days, again.recurrence.hours, again.recurrence.minutes) == (["Monday"], [5], [30])
    again.update(status="Disabled")
    assert Schedule.get(ws, made.id).status == "Disabled"
    assert "weekly" in repr(again)


def test_one_of_an_endpoint_fires_its_default_version_and_names_its_runs(
    ws: Workspace, tmp_path: Path, eventually: Callable[..., None]
) -> None:
    endpoint = PipelineEndpoint.publish(ws, "talk", "talks", waiting_step(ws, tmp_path / "flag").publish(name="waits"))
    made = Schedule.create_for_pipeline_endpoint(ws, "often", endpoint.id, "Scheduled", ScheduleRecurrence("Minute", 15))
    assert (made.pipeline_id, made.pipeline_endpoint_id) == (None, endpoint.id)
    assert [one.id for one in Schedule.get_schedules_for_pipeline_endpoint_id(ws, endpoint.id)] == [made.id]
    assert made.get_last_pipeline_run() is None
    (run,) = tick(ws.open(), datetime.now(UTC).timestamp() + 1)
    last = made.get_last_pipeline_run()
    assert last is not None
    assert last.id == run
    assert [one.id for one in made.get_pipeline_runs()] == [run]
    assert last.experiment.name == "Scheduled"
    last.cancel()
    eventually(lambda: last.get_status() == "Canceled", timeout=120)


def test_a_datastore_triggers_and_feeds_a_data_path(ws: Workspace) -> None:
    store = ws.get_default_datastore()
    path = PipelineParameter("input", DataPath(store, "first"))
    binding = (path, DataPathComputeBinding())
    step = PythonScriptStep("wait.py", name="wait", arguments=[binding], inputs=[binding])
    published = Pipeline(ws, [step]).publish(name="with data")
    made = Schedule.create(ws, "arrivals", published.id, "Arrivals", datastore=store, polling_interval=1, data_path_parameter_name="input",
                           path_on_datastore="inbox")
    assert (made.recurrence, made.datastore_name, made.path_on_datastore) == (None, store.name, "inbox")
    assert (made.polling_interval, made.data_path_parameter_name) == (1, "input")
    made.update(polling_interval=30, path_on_datastore="other")
    assert (made.polling_interval, made.path_on_datastore, made.data_path_parameter_name) == (30, "other", "input")
    with pytest.raises(ValueError, match="no data parameter"):
        Schedule.create(ws, "wrong", published.id, "Arrivals", datastore=store, data_path_parameter_name="none")


def test_what_does_not_fit_is_a_value_error(ws: Workspace, published: PublishedPipeline) -> None:
    def make(**more: Any) -> Schedule:
        return Schedule.create(ws, "wrong", published.id, "Wrong", **more)

    every = ScheduleRecurrence("Hour", 1)
    both = {"recurrence": every, "datastore": ws.get_default_datastore()}
    for wrong in ({}, both, {"recurrence": every, "pipeline_parameters": {"x": 1}}):
        with pytest.raises(ValueError, match=r"one of the two|no parameter|not both"):
            make(**wrong)
    with pytest.raises(ValueError, match="no published pipeline"):
        Schedule.create(ws, "wrong", "none", "Wrong", every)
    with pytest.raises(StepwellError, match="no schedule"):
        Schedule.get(ws, "none")
    assert Schedule.list(ws, active_only=False) == []


@pytest.mark.parametrize("wrong", [
    {"frequency": "Second", "interval": 1}, {"frequency": "Day", "interval": 0}, {"frequency": "Hour", "interval": 1, "hours": [1]},
    {"frequency": "Day", "interval": 1, "week_days": ["Monday"]}, {"frequency": "Day", "interval": 1, "time_zone": TimeZone["UTC"]},
    {"frequency": "Day", "interval": 1, "time_of_day": "5", }, {"frequency": "Day", "interval": 1, "time_of_day": "5:00", "hours": [5]},
    {"frequency": "Day", "interval": 1, "start_time": datetime.now(UTC)}, {"frequency": "Day", "interval": 1, "start_time": "soon"},
])
def test_recurrences_that_make_no_sense_are_value_errors(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        ScheduleRecurrence(**wrong)


def test_a_recurrence_knows_its_zone_and_start() -> None:
    start = datetime(2026, 12, 1, 18, 30)  # noqa: DTZ001  v1 wants it without
    found = ScheduleRecurrence("Week", 1, start_time=start, time_zone=TimeZone["PacificStandardTime"], week_days=["Sunday"])
    assert found.compiled().start == "2026-12-01T18:30:00"
    assert found.compiled().zone == "Pacific Standard Time"
    found.validate()
    assert "Sunday" in repr(found)


WEEKLY = """
Schedule:
    description: "every Friday"
    recurrence:
        frequency: Week
        interval: 1
        start_time: 2019-06-07T10:50:00
        time_zone: UTC
        hours: [1]
        minutes: [0]
        time_of_day: null
        week_days: [Friday]
    pipeline_parameters: {'rate': 2.5}
    wait_for_provisioning: True
    wait_timeout: 3600
    datastore_name: ~
    polling_interval: ~
    continue_on_step_failure: None
"""


def test_one_is_made_from_what_a_yaml_file_says(ws: Workspace, published: PublishedPipeline, tmp_path: Path) -> None:
    (tmp_path / "weekly.yaml").write_text(WEEKLY)
    told = Schedule.load_yaml(workspace=ws, filename=str(tmp_path / "weekly.yaml"))
    made = Schedule.create(ws, name="weekly", pipeline_id=published.id, experiment_name="from-yaml", recurrence=told.get("recurrence"),
                           description=told.get("description"), pipeline_parameters=told.get("pipeline_parameters"),
                           wait_for_provisioning=told["wait_for_provisioning"], wait_timeout=told["wait_timeout"],
                           datastore=told.get("datastore_name"), polling_interval=told.get("polling_interval"),
                           data_path_parameter_name=told.get("data_path_parameter_name"),
                           continue_on_step_failure=told.get("continue_on_step_failure"), path_on_datastore=told.get("path_on_datastore"))
    assert (made.description, made.continue_on_step_failure) == ("every Friday", None)
    written = ScheduleRecurrence("Week", 1, datetime(2019, 6, 7, 10, 50), "UTC", [1], [0], ["Friday"])  # noqa: DTZ001  as v1 takes it
    assert made.recurrence is not None
    assert made.recurrence.compiled() == written.compiled()


def test_a_yaml_file_may_name_a_datastore_or_a_time_of_day(ws: Workspace, published: PublishedPipeline, tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text("Schedule: {datastore_name: workspaceblobstore, polling_interval: ~, path_on_datastore: in/new}")
    told = Schedule.load_yaml(ws, str(tmp_path / "data.yaml"))
    assert told == {"datastore_name": ws.get_default_datastore(), "polling_interval": None, "path_on_datastore": "in/new"}
    made = Schedule.create(ws, "arrivals", published.id, "from-yaml", datastore=told["datastore_name"],
                           polling_interval=told["polling_interval"], path_on_datastore=told["path_on_datastore"])
    assert (made.datastore_name, made.path_on_datastore, made.polling_interval) == ("workspaceblobstore", "in/new", 5)
    (tmp_path / "daily.yaml").write_text("Schedule: {recurrence: {frequency: Day, interval: 1, time_of_day: 18:05}}")
    assert Schedule.load_yaml(ws, str(tmp_path / "daily.yaml"))["recurrence"].compiled().hours == (18,)


@pytest.mark.parametrize(("text", "said"), [
    ("a: 1", "the key `Schedule`"), ("Schedule: 3", "the key `Schedule`"), ("a: [", "this is no YAML"),
    ("Schedule: {recurrence: {frequency: Day}}", "`interval`"), ("Schedule: {datastore_name: nowhere}", "nowhere"),
    ("Schedule: {recurrence: {frequency: Never, interval: 1}}", "Never")])
def test_a_yaml_file_that_describes_none_says_why(ws: Workspace, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text)
    with pytest.raises(StepwellError, match=said):
        Schedule.load_yaml(ws, str(tmp_path / "bad.yaml"))


def test_a_yaml_file_that_is_not_there_is_a_value_error(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is no schedule"):
        Schedule.load_yaml(ws, str(tmp_path / "gone.yaml"))
