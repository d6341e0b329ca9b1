"""When a recurrence fires next. Pure: moments are seconds since 1970 in UTC.

Minutes and hours are counted in elapsed time. Days, weeks and months go by the clock of the time zone: a time that the clock
skips in spring comes as much later, one that it shows twice in autumn counts the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stepwell_runner.scheduling.triggers import WEEK_DAYS, Recurrence, start_of, zone_of

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_ELAPSED_S = {"Minute": 60, "Hour": 3600}
_SKIPPED = timedelta(hours=26)
"""No clock is ever set forward by more."""
_LOOKED_AT = 4


def next_after(recurrence: Recurrence, since: float, moment: float) -> float | None:
    """The first moment after this one at which it fires; None when there is none before the year 9999.

    `since` is when it was made: that is where one without a start begins. When that is later than the moment, because the clock was
    set back meanwhile, it goes on as if it had been made before.
    """
    if recurrence.frequency in _ELAPSED_S:
        return _by_elapsed_time(recurrence, since, moment)
    zone = zone_of(recurrence)
    rule = _rule(recurrence, start_of(recurrence) or _clock(min(since, moment), zone))
    around = _clock(moment, zone) - _SKIPPED
    # Not in strict order where a clock is set forward, so a few that follow are looked at too.
    found = list(islice((at for at in _moments(rule, around, zone) if at > moment), _LOOKED_AT))
    return min(found, default=None)


def _moments(rule: rrule, around: datetime, zone: ZoneInfo) -> Iterator[float]:
    for clock in rule.xafter(around):
        yield clock.replace(tzinfo=zone).timestamp()


def _clock(moment: float, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None, microsecond=0)


def _by_elapsed_time(recurrence: Recurrence, since: float, moment: float) -> float:
    step = recurrence.interval * _ELAPSED_S[recurrence.frequency]
    start = start_of(recurrence)
    first = since if start is None else start.replace(tzinfo=zone_of(recurrence)).timestamp()
    return first if moment < first and start is not None else first + ((moment - first) // step + 1) * step


def _rule(recurrence: Recurrence, start: datetime) -> rrule:
    from dateutil import rrule as rules

    if recurrence.frequency == "Month":
        # The 31st of a month that has none is its last day.
        days = tuple(range(28, start.day + 1)) if start.day > 28 else (start.day,)
        return rules.rrule(rules.MONTHLY, interval=recurrence.interval, dtstart=start, bymonthday=days, bysetpos=-1)
    hours = recurrence.hours or ((0,) if recurrence.minutes and recurrence.start is None else (start.hour,))
    minutes = recurrence.minutes or ((0,) if recurrence.hours and recurrence.start is None else (start.minute,))
    second = start.second if recurrence.start is not None or not (recurrence.hours or recurrence.minutes) else 0
    if recurrence.frequency == "Day":
        # Days are counted from the first one, whatever its hour.
        begin = start if recurrence.start is not None else start.replace(hour=0, minute=0, second=0)
        return rules.rrule(rules.DAILY, interval=recurrence.interval, dtstart=begin, byhour=hours, byminute=minutes, bysecond=second)
    days = tuple(WEEK_DAYS.index(day) for day in recurrence.week_days) or (start.weekday(),)
    return rules.rrule(rules.WEEKLY, interval=recurrence.interval, dtstart=start, byweekday=days, byhour=hours, byminute=minutes,
                       bysecond=second)


def describe(recurrence: Recurrence) -> str:
    """A recurrence in words."""
    unit = recurrence.frequency.lower()
    text = f"every {unit}" if recurrence.interval == 1 else f"every {recurrence.interval} {unit}s"
    if recurrence.week_days:
        text += f" on {', '.join(recurrence.week_days)}"
    if recurrence.hours or recurrence.minutes:
        times = [f"{hour:02}:{minute:02}" for hour in recurrence.hours or (0,) for minute in recurrence.minutes or (0,)]
        text += f" at {', '.join(times)}"
    if recurrence.start is not None:
        text += f" from {recurrence.start}"
    return f"{text} ({recurrence.zone or 'UTC'})"


def as_utc(moment: float) -> str:
    """A moment as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
