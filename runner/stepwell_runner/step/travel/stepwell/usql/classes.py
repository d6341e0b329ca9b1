"""What C# classes offer by their own names: `Math.Round`, `int.Parse`, `string.IsNullOrEmpty`, `DateTime.Now`, `new DateTime(...)`."""

import datetime
import decimal
import math
import uuid

from stepwell.usql import formats
from stepwell.usql.arithmetic import promoted
from stepwell.usql.errors import RowError, UsqlError
from stepwell.usql.members import ARRAY, DT, TS, B, C, D, N, S, applied, fits, needs
from stepwell.usql.types import ALIASES, INTEGERS, NUMBERS, Type, convert, parse, single, text

_CLASSES = ("string", "Math", "Convert", "DateTime", "TimeSpan", "Guid", "char", "bool", "decimal", "double", "float", *INTEGERS)


def is_class(name):
    """Whether a name before a dot is a class."""
    return ALIASES.get(name, name) in _CLASSES


def static_value(owner, name, place):
    """The type and function of `owner.name`."""
    owner = ALIASES.get(owner, owner)
    if owner in INTEGERS and name in ("MinValue", "MaxValue"):
        value = INTEGERS[owner][name == "MaxValue"]
        return Type(owner), lambda row: value
    if (owner, name) not in _STATICS:
        raise UsqlError(f"{owner} has no member {name} in the part of U-SQL that runs here", place)
    kind, get = _STATICS[owner, name]
    return kind, lambda row: get()


_STATICS = {
    ("string", "Empty"): (S, lambda: ""),
    ("Math", "PI"): (D, lambda: math.pi),
    ("Math", "E"): (D, lambda: math.e),
    ("DateTime", "Now"): (DT, datetime.datetime.now),
    ("DateTime", "UtcNow"): (DT, lambda: datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)),
    ("DateTime", "Today"): (DT, lambda: datetime.datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)),
    ("DateTime", "MinValue"): (DT, lambda: datetime.datetime.min),
    ("DateTime", "MaxValue"): (DT, lambda: datetime.datetime.max),
    ("double", "NaN"): (D, lambda: math.nan),
    ("double", "PositiveInfinity"): (D, lambda: math.inf),
    ("double", "NegativeInfinity"): (D, lambda: -math.inf),
    ("double", "MaxValue"): (D, lambda: 1.7976931348623157e308),
    ("double", "MinValue"): (D, lambda: -1.7976931348623157e308),
    ("decimal", "MaxValue"): (Type("decimal"), lambda: decimal.Decimal(2**96 - 1)),
    ("decimal", "MinValue"): (Type("decimal"), lambda: decimal.Decimal(1 - 2**96)),
    ("decimal", "Zero"): (Type("decimal"), lambda: decimal.Decimal(0)),
    ("decimal", "One"): (Type("decimal"), lambda: decimal.Decimal(1)),
    ("Guid", "Empty"): (Type("Guid"), lambda: uuid.UUID(int=0)),
    ("TimeSpan", "Zero"): (TS, datetime.timedelta),
}


def static_call(owner, name, given, place):
    """The type and function of `owner.name(given)`."""
    owner = ALIASES.get(owner, owner)
    if name in ("Parse", "ParseExact") and owner not in ("Math", "Convert", "string"):
        return _parsed(owner, name, given, place)
    if owner == "Convert":
        return _converted(name, given, place)
    if owner == "Math" and (found := _of_numbers(name, given)) is not None:
        return found
    if owner == "string" and name in ("Concat", "Format", "Join"):
        return _of_texts(name, given, place)
    for takes, result, apply in _CALLS.get((owner, name), ()):
        if fits(takes, given):
            return result, _with_nulls(apply, given) if owner == "string" else applied(apply, list(given), name, takes)
    shown = ", ".join(repr(one.type) for one in given)
    raise UsqlError(f"there is no {owner}.{name}({shown}) in the part of U-SQL that runs here", place)


def _with_nulls(apply, given):
    runs = [one.run for one in given]
    return lambda row: apply(*[run(row) for run in runs])


def _parsed(owner, name, given, place):
    wanted = 1 if name == "Parse" else 2
    if len(given) < wanted or given[0].type.name != "string" or owner not in (*NUMBERS, "bool", "char", "DateTime", "Guid"):
        raise UsqlError(f"{owner}.{name} needs a text", place)
    run = given[0].run
    if name == "ParseExact":
        form = given[1].run
        return DT, lambda row: formats.read_exactly(needs(run(row), name), form(row))
    return Type(owner), lambda row: parse(needs(run(row), name), owner)


def _converted(name, given, place):
    target = ALIASES.get(name[2:], name[2:]) if name.startswith("To") else ""
    if len(given) != 1 or target not in (*NUMBERS, "bool", "string", "DateTime", "char"):
        raise UsqlError(f"there is no Convert.{name} of {len(given)} values in the part of U-SQL that runs here", place)
    run, source = given[0].run, given[0].type
    if target == "string":
        return S, lambda row: text(run(row))
    if source.name == "string":
        return Type(target), lambda row: parse(needs(run(row), name), target)
    if target == "bool" and source.is_number:
        return B, lambda row: bool(run(row))
    if source.name == "bool" and target in NUMBERS:
        return Type(target), lambda row: convert(int(run(row)), "int", target)
    if source.is_number and target in NUMBERS:
        return Type(target), lambda row: formats.rounded_to(run(row), source.name, target)
    if source.name == target:
        return Type(target), run
    raise UsqlError(f"Convert.{name} cannot take {source!r}", place)


def _of_numbers(name, given):
    """`Math.Abs`, `Max`, ... keep the type of what they get."""
    apply = _NUMERIC.get((name, len(given)))
    if apply is None or not all(one.type.is_number for one in given):
        return None
    kind = given[0].type if len(given) == 1 else promoted(given[0].type, given[1].type)
    if kind is None:
        return None
    if name in ("Round", "Ceiling", "Floor", "Truncate"):
        kind = given[0].type if given[0].type.name in ("decimal", "double") else D
    sources = [(one.run, one.type.name) for one in given]
    digits = name == "Round" and len(given) == 2

    def call(row):
        values = [convert(run(row), source, kind.name if not (digits and index) else "int") for index, (run, source) in enumerate(sources)]
        if any(value is None for value in values):
            raise RowError(f"Math.{name} of null")
        value = apply(*values)
        return single(value) if kind.name == "float" else value

    return kind.maybe(False), call


def _of_texts(name, given, place):
    runs = [one.run for one in given]
    if name == "Concat":
        return S, lambda row: "".join(text(run(row)) for run in runs)
    if not given or given[0].type.name != "string":
        raise UsqlError(f"string.{name} needs a text first", place)
    if name == "Join":
        if len(given) == 2 and given[1].type.name == ARRAY:
            return S, lambda row: text(runs[0](row)).join(runs[1](row))
        return S, lambda row: text(runs[0](row)).join(text(run(row)) for run in runs[1:])
    return S, lambda row: formats.filled(runs[0](row), [run(row) for run in runs[1:]])


def _floor(value):
    return value if isinstance(value, float) and not math.isfinite(value) else type(value)(math.floor(value))


def _ceiling(value):
    return value if isinstance(value, float) and not math.isfinite(value) else type(value)(math.ceil(value))


def _truncate(value):
    return value if isinstance(value, float) and not math.isfinite(value) else type(value)(math.trunc(value))


_NUMERIC = {
    ("Abs", 1): abs,
    ("Max", 2): max,
    ("Min", 2): min,
    ("Floor", 1): _floor,
    ("Ceiling", 1): _ceiling,
    ("Truncate", 1): _truncate,
    ("Round", 1): lambda v: formats.rounded(v, 0),
    ("Round", 2): formats.rounded,
}


def _root(value):
    return math.sqrt(value) if value >= 0 else math.nan


def _logarithm(value, base=math.e):
    if value == 0:
        return -math.inf
    return math.nan if value < 0 else math.log(value) if base == math.e else math.log(value, base)


def _power(base, exponent):
    try:
        found = math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan
    return found


def _span_of(unit):
    return lambda number: datetime.timedelta(**{unit: number})


_CALLS = {
    ("string", "IsNullOrEmpty"): [(("string",), B, lambda v: not v)],
    ("string", "IsNullOrWhiteSpace"): [(("string",), B, lambda v: not (v or "").strip())],
    ("string", "Compare"): [(("string", "string"), N, formats.compared), (("string", "string", "bool"), N, formats.compared)],
    ("string", "Equals"): [(("string", "string"), B, lambda a, b: a == b)],
    ("Math", "Sqrt"): [(("double",), D, _root)],
    ("Math", "Exp"): [(("double",), D, lambda v: _power(math.e, v))],
    ("Math", "Pow"): [(("double", "double"), D, _power)],
    ("Math", "Log"): [(("double",), D, _logarithm), (("double", "double"), D, _logarithm)],
    ("Math", "Log10"): [(("double",), D, lambda v: _logarithm(v, 10))],
    ("Math", "Sign"): [(("double",), N, lambda v: (v > 0) - (v < 0))],
    **{("Math", name): [(("double",), D, getattr(math, name.lower()))] for name in ("Sin", "Cos", "Tan", "Atan")},
    ("DateTime", "DaysInMonth"): [(("int", "int"), N, formats.days_in_month)],
    ("Guid", "NewGuid"): [((), Type("Guid"), uuid.uuid4)],
    ("char", "IsDigit"): [(("char",), B, str.isdigit)],
    ("char", "IsLetter"): [(("char",), B, str.isalpha)],
    ("char", "ToUpper"): [(("char",), C, str.upper)],
    ("char", "ToLower"): [(("char",), C, str.lower)],
    ("double", "IsNaN"): [(("double",), B, math.isnan)],
    ("double", "IsInfinity"): [(("double",), B, math.isinf)],
    **{
        ("TimeSpan", f"From{name}"): [(("double",), TS, _span_of(name.lower()))]
        for name in ("Days", "Hours", "Minutes", "Seconds", "Milliseconds")
    },
}


def constructed(kind, given, place):
    """The type and function of `new kind(given)`."""
    counts = {"DateTime": (3, 6, 7), "TimeSpan": (3, 4), "Guid": (1,)}.get(kind.name, ())
    if len(given) not in counts:
        raise UsqlError(f"new {kind!r} with {len(given)} values is outside the part of U-SQL that runs here", place)
    if kind.name == "Guid":
        return kind, applied(lambda said: parse(said, "Guid"), given, "Guid", ["string"])
    if not all(one.type.is_integer for one in given):
        raise UsqlError(f"new {kind!r} takes whole numbers", place)
    make = _moment if kind.name == "DateTime" else _span
    return kind, applied(make, given, kind.name, ["int"] * len(given))


def _moment(*parts):
    return datetime.datetime(*parts[:6], *[part * 1000 for part in parts[6:]])


def _span(*parts):
    days, hours, minutes, seconds = (0, *parts) if len(parts) == 3 else parts
    return datetime.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
