"""Directives found from outside the parser: syntax and check."""

from __future__ import annotations

import pytest

from fakes import Lines, lines
from pyfrontend.span import SourceFile
from pyfrontend.syntax.directives import detect_check, detect_syntax


def syntax(ref: str, line: int, cmdline: str = "") -> tuple[str, str, Lines]:
    return ref, cmdline or ref, (line, line)


SYNTAXES = [
    (b"# syntax=a/b:1\nFROM x\n", syntax("a/b:1", 1), "the ordinary form"),
    (b"#syntax = a --b \t\n", syntax("a", 1, "a --b"), "blanks around, arguments within"),
    (b"# SynTax=a\r\n", syntax("a", 1), "any case, any line end"),
    (b"\xef\xbb\xbf# syntax=a", syntax("a", 1), "after a byte order mark"),
    (b"#!/bin/sh\n# syntax=a", syntax("a", 2), "after a shebang"),
    (b"# escape=`\n# check=x\n# syntax=a", syntax("a", 3), "after other directives"),
    (b"# syntax=a\n# syntax=b", syntax("a", 1), "the first of two"),
    (b"# escape=`\n# escape=`\n# syntax=a", None, "not after a repeated one"),
    (b"\n# syntax=a", None, "not after a blank line"),
    (b"# hello\n# syntax=a", None, "not after a comment"),
    (b"# hello=you\n# syntax=a", None, "not after an unknown key"),
    (b" # syntax=a", None, "not with indentation"),
    (b"# syntax=", None, "not without a value"),
    (b"# syn tax=a", None, "not with a gap in the key"),
    (b"# " + b"x" * 70000 + b"\n# syntax=a", None, "not after a line too long to read"),
    (b"// escape=x\n// syntax=a b", syntax("a", 2, "a b"), "with slashes"),
    (b"# hello\n// syntax=a", None, "not with slashes further down"),
    (b'{"syntax": "a b", "x": [1]}', syntax("a b", 0), "as JSON"),
    (b'#!/bin/sh\n {"syntax": "a"}', syntax("a", 1), "as JSON after a shebang"),
    (b'{"syntax": 1}', None, "not as a number"),
    (b'{"syntax": "a"} x', None, "not as JSON with a tail"),
    (b'{"syntax": "a", "b": 1e999}', None, "not with a number that is none"),
    (b"{" * 99999, None, "not in endless brackets"),
    (b"", None, "not in nothing"),
]


@pytest.mark.parametrize(("data", "expected"), [pytest.param(*row[:2], id=row[2]) for row in SYNTAXES])
def test_a_syntax_directive_is_found(data: bytes, expected: tuple[str, str, Lines] | None) -> None:
    found = detect_syntax(SourceFile("Dockerfile", data))
    assert (found and (found.ref, found.cmdline, lines(found.span))) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"# check=skip=A,B;error=true\n", ("skip=A,B;error=true", (1, 1)), id="the value"),
        pytest.param(b"# syntax=a\n# check=skip=A, B\n", ("skip=A,", (2, 2)), id="cut at a space"),
        pytest.param(b"// check=skip=A\n", None, id="not with slashes"),
        pytest.param(b'{"check": "skip=A"}', None, id="not as JSON"),
    ],
)
def test_a_check_directive_is_found(data: bytes, expected: tuple[str, Lines] | None) -> None:
    found = detect_check(SourceFile("Dockerfile", data))
    assert (found and (found[0], lines(found[1]))) == expected
