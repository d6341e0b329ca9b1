"""The types of C# that columns have: what fits into them, and how their values are written and read."""

import datetime
import decimal
import math
import re
import struct
import uuid

from stepwell.usql.errors import RowError

INTEGERS = {
    "sbyte": (-(2**7), 2**7 - 1),
    "byte": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "ushort": (0, 2**16 - 1),
    "int": (-(2**31), 2**31 - 1),
    "uint": (0, 2**32 - 1),
    "long": (-(2**63), 2**63 - 1),
    "ulong": (0, 2**64 - 1),
}
FLOATS = ("float", "double")
NUMBERS = (*INTEGERS, *FLOATS, "decimal")
OTHERS = ("bool", "char", "string", "DateTime", "Guid", "TimeSpan", "byte[]", "DayOfWeek")
COLUMN_TYPES = (*NUMBERS, "bool", "char", "string", "DateTime", "Guid", "byte[]")
ALIASES = {
    "Boolean": "bool",
    "Byte": "byte",
    "SByte": "sbyte",
    "Char": "char",
    "Decimal": "decimal",
    "Double": "double",
    "Single": "float",
    "Int16": "short",
    "Int32": "int",
    "Int64": "long",
    "UInt16": "ushort",
    "UInt32": "uint",
    "UInt64": "ulong",
    "String": "string",
}
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
CONTEXT = decimal.Context(prec=29, rounding=decimal.ROUND_HALF_EVEN)
EPOCH = datetime.datetime(1, 1, 1)


class Type:
    """A type by name; `nullable` is the `?` behind it. Text and byte arrays hold null anyway."""

    __slots__ = ("name", "nullable")

    def __init__(self, name, nullable=False):
        self.name = name
        self.nullable = nullable or name in ("string", "byte[]", "null")

    def __eq__(self, other):
        return isinstance(other, Type) and (self.name, self.nullable) == (other.name, other.nullable)

    def __hash__(self):
        return hash((self.name, self.nullable))

    def __repr__(self):
        return self.name + ("?" if self.nullable and self.name not in ("string", "byte[]", "null") else "")

    @property
    def is_number(self):
        """Whether it can be reckoned with."""
        return self.name in NUMBERS

    @property
    def is_integer(self):
        """Whether it has whole numbers only."""
        return self.name in INTEGERS

    def maybe(self, nullable=True):
        """The same with or without null."""
        return Type(self.name, nullable)


def wrap(value, name):
    """What is left of a whole number in an integer type, as unchecked C# reckons."""
    low, high = INTEGERS[name]
    return (value - low) % (high - low + 1) + low


def single(value):
    """The nearest value of type `float`."""
    if math.isnan(value) or math.isinf(value):
        return value
    try:
        return struct.unpack("f", struct.pack("f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def convert(value, source, target):
    """A number as another type of number, by a cast: towards zero, wrapped."""
    if value is None or source == target:
        return value
    if target in INTEGERS:
        if isinstance(value, float) and (math.isnan(value) or math.isinf(value)):
            return INTEGERS[target][0]
        if isinstance(value, decimal.Decimal) and not INTEGERS[target][0] <= int(value) <= INTEGERS[target][1]:
            raise RowError(f"{text(value)} is too large for {target}")
        return wrap(ord(value) if isinstance(value, str) else int(value), target)
    if target == "decimal":
        return CONTEXT.create_decimal(repr(value) if isinstance(value, float) else value)
    if target == "char":
        return chr(wrap(int(value), "ushort"))
    number = float(ord(value) if isinstance(value, str) else value)
    return single(number) if target == "float" else number


def text(value):
    """A value as `ToString()` writes it, in no country's way."""
    if value is None:
        return ""
    if value is True or value is False:
        return "True" if value else "False"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, decimal.Decimal):
        return format(value, "f")
    if isinstance(value, datetime.datetime):
        return value.strftime("%m/%d/%Y %H:%M:%S")
    if isinstance(value, datetime.timedelta):
        return str(value)
    if isinstance(value, bytes):
        return value.hex().upper()
    return str(value)


def _float_text(value):
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    digits = decimal.Decimal(repr(value)).normalize()
    if digits == 0:
        return "0"
    sign, figures, exponent = digits.as_tuple()
    point = len(figures) + exponent - 1
    if -5 <= point < 15:
        return format(digits, "f")
    shown = "".join(map(str, figures))
    mantissa = shown[0] + ("." + shown[1:] if len(shown) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}E{'+' if point >= 0 else '-'}{abs(point):02d}"


_INTEGER = re.compile(r"\s*[+-]?\d+\s*\Z")
_FLOAT = re.compile(r"\s*[+-]?(\d[\d,]*\.?\d*|\.\d+)([eE][+-]?\d+)?\s*\Z")
_DATES = (
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %b %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
_TAIL = re.compile(r"(\.\d{6})\d+|Z\Z")


def parse(said, name):
    """A text as a value of a type; RowError when it is none."""
    try:
        return _PARSERS[name](said)
    except (ValueError, decimal.InvalidOperation, KeyError, OverflowError):
        raise RowError(f"{said!r} is not a {name}") from None


def _parse_integer(name):
    low, high = INTEGERS[name]

    def parse_integer(said):
        if not _INTEGER.match(said):
            raise ValueError
        value = int(said)
        if not low <= value <= high:
            raise OverflowError
        return value

    return parse_integer


def _parse_float(said):
    plain = said.strip()
    if plain in ("NaN", "Infinity", "-Infinity"):
        return float(plain.replace("Infinity", "inf"))
    if not _FLOAT.match(said):
        raise ValueError
    return float(plain.replace(",", ""))


def _parse_decimal(said):
    if not _FLOAT.match(said):
        raise ValueError
    return CONTEXT.create_decimal(said.strip().replace(",", ""))


def _parse_date(said):
    plain = _TAIL.sub(r"\1", said.strip())
    for form in _DATES:
        try:
            return datetime.datetime.strptime(plain, form)  # a DateTime has no zone
        except ValueError:
            continue
    raise ValueError


def _parse_bool(said):
    return {"true": True, "false": False}[said.strip().lower()]


def _parse_char(said):
    if len(said) != 1:
        raise ValueError
    return said


_PARSERS = {
    **{name: _parse_integer(name) for name in INTEGERS},
    "float": lambda said: single(_parse_float(said)),
    "double": _parse_float,
    "decimal": _parse_decimal,
    "bool": _parse_bool,
    "char": _parse_char,
    "string": str,
    "DateTime": _parse_date,
    "Guid": lambda said: uuid.UUID(said.strip()),
    "byte[]": bytes.fromhex,
}
