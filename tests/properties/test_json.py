"""JSON by the core of the standard library's package: what it reads and writes is what the package does."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.json import json_text, load_json
from pyfrontend.golang.strings import scrub
from pyfrontend.oci.image_json import read_image

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
#: RFC 3339, as a regular expression says it.
TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def go_text(value: Any, *, sort_keys: bool) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return scrub(text)


@given(values, st.booleans())
def test_values_are_written_as_the_package_writes_them(value: Any, sort: bool) -> None:  # noqa: FBT001 - given
    assert json_text(value, sort_keys=sort) == go_text(value, sort_keys=sort)


def refuse(name: str) -> Any:
    raise ValueError(f"invalid JSON: {name}")


def read(text: str) -> Any:
    """Return what the package makes of ``text``, or the text of its error."""
    try:
        return json.loads(text, parse_constant=refuse)
    except ValueError as error:
        return ValueError, str(error)


@given(st.text() | values.map(json.dumps) | st.text("[]{}\"':,.0123456789eE+- \n\\ua"))
@example(" [1] ")
@example("[1] x")
@example("")
@example("[1,]")
@example('"\\ud800"')
@example("\u00a01")
def test_texts_are_read_as_the_package_reads_them(text: str) -> None:
    try:
        found = load_json(text)
    except ValueError as error:
        found = ValueError, str(error)
    assert found == read(text)


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}'])
def test_what_only_python_reads_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="invalid JSON"):
        load_json(text)


times = st.from_regex(TIME, fullmatch=True) | st.text("0123456789-:.,TZ+", max_size=32)


@given(times)
@example("2024-01-02T03:04:05Z")
@example("2024-01-02T03:04:05")
@example("2024-01-02T03:04:05.Z")
@example("2024-01-02T03:04:05.120000000000Z")
@example("2024-01-02T03:04:05,5-00:00")
@example("2024-01-02T03:04:05ZZ")
@example("2024-01-02T03:04:05+01:0")
@example("٢024-01-02T03:04:05Z")
def test_a_time_has_the_form_that_the_regular_expression_says(text: str) -> None:
    found = TIME.fullmatch(text)
    seconds, fraction, zone = found.groups("") if found else ("", "", "")
    rest = f".{fraction.rstrip('0')}" if fraction.strip("0") else ""
    expected = seconds + rest + ("Z" if zone in ("+00:00", "-00:00") else zone)
    assert created(text) in ([expected, "out of range"] if found else ["not a time"])


def created(text: str) -> str:
    """Return what is read of a time, or what is wrong with it."""
    try:
        return read_image(json.dumps({"created": text}).encode()).created
    except DockerfileError as error:
        return "out of range" if error.message.endswith("out of range)") else "not a time"
