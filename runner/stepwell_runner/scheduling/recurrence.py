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

from stepwell_runner.scheduling.cron import cron_after
from stepwell_runner.scheduling.triggers import WEEK_DAYS, Cron, Recurrence, Timed, end_of, start_of, zone_of

if TYPE_CHECKING:
    from dateutil.rrule import rrule

_ELAPSED_S = {"Minute": 60, "Hour": 3600}
_SKIPPED = timedelta(hours=26)
"""No clock is ever set forward by more."""
_LOOKED_AT = 4


def next_after(timed: Timed, since: float, moment: float) -> float | None:
    """The first moment after this one at which it fires; None when there is none before its end, or the year 9999.

    `since` is when it was made: that is where one without a start begins. When that is later than the moment, because the clock was
    set back meanwhile, it goes on as if it had been made before.
    """
    found = cron_after(timed, moment) if isinstance(timed, Cron) else _recurs_after(timed, since, moment)
    return None if found is None or is_over(timed, found) else found


def is_over(timed: Timed, moment: float) -> bool:
    """Whether this moment is after its end."""
    end = end_of(timed)
    return end is not None and moment > end.replace(tzinfo=zone_of(timed)).timestamp()


def _recurs_after(recurrence: Recurrence, since: float, moment: float) -> float | None:
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

    if recurrence.frequency == "Month" and not recurrence.month_days:
        # The 31st of a month that has none is its last day.
        days = tuple(range(28, start.day + 1)) if start.day > 28 else (start.day,)
        return rules.rrule(rules.MONTHLY, interval=recurrence.interval, dtstart=start, bymonthday=days, bysetpos=-1)
    hours = recurrence.hours or ((0,) if recurrence.minutes and recurrence.start is None else (start.hour,))
    minutes = recurrence.minutes or ((0,) if recurrence.hours and recurrence.start is None else (start.minute,))
    second = start.second if recurrence.start is not None or not (recurrence.hours or recurrence.minutes) else 0
    if recurrence.frequency == "Month":
        # Months are counted from the first one, whatever its day.
        begin = start if recurrence.start is not None else start.replace(day=1, hour=0, minute=0, second=0)
        return rules.rrule(rules.MONTHLY, interval=recurrence.interval, dtstart=begin, bymonthday=recurrence.month_days, byhour=hours,
                           byminute=minutes, bysecond=second)
    if recurrence.frequency == "Day":
        # Days are counted from the first one, whatever its hour.
        begin = start if recurrence.start is not None else start.replace(hour=0, minute=0, second=0)
        return rules.rrule(rules.DAILY, interval=recurrence.interval, dtstart=begin, byhour=hours, byminute=minutes, bysecond=second)
    days = tuple(WEEK_DAYS.index(day) for day in recurrence.week_days) or (start.weekday(),)
    return rules.rrule(rules.WEEKLY, interval=recurrence.interval, dtstart=start, byweekday=days, byhour=hours, byminute=minutes,
                       bysecond=second)


def describe(timed: Timed) -> str:
    """A recurrence or a cron expression in words."""
    text = f"at {timed.expression}" if isinstance(timed, Cron) else _described(timed)
    text += f" from {timed.start}" if timed.start is not None else ""
    text += f" until {timed.end}" if timed.end is not None else ""
    return f"{text} ({timed.zone or 'UTC'})"


def _described(recurrence: Recurrence) -> str:
    unit = recurrence.frequency.lower()
    text = f"every {unit}" if recurrence.interval == 1 else f"every {recurrence.interval} {unit}s"
    if recurrence.week_days:
        text += f" on {', '.join(recurrence.week_days)}"
    if recurrence.month_days:
        text += f" on the days {', '.join(map(str, recurrence.month_days))}"
    if recurrence.hours or recurrence.minutes:
        times = [f"{hour:02}:{minute:02}" for hour in recurrence.hours or (0,) for minute in recurrence.minutes or (0,)]
        text += f" at {', '.join(times)}"
    return text


def as_utc(moment: float) -> str:
    """A moment as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
