"""JSON in options: Go's words about what is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.golang.json_reader import loads

BEGINNING = "looking for beginning of value"
END = "unexpected end of JSON input"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", END),
        ("nope", "invalid character 'o' in literal null (expecting 'u')"),
        ("tru", END),
        ("NaN", f"invalid character 'N' {BEGINNING}"),
        ("-Infinity", "invalid character 'I' in numeric literal"),
        ("[1,]", f"invalid character ']' {BEGINNING}"),
        ("[1 2]", "invalid character '2' after array element"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ('{"a":1 "b"}', "invalid character '\"' after object key:value pair"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ("{'a':1}", "invalid character '\\'' looking for beginning of object key string"),
        ("[[{", END),
        ("[] x", "invalid character 'x' after top-level value"),
        ("01", "invalid character '1' after top-level value"),
        ("1.", END),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
        ("1e+x", "invalid character 'x' in exponent of numeric literal"),
        ('"a\nb"', "invalid character '\\n' in string literal"),
        (r'"\q"', "invalid character 'q' in string escape code"),
        (r'"\u12g4"', r"invalid character 'g' in \u hexadecimal character escape"),
        ("é", f"invalid character 'é' {BEGINNING}"),
        ("[" * 10_000, END),
        ("[" * 100_000, "exceeded max depth"),
    ],
    ids=lambda value: value[:30],
)
def test_what_is_no_json_is_named(text: str, complaint: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        loads(text)
    assert str(caught.value) == complaint


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_json_is_read(value: object) -> None:
    assert loads(json.dumps(value)) == value


@given(st.text('[]{}",:\\ntrue10-.e '))
def test_exactly_what_is_no_json_is_refused_with_a_reason(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"^(invalid character|unexpected end)"):
            loads(text)
    else:
        assert loads(text) == expected
