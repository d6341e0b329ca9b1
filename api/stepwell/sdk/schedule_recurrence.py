"""How often a schedule fires."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

from stepwell.sdk.as_value_errors import raised_as
from stepwell.sdk.exceptions import UserErrorException
from stepwell_runner.scheduling.triggers import Recurrence, check


class RecurrenceError(UserErrorException, ValueError):
    """A recurrence does not make sense."""


class ScheduleRecurrence:
    """Every so many minutes, hours, days, weeks or months.

    `frequency` is `Minute`, `Hour`, `Day`, `Week` or `Month`. `start_time` is a datetime without tzinfo, or text like
    `2026-12-24T18:30:00`, in the time zone `time_zone` (a TimeZone, or a name; default UTC); without it the first run is at once.
    `hours` and `minutes` are lists of numbers for Day and Week, `week_days` names of days for Week; `time_of_day`, `hh:mm`, stands
    for one hour and minute.
    """

    def __init__(
        self,
        frequency: str,
        interval: int,
        start_time: datetime | str | None = None,
        time_zone: Any = None,
        hours: list[int] | None = None,
        minutes: list[int] | None = None,
        week_days: list[str] | None = None,
        time_of_day: str | None = None,
    ) -> None:
        if time_of_day is not None and (hours is not None or minutes is not None):
            raise RecurrenceError("time_of_day cannot be given together with hours or minutes")
        self.frequency = frequency
        self.interval = interval
        self.start_time = start_time
        self.time_zone = time_zone
        self.hours = hours
        self.minutes = minutes
        self.week_days = week_days
        self.time_of_day = time_of_day
        self.validate()

    def validate(self) -> None:
        """RecurrenceError (a ValueError) unless it makes sense."""
        with raised_as(RecurrenceError):
            check(self.compiled())

    def compiled(self) -> Recurrence:
        """The recurrence as a value."""
        hours, minutes = tuple(self.hours or ()), tuple(self.minutes or ())
        if self.time_of_day is not None:
            hours, minutes = _time_of_day(self.time_of_day)
        return Recurrence(
            frequency=self.frequency,  # type: ignore[arg-type]
            interval=self.interval,
            start=_start(self.start_time),
            zone=self.time_zone.value if isinstance(self.time_zone, Enum) else self.time_zone,
            hours=hours,
            minutes=minutes,
            week_days=tuple(str(day) for day in self.week_days or ()),
        )

    @staticmethod
    def of(value: Recurrence) -> ScheduleRecurrence:
        """The recurrence of a schedule that is there. A Stepwell extension."""
        return ScheduleRecurrence(value.frequency, value.interval, value.start, value.zone, list(value.hours) or None,
                                  list(value.minutes) or None, list(value.week_days) or None)

    def __repr__(self) -> str:
        from stepwell_runner.scheduling.recurrence import describe

        return f"ScheduleRecurrence({describe(self.compiled())})"


def _start(value: datetime | str | None) -> str | None:
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            raise RecurrenceError("start_time must have no tzinfo", todo="Name the time zone with time_zone.")
        return value.isoformat(timespec="seconds")
    return value


def _time_of_day(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    hour, colon, minute = str(text).partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal()):
        raise RecurrenceError(f"{text!r} is no time of day", todo="Write it like 15:30.")
    return (int(hour),), (int(minute),)
