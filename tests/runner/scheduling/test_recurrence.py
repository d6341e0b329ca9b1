"""When recurrences fire: laws that hold for all of them, and the days on which clocks are odd."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_runner.scheduling.recurrence import as_utc, describe, next_after
from stepwell_runner.scheduling.triggers import FREQUENCIES, WEEK_DAYS, DataChange, Recurrence, check, zone_of
from stepwell_store.errors import UsageError


def at(text: str) -> float:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def times(recurrence: Recurrence, since: str, count: int) -> list[str]:
    """The first moments after the schedule was made."""
    found, moment = [], at(since)
    for _ in range(count):
        following = next_after(recurrence, at(since), moment)
        assert following is not None
        moment = following
        found.append(as_utc(moment))
    return found


SCHEDULES = {
    "every 15 minutes from now on": (Recurrence(frequency="Minute", interval=15), "2026-11-26T01:07:00",
                                     ["2026-11-26T01:22:00Z", "2026-11-26T01:37:00Z"]),
    "every 2 hours from a start": (Recurrence(frequency="Hour", interval=2, start="2026-11-26T09:30:00"), "2026-11-26T01:07:00",
                                   ["2026-11-26T09:30:00Z", "2026-11-26T11:30:00Z"]),
    "a start that is over": (Recurrence(frequency="Hour", interval=5, start="2026-11-20T00:00:00"), "2026-11-26T01:07:00",
                             ["2026-11-26T06:00:00Z", "2026-11-26T11:00:00Z"]),
    "every other day at 22:30": (Recurrence(frequency="Day", interval=2, hours=(22,), minutes=(30,)), "2026-11-26T01:07:00",
                                 ["2026-11-26T22:30:00Z", "2026-11-28T22:30:00Z", "2026-11-30T22:30:00Z"]),
    "twice a day": (Recurrence(frequency="Day", interval=1, hours=(6, 18), minutes=(0,)), "2026-11-26T12:00:00",
                    ["2026-11-26T18:00:00Z", "2026-11-27T06:00:00Z"]),
    "a day by its start": (Recurrence(frequency="Day", interval=1, start="2026-11-26T06:45:10"), "2026-11-26T12:00:00",
                           ["2026-11-27T06:45:10Z"]),
    "weekdays": (Recurrence(frequency="Week", interval=1, hours=(8,), minutes=(0,), week_days=("Monday", "Friday")), "2026-11-26T12:00:00",
                 ["2026-11-27T08:00:00Z", "2026-11-30T08:00:00Z", "2026-12-04T08:00:00Z"]),
    "the 31st": (Recurrence(frequency="Month", interval=1, start="2027-01-31T10:00:00"), "2026-12-01T00:00:00",
                 ["2027-01-31T10:00:00Z", "2027-02-28T10:00:00Z", "2027-03-31T10:00:00Z", "2027-04-30T10:00:00Z"]),
    "every third month": (Recurrence(frequency="Month", interval=3, start="2026-11-15T10:00:00"), "2026-12-01T00:00:00",
                          ["2027-02-15T10:00:00Z", "2027-05-15T10:00:00Z"]),
    "days of a month until an end": (
        Recurrence(frequency="Month", interval=1, hours=(9,), month_days=(1, 31), start="2027-01-01T00:00:00", end="2027-03-01T09:00:00",
                   minutes=(0,)), "2026-12-01T00:00:00",
        ["2027-01-01T09:00:00Z", "2027-01-31T09:00:00Z", "2027-02-01T09:00:00Z", "2027-03-01T09:00:00Z"]),
    "in spring a time that the clock skips comes later": (
        Recurrence(frequency="Day", interval=1, start="2027-03-27T02:30:00", zone="Europe/Berlin"), "2027-03-27T00:00:00",
        ["2027-03-27T01:30:00Z", "2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"]),
    "in autumn a time that comes twice counts once": (
        Recurrence(frequency="Day", interval=1, start="2026-10-24T02:30:00", zone="W. Europe Standard Time"), "2026-10-24T00:00:00",
        ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
    "hours go on evenly when clocks change": (
        Recurrence(frequency="Hour", interval=1, start="2026-10-25T01:00:00", zone="Europe/Berlin"), "2026-10-24T22:30:00",
        ["2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_it_fires_at(name: str) -> None:
    recurrence, since, expected = SCHEDULES[name]
    check(recurrence)
    assert times(recurrence, since, len(expected)) == expected


ZONES = st.sampled_from([None, "Europe/Berlin", "America/St_Johns", "Pacific Standard Time", "Asia/Kathmandu", "Pacific/Apia",
                         "Lord Howe Standard Time"])


@st.composite
def recurrences(draw: st.DrawFn) -> Recurrence:
    frequency = draw(st.sampled_from(FREQUENCIES))
    zone = draw(ZONES)
    start = draw(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)).map(lambda one: one.isoformat(timespec="seconds")))  # noqa: DTZ001
    daily = frequency in ("Day", "Week")
    return Recurrence(
        frequency=frequency, interval=draw(st.integers(1, 40)), zone=zone, start=start if zone or draw(st.booleans()) else None,
        hours=draw(st.lists(st.integers(0, 23), max_size=3, unique=True).map(tuple)) if daily else (),
        minutes=draw(st.lists(st.integers(0, 59), max_size=3, unique=True).map(tuple)) if daily else (),
        week_days=draw(st.lists(st.sampled_from(WEEK_DAYS), max_size=3, unique=True).map(tuple)) if frequency == "Week" else ())


MOMENTS = st.floats(at("2020-01-01T00:00:00"), at("2036-01-01T00:00:00"), allow_nan=False)


@given(recurrences(), MOMENTS, MOMENTS)
def test_the_next_one_is_later_never_before_the_start_and_the_same_from_any_moment_before_it(
        recurrence: Recurrence, since: float, moment: float) -> None:
    check(recurrence)
    moment = max(since, moment)
    following = next_after(recurrence, since, moment)
    assert following is not None
    assert following > moment
    if recurrence.start is not None:
        first = datetime.fromisoformat(recurrence.start).replace(tzinfo=zone_of(recurrence)).timestamp()
        assert following >= first - 3600  # at the hour that an autumn shows twice
    between = moment + (following - moment) / 2
    assert next_after(recurrence, since, between) == following
    assert next_after(recurrence, since, following) != following


@given(recurrences())
def test_it_is_told_in_words_that_name_the_zone(recurrence: Recurrence) -> None:
    assert (recurrence.zone or "UTC") in describe(recurrence)


WRONG = [
    Recurrence(frequency="Second", interval=1), Recurrence(frequency="Day", interval=0), Recurrence(frequency="Day", interval=True),  # type: ignore[arg-type]
    Recurrence(frequency="Day", interval=1.5), Recurrence(frequency="Hour", interval=1, hours=(3,)),  # type: ignore[arg-type]
    Recurrence(frequency="Day", interval=1, hours=(24,)), Recurrence(frequency="Day", interval=1, minutes=(60,)),
    Recurrence(frequency="Day", interval=1, week_days=("Monday",)), Recurrence(frequency="Week", interval=1, week_days=("Mon",)),
    Recurrence(frequency="Day", interval=1, zone="Europe/Berlin"), Recurrence(frequency="Day", interval=1, start="soon"),
    Recurrence(frequency="Day", interval=1, start="2026-01-01T00:00:00", zone="Mars/Olympus"),
    Recurrence(frequency="Day", interval=1, start="2026-01-01T00:00:00", zone="../../etc/passwd"),
    Recurrence(frequency="Day", interval=1, start="2026-01-01T00:00:00+02:00"), DataChange(datastore="x", minutes=0),
]


@pytest.mark.parametrize("trigger", WRONG, ids=str)
def test_what_can_never_fire_is_refused(trigger: Recurrence | DataChange) -> None:
    with pytest.raises(UsageError):
        check(trigger)


def test_every_zone_of_windows_is_known() -> None:
    from stepwell.sdk.time_zone import TimeZone

    assert TimeZone["PacificStandardTime"].value == "Pacific Standard Time"
    for member in TimeZone:
        assert isinstance(zone_of(Recurrence(frequency="Day", interval=1, zone=member.value)), ZoneInfo)
