"""Expressions do what C# does: laws for any values, and the places where C# differs from Python."""

from __future__ import annotations

import decimal
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from usql_world import ERRORS, TYPES, evaluate

INT = st.integers(-(2**31), 2**31 - 1)
LONG = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False, width=64)


def wrapped(value: int, bits: int = 32) -> int:
    return (value + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


@given(INT, INT)
def test_whole_numbers_wrap_around(a: int, b: int) -> None:
    given = {"a": (a, "int"), "b": (b, "int")}
    assert evaluate("@a + @b", **given) == wrapped(a + b)
    assert evaluate("@a - @b", **given) == wrapped(a - b)
    assert evaluate("@a * @b", **given) == wrapped(a * b)
    assert evaluate("(long)@a * @b", **given) == a * b
    assert evaluate("-@a", **given) == wrapped(-a)


@given(LONG, LONG.filter(bool))
def test_division_goes_towards_zero_and_the_rest_has_the_sign_of_the_first(a: int, b: int) -> None:
    given = {"a": (a, "long"), "b": (b, "long")}
    quotient, rest = evaluate("@a / @b", **given), evaluate("@a % @b", **given)
    assert wrapped(quotient * b + rest, 64) == a
    assert abs(rest) < abs(b)
    assert rest == 0 or (rest < 0) == (a < 0)


@given(REAL, REAL)
def test_real_numbers_never_fail(a: float, b: float) -> None:
    given = {"a": (a, "double"), "b": (b, "double")}
    if b != 0:
        assert evaluate("@a / @b", **given) == a / b or math.isnan(a / b)
    else:
        assert math.isinf(evaluate("@a / @b", **given)) or a == 0
    assert evaluate("@a + @b", **given) == a + b or math.isnan(a + b)
    assert evaluate("(float)@a", **given) == pytest.approx(a, rel=1e-6) or abs(a) > 3e38 or abs(a) < 1e-37


@given(st.one_of(st.none(), INT), st.one_of(st.none(), INT))
def test_null_goes_through_reckoning_and_meets_nothing(a: int | None, b: int | None) -> None:
    given = {"a": (a, "int?"), "b": (b, "int?")}
    both = a is not None and b is not None
    assert evaluate("@a + @b", **given) == (wrapped(a + b) if both else None)  # type: ignore[operator]
    assert evaluate("@a == @b", **given) is (a == b)
    assert evaluate("@a < @b || @a >= @b", **given) is both
    assert evaluate("@a ?? 7", **given) == (7 if a is None else a)
    assert evaluate("@a.HasValue ? @a.Value : -1", **given) == (-1 if a is None else a)


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\n\r")), st.one_of(st.none(), st.text(max_size=3)))
def test_text_is_what_was_written_and_null_adds_nothing(said: str, other: str | None) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" if ord(letter) < 32 else "\\" + letter if letter in '"\\' else letter for letter in said)
    assert evaluate(f'"{escaped}"') == said
    assert evaluate('@"' + said.replace('"', '""') + '"') == said
    assert evaluate('@a + @b + "!"', a=(said, "string"), b=(other, "string")) == said + (other or "") + "!"


@given(
    st.one_of(
        INT.map(lambda v: (v, "int")),
        LONG.map(lambda v: (v, "long")),
        st.floats(allow_nan=False).map(lambda v: (v, "double")),
        st.decimals(-(10**20), 10**20, places=4).map(lambda v: (v, "decimal")),
        st.booleans().map(lambda v: (v, "bool")),
        st.uuids().map(lambda v: (v, "Guid")),
    )
)
def test_what_is_written_is_read_back(given_value: tuple[Any, str]) -> None:
    value, kind = given_value
    assert TYPES.parse(TYPES.text(value), kind) == value


# --- precedence: a tree, printed with the parentheses that C# needs and no others, is read as that tree

LEVEL = {"||": 1, "&&": 2, "==": 3, "<": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
NUMBER = st.integers(0, 50).map(lambda value: (str(value), 9, value))


def joined(pair: tuple[Any, str, Any]) -> tuple[str, int, Any]:
    (left, left_level, a), operator, (right, right_level, b) = pair
    level = LEVEL[operator]
    shown = f"({left})" if left_level < level else left
    other = f"({right})" if right_level <= level else right
    return f"{shown} {operator} {other}", level, reckoned(a, operator, b)


def reckoned(a: Any, operator: str, b: Any) -> Any:
    if a is ERROR or (b is ERROR and not (operator == "&&" and not a) and not (operator == "||" and a)):
        return ERROR
    if operator in ("/", "%"):
        if b == 0:
            return ERROR
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        return wrapped(quotient if operator == "/" else a - b * quotient)
    return {
        "||": lambda: a or b,
        "&&": lambda: a and b,
        "==": lambda: a == b,
        "<": lambda: a < b,
        "+": lambda: wrapped(a + b),
        "-": lambda: wrapped(a - b),
        "*": lambda: wrapped(a * b),
    }[operator]()


ERROR = object()
NUMBERS = st.recursive(NUMBER, lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%"]), inner).map(joined), max_leaves=8)
TRUTHS = st.recursive(
    st.tuples(NUMBERS, st.sampled_from(["==", "<"]), NUMBERS).map(joined),
    lambda inner: st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(joined),
    max_leaves=5,
)


@given(st.one_of(NUMBERS, TRUTHS))
def test_operators_bind_as_in_csharp(tree: tuple[str, int, Any]) -> None:
    text, _, expected = tree
    if expected is ERROR:
        with pytest.raises(ERRORS.RowError, match="division by zero"):
            evaluate(text)
    else:
        assert evaluate(text) == expected
        assert evaluate(text.replace("&&", "AND").replace("||", "OR")) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / 2.0", 3.5),
        ("7 / 2m", decimal.Decimal("3.5")),
        ("1 + 2 * 3 == 7", True),
        ("!true || true", True),
        ("2147483647 + 1", -2147483648),
        ("2147483648", 2147483648),
        ("0xFF", 255),
        ("1e3", 1000.0),
        ("'a' + 1", 98),
        ("(int)3.99", 3),
        ("(int)-3.99", -3),
        ("(byte)300", 44),
        ("(char)65", "A"),
        ('5 > 3 ? "a" : "b"', "a"),
        ("true ? 1 : 2.5", 1.0),
        ("1 << 33", 2),
        ('"a" + 1 + 2', "a12"),
        ('1 + 2 + "a"', "3a"),
        ('"x" + null', "x"),
        ('"x" + true', "xTrue"),
        ('"x" + 1.0', "x1"),
        ('"x" + 1e20', "x1E+20"),
        ('"Hello"[1]', "e"),
        ('"Hello".Length', 5),
        ('"Hello".Substring(1, 3)', "ell"),
        ('"Hello".ToUpper().StartsWith("HE")', True),
        ("\"a,b;c\".Split(',', ';')[2]", "c"),
        ('" x ".Trim()', "x"),
        ("\"x\".PadLeft(3, '0')", "00x"),
        ('"abc".IndexOf("z")', -1),
        ('string.IsNullOrEmpty("")', True),
        ('string.Join("-", "a", 1)', "a-1"),
        ('string.Format("{0:F1}|{1,4}|{{}}", 2.25, "x")', "2.3|   x|{}"),
        ('string.Compare("a", "b") < 0', True),
        ("Math.Max(1, 2.5)", 2.5),
        ("Math.Round(2.5)", 2.0),
        ("Math.Round(3.14159, 2)", 3.14),
        ("Math.Abs(-3)", 3),
        ("Math.Sqrt(16)", 4.0),
        ('int.Parse(" 42 ")', 42),
        ('Convert.ToInt32("7") + 1', 8),
        ("Convert.ToInt32(2.5)", 2),
        ("int.MaxValue", 2147483647),
        ('Int32.Parse("5")', 5),
        ('new DateTime(2020, 2, 28).AddDays(2).ToString("yyyy-MM-dd")', "2020-03-01"),
        ('DateTime.Parse("2/15/2012 11:53:16 AM").Hour', 11),
        ('DateTime.Parse("2012-02-15").DayOfWeek.ToString()', "Wednesday"),
        ('(DateTime.Parse("2020-01-03") - DateTime.Parse("2020-01-01")).TotalDays', 2.0),
        ("new DateTime(2020, 1, 31).AddMonths(1).Day", 29),
        ('1234567.891.ToString("N1")', "1,234,567.9"),
        ('0.256.ToString("P0")', "26 %"),
        ('42.ToString("D5")', "00042"),
        ('3.5.ToString("0.00")', "3.50"),
        ('1234.5.ToString("#,##0.##")', "1,234.5"),
        ("3 IN (1, 2, 3)", True),
        ("3 NOT IN (1, 2)", True),
        ("2 BETWEEN 1 AND 3 AND true", True),
        ("NOT 1 == 2", True),
        ("(int?)null IS NULL", True),
        ('"a" IS NOT NULL', True),
        ("1.0 / 0", math.inf),
        ("double.NaN == double.NaN", False),
        ("0.1m + 0.2m == 0.3m", True),
        ("10 % 4 - -1", 3),
        ("~5", -6),
        ("5 & 6 | 1", 5),
        ('(int)DateTime.Parse("2012-02-15").DayOfWeek', 3),
        ("1u - 2", -1),
        ("((int?)3).GetValueOrDefault() + 1", 4),
    ],
)
def test_csharp_has_its_own_ways(text: str, value: Any) -> None:
    found = evaluate(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 + true", "(1,3): + cannot be used with int and bool"),
        ('"a" - "b"', "- cannot be used with string and string"),
        ('"a" < "b"', "use string.Compare"),
        ("1m + 1.0", "+ cannot be used with decimal and double"),
        ("1 && true", "needs true or false"),
        ("1 ? 2 : 3", "this must be true or false"),
        ('true ? 1 : "a"', "int and string have no type in common"),
        ("true ? 1 : null", "write (int?)null"),
        ("1 ?? 2", "needs something that may be null"),
        ('(int)"5"', "string cannot be cast to int"),
        ('1 == "a"', "== cannot compare int with string"),
        ('"a".Nope()', "string has no member Nope()"),
        ('"a".Substring("b")', "cannot be called with"),
        ("Math.Nope(1)", "there is no Math.Nope(int)"),
        ("nope", "there is no column nope"),
        ("@nope", "there is no variable @nope"),
        ("Nope.Call(1)", "there is no column Nope"),
        ("99999999999999999999", "is too large"),
        ("1 +", "expected an expression, not the end"),
        ("(1", "expected ), not the end of the script"),
        ("'ab'", "in single quotes is one character"),
        ('"open', "no closing quote"),
        ('a LIKE "x"', "LIKE is outside"),
        ("SUM(1)", "SUM needs the rows of a SELECT"),
        ("x => 1", "there is no column x"),
        ("new Guid(1, 2)", "is outside the part"),
    ],
)
def test_what_csharp_refuses_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ERRORS.UsqlError) as caught:
        evaluate(text)
    assert said in str(caught.value)
    assert caught.value.place is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / (1 - 1)", "division by zero"),
        ('"a".Substring(3)', "Substring(3) of a text of 1 letters"),
        ("(int)(int?)null", "null cannot be int"),
        ('int.Parse("x")', "'x' is not a int"),
        ("1m / 0", "division by zero"),
        ('"a"[4]', "there is no [4] in 1 items"),
        ("Convert.ToByte(300)", "too large"),
        ("((string)null).Length", "Length of null"),
    ],
)
def test_values_that_cannot_be_computed_say_why(text: str, said: str) -> None:
    with pytest.raises(ERRORS.RowError) as caught:
        evaluate(text)
    assert said in str(caught.value)
