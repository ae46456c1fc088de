"""Durations: text and nanoseconds, both ways."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.golang.durations import format_duration, parse_duration

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("text", "nanoseconds", "written"),
    [
        ("0", 0, "0s"),
        ("-0", 0, "0s"),
        ("0s", 0, "0s"),
        ("1ns", 1, "1ns"),
        ("1.5us", 1500, "1.5\u00b5s"),
        ("2\u00b5s", 2000, "2\u00b5s"),
        ("2\u03bcs", 2000, "2\u00b5s"),
        ("10ms", 10_000_000, "10ms"),
        ("30s", 30 * SECOND, "30s"),
        ("90s", 90 * SECOND, "1m30s"),
        ("1h", 3600 * SECOND, "1h0m0s"),
        ("1h30m5.25s", 5405 * SECOND + 250_000_000, "1h30m5.25s"),
        ("+.5s", SECOND // 2, "500ms"),
        ("1.s", SECOND, "1s"),
        ("-1.5h", -5400 * SECOND, "-1h30m0s"),
        ("9223372036854775807ns", 2**63 - 1, "2562047h47m16.854775807s"),
        ("-9223372036854775808ns", -(2**63), "-2562047h47m16.854775808s"),
    ],
)
def test_a_duration_is_read_and_written(text: str, nanoseconds: int, written: str) -> None:
    assert parse_duration(text) == nanoseconds
    assert format_duration(nanoseconds) == written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'invalid duration ""'),
        ("-", 'invalid duration "-"'),
        (".s", 'invalid duration ".s"'),
        ("s", 'invalid duration "s"'),
        ("1", 'missing unit in duration "1"'),
        ("1s1", 'missing unit in duration "1s1"'),
        ("1 s", 'unknown unit " s" in duration "1 s"'),
        ("1d", 'unknown unit "d" in duration "1d"'),
        ('1"\\', 'unknown unit "\\"\\\\" in duration "1\\"\\\\"'),
        ("1\u00e9", 'unknown unit "\\xc3\\xa9" in duration "1\\xc3\\xa9"'),
        ("9223372036854775808ns", 'invalid duration "9223372036854775808ns"'),
        ("3000000h", 'invalid duration "3000000h"'),
    ],
)
def test_a_duration_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'time: {message}')}$"):
        parse_duration(text)


@given(st.text('0123456789.+-munshx\u00b5\u00e9" '))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_duration(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_written_duration_reads_back(nanoseconds: int) -> None:
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds
