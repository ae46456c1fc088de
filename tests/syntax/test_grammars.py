"""The argument grammars, word by word."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.syntax.declare import Arguments
from pyfrontend.syntax.grammars import (
    MAX_TRIGGER_DEPTH,
    healthcheck,
    json_or_text,
    load_json,
    onbuild,
    split_instruction,
    split_quoted,
)

SPLITS = [
    ("RUN", ("RUN", (), ""), "a keyword alone"),
    ("  RUN \t\v x  ", ("RUN", (), "x"), "any gap ends a keyword"),
    ("RUN\tx y", ("RUN", (), "x y"), "a tab ends a keyword"),
    ("RUN\u00a0x", ("RUN\u00a0x", (), ""), "a wide space does not"),
    ("RUN \u00a0x", ("RUN", (), "x"), "but it is trimmed off the rest"),
    ("RUN \u00a0--x y", ("RUN", (), "--x y"), "and hides flags"),
    ("RUN --a --b=c d --e", ("RUN", ("--a", "--b=c"), "d --e"), "flags end at a word"),
    ("RUN -a --b", ("RUN", (), "-a --b"), "one dash is no flag"),
    ("RUN --a -- --b", ("RUN", ("--a",), "--b"), "two dashes end the flags"),
    ("RUN --a --", ("RUN", ("--a",), ""), "even as the last word"),
    ('RUN --"" --b', ("RUN", (), "--b"), "quoted nothing is no flag"),
    ("RUN --a=\"b c\"'d e'f", ("RUN", ("--a=b cd ef",), ""), "quotes hold flags together"),
    (r"RUN --a=b\ c\"d x", ("RUN", ('--a=b c"d',), "x"), "an escape does too"),
    (r"RUN --a='b\'c' x", ("RUN", ("--a=b'c",), "x"), "single quotes know the escape here"),
    ("RUN --a=b\\", ("RUN", ("--a=b",), ""), "a last escape is dropped"),
    ('RUN --a="b c', ("RUN", ("--a=b c",), ""), "an open quote ends with the text"),
    ("RUN --a=é b", ("RUN", ("--a=Ã©",), "b"), "flags are read byte by byte"),
    ("RUN --a=à b", ("RUN", ("--a=Ã",), "b"), "and some bytes are spaces"),
    ("RUN \udca0--a b", ("RUN", ("--a",), "b"), "a byte that is a space comes before a flag"),
    ("RUN --" + "a" * 300 + "\t--b c", ("RUN", ("--" + "a" * 300, "--b"), "c"), "flags may be long"),
    ("", ("", (), ""), "nothing at all"),
]


@pytest.mark.parametrize(("code", "expected"), [pytest.param(*row[:2], id=row[2]) for row in SPLITS])
def test_split_instruction(code: str, expected: tuple[str, tuple[str, ...], str]) -> None:
    assert split_instruction(code, "\\") == expected


QUOTED = [
    ("a  b\tc", ["a", "b", "c"], "white space splits"),
    ("a\u2003b\u0085c", ["a", "b", "c"], "of any kind"),
    ("a\x1cb", ["a\x1cb"], "but not what only Python takes for it"),
    ("a='b c' d=\"e f\"", ["a='b c'", 'd="e f"'], "quotes hold together and stay"),
    ("a='b\\' c", ["a='b\\'", "c"], "single quotes know no escape"),
    ('a="b\\" c" d', ['a="b\\" c"', "d"], "double quotes do"),
    ("a\\ b", ["a\\ b"], "an escaped space does not split"),
    ("a\\'b c", ["a\\'b", "c"], "an escaped quote opens nothing"),
    ("a \\", ["a"], "a lone escape at the end is dropped"),
    ("a\\", ["a"], "after a word too"),
    ("'' \"\"", ["''", '""'], "empty quotes are words"),
    ("'a b", ["'a b"], "an open quote ends with the text"),
    ("a\udcff", ["a\ufffd"], "a byte that is no letter is replaced"),
    ("", [], "nothing gives nothing"),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*row[:2], id=row[2]) for row in QUOTED])
def test_split_quoted(text: str, expected: list[str]) -> None:
    assert split_quoted(text, "\\") == expected


def test_the_escape_of_the_directive_counts() -> None:
    assert split_quoted("a` b c\\ d", "`") == ["a` b", "c\\", "d"]


JSON = [
    ('["a", "b"]', ("a", "b"), "an array of strings"),
    ("[]", (), "an empty array"),
    ('\u00a0["a"]', ("a",), "white space before it"),
    (r'["\ud800", "\udcff"]', ("\ufffd", "\ufffd"), "halves of letters are replaced"),
    ('["\udcff"]', ("\ufffd",), "bytes that are no letters too"),
]


@pytest.mark.parametrize(("text", "words"), [pytest.param(*row[:2], id=row[2]) for row in JSON])
def test_exec_form(text: str, words: tuple[str, ...]) -> None:
    assert json_or_text("CMD", text, "\\") == Arguments(words, json=True)


@pytest.mark.parametrize(
    "text",
    [
        "['a']",
        '["a"] b',
        '["a",]',
        '["a" "b"]',
        "[NaN]",
        "[-Infinity]",
        "[1e999]",
        "[" + "9" * 5000 + "]",
        "[" * 5000,
        "[" * 11_000 + "]" * 11_000,
    ],
)
def test_what_is_no_json_is_text(text: str) -> None:
    assert json_or_text("CMD", text, "\\") == Arguments((text,))


@pytest.mark.parametrize("text", ["[1]", "[null]", '[["a"]]', '["a", true]', "[{}]", "[" * 9000 + "]" * 9000])
def test_json_of_anything_but_strings_fails(text: str) -> None:
    with pytest.raises(DockerfileError, match="arrays must be comprised of strings only"):
        json_or_text("CMD", text, "\\")


def test_load_json_refuses_numbers_beyond_any_double() -> None:
    with pytest.raises(ValueError, match="1e999"):
        load_json('{"a": 1e999}')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("CMD  a b", ("CMD", "a b"), id="the type ends at white space"),
        pytest.param("CMDà x", ("CMD\udcc3", "x"), id="or at a byte that is a space"),
        pytest.param("NONE", ("NONE",), id="the type alone"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_a_healthcheck_is_a_type_and_a_command(text: str, words: tuple[str, ...]) -> None:
    assert healthcheck("HEALTHCHECK", text, "\\").words == words


def test_endlessly_nested_triggers_are_not_followed() -> None:
    words = onbuild("ONBUILD", "ONBUILD " * 5000 + "RUN x", "\\").words
    assert words == ("ONBUILD",) * MAX_TRIGGER_DEPTH
