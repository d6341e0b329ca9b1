from __future__ import annotations

import math
import re
import time

from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.render.plot import Series, plot, sparkline
from stepwell_tui.render.text import display_width

RISE = Series("loss", [float(value) for value in range(20)])
FALL = Series("acc", [float(-value) for value in range(20)])


def test_ascii_plot() -> None:
    assert plot([Series("loss", [0, 2, 4, 2, 0])], 29, 7, unicode=False) == (
        "4 +          *****\n"
        "  |        ***   ****\n"
        "  |    *****        *****\n"
        "  |  ***                ***\n"
        "0 +***                    ***\n"
        "  +--------------------------\n"
        "   0                        4\n"
    )


def test_one_series_is_drawn_in_braille_with_axes() -> None:
    lines = plot([RISE], 40, 8).splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("19 ┤")
    assert lines[5].startswith(" 0 ┤")
    assert lines[6] == "   └" + "─" * 36
    assert lines[7].split() == ["0", "19"]
    assert re.search("[\u2801-\u28ff]", lines[0])


def test_several_series_have_a_legend_and_marks_of_their_own() -> None:
    plain = plot([RISE, FALL], 40, 10)
    assert "* loss  + acc" in plain
    assert not re.search("[\u2800-\u28ff]", plain)
    coloured = plot([RISE, FALL], 40, 10, colour=True)
    assert "\x1b[36m━\x1b[0m loss" in coloured
    assert {"\x1b[36m", "\x1b[33m"} <= set(re.findall(r"\x1b\[3\dm", coloured.split("└")[0]))


def test_nan_leaves_a_gap() -> None:
    values = [1.0] * 40
    values[10:30] = [math.nan] * 20
    row = next(line for line in plot([Series("x", values)], 44, 9, unicode=False).splitlines() if "*" in line)
    assert re.search(r"\*\s{10,}\*", row)


def test_nothing_to_plot() -> None:
    assert plot([], 40, 8) == plot([Series("x", [math.nan, math.inf])], 40, 8) == "no values to plot\n"


def test_a_hundred_thousand_points_are_quick() -> None:
    series = Series("x", [math.sin(at / 1000) for at in range(100_000)])
    started = time.process_time()
    plot([series])
    assert time.process_time() - started < 2


numbers = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(st.lists(numbers, max_size=30), max_size=3), st.integers(30, 90), st.integers(5, 20), st.booleans())
def test_any_numbers_fit_the_frame(curves: list[list[float]], width: int, height: int, unicode: bool) -> None:
    text = plot([Series(f"s{at}", values) for at, values in enumerate(curves)], width, height, unicode=unicode)
    lines = text.splitlines()
    assert len(lines) in (1, height, 5)
    assert all(display_width(line) <= width for line in lines)
    assert unicode or text.isascii()


def test_sparkline() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 8) == "▁▂▃▄▅▆▇█"
    assert sparkline([1, 1, 8, 8], 2) == "▁█"
    assert sparkline([1, math.nan, 8], 8) == "▁ █"
    assert sparkline([1, 8], 8, unicode=False) == "_#"
    assert sparkline([5, 5], 8) == "▅▅"
    assert (sparkline([], 8), sparkline([math.nan], 8)) == ("", " ")


@given(st.lists(numbers, max_size=60), st.integers(1, 30))
def test_sparkline_never_exceeds_its_width(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == min(width, len(values))
