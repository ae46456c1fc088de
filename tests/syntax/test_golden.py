"""Whole files against recorded parses and errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakes import lines
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile
from pyfrontend.syntax.lines import read_lines

if TYPE_CHECKING:
    from pyfrontend.syntax.declare import Line

CASES = Path(__file__).parent.parent / "cases"
LINES = sorted((CASES / "lines").glob("*.dockerfile"))
ERRORS = sorted((CASES / "errors").glob("*.dockerfile"))


def described(line: Line) -> dict[str, Any]:
    form = "json" if line.arguments.json else "legacy" if line.arguments.legacy else ""
    found: dict[str, Any] = {
        "keyword": line.keyword,
        "lines": lines(line.span),
        "flags": line.flags,
        "words": line.arguments.words,
        "form": form,
        "comments": line.comments,
        "heredocs": [heredoc._asdict() for heredoc in line.heredocs],
        "code": line.code,
    }
    return {name: value for name, value in found.items() if value}


def parsed(data: bytes) -> dict[str, Any]:
    read = read_lines(SourceFile("Dockerfile", data))
    return {
        "escape": read.escape,
        "empty continuations": list(map(lines, read.warnings)),
        "errors": [[error.message, *map(lines, error.spans)] for error in read.errors],
        "lines": [described(line) for line in read.lines],
    }


@pytest.mark.parametrize("path", LINES, ids=lambda path: path.stem)
def test_lines_are_cut_as_recorded(path: Path, *, update_golden: bool) -> None:
    golden = path.with_suffix(".json")
    actual = json.dumps(parsed(path.read_bytes()), indent=1) + "\n"
    if update_golden:
        golden.write_text(actual)
    assert json.loads(actual) == json.loads(golden.read_text())


@pytest.mark.parametrize("path", ERRORS, ids=lambda path: path.stem)
def test_first_error_is_the_one_in_the_first_comment(path: Path) -> None:
    data = path.read_bytes()
    place, message = data.decode().splitlines()[0].removeprefix("# ").split(": ", 1)
    start, _, end = place.partition("-")
    expected = [(int(start), int(end or start))] if start else []
    error = parse_dockerfile(SourceFile("Dockerfile", data)).errors[0]
    assert (error.message, list(map(lines, error.spans))) == (message, expected)


def test_every_golden_file_has_its_source() -> None:
    assert {path.stem for path in (CASES / "lines").glob("*.json")} == {path.stem for path in LINES}
