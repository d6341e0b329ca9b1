"""The properties and methods that values of C# types have. Each is a table: name → what it takes, what it gives, how."""

import datetime
import decimal
import math
import uuid

from stepwell.usql import formats
from stepwell.usql.errors import RowError, UsqlError
from stepwell.usql.types import DAYS, EPOCH, FLOATS, Type, convert, text

S, B, N, L, D, DT, TS, C = (Type(name) for name in ("string", "bool", "int", "long", "double", "DateTime", "TimeSpan", "char"))
ARRAY = "string[]"


def day_number(name):
    """0 for Sunday."""
    return None if name is None else DAYS.index(name)


def needs(value, what):
    """The value, which must not be null."""
    if value is None:
        raise RowError(f"{what} of null")
    return value


def instance_value(made, name, place):
    """The type and function of `made.name`."""
    run, kind = made.run, made.type
    if kind.nullable and kind.name not in ("string", "byte[]"):
        if name == "HasValue":
            return B, lambda row: run(row) is not None
        if name == "Value":
            return kind.maybe(False), lambda row: needs(run(row), "the value")
    found = _PROPERTIES.get((kind.name, name))
    if found is None or (kind.nullable and kind.name not in ("string", "byte[]")):
        raise _no_member(kind, name, place)
    result, get = found
    return result, lambda row: get(needs(run(row), name))


def _no_member(kind, name, place):
    hint = "; it may be null: use .Value" if kind.nullable and kind.name not in ("string", "byte[]", "null") else ""
    return UsqlError(f"{kind!r} has no member {name} in the part of U-SQL that runs here{hint}", place)


def ticks(span):
    return (span.days * 86400 + span.seconds) * 10_000_000 + span.microseconds * 10


_PROPERTIES = {
    ("string", "Length"): (N, len),
    (ARRAY, "Length"): (N, len),
    ("byte[]", "Length"): (N, len),
    ("DateTime", "Year"): (N, lambda v: v.year),
    ("DateTime", "Month"): (N, lambda v: v.month),
    ("DateTime", "Day"): (N, lambda v: v.day),
    ("DateTime", "Hour"): (N, lambda v: v.hour),
    ("DateTime", "Minute"): (N, lambda v: v.minute),
    ("DateTime", "Second"): (N, lambda v: v.second),
    ("DateTime", "Millisecond"): (N, lambda v: v.microsecond // 1000),
    ("DateTime", "DayOfYear"): (N, lambda v: v.timetuple().tm_yday),
    ("DateTime", "DayOfWeek"): (Type("DayOfWeek"), lambda v: DAYS[(v.weekday() + 1) % 7]),
    ("DateTime", "Date"): (DT, lambda v: v.replace(hour=0, minute=0, second=0, microsecond=0)),
    ("DateTime", "TimeOfDay"): (TS, lambda v: v - v.replace(hour=0, minute=0, second=0, microsecond=0)),
    ("DateTime", "Ticks"): (L, lambda v: ticks(v - EPOCH)),
    ("TimeSpan", "Ticks"): (L, ticks),
    ("TimeSpan", "Days"): (N, lambda v: int(v.total_seconds() / 86400)),
    ("TimeSpan", "Hours"): (N, lambda v: int(math.fmod(v.total_seconds() / 3600, 24))),
    ("TimeSpan", "Minutes"): (N, lambda v: int(math.fmod(v.total_seconds() / 60, 60))),
    ("TimeSpan", "Seconds"): (N, lambda v: int(math.fmod(v.total_seconds(), 60))),
    ("TimeSpan", "TotalDays"): (D, lambda v: v.total_seconds() / 86400),
    ("TimeSpan", "TotalHours"): (D, lambda v: v.total_seconds() / 3600),
    ("TimeSpan", "TotalMinutes"): (D, lambda v: v.total_seconds() / 60),
    ("TimeSpan", "TotalSeconds"): (D, lambda v: v.total_seconds()),
    ("TimeSpan", "TotalMilliseconds"): (D, lambda v: v.total_seconds() * 1000),
}


# --- methods of values


def instance_call(made, name, given, place):
    """The type and function of `made.name(given)`."""
    run, kind = made.run, made.type
    if name == "ToString":
        return S, _to_string(made, given, place)
    if name in ("Equals", "CompareTo") and len(given) == 1 and given[0].type.name == kind.name:
        other = given[0].run
        if name == "Equals":
            return B, lambda row: needs(run(row), name) == other(row)
        return N, lambda row: formats.compared(needs(run(row), name), other(row))
    if name == "GetValueOrDefault" and kind.nullable:
        return _value_or_default(made, given, place)
    found = _METHODS.get((kind.name, name))
    if found is None or (kind.nullable and kind.name not in ("string", "byte[]")):
        raise _no_member(kind, f"{name}()", place)
    for takes, result, apply in found:
        if fits(takes, given):
            return result, applied(apply, [made, *given], name, [kind.name, *takes])
    shown = ", ".join(repr(one.type) for one in given)
    raise UsqlError(f"{kind!r}.{name} cannot be called with ({shown})", place)


def fits(takes, given):
    """Whether a method that takes these types can be called with these arguments."""
    return len(takes) == len(given) and all(
        one.type.name == name
        or (name == "double" and one.type.is_number)
        or (name == "int" and one.type.name in ("sbyte", "byte", "short", "ushort"))
        or (name == "string" and one.type.name == "null")
        for name, one in zip(takes, given)
    )


def applied(apply, parts, name, takes):
    """The function that computes the parts and calls `apply` with them."""
    runs = [part.run for part in parts]
    casts = [part.type.name if target == "double" and part.type.name != "double" else None for part, target in zip(parts, takes)]

    def call(row):
        values = [run(row) if cast is None else convert(run(row), cast, "double") for run, cast in zip(runs, casts)]
        needs(values[0] if values else "", name)
        try:
            return apply(*values)
        except (ValueError, IndexError, OverflowError, TypeError) as error:
            raise RowError(f"{name}: {error}") from None

    return call


def _to_string(made, given, place):
    run = made.run
    if not given:
        return lambda row: text(needs(run(row), "ToString"))
    if len(given) > 2 or given[0].type.name != "string":
        raise UsqlError("ToString takes a format", place)
    form = given[0].run
    return lambda row: formats.formatted(needs(run(row), "ToString"), form(row))


def _value_or_default(made, given, place):
    run, kind = made.run, made.type.maybe(False)
    defaults = {"bool": False, "DateTime": datetime.datetime.min, "Guid": uuid.UUID(int=0), "char": "\0", "decimal": decimal.Decimal(0)}
    value = defaults.get(kind.name, 0.0 if kind.name in FLOATS else 0)
    if len(given) > 1 or (given and given[0].type.name != kind.name):
        raise UsqlError(f"GetValueOrDefault takes one {kind!r}", place)
    other = given[0].run if given else lambda row: value
    return kind, lambda row: other(row) if run(row) is None else run(row)


def _substring(said, start, length=None):
    end = len(said) if length is None else start + length
    if not 0 <= start <= end <= len(said):
        raise RowError(f"Substring({start}{'' if length is None else f', {length}'}) of a text of {len(said)} letters")
    return said[start:end]


def _split(said, *marks):
    parts = [said]
    for mark in marks:
        parts = [piece for part in parts for piece in part.split(mark)]
    return parts


def _remove(said, start, length=None):
    _substring(said, start, length)
    return said[:start] + ("" if length is None else said[start + length :])


def _replace(said, old, new):
    if not old:
        raise RowError("Replace of an empty text")
    return said.replace(old, new or "")


def _add(unit):
    return lambda moment, number: moment + datetime.timedelta(**{unit: number})


def _add_months(moment, number):
    month = moment.year * 12 + moment.month - 1 + number
    year, month = month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, formats.days_in_month(year, month)))


_ONE = ((("char",),), (("string",),))
_METHODS = {
    ("string", "Substring"): [(("int",), S, _substring), (("int", "int"), S, _substring)],
    ("string", "ToUpper"): [((), S, str.upper)],
    ("string", "ToLower"): [((), S, str.lower)],
    ("string", "ToUpperInvariant"): [((), S, str.upper)],
    ("string", "ToLowerInvariant"): [((), S, str.lower)],
    ("string", "Trim"): [((), S, str.strip), (("char",), S, str.strip)],
    ("string", "TrimStart"): [((), S, str.lstrip), (("char",), S, str.lstrip)],
    ("string", "TrimEnd"): [((), S, str.rstrip), (("char",), S, str.rstrip)],
    ("string", "StartsWith"): [(("string",), B, str.startswith)],
    ("string", "EndsWith"): [(("string",), B, str.endswith)],
    ("string", "Contains"): [(("string",), B, lambda a, b: b in a), (("char",), B, lambda a, b: b in a)],
    ("string", "IndexOf"): [
        (("string",), N, str.find),
        (("char",), N, str.find),
        (("string", "int"), N, str.find),
        (("char", "int"), N, str.find),
    ],
    ("string", "LastIndexOf"): [(("string",), N, str.rfind), (("char",), N, str.rfind)],
    ("string", "Replace"): [(("string", "string"), S, _replace), (("char", "char"), S, _replace)],
    ("string", "PadLeft"): [(("int",), S, str.rjust), (("int", "char"), S, str.rjust)],
    ("string", "PadRight"): [(("int",), S, str.ljust), (("int", "char"), S, str.ljust)],
    ("string", "Insert"): [(("int", "string"), S, lambda a, at, b: _substring(a, 0, at) + b + a[at:])],
    ("string", "Remove"): [(("int",), S, _remove), (("int", "int"), S, _remove)],
    ("string", "Split"): [(("char",) * count, Type(ARRAY), _split) for count in range(1, 5)] + [(("string",), Type(ARRAY), _split)],
    **{
        ("DateTime", f"Add{name.title()}"): [(("double",), DT, _add(name))]
        for name in ("days", "hours", "minutes", "seconds", "milliseconds")
    },
    ("DateTime", "AddMonths"): [(("int",), DT, _add_months)],
    ("DateTime", "AddYears"): [(("int",), DT, lambda v, n: _add_months(v, 12 * n))],
    ("DateTime", "Add"): [(("TimeSpan",), DT, lambda a, b: a + b)],
    ("DateTime", "Subtract"): [(("DateTime",), TS, lambda a, b: a - b), (("TimeSpan",), DT, lambda a, b: a - b)],
    ("DateTime", "ToShortDateString"): [((), S, lambda v: v.strftime("%m/%d/%Y"))],
}


def indexed(target, at, place):
    """The type and function of `target[at]`."""
    results = {"string": C, ARRAY: S}
    if target.type.name not in results or not at.type.is_integer:
        raise UsqlError(f"{target.type!r}[{at.type!r}] is outside the part of U-SQL that runs here", place)
    run, index = target.run, at.run

    def item(row):
        value, number = needs(run(row), "[]"), index(row)
        if not 0 <= number < len(value):
            raise RowError(f"there is no [{number}] in {len(value)} items")
        return value[number]

    return results[target.type.name], item
