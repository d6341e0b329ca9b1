"""What makes a schedule fire, as values."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from stepwell_runner.scheduling.cronfields import cron_fields
from stepwell_store.errors import UsageError

Frequency = Literal["Minute", "Hour", "Day", "Week", "Month"]
FREQUENCIES: tuple[Frequency, ...] = ("Minute", "Hour", "Day", "Week", "Month")
WEEK_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST = 100_000


class Recurrence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="recurrence"):
    """Every `interval` minutes, hours, days, weeks or months.

    `start` is a clock's time, ISO 8601 without an offset, in the time zone `zone` (a name of the IANA or of Windows; None is UTC).
    Days and weeks may name the `hours` and `minutes` of a day at which they fire, weeks also `week_days`. Months may name `month_days`,
    and the times of those; a month without such a day is passed over. Nothing fires after `end`, which is written like `start`.
    """

    frequency: Frequency
    interval: int
    start: str | None = None
    zone: str | None = None
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    week_days: tuple[str, ...] = ()
    month_days: tuple[int, ...] = ()
    end: str | None = None


class Cron(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="cron"):
    """At the minutes that a cron expression of five fields names, on the clock of `zone`, from `start` to `end`."""

    expression: str
    start: str | None = None
    zone: str | None = None
    end: str | None = None


class DataChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="data"):
    """New or modified files directly at `path` on a datastore, looked at every `minutes`.

    `parameter` takes the path of the file that changed, or `path` itself when several did.
    """

    datastore: str
    path: str = ""
    minutes: float = 5
    parameter: str | None = None


Timed = Recurrence | Cron
Trigger = Timed | DataChange


def check(trigger: Trigger) -> None:
    """UsageError when a trigger can never fire, or means nothing."""
    if isinstance(trigger, DataChange):
        if not 0 < trigger.minutes <= MOST:
            raise UsageError(f"a datastore cannot be looked at every {trigger.minutes!r} minutes", todo="give a number of minutes above 0")
        return
    zone_of(trigger)
    _check_span(trigger)
    if isinstance(trigger, Cron):
        cron_fields(trigger.expression)
        return
    if trigger.frequency not in FREQUENCIES:
        raise UsageError(f"{trigger.frequency!r} is no frequency", todo=f"it is one of: {', '.join(FREQUENCIES)}")
    if isinstance(trigger.interval, bool) or not isinstance(trigger.interval, int) or not 1 <= trigger.interval <= MOST:
        raise UsageError(f"an interval of {trigger.interval!r} is not possible", todo="give a whole number, 1 or more")
    _check_times(trigger)
    if trigger.zone is not None and trigger.start is None:
        raise UsageError("a time zone needs a start time", todo="give start_time, in that time zone")


def _check_span(trigger: Timed) -> None:
    start, end = start_of(trigger), end_of(trigger)
    if start is not None and end is not None and end < start:
        raise UsageError(f"the end {trigger.end} is before the start {trigger.start}")


def _check_times(trigger: Recurrence) -> None:
    if trigger.month_days and trigger.frequency != "Month":
        raise UsageError(f"month days do not go with the frequency {trigger.frequency}", todo="use Month")
    if not all(1 <= day <= 31 for day in trigger.month_days):
        raise UsageError("days of a month are from 1 to 31")
    if (trigger.hours or trigger.minutes) and trigger.frequency not in ("Day", "Week") and not trigger.month_days:
        raise UsageError(f"hours and minutes do not go with the frequency {trigger.frequency}", todo="use Day or Week")
    if trigger.week_days and trigger.frequency != "Week":
        raise UsageError(f"week days do not go with the frequency {trigger.frequency}", todo="use Week")
    if not all(0 <= hour <= 23 for hour in trigger.hours) or not all(0 <= minute <= 59 for minute in trigger.minutes):
        raise UsageError("hours are from 0 to 23 and minutes from 0 to 59")
    for day in trigger.week_days:
        if day not in WEEK_DAYS:
            raise UsageError(f"{day!r} is no day of the week", todo=f"they are: {', '.join(WEEK_DAYS)}")


def zone_of(trigger: Timed) -> ZoneInfo:
    """Its time zone; UsageError for a name that nobody knows."""
    return _zone(trigger.zone or "UTC")


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    from tzlocal.windows_tz import win_tz

    try:
        return ZoneInfo(win_tz.get(name, name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"{name!r} is no time zone", todo="for example: UTC, Europe/Berlin, Pacific Standard Time") from None


def start_of(trigger: Timed) -> datetime | None:
    """Its start on the clock of its time zone, without an offset; UsageError for what is no time."""
    return _clock(trigger.start)


def end_of(trigger: Timed) -> datetime | None:
    """Its end, in the same way."""
    return _clock(trigger.end)


def _clock(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", ""))
    except ValueError:
        raise UsageError(f"{text!r} is no time", todo="write it like 2026-12-24T18:30:00") from None
    if found.tzinfo is not None:
        raise UsageError(f"{text!r} has an offset", todo="leave it out and name the time zone")
    return found
