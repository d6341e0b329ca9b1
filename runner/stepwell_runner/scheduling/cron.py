"""When a cron expression fires next. Pure: moments are seconds since 1970 in UTC.

As cron does it: a time that the clock skips in spring comes as much later, one that it shows twice in autumn counts the first time.
Expressions whose minutes or hours begin with `*` go by what the clock shows: through both of its hours in autumn, and past the one
that it skips in spring.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from stepwell_runner.scheduling.cronfields import CronFields, cron_fields
from stepwell_runner.scheduling.triggers import Cron, start_of, zone_of

if TYPE_CHECKING:
    from dateutil.rrule import rrule, rruleset

_SKIPPED = timedelta(hours=26)
"""No clock is ever set forward by more."""
_LATEST = datetime(9999, 12, 1)  # noqa: DTZ001 - a clock's time

_fields = lru_cache(maxsize=256)(cron_fields)


def cron_after(cron: Cron, moment: float) -> float | None:
    """The first moment after this one at which it fires; None when there is none before the year 9999."""
    zone, fields, start = zone_of(cron), _fields(cron.expression), start_of(cron)
    if start is not None:
        moment = max(moment, start.replace(tzinfo=zone).timestamp() - 1)  # what falls on the start belongs to it
    around = datetime.fromtimestamp(moment, zone).replace(tzinfo=None, microsecond=0) - _SKIPPED
    best: float | None = None
    until: datetime | None = None
    # Not in order where a clock is set forward or back, so all that could come sooner are looked at too.
    for clock in _rules(fields, around).xafter(around):
        if until is not None and clock > until:
            break
        for found in _moments(clock, zone, fields.evenly):
            if found > moment:
                until = until or min(clock, _LATEST) + _SKIPPED
                best = found if best is None else min(best, found)
    return best


def _moments(clock: datetime, zone: ZoneInfo, evenly: bool) -> Iterator[float]:
    first = clock.replace(tzinfo=zone).timestamp()
    if not evenly:
        yield first
        return
    for found in sorted({first, clock.replace(tzinfo=zone, fold=1).timestamp()}):
        if datetime.fromtimestamp(found, zone).replace(tzinfo=None, fold=0) == clock:
            yield found


def _rules(fields: CronFields, around: datetime) -> rrule | rruleset:
    from dateutil import rrule as rules

    def rule(days: tuple[int, ...] | None, week_days: tuple[int, ...] | None) -> rrule:
        return rules.rrule(rules.DAILY, dtstart=around.replace(hour=0, minute=0, second=0), bymonth=fields.months, bymonthday=days,
                           byweekday=week_days, byhour=fields.hours, byminute=fields.minutes, bysecond=0)

    if not fields.either:
        return rule(fields.days, fields.week_days)
    found = rules.rruleset()
    found.rrule(rule(fields.days, None))
    found.rrule(rule(None, fields.week_days))
    return found
