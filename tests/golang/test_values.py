"""Single values: what each reader takes, and the texts of its errors."""

from __future__ import annotations

import contextlib
import json
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.golang.csv import parse_csv_fields
from pyfrontend.golang.json import json_text
from pyfrontend.golang.quote import go_quote, quote_list
from pyfrontend.golang.strconv import atoi, parse_bool, parse_int, parse_octal, parse_uint
from pyfrontend.golang.strings import scrub, to_lower, to_upper, trim_space
from pyfrontend.units import parse_chmod, parse_signal, parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

SECOND = 1_000_000_000
SYNTAX = "invalid syntax"
RANGE = "value out of range"

#: Any text, bytes that are no UTF-8 included.
texts = st.text(st.characters(exclude_categories=[])).map(
    lambda text: text.encode("utf-8", "replace").decode() + "\udcff" * text.count("x")
)


def _raises(function: Callable[[str], object], text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared below
        function(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *((w, True) for w in ("1", "t", "T", "true", "True", "TRUE")),
        *((w, False) for w in ("0", "f", "F", "false")),
    ],
)
def test_a_boolean_is_read(word: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert parse_bool(word) is expected


@pytest.mark.parametrize("word", ["", "yes", "tRUE", " 1", "on"])
def test_other_words_are_no_booleans(word: str) -> None:
    _raises(parse_bool, word, f'strconv.ParseBool: parsing "{word}": {SYNTAX}')


@pytest.mark.parametrize(
    ("text", "bits", "expected"),
    [
        ("0", 8, 0),
        ("-0", 8, 0),
        ("+7", 8, 7),
        ("127", 8, 127),
        ("-128", 8, -128),
        ("007", 8, 7),
        (str(2**63 - 1), 64, 2**63 - 1),
    ],
)
def test_an_integer_is_read(text: str, bits: int, expected: int) -> None:
    assert parse_int(text, bits=bits) == expected


@pytest.mark.parametrize(
    ("text", "bits", "reason"),
    [
        ("", 64, SYNTAX),
        ("-", 64, SYNTAX),
        ("1_000", 64, SYNTAX),
        ("1 ", 64, SYNTAX),
        ("\u0661", 64, SYNTAX),
        ("0x1", 64, SYNTAX),
        ("128", 8, RANGE),
        ("-129", 8, RANGE),
        (str(2**63), 64, RANGE),
        ("9" * 6000, 64, RANGE),
        ("99999999999999999999x", 64, RANGE),
    ],
)
def test_an_integer_is_refused(text: str, bits: int, reason: str) -> None:
    _raises(
        lambda word: parse_int(word, bits=bits),
        text,
        f"strconv.ParseInt: parsing {go_quote(text)}: {reason}",
    )


def test_number_errors_name_the_reader() -> None:
    _raises(atoi, "x", f'strconv.Atoi: parsing "x": {SYNTAX}')
    _raises(parse_uint, "-1", f'strconv.ParseUint: parsing "-1": {SYNTAX}')
    _raises(parse_octal, "8", f'strconv.ParseUint: parsing "8": {SYNTAX}')
    _raises(parse_octal, "40000000000", f'strconv.ParseUint: parsing "40000000000": {RANGE}')


@pytest.mark.parametrize(
    ("text", "mode"),
    [("755", 0o755), ("0644", 0o644), ("7777", 0o7777), ("0", 0)]
    + [(text, text) for text in ("u+x", "u=rwX,go=rX", "+x", "a-w+s", "g=u", "-t", "o=")],
)
def test_a_mode_of_chmod_is_read(text: str, mode: int | str) -> None:
    assert parse_chmod(text) == mode


@pytest.mark.parametrize("text", ["8", "77777", "10000", "7x", "0o7"])
def test_a_numeric_mode_is_octal_and_small(text: str) -> None:
    message = f"invalid chmod parameter: '{text}'. it should be octal string and between 0 and 07777"
    _raises(parse_chmod, text, message)


@pytest.mark.parametrize("text", ["u", "abc", "u+x,", "u+x,,g+x", "u*x", "", "-755"])
def test_a_symbolic_mode_follows_its_grammar(text: str) -> None:
    _raises(parse_chmod, text, SYNTAX)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("64", 64),
        ("64b", 64),
        ("64k", 65_536),
        ("64KB", 65_536),
        ("64KiB", 65_536),
        ("1.5m", 1_572_864),
        (".5k", 512),
        ("10 kb", 10_240),
        ("1g", 1 << 30),
        ("1t", 1 << 40),
        ("1p", 1 << 50),
        ("1e3", 1000),
        ("0x1p4", 16),
        ("1.9", 1),
        ("9999999p", -(1 << 63)),
    ],
)
def test_a_size_is_read(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid size: ''"),
        ("k", "invalid size: 'k'"),
        ("-1", "invalid size: '-1'"),
        ("1x", "invalid suffix: 'x'"),
        ("1Xy", "invalid suffix: 'xy'"),
        ("1kx", "invalid suffix: 'kx'"),
        ("1bb", "invalid suffix: 'bb'"),
        ("1 KiBs", "invalid suffix: 'KiBs'"),
        ("1..5k", f'strconv.ParseFloat: parsing "1..5": {SYNTAX}'),
        (" 1k", f'strconv.ParseFloat: parsing " 1": {SYNTAX}'),
        ("1e999", f'strconv.ParseFloat: parsing "1e999": {RANGE}'),
        ("0x1", f'strconv.ParseFloat: parsing "0x1": {SYNTAX}'),
    ],
)
def test_a_size_is_refused(text: str, message: str) -> None:
    _raises(parse_size, text, message)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a", ["a"]),
        ("a,b=c", ["a", "b=c"]),
        (",", ["", ""]),
        (" a , b ", [" a ", " b "]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b"', ['a"b']),
        ('""', [""]),
        ('a,""', ["a", ""]),
        ("a\n", ["a"]),
        ("a\r\n", ["a"]),
        ('"a\nb"', ["a\nb"]),
    ],
)
def test_a_record_is_split(text: str, fields: list[str]) -> None:
    assert parse_csv_fields(text) == fields


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "EOF"),
        ("\n", "EOF"),
        ('a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'),
        ('x,a"', 'parse error on line 1, column 4: bare " in non-quoted-field'),
        ('"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'),
        ('"ab', 'parse error on line 1, column 2: extraneous or missing " in quoted-field'),
        ('"a""b', 'parse error on line 1, column 5: extraneous or missing " in quoted-field'),
        ('\u00e9"', 'parse error on line 1, column 3: bare " in non-quoted-field'),
    ],
)
def test_a_record_is_refused(text: str, message: str) -> None:
    _raises(parse_csv_fields, text, message)


@pytest.mark.parametrize("name", [s.name for s in signal.Signals if "RT" not in s.name])
def test_every_signal_of_linux_is_known(name: str) -> None:
    expected = signal.Signals[name].value
    short = name.removeprefix("SIG")

    assert [parse_signal(text) for text in (name, short, short.lower())] == [expected] * 3


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9", 9),
        ("-3", -3),
        ("+9", 9),
        ("99999", 99999),
        ("RTMIN", 34),
        ("SIGRTMIN+15", 49),
        ("rtmax-14", 50),
        ("RTMAX", 64),
    ],
)
def test_a_signal_is_read(text: str, number: int) -> None:
    assert parse_signal(text) == number


@pytest.mark.parametrize("text", ["", "0", "SIGSIGTERM", "RTMIN+16", "RTMAX-15", "FOO", " 9", "9" * 30])
def test_a_signal_is_refused(text: str) -> None:
    _raises(parse_signal, text, f"invalid signal: {text}")


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", '""'),
        ("a b'", '"a b\'"'),
        ('"\\', '"\\"\\\\"'),
        ("\a\b\f\n\r\t\v", '"\\a\\b\\f\\n\\r\\t\\v"'),
        ("\x00\x1b\x7f", '"\\x00\\x1b\\x7f"'),
        ("\u00e9\u65e5\U0001f600", '"\u00e9\u65e5\U0001f600"'),
        ("\u0085\u00a0\u200b\ufeff", '"\\u0085\\u00a0\\u200b\\ufeff"'),
        ("\U000e0001", '"\\U000e0001"'),
        ("\udce4\udc80", '"\\xe4\\x80"'),
        ("\ufffd", '"\ufffd"'),
    ],
)
def test_text_is_quoted(text: str, quoted: str) -> None:
    assert go_quote(text) == quoted


def test_a_list_is_quoted() -> None:
    assert quote_list(["/bin/sh", "-c", 'a "b"']) == '["/bin/sh" "-c" "a \\"b\\""]'
    assert quote_list(()) == "[]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None, -2]}, '{"b":1,"a":[true,null,-2]}'),
        ("<a&b>", '"\\u003ca\\u0026b\\u003e"'),
        ("\u2028\u2029", '"\\u2028\\u2029"'),
        ('\x00\b\t\n\f\r"\\/\x7f', '"\\u0000\\b\\t\\n\\f\\r\\"\\\\/\x7f"'),
        ("\u00e9\U0001f600", '"\u00e9\U0001f600"'),
        ("\udce4", '"\ufffd"'),
    ],
)
def test_json_is_written(value: object, text: str) -> None:
    assert json_text(value) == text


def test_json_keys_are_sorted_on_demand() -> None:
    assert json_text({"b": 1, "a": 2}, sort_keys=True) == '{"a":2,"b":1}'


@pytest.mark.parametrize(
    ("text", "expected"), [("\u00a0 a\u3000", "a"), ("\x1ca\x1f", "\x1ca\x1f"), ("\v\x85", "")]
)
def test_white_space_is_what_go_calls_so(text: str, expected: str) -> None:
    assert trim_space(text) == expected


@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("ABC", "abc"),
        ("B\u0130LD", "bild"),
        ("\u0391\u03a3", "\u03b1\u03c3"),
        ("\u212a", "k"),
        ("\udc80A", "\ufffda"),
    ],
)
def test_letters_get_small_one_by_one(text: str, small: str) -> None:
    assert to_lower(text) == small


@pytest.mark.parametrize(
    ("text", "capitals"), [("abc", "ABC"), ("\u00dfx", "\u00dfX"), ("\u0131", "I"), ("\u03c2", "\u03a3")]
)
def test_letters_get_large_one_by_one(text: str, capitals: str) -> None:
    assert to_upper(text) == capitals


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [("a", "a"), ("\u00e9\U0001f600", "\u00e9\U0001f600"), ("a\udce2\udc82b", "a\ufffd\ufffdb")],
)
def test_a_byte_that_is_no_letter_is_replaced(text: str, scrubbed: str) -> None:
    assert scrub(text) == scrubbed


READERS = [
    parse_bool,
    parse_int,
    parse_uint,
    atoi,
    parse_octal,
    parse_chmod,
    parse_size,
    parse_csv_fields,
    parse_signal,
]


@pytest.mark.parametrize("reader", READERS)
@given(text=texts | st.text("0123456789.+-_xeEinfkmbshun\"', \n"))
def test_a_reader_reads_or_refuses_any_text(reader: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(ValueError):
        reader(text)


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_written_number_reads_back(number: int) -> None:
    assert parse_int(str(number)) == number


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_quoted_fields_read_back(fields: list[str]) -> None:
    record = ",".join('"' + field.replace('"', '""') + '"' for field in fields)
    assert parse_csv_fields(record) == fields


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_json_is_json(value: dict[str, object]) -> None:
    assert json.loads(json_text(value)) == json.loads(json.dumps(value))


@given(texts)
def test_quoted_text_is_printable(text: str) -> None:
    quoted = go_quote(text)
    assert quoted.isprintable()
    assert go_quote(quoted).count('\\"') >= 2
