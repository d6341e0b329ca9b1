"""Schedules under a clock of the test's own: nothing is missed, nothing is fired twice, and what was missed is made up for by one run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from stepwell_runner.graph.model import Graph, Parameter, ParameterRef, Step, Text
from stepwell_runner.scheduling.firing import OCCURRENCE, SCHEDULE, state_of, tick
from stepwell_runner.scheduling.recurrence import as_utc
from stepwell_runner.scheduling.triggers import Cron, DataChange, Recurrence, Trigger
from stepwell_runner.verbs.publish import publish_graph
from stepwell_runner.verbs.schedule import change, create
from stepwell_store import workspace as workspaces
from stepwell_store.data.definition import DatasetDefinition, DatastorePath
from stepwell_store.errors import UsageError
from stepwell_store.ledger import history, publishing, schedules
from stepwell_store.ledger.records import Run
from stepwell_store.workspace import Workspace

START = 1_795_000_000.0 - 1_795_000_000 % 86_400
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
HOURLY = Recurrence(frequency="Hour", interval=1)


class Clockwork:
    """A workspace with a published pipeline, and a clock. Nothing starts what is fired: it waits, and is counted."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.now = START
        self.workspace: Workspace = workspaces.open_workspace(workspaces.create(base))
        word = Parameter(name="word", type="string", default="x")
        place = DatasetDefinition(kind="file", places=(DatastorePath("workspaceblobstore", "inbox"),))
        data = Parameter(name="data", type="data", default=place)
        step = Step(key="say", name="say", kind="CommandStep", command=(Text("true"), ParameterRef("word")))
        self.published = publish_graph(self.workspace, Graph(name="say", steps=(step,), parameters=(word, data)), name="say")
        self.inbox = self.workspace.root / "datastores" / "workspaceblobstore" / "inbox"
        self.inbox.mkdir()

    def schedule(self, trigger: Trigger, **more: object) -> schedules.Schedule:
        return create(self.workspace, "test", trigger, "scheduled", published=self.published.id, now=self.now, **more)  # type: ignore[arg-type]

    def go(self, seconds: float, step: float = 10.0) -> list[Run]:
        """Let time pass, looking every so often as a server does; what was fired meanwhile."""
        before = len(self.runs())
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + step)
            tick(self.workspace, self.now)
        return self.runs()[before:]

    def jump(self, seconds: float) -> list[Run]:
        """Let time pass, or turn it back, while nobody looks; what is fired at the first look."""
        self.now += seconds
        before = len(self.runs())
        tick(self.workspace, self.now)
        return self.runs()[before:]

    def runs(self) -> list[Run]:
        return history.list_runs(self.workspace.database, limit=10_000)[::-1]

    def restart(self) -> None:
        """As after the end of one process and the start of another."""
        self.workspace.close()
        self.workspace = workspaces.open_workspace(self.workspace.root)


@pytest.fixture
def clockwork(tmp_path: Path) -> Iterator[Clockwork]:
    made = Clockwork(tmp_path)
    yield made
    made.workspace.close()


def test_one_without_a_start_fires_at_once_and_then_evenly(clockwork: Clockwork) -> None:
    made = clockwork.schedule(HOURLY, parameters={"word": "told"})
    fired = clockwork.go(3 * HOUR + MINUTE)
    assert [run.properties[OCCURRENCE] for run in fired] == [as_utc(START + number * HOUR) for number in range(4)]
    assert {run.properties[SCHEDULE] for run in fired} == {made.id}
    assert {(run.experiment, run.parameters["word"], run.status) for run in fired} == {("scheduled", "told", "Queued")}
    assert schedules.runs_of(clockwork.workspace.database, made.id) == [run.id for run in reversed(fired)]


def test_what_was_missed_across_a_restart_is_made_up_for_by_one_run(clockwork: Clockwork) -> None:
    clockwork.schedule(HOURLY)
    clockwork.go(HOUR)
    clockwork.restart()
    assert len(clockwork.jump(10 * DAY + HOUR / 2)) == 1
    assert clockwork.go(HOUR / 4) == []
    assert [run.properties[OCCURRENCE] for run in clockwork.go(HOUR / 2)] == [as_utc(START + 10 * DAY + 2 * HOUR)]


def test_a_restart_in_which_nothing_was_due_fires_nothing(clockwork: Clockwork) -> None:
    clockwork.schedule(HOURLY)
    clockwork.go(HOUR + MINUTE)
    clockwork.restart()
    assert clockwork.jump(MINUTE) == []
    assert len(clockwork.go(HOUR)) == 1


def test_what_fired_but_was_not_noted_is_not_fired_again(clockwork: Clockwork) -> None:
    made = clockwork.schedule(HOURLY)
    (first,) = clockwork.jump(0)
    noted = schedules.get_schedule(clockwork.workspace.database, made.id)
    assert noted is not None
    # As if the server had been killed between the two.
    assert schedules.keep_state(clockwork.workspace.database, made.id, noted.state, made.state)
    clockwork.restart()
    assert clockwork.jump(1) == []
    again = schedules.get_schedule(clockwork.workspace.database, made.id)
    assert again is not None
    assert state_of(again).run == first.id


def test_several_who_look_at_once_fire_once(clockwork: Clockwork) -> None:
    import threading

    clockwork.schedule(HOURLY)
    threads = [threading.Thread(target=tick, args=(clockwork.workspace, clockwork.now)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clockwork.runs()) == 1


@pytest.mark.parametrize("back", [2.0, HOUR / 2, 3 * HOUR, 40 * DAY, 400 * DAY])
def test_a_clock_that_is_set_back_repeats_nothing_and_stops_nothing(clockwork: Clockwork, back: float) -> None:
    clockwork.schedule(HOURLY)
    clockwork.go(5 * HOUR + 1)
    before = {run.properties[OCCURRENCE] for run in clockwork.runs()}
    assert clockwork.jump(-back) == []
    fired = [run.properties[OCCURRENCE] for run in clockwork.go(6 * HOUR)]
    assert not before & set(fired)
    assert len({*before, *fired}) == len(before) + len(fired)
    assert len(fired) >= 1


@pytest.mark.parametrize("forth", [2.0, HOUR, DAY, 400 * DAY])
def test_a_clock_that_is_set_forward_makes_one_run_and_goes_on_after_it_is_put_right(clockwork: Clockwork, forth: float) -> None:
    clockwork.schedule(HOURLY)
    clockwork.go(HOUR / 2)
    assert len(clockwork.jump(forth)) == (forth >= HOUR / 2)
    clockwork.jump(-forth)
    assert len(clockwork.go(3 * HOUR)) >= 2


def test_days_are_those_of_the_time_zone(clockwork: Clockwork) -> None:
    start = as_utc(START).removesuffix("Z")
    clockwork.schedule(Recurrence(frequency="Day", interval=1, start=start, zone="Tokyo Standard Time", hours=(9,), minutes=(0,)))
    fired = clockwork.go(2 * DAY, step=10 * MINUTE)
    assert [run.properties[OCCURRENCE] for run in fired] == [as_utc(START + DAY), as_utc(START + 2 * DAY)]


def test_a_cron_expression_fires_and_makes_up_by_one_run_for_what_was_missed(clockwork: Clockwork) -> None:
    end = as_utc(START + 10 * DAY).removesuffix("Z")
    made = clockwork.schedule(Cron(expression="30 */2 * * *", end=end))
    fired = clockwork.go(4 * HOUR, step=MINUTE)
    assert [run.properties[OCCURRENCE] for run in fired] == [as_utc(START + HOUR / 2), as_utc(START + 2.5 * HOUR)]
    assert {run.properties[SCHEDULE] for run in fired} == {made.id}
    clockwork.restart()
    assert len(clockwork.jump(2 * DAY)) == 1
    assert len(clockwork.go(2 * HOUR, step=MINUTE)) == 1
    assert len(clockwork.jump(20 * DAY)) == 1
    assert clockwork.go(DAY, step=HOUR) == []


def test_one_that_is_disabled_makes_up_for_nothing(clockwork: Clockwork) -> None:
    made = clockwork.schedule(HOURLY)
    clockwork.go(HOUR)
    made = change(clockwork.workspace, made, status="Disabled", now=clockwork.now)
    assert clockwork.go(5 * HOUR) == []
    change(clockwork.workspace, made, status="Active", now=clockwork.now + MINUTE)
    assert clockwork.jump(2 * MINUTE) == []
    assert len(clockwork.go(HOUR)) == 1


def test_why_it_could_not_fire_is_told_and_it_goes_on(clockwork: Clockwork) -> None:
    made = clockwork.schedule(HOURLY)
    publishing.set_published_status(clockwork.workspace.database, clockwork.published.id, "Disabled")
    assert clockwork.go(2 * HOUR) == []
    told = schedules.get_schedule(clockwork.workspace.database, made.id)
    assert told is not None
    assert "disabled" in (state_of(told).problem or "")
    publishing.set_published_status(clockwork.workspace.database, clockwork.published.id, "Active")
    assert len(clockwork.go(HOUR)) == 1


def test_an_endpoint_is_run_in_the_version_that_is_the_default_when_it_fires(clockwork: Clockwork) -> None:
    database = clockwork.workspace.database
    endpoint = publishing.create_endpoint(database, "talk", clockwork.published.id, None)
    create(clockwork.workspace, "of endpoint", HOURLY, "scheduled", endpoint=endpoint.id, now=clockwork.now)
    clockwork.jump(0)
    other = msgspec.structs.replace(clockwork.published, id="other")
    publishing.add_published(database, other)
    publishing.add_version(database, endpoint, "other", default=True)
    clockwork.go(HOUR)
    assert [run.properties["stepwell.endpoint_version"] for run in clockwork.runs()] == ["0", "1"]


# --- data


def test_new_and_modified_files_fire_once_each_time_they_are_seen(clockwork: Clockwork) -> None:
    (clockwork.inbox / "old.csv").write_text("old")
    clockwork.schedule(DataChange(datastore="workspaceblobstore", path="inbox", minutes=5, parameter="data"))
    assert clockwork.go(HOUR) == []
    (clockwork.inbox / "new.csv").write_text("new")
    (run,) = clockwork.go(HOUR)
    assert _path(run) == "inbox/new.csv"
    (clockwork.inbox / "old.csv").write_text("longer than before")
    (run,) = clockwork.go(HOUR)
    assert _path(run) == "inbox/old.csv"
    for name in "abc":
        (clockwork.inbox / name).write_text(name)
    (run,) = clockwork.go(HOUR)
    assert _path(run) == "inbox"
    (clockwork.inbox / "a").unlink()
    (clockwork.inbox / "deeper").mkdir()
    (clockwork.inbox / "deeper" / "file").write_text("not looked at")
    assert clockwork.go(HOUR) == []


def _path(run: Run) -> str:
    (place,) = run.parameters["data"]["places"]
    return str(place["path"])


def test_files_that_came_while_nobody_looked_are_noticed(clockwork: Clockwork) -> None:
    clockwork.schedule(DataChange(datastore="workspaceblobstore", path="inbox", minutes=5))
    clockwork.restart()
    for number in range(20):
        (clockwork.inbox / f"{number}.csv").write_text("x")
    assert len(clockwork.jump(3 * DAY)) == 1
    assert clockwork.go(HOUR) == []


def test_a_datastore_is_looked_at_no_more_often_than_asked_for(clockwork: Clockwork) -> None:
    clockwork.schedule(DataChange(datastore="workspaceblobstore", path="inbox", minutes=10))
    (clockwork.inbox / "new").write_text("new")
    assert clockwork.go(10 * MINUTE - 10) == []
    assert len(clockwork.go(10)) == 1


def test_what_does_not_fit_is_refused_at_once(clockwork: Clockwork) -> None:
    with pytest.raises(UsageError, match="no parameter"):
        clockwork.schedule(HOURLY, parameters={"wrod": "x"})
    with pytest.raises(UsageError, match="no data parameter"):
        clockwork.schedule(DataChange(datastore="workspaceblobstore", parameter="word"))
    with pytest.raises(UsageError, match="no datastore"):
        clockwork.schedule(DataChange(datastore="nowhere"))
    with pytest.raises(UsageError, match="interval"):
        clockwork.schedule(Recurrence(frequency="Day", interval=0))
    assert schedules.list_schedules(clockwork.workspace.database) == []
