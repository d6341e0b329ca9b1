from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stepwell_tui.render.text import age_text, display_width, duration_text, pad, safe_line, safe_text, size_text, truncate

ANY_TEXT = st.text(st.characters(codec=None, categories=None))  # surrogates too
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@given(ANY_TEXT)
@example("\x1b]52;c;ZXZpbA==\x07\x9b31m\u202e\r\n\r\ud800\U000e0041\u2028")
def test_safe_text_holds_nothing_that_steers_a_terminal(foreign: str) -> None:
    safe = safe_text(foreign)
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in safe.replace("\n", "").replace("\t", ""))
    assert not set(safe) & set(BIDI + "\u2028\u2029\ufeff\u200b")
    assert safe_text(safe) == safe
    safe.encode("utf-8")


@given(ANY_TEXT)
def test_safe_line_is_one_line(foreign: str) -> None:
    safe = safe_line(foreign)
    assert len((safe + "x").splitlines()) == 1
    assert "\t" not in safe
    assert safe_line(safe) == safe_text(safe) == safe


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs", "M"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert safe_text(re.sub("[\u17b4\u17b5\u180b-\u180f]", "", text)) == re.sub("[\u17b4\u17b5\u180b-\u180f]", "", text)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("a\x9b31mb", r"a\x9b31mb"),
        ("exe\u202etxt.", r"exe\u202etxt."),
        ("10%\r20%", r"10%\r20%"),
        ("dos\r\nline\ttab", "dos\nline\ttab"),
        (b"caf\xe9".decode("utf-8", "surrogateescape"), r"caf\xe9"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("👩\u200d🔬 naïve ✓", "👩\u200d🔬 naïve ✓"),
        ("[@click=app.bell]x[/]", "[@click=app.bell]x[/]"),
    ],
)
def test_escapes(foreign: str, shown: str) -> None:
    assert safe_text(foreign) == shown


def test_a_long_line_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        hostile = "\x1b[31m\u202e\r" * (size // 7)
        started = time.process_time()
        safe_text(hostile)
        return time.process_time() - started

    assert seconds(2_000_000) < 30 * max(seconds(200_000), 0.01)


def test_width_in_cells() -> None:
    assert [display_width(text) for text in ("abc", "データ", "e\u0301", "👩\u200d🔬", "")] == [3, 6, 1, 4, 0]


@given(st.text(), st.integers(0, 20))
def test_truncated_text_fits(text: str, width: int) -> None:
    line = safe_line(text)
    cut = truncate(line, width)
    assert display_width(cut) <= width
    assert cut == line or display_width(line) > width
    assert line.startswith(cut.removesuffix("…"))


def test_truncate_and_pad() -> None:
    assert truncate("features", 5) == "feat…"
    assert truncate("データ処理", 5) == "デー…"
    assert truncate("abc", 2, "...") == ".."
    assert (pad("a", 3), pad("a", 3, right=True), pad("デ", 3), pad("long", 2)) == ("a  ", "  a", "デ ", "long")


def test_sizes() -> None:
    cases = {0: "0 B", 999: "999 B", 1000: "1.0 kB", 1234: "1.2 kB", 99_960: "100 kB", 999_400: "999 kB", 999_600: "1.0 MB",
             10**9: "1.0 GB", 340 * 10**6: "340 MB", 5 * 10**15: "5.0 PB", 10**19: "10000 PB"}  # fmt: skip
    assert {count: size_text(count) for count in cases} == cases


def test_durations() -> None:
    cases = {0: "0.00 s", 0.34: "0.34 s", 0.999: "1.0 s", 12: "12.0 s", 59.96: "1 m 00 s", 72: "1 m 12 s", 3599.6: "1 h 00 m",
             7500: "2 h 05 m", 273_600: "3 d 04 h", -1: "?", float("nan"): "?"}  # fmt: skip
    assert [duration_text(seconds) for seconds in cases] == list(cases.values())


def test_ages() -> None:
    cases = {-3: "just now", 4: "just now", 45: "45 s ago", 59.7: "1 min ago", 60: "1 min ago", 200: "3 min ago", 3599: "59 min ago",
             3600: "1 h ago", 86_399: "23 h ago", 86_400: "1 day ago", 12 * 86_400: "12 days ago"}  # fmt: skip
    assert {seconds: age_text(seconds) for seconds in cases} == cases
