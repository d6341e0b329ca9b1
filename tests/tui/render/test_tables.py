from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_tui.render.status import LOOKS, look_of, paint, status_text, wants_colour, wants_unicode
from stepwell_tui.render.tables import Column, tabbed, table
from stepwell_tui.render.text import display_width

COLUMNS = [Column("run", keep=True), Column("pipeline"), Column("status", status=True), Column("steps", right=True)]
ROWS = [
    ["20240101-1f3a9c", "train the big model on everything", "Completed", "12"],
    ["20240102-77b0aa", "データ\x1b[2J", "Failed", "3"],
    ["20240103-0aa312", "", "Reused", "140"],
]


def test_piped_tables_are_whole() -> None:
    assert table(COLUMNS, ROWS) == (
        "RUN              PIPELINE                           STATUS       STEPS\n"
        "20240101-1f3a9c  train the big model on everything  ✓ Completed     12\n"
        "20240102-77b0aa  データ\\x1b[2J                      ✗ Failed         3\n"
        "20240103-0aa312                                     ↺ Reused       140\n"
    )


def test_a_width_cuts_the_widest_but_never_ids() -> None:
    assert table(COLUMNS, ROWS, width=55) == (
        "RUN              PIPELINE            STATUS       STEPS\n"
        "20240101-1f3a9c  train the big mod…  ✓ Completed     12\n"
        "20240102-77b0aa  データ\\x1b[2J       ✗ Failed         3\n"
        "20240103-0aa312                      ↺ Reused       140\n"
    )
    assert all("2024010" in line for line in table(COLUMNS, ROWS, width=10).splitlines()[1:])


def test_ascii() -> None:
    text = table(COLUMNS[:1] + COLUMNS[2:], [[row[0], *row[2:]] for row in ROWS], unicode=False)
    assert text.isascii()
    assert "+ Completed" in text


def test_colours_change_no_letter() -> None:
    coloured = table(COLUMNS, ROWS, width=70, colour=True)
    assert re.sub(r"\x1b\[\d*m", "", coloured) == table(COLUMNS, ROWS, width=70)
    assert "\x1b[31m✗ Failed" in coloured


cells = st.text(max_size=40)


@given(st.lists(st.tuples(cells, cells, cells), max_size=5), st.integers(40, 90))
def test_every_line_fits(rows: list[tuple[str, str, str]], width: int) -> None:
    columns = [Column("name"), Column("value", right=True), Column("note")]
    lines = table(columns, rows, width=width).split("\n")
    assert len(lines) == len(rows) + 2
    assert all(display_width(line) <= width for line in lines)


def test_tabbed() -> None:
    assert tabbed(COLUMNS[:2], [["a", "b\tc\nd"]]) == "a\tb\\tc\\nd\n"
    assert table(COLUMNS, []) == "RUN  PIPELINE  STATUS  STEPS\n"


def test_every_status_has_a_look_of_its_own() -> None:
    looks = list(LOOKS.values())
    assert len({look.glyph for look in looks}) == len({look.plain for look in looks}) == len({look.word for look in looks}) == len(looks)
    assert all(look.plain.isascii() for look in looks)
    assert look_of("Odd").word == "Odd"
    assert status_text("Completed", colour=True, unicode=True) == "\x1b[32m✓ Completed\x1b[0m"
    assert status_text("Canceled", colour=False, unicode=False) == "/ Canceled"
    assert (paint("", "red"), paint("x", "red", False)) == ("", "x")


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colour_is_for_terminals(stream: io.StringIO, environ: dict[str, str], wanted: bool) -> None:
    assert wants_colour(stream, environ) is wanted


def test_unicode_follows_the_encoding() -> None:
    assert wants_unicode(io.TextIOWrapper(io.BytesIO(), "utf-8"), {})
    assert not wants_unicode(io.TextIOWrapper(io.BytesIO(), "ascii"), {})
    assert not wants_unicode(io.TextIOWrapper(io.BytesIO(), "utf-8"), {"STEPWELL_ASCII": "1"})
