"""The five fields of a cron expression, as the moments of a clock that they allow. Pure."""

from __future__ import annotations

import calendar

import msgspec

from stepwell_store.errors import UsageError

_MONTHS = {
    name: number
    for number, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_WEEK_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_LEAP_YEAR = 2028
_TODO = "give minute, hour, day of the month, month and day of the week, such as: 30 8 * * mon-fri"


class _Field(msgspec.Struct, frozen=True):
    """Numbers from `low` to `high` are what `*` stands for; up to `most` may be written. `names` of three letters stand for numbers."""

    what: str
    low: int
    high: int
    most: int
    names: dict[str, int] = {}


_FIELDS = (
    _Field("minute", 0, 59, 59), _Field("hour", 0, 23, 23), _Field("day of the month", 1, 31, 31), _Field("month", 1, 12, 12, _MONTHS),
    _Field("day of the week", 0, 6, 7, _WEEK_DAYS),
)


class CronFields(msgspec.Struct, frozen=True):
    """What is allowed, sorted. `week_days` count from Monday, which is 0.

    `either`: both kinds of days are restricted, and one of the two is enough. `evenly`: minutes or hours begin with `*`, so that it
    goes on through the hours that a clock shows twice.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    week_days: tuple[int, ...]
    either: bool
    evenly: bool


def cron_fields(expression: str) -> CronFields:
    """The fields of an expression such as `*/15 8-18 * * mon-fri`; UsageError for what is none, or what no date ever matches."""
    texts = expression.split()
    if len(texts) != len(_FIELDS):
        raise UsageError(f"{expression!r} has {len(texts)} fields, and a cron expression has 5", todo=_TODO)
    minutes, hours, days, months, week_days = (_numbers(text.lower(), field) for text, field in zip(texts, _FIELDS, strict=True))
    starred = [text.startswith("*") for text in texts]
    found = CronFields(minutes, hours, days, months, tuple(sorted({(day - 1) % 7 for day in week_days})),
                       either=not starred[2] and not starred[4], evenly=starred[0] or starred[1])
    if not found.either and not any(calendar.monthrange(_LEAP_YEAR, month)[1] >= days[0] for month in months):
        raise UsageError(f"no date ever matches {expression!r}", todo="look at its days and months")
    return found


def _numbers(text: str, field: _Field) -> tuple[int, ...]:
    return tuple(sorted({number for part in text.split(",") for number in _part(part, field)}))


def _part(text: str, field: _Field) -> range:
    span, slash, step_text = text.partition("/")
    step = _whole(step_text, text, field) if slash else 1
    if step < 1:
        raise _mistake(text, field)
    if span == "*":
        return range(field.low, field.high + 1, step)
    first_text, dash, last_text = span.partition("-")
    first = _number(first_text, text, field)
    last = _number(last_text, text, field) if dash else (field.high if slash else first)
    if dash and last_text == "sun" and first > 0:
        last = 7  # a week that ends on Sunday
    if not field.low <= first <= last <= field.most:
        raise _mistake(text, field)
    return range(first, last + 1, step)


def _number(text: str, part: str, field: _Field) -> int:
    return field.names[text] if text in field.names else _whole(text, part, field)


def _whole(text: str, part: str, field: _Field) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4):
        raise _mistake(part, field)
    return int(text)


def _mistake(part: str, field: _Field) -> UsageError:
    names = f" or {', '.join(field.names)}" if field.names else ""
    return UsageError(f"{part!r} is no {field.what} of a cron expression",
                      todo=f"give {field.low} to {field.most}{names}, a range such as 1-5, a step such as */2, or several with commas")
