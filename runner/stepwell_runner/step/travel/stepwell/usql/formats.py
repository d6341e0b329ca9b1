"""Numbers and moments as text by C#'s formats, and back."""

import calendar
import datetime
import decimal
import math
import re

from stepwell.usql.errors import RowError
from stepwell.usql.types import CONTEXT, INTEGERS, convert, text

_MOMENT = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|f{1,7}|tt|'[^']*'|\\.|.", re.DOTALL)
_HOLE = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}")
_STANDARD = {
    "o": "yyyy-MM-ddTHH:mm:ss.fffffff",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffff",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
}
_READ = {
    "yyyy": "%Y",
    "yy": "%y",
    "MMMM": "%B",
    "MMM": "%b",
    "MM": "%m",
    "M": "%m",
    "dd": "%d",
    "d": "%d",
    "HH": "%H",
    "H": "%H",
    "hh": "%I",
    "h": "%I",
    "mm": "%M",
    "m": "%M",
    "ss": "%S",
    "s": "%S",
    "tt": "%p",
    "dddd": "%A",
    "ddd": "%a",
}


def days_in_month(year, month):
    """How many days a month has."""
    return calendar.monthrange(year, month)[1]


def compared(first, second, ignoring=False):
    """-1, 0 or 1; null is smaller than everything. Text is compared letter by letter."""
    if first is None or second is None:
        return (first is not None) - (second is not None)
    if ignoring:
        first, second = first.lower(), second.lower()
    return (first > second) - (first < second)


def rounded(value, digits):
    """Half to even, as C# rounds."""
    if isinstance(value, float):
        return value if not math.isfinite(value) else round(value, digits)
    return CONTEXT.quantize(value, decimal.Decimal(1).scaleb(-digits))


def rounded_to(value, source, target):
    """`Convert.ToInt32(2.5)`: half to even, and an error where it does not fit."""
    if value is None:
        return convert(0, "int", target)
    if target not in INTEGERS:
        return convert(value, source, target)
    whole = round(value) if not isinstance(value, float) or math.isfinite(value) else None
    if whole is None or not INTEGERS[target][0] <= whole <= INTEGERS[target][1]:
        raise RowError(f"{text(value)} is too large or too small for {target}")
    return int(whole)


def formatted(value, form):
    """A value by a format."""
    if not form:
        return text(value)
    if isinstance(value, datetime.datetime):
        return moment(value, form)
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        return number(value, form)
    return text(value)


def filled(form, values):
    """`string.Format`."""

    def one(match):
        if match.group(1) is None:
            return match.group()[0]
        index = int(match.group(1))
        if index >= len(values):
            raise RowError(f"the format {form!r} names value {index}, and there are {len(values)}")
        shown = formatted(values[index], match.group(3) or "")
        width = int(match.group(2) or 0)
        return shown.rjust(width) if width >= 0 else shown.ljust(-width)

    return _HOLE.sub(one, form)


def moment(value, form):
    """A moment by a format such as `yyyy-MM-dd`, or a letter that stands for one."""
    return "".join(_part(value, piece) for piece in _MOMENT.findall(_STANDARD.get(form, form)))


def _part(value, piece):
    hour = value.hour % 12 or 12
    if piece.startswith("f"):
        return f"{value.microsecond * 10:07d}"[: len(piece)]
    if len(piece) > 1 and piece[0] in "'\\":
        return piece.strip("'") if piece[0] == "'" else piece[1:]
    parts = {
        "yyyy": f"{value.year:04d}",
        "yy": f"{value.year % 100:02d}",
        "MM": f"{value.month:02d}",
        "M": str(value.month),
        "MMMM": calendar.month_name[value.month],
        "MMM": calendar.month_abbr[value.month],
        "dd": f"{value.day:02d}",
        "d": str(value.day),
        "dddd": calendar.day_name[value.weekday()],
        "ddd": calendar.day_abbr[value.weekday()],
        "HH": f"{value.hour:02d}",
        "H": str(value.hour),
        "hh": f"{hour:02d}",
        "h": str(hour),
        "mm": f"{value.minute:02d}",
        "m": str(value.minute),
        "ss": f"{value.second:02d}",
        "s": str(value.second),
        "tt": "AM" if value.hour < 12 else "PM",
    }
    return parts.get(piece, piece)


def read_exactly(said, form):
    """A moment from a text in this format."""
    pieces = _MOMENT.findall(_STANDARD.get(form, form))
    pattern = "".join("%f" if piece.startswith("f") else _READ.get(piece, piece.strip("'").replace("%", "%%")) for piece in pieces)
    try:
        return datetime.datetime.strptime(said, pattern)  # a DateTime has no zone
    except ValueError:
        raise RowError(f"{said!r} is not a DateTime in the format {form!r}") from None


def number(value, form):
    """A number by a standard format (`F2`, `N0`, `D5`, `P1`, `E3`, `X`, `G`) or one made of `0`, `#`, `,` and `.`."""
    kind, digits = form[0].upper(), form[1:]
    if kind in "FNDPEXGC" and (digits == "" or digits.isdigit()):
        return _standard(value, form[0], int(digits) if digits else None)
    return _custom(value, form)


def _exact(value):
    return decimal.Decimal(repr(value)) if isinstance(value, float) else decimal.Decimal(value)


def _away(value, digits):
    return value.quantize(decimal.Decimal(1).scaleb(-digits), rounding=decimal.ROUND_HALF_UP)


def _standard(value, kind, digits):
    upper = kind.upper()
    if isinstance(value, float) and not math.isfinite(value):
        return text(value)
    if upper == "D":
        return ("-" if value < 0 else "") + str(abs(value)).zfill(digits or 0)
    if upper == "X":
        shown = f"{value & 0xFFFFFFFF if value < 0 else value:X}".zfill(digits or 0)
        return shown if kind == "X" else shown.lower()
    if upper == "G":
        return text(value)
    if upper == "E":
        mantissa, _, exponent = f"{_exact(value):.{6 if digits is None else digits}e}".partition("e")
        return f"{mantissa}{kind}{exponent[0]}{int(exponent[1:]):03d}"
    scaled = _exact(value) * 100 if upper == "P" else _exact(value)
    shown = format(_away(scaled, 2 if digits is None else digits), ",f" if upper in "NPC" else "f")
    return f"{shown} %" if upper == "P" else f"\u00a4{shown}" if upper == "C" else shown


def _custom(value, form):
    body = re.search(r"[0#][0#,]*(\.[0#]*)?|\.[0#]+", form)
    if body is None:
        return form
    whole, _, part = body.group().partition(".")
    scaled = _exact(value) * (100 if "%" in form else 1)
    shown = format(_away(abs(scaled), len(part)), "f")
    left, _, right = shown.partition(".")
    left = left.lstrip("0").rjust(whole.replace(",", "").count("0"), "0")
    left = format(int(left), ",").zfill(len(left)) if "," in whole and left else left
    least = part.count("0")
    while len(right) > least and right.endswith("0"):
        right = right[:-1]
    made = left + (f".{right}" if right else "")
    return ("-" if scaled < 0 else "") + form[: body.start()] + made + form[body.end() :]
