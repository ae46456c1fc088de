"""What other people wrote can be shown on a terminal without the terminal, or a CI runner, acting on it."""

from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.display import many_lines, one_line, safe_json, source_line

#: Characters that a terminal or a reader of lines acts on, or that turn or hide text, by what they do.
HOSTILE = {
    "escape sequence": "\x1b[2J", "line break": "\n::error file=a::b", "carriage return": "\r::error::b",
    "bell": "\a", "backspace": "\b", "delete": "\x7f", "C1 sequence": "\x9b2J", "next line": "\x85",
    "line separator": "\u2028", "paragraph separator": "\u2029", "right-to-left override": "\u202e",
    "isolate": "\u2066", "right-to-left mark": "\u200f", "Arabic letter mark": "\u061c",
    "zero width space": "\u200b", "byte order mark": "\ufeff", "tag character": "\U000e0041",
}  # fmt: skip
ORDINARY = ("", "a b", "Größe", "עברית", "日本 語", "\u00a0", "👩\u200d👩\u200d👧", r"C:\new", '"quoted"')


def is_harmless(text: str) -> bool:
    bad = {character for value in HOSTILE.values() for character in value if not character.isprintable()}
    return bad.isdisjoint(text) and not any(character < " " for character in text)


@pytest.mark.parametrize("text", [pytest.param(value, id=name) for name, value in HOSTILE.items()])
def test_a_hostile_character_is_escaped(text: str) -> None:
    assert is_harmless(one_line(f"a{text}b"))
    assert is_harmless(source_line(f"a{text}b"))


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert one_line(text) == source_line(text) == many_lines(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b[1m\x9b\u202e\U000e0041", r"\x1b[1m\x9b\u202e\U000e0041"),
    ],
)
def test_escapes_are_those_of_python(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_line_of_a_file_keeps_its_tabs_and_loses_its_carriage_return() -> None:
    assert source_line("\tRUN\ta\x1b\r") == "\tRUN\ta\\x1b"


def test_no_line_of_a_longer_text_begins_with_what_somebody_else_wrote() -> None:
    assert many_lines("a\r\n::error::b\n\tc\x1b") == "a\n  | ::error::b\n  | \tc\\x1b"


def test_a_document_in_json_says_the_same_and_is_harmless() -> None:
    value = {"key": "".join(HOSTILE.values()) + "".join(ORDINARY)}
    shown = safe_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(shown) == value
    assert is_harmless(shown)


def test_a_byte_that_is_no_utf8_is_in_json_what_go_makes_of_it() -> None:
    assert safe_json('"\udcff"') == r'"\ufffd"'


@given(st.text())
def test_a_second_pass_changes_nothing(text: str) -> None:
    for show in (one_line, source_line, many_lines):
        assert show(show(text)) == show(text)


def test_every_control_and_format_character_is_escaped_but_the_two_joiners_and_marks_within_letters() -> None:
    import unicodedata  # noqa: PLC0415 - only here

    shown = {
        character
        for character in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") and one_line(character) == character
    }
    # What is left is part of how words are written, or notes and shorthand; none of it turns or ends a line.
    assert {unicodedata.category(character) for character in shown} == {"Cf"}
    kinds = {unicodedata.bidirectional(character) for character in shown}
    assert kinds <= {"BN", "AN", "AL", "L", "ON", "NSM"}
