"""What operators do with two values: C#'s promotions, its nulls, its overflows, its comparisons."""

import decimal
import math
import operator as op

from stepwell.usql.errors import RowError, UsqlError
from stepwell.usql.types import CONTEXT, INTEGERS, Type, convert, single, wrap

_COMPARE = {"==": op.eq, "!=": op.ne, "<": op.lt, ">": op.gt, "<=": op.le, ">=": op.ge}
_TEXT_LIKE = ("string", "char", "bool", "DateTime", "Guid", "TimeSpan", "byte[]", "DayOfWeek", "null")
_ORDERED = ("DateTime", "TimeSpan", "char")


def promoted(left, right):
    """The type in which two numbers are reckoned with; None when there is none."""
    names = [_as_number(left.name), _as_number(right.name)]
    nullable = left.nullable or right.nullable
    if "decimal" in names:
        return None if "double" in names or "float" in names else Type("decimal", nullable)
    for name in ("double", "float"):
        if name in names:
            return Type(name, nullable)
    if "ulong" in names:
        return None if any(name in ("sbyte", "short", "int", "long") for name in names) else Type("ulong", nullable)
    if "long" in names:
        return Type("long", nullable)
    if "uint" in names:
        return Type("long" if any(name in ("sbyte", "short", "int") for name in names) else "uint", nullable)
    return Type("int", nullable)


def _as_number(name):
    return "ushort" if name == "char" else name


def _can_reckon(kind):
    return kind.is_number or kind.name == "char"


def arithmetic(operator, left, right, place):
    """The type and the function of `left operator right`."""
    if "DateTime" in (left.type.name, right.type.name) or "TimeSpan" in (left.type.name, right.type.name):
        return _with_times(operator, left, right, place)
    if operator in ("&", "|", "^") and left.type.name == right.type.name == "bool":
        apply = {"&": op.and_, "|": op.or_, "^": op.xor}[operator]
        return Type("bool", left.type.nullable or right.type.nullable), _lifted(apply, left.run, right.run)
    kind = promoted(left.type, right.type) if _can_reckon(left.type) and _can_reckon(right.type) else None
    whole = operator in ("&", "|", "^", "<<", ">>")
    if kind is None or (whole and not kind.is_integer):
        raise UsqlError(f"{operator} cannot be used with {left.type!r} and {right.type!r}", place)
    return kind, _lifted(_reckoner(operator, kind.name), _as(left, kind), _as(right, kind))


def _as(made, kind):
    run, source, target = made.run, made.type.name, kind.name
    if source == target:
        return run
    return lambda row: convert(run(row), source, target)


def _lifted(apply, left, right):
    def both(row):
        a, b = left(row), right(row)
        return None if a is None or b is None else apply(a, b)

    return both


def _reckoner(operator, name):
    if name in INTEGERS:
        whole = _INTEGER[operator]
        if operator in ("<<", ">>"):
            mask = 63 if name in ("long", "ulong") else 31
            return lambda a, b: wrap(whole(a, b & mask), name)
        return lambda a, b: wrap(whole(a, b), name)
    if name == "decimal":
        return _DECIMAL[operator]
    real = _FLOAT[operator]
    return (lambda a, b: single(real(a, b))) if name == "float" else real


def _divide(a, b):
    if b == 0:
        raise RowError("division by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def _remainder(a, b):
    return a - b * _divide(a, b)


def _divide_float(a, b):
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def _remainder_float(a, b):
    if b == 0 or math.isinf(a) or math.isnan(a) or math.isnan(b):
        return math.nan
    return math.fmod(a, b)


def _times_float(a, b):
    try:
        return a * b
    except OverflowError:
        return math.inf


def _decimal(apply):
    def checked(a, b):
        try:
            value = apply(a, b)
        except decimal.DivisionByZero:
            raise RowError("division by zero") from None
        except decimal.InvalidOperation:
            raise RowError("division by zero" if b == 0 else "a decimal overflow") from None
        if abs(value) > _LARGEST:
            raise RowError("a decimal overflow")
        return value

    return checked


_LARGEST = decimal.Decimal(2**96 - 1)
_INTEGER = {
    "+": op.add,
    "-": op.sub,
    "*": op.mul,
    "/": _divide,
    "%": _remainder,
    "&": op.and_,
    "|": op.or_,
    "^": op.xor,
    "<<": op.lshift,
    ">>": op.rshift,
}
_FLOAT = {"+": op.add, "-": op.sub, "*": _times_float, "/": _divide_float, "%": _remainder_float}
_DECIMAL = {
    "+": _decimal(CONTEXT.add),
    "-": _decimal(CONTEXT.subtract),
    "*": _decimal(CONTEXT.multiply),
    "/": _decimal(CONTEXT.divide),
    "%": _decimal(CONTEXT.remainder),
}


def _with_times(operator, left, right, place):
    names = (left.type.name, operator, right.type.name)
    results = {
        ("DateTime", "-", "DateTime"): "TimeSpan",
        ("DateTime", "+", "TimeSpan"): "DateTime",
        ("DateTime", "-", "TimeSpan"): "DateTime",
        ("TimeSpan", "+", "TimeSpan"): "TimeSpan",
        ("TimeSpan", "-", "TimeSpan"): "TimeSpan",
    }
    if names not in results:
        raise UsqlError(f"{operator} cannot be used with {left.type!r} and {right.type!r}", place)
    apply = op.sub if operator == "-" else op.add
    return Type(results[names], left.type.nullable or right.type.nullable), _lifted(apply, left.run, right.run)


def comparison(operator, left, right, place):
    """The function that compares two values. Nothing is smaller or larger than null; only null equals null."""
    a, b = comparable(operator, left, right, place)
    compare = _COMPARE[operator]
    if operator in ("==", "!="):
        return lambda row: compare(a(row), b(row))

    def ordered(row):
        x, y = a(row), b(row)
        return x is not None and y is not None and compare(x, y)

    return ordered


def comparable(operator, left, right, place):
    """Both sides as functions whose values can be compared."""
    one, other = left.type, right.type
    if _can_reckon(one) and _can_reckon(other):
        kind = promoted(one, other)
        if kind is not None:
            return _as(left, kind), _as(right, kind)
    elif "null" in (one.name, other.name):
        if operator in ("==", "!="):
            return left.run, right.run
    elif one.name == other.name and (one.name in _ORDERED or (operator in ("==", "!=") and one.name in _TEXT_LIKE)):
        return left.run, right.run
    hint = "; use string.Compare" if one.name == other.name == "string" else ""
    raise UsqlError(f"{operator} cannot compare {one!r} with {other!r}{hint}", place)
