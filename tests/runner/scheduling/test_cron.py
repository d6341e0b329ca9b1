"""When cron expressions fire: against looking at every minute, and on the days on which clocks are odd."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stepwell_runner.scheduling.recurrence import as_utc, describe, next_after
from stepwell_runner.scheduling.triggers import Cron, check
from stepwell_store.errors import UsageError

MINUTES_LOOKED_AT = 2 * 24 * 60
Wanted = tuple[str, set[int]]


def at(text: str) -> float:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def times(cron: Cron, since: str, count: int) -> list[str]:
    """The first moments at which it fires."""
    found, moment = [], at(since)
    while len(found) < count and (following := next_after(cron, at(since), moment)) is not None:
        moment = following
        found.append(as_utc(moment))
    return found


@st.composite
def fields(draw: st.DrawFn, low: int, high: int) -> Wanted:
    """A field that is restricted, and what it means."""
    parts, wanted = [], set()
    for _ in range(draw(st.integers(1, 3))):
        first = draw(st.integers(low, high))
        last = draw(st.integers(first, high))
        step = draw(st.integers(1, 9))
        text, numbers = draw(st.sampled_from([
            (f"{first}", {first}), (f"{first}-{last}", set(range(first, last + 1))),
            (f"{first}-{last}/{step}", set(range(first, last + 1, step))), (f"{first}/{step}", set(range(first, high + 1, step)))]))
        parts.append(text)
        wanted |= numbers
    return ",".join(parts), wanted


def maybe(low: int, high: int) -> st.SearchStrategy[Wanted]:
    return st.one_of(st.just(("*", set(range(low, high + 1)))), fields(low, high),
                     st.integers(2, 9).map(lambda step: (f"*/{step}", set(range(low, high + 1, step)))))


def matches(clock: datetime, wanted: list[Wanted]) -> bool:
    """Whether cron fires in this minute, said once more and in another way."""
    minute, hour, day, month, week_day = wanted
    in_month, in_week = clock.day in day[1], clock.isoweekday() % 7 in week_day[1]
    both = day[0][0] == "*" or week_day[0][0] == "*"
    days = (in_month and in_week) if both else (in_month or in_week)
    return clock.minute in minute[1] and clock.hour in hour[1] and clock.month in month[1] and days


@settings(max_examples=40, deadline=None)
@given(minute=maybe(0, 59), hour=maybe(0, 23), day=maybe(1, 31), month=maybe(1, 12), week_day=maybe(0, 6),
       since=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)), zone=st.sampled_from(["UTC", "Asia/Tokyo", "Asia/Kathmandu"]))  # noqa: DTZ001
def test_it_fires_in_the_minutes_that_match_and_in_no_other(minute: Wanted, hour: Wanted, day: Wanted, month: Wanted, week_day: Wanted,
                                                            since: datetime, zone: str) -> None:
    wanted = [minute, hour, day, month, week_day]
    cron = Cron(expression=" ".join(text for text, _ in wanted), zone=zone)
    assume((day[0][0] != "*" and week_day[0][0] != "*") or min(day[1]) < 30)  # else there may be no date at all
    moment = since.replace(tzinfo=UTC).timestamp()
    first = (int(moment) // 60 + 1) * 60
    looked_at = range(first, first + MINUTES_LOOKED_AT * 60, 60)
    expected = [one for one in looked_at if matches(datetime.fromtimestamp(one, ZoneInfo(zone)), wanted)][:4]
    for one in expected:
        found = next_after(cron, 0, moment)
        assert found == one
        moment = found
    if not expected:
        found = next_after(cron, 0, moment)
        assert found is None or found >= looked_at.stop


@settings(max_examples=10, deadline=None)
@given(minute=maybe(0, 59), start=st.integers(0, 6 * 60), day=st.sampled_from(["2026-10-24T22:00:00", "2027-03-27T22:00:00"]),
       zone=st.sampled_from(["Europe/Berlin", "America/New_York"]))
def test_every_hour_is_every_hour_that_the_clock_shows(minute: Wanted, start: int, day: str, zone: str) -> None:
    cron = Cron(expression=f"{minute[0]} */1 * * *", zone=zone)
    moment = at(day) + start * 60
    for _ in range(4):
        expected = next(one for number in range(1, 3 * 60) if datetime.fromtimestamp(one := moment + number * 60, ZoneInfo(zone)).minute
                        in minute[1])
        assert next_after(cron, 0, moment) == expected
        moment = expected


EXAMPLES = {
    "names": ("30 8 * JAN-MAR mon-fri", None, "2026-12-31T00:00:00", ["2027-01-01T08:30:00Z", "2027-01-04T08:30:00Z"]),
    "sunday is 0 and 7": ("0 0 * * 7", None, "2026-11-26T00:00:00", ["2026-11-29T00:00:00Z", "2026-12-06T00:00:00Z"]),
    "a week's end": ("0 0 * * fri-sun", None, "2026-11-26T00:00:00",
                     ["2026-11-27T00:00:00Z", "2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z"]),
    "one of two kinds of days is enough": ("0 0 1 * mon", None, "2026-11-26T00:00:00", ["2026-11-30T00:00:00Z", "2026-12-01T00:00:00Z"]),
    "leap days": ("0 0 29 2 *", None, "2026-11-26T00:00:00", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
    "a time zone": ("0 9 * * *", "Pacific Standard Time", "2026-11-26T00:00:00", ["2026-11-26T17:00:00Z"]),
    "in spring a time that the clock skips comes later": ("30 2 * * *", "Europe/Berlin", "2027-03-27T12:00:00",
                                                          ["2027-03-28T01:30:00Z", "2027-03-29T00:30:00Z"]),
    "in autumn a time that comes twice counts once": ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00",
                                                      ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]),
    "many minutes of an hour of which half is skipped": ("20-30 2 * * *", "Australia/Lord_Howe", "2026-10-03T14:00:00",
                                                         ["2026-10-03T15:30:00Z", "2026-10-03T15:50:00Z"]),
}


@pytest.mark.parametrize(("expression", "zone", "since", "expected"), EXAMPLES.values(), ids=EXAMPLES)
def test_days_on_which_it_is_not_simple(expression: str, zone: str | None, since: str, expected: list[str]) -> None:
    assert times(Cron(expression=expression, zone=zone), since, len(expected)) == expected


def test_it_begins_at_its_start_and_ends_at_its_end() -> None:
    cron = Cron(expression="0 * * * *", start="2026-11-26T10:00:00", end="2026-11-26T12:00:00", zone="Europe/Berlin")
    check(cron)
    assert times(cron, "2026-11-01T00:00:00", 9) == ["2026-11-26T09:00:00Z", "2026-11-26T10:00:00Z", "2026-11-26T11:00:00Z"]
    assert describe(cron) == "at 0 * * * * from 2026-11-26T10:00:00 until 2026-11-26T12:00:00 (Europe/Berlin)"


@pytest.mark.parametrize(("expression", "said"), [
    ("* * * *", "has 4 fields"), ("0 0 * * * *", "has 6 fields"), ("60 * * * *", "'60' is no minute"), ("* 24 * * *", "no hour"),
    ("* * 0 * *", "no day of the month"), ("* * * 13 *", "no month"), ("* * * * 8", "no day of the week"), ("5-1 * * * *", "'5-1' is no"),
    ("*/0 * * * *", "no minute"), ("a * * * *", "no minute"), (", * * * *", "no minute"), ("* * * foo *", "no month"),
    ("0 0 30 2 *", "no date ever"), ("0 0 31 4,6 *", "no date ever"), ("-1 * * * *", "no minute"), ("1//2 * * * *", "no minute"),
    ("*-5 * * * *", "no minute"), ("\u0663 * * * *", "no minute"),
])
def test_what_is_no_expression_is_refused(expression: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check(Cron(expression=expression))


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(UsageError, match="before the start"):
        check(Cron(expression="* * * * *", start="2026-11-26T10:00:00", end="2026-11-26T09:00:00"))


def test_it_fires_every_minute_for_a_while() -> None:
    found = times(Cron(expression="* * * * *"), "2026-11-26T10:00:30", 3)
    assert found == [as_utc(at("2026-11-26T10:01:00") + timedelta(minutes=number).total_seconds()) for number in range(3)]
