"""Formats of a check that programs read: what stands where, and what may not stand there as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pyfrontend.errors import ERROR, NOTE, WARNING, Diagnostic
from pyfrontend.lint.formats import FORMATS, render
from pyfrontend.lint.formats.report import Report
from pyfrontend.span import SourceFile, Span

FILE = SourceFile("api/Dockerfile", b"FROM a\nRUN x\n")
OTHER = SourceFile("web/Dockerfile", b"FROM a\n")
FOUND = Diagnostic(WARNING, "SomeRule", "this is odd", [Span(FILE, 2, 3)], description="About it", url="x:y")
NARROW = Diagnostic(ERROR, "Unknown", "no such word: b", [Span(FILE, 2, 2, 5, 6)], "use a", prefix="line 2: ")
WHOLE = Diagnostic(NOTE, "AboutAll", "no place", [])


def rendered(form: str, *found: Diagnostic, file: SourceFile = FILE) -> str:
    return render([Report(file, found)], form)


def results(*found: Diagnostic, file: SourceFile = FILE) -> list[dict[str, Any]]:
    (run,) = json.loads(rendered("sarif", *found, file=file))["runs"]
    return list(run["results"])


def region(found: Diagnostic) -> Any:
    (result,) = results(found)
    (location,) = result["locations"]
    return location["physicalLocation"]["region"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            FOUND,
            "::warning file=api/Dockerfile,line=2,endLine=3,title=SomeRule::this is odd\n",
            id="several lines, so no columns",
        ),
        pytest.param(
            NARROW,
            "::error file=api/Dockerfile,line=2,endLine=2,col=5,endColumn=6,title=Unknown"
            "::no such word: b: use a\n",
            id="columns of one line, and the help",
        ),
        pytest.param(WHOLE, "::notice file=api/Dockerfile,title=AboutAll::no place\n", id="no line"),
        pytest.param(
            WHOLE._replace(message="100%: a,b\n::error::c\r"),
            "::notice file=api/Dockerfile,title=AboutAll::100%25: a,b ::error::c\n",
            id="a message is one line, and cannot begin another command",
        ),
        pytest.param(
            WHOLE._replace(code="a,b:c%"),
            "::notice file=api/Dockerfile,title=a%2Cb%3Ac%25::no place\n",
            id="a property cannot end itself",
        ),
    ],
)
def test_annotations_of_github(found: Diagnostic, expected: str) -> None:
    assert rendered("github", found) == expected


def test_gitlab_gets_an_array_with_the_members_that_it_requires() -> None:
    assert json.loads(rendered("gitlab")) == []
    issues = json.loads(rendered("gitlab", FOUND, NARROW, WHOLE, file=SourceFile("./Dockerfile", b"")))
    assert [issue["severity"] for issue in issues] == ["info", "minor", "critical"]
    assert [issue["location"]["lines"] for issue in issues] == [
        {"begin": 1, "end": 1},
        {"begin": 2, "end": 3},
        {"begin": 2, "end": 2},
    ]
    assert issues[0]["location"]["path"] == "Dockerfile"
    assert [(issue["check_name"], issue["description"]) for issue in issues[1:]] == [
        ("SomeRule", "this is odd"),
        ("Unknown", "no such word: b: use a"),
    ]


def test_fingerprints_differ_for_what_is_said_twice_and_stay_when_lines_move() -> None:
    def prints(*found: Diagnostic) -> list[str]:
        return [issue["fingerprint"] for issue in json.loads(rendered("gitlab", *found))]

    moved = FOUND._replace(spans=[Span(FILE, 7, 8)])
    assert len(set(prints(FOUND, moved, NARROW))) == 3
    assert prints(FOUND) == prints(moved)
    assert prints(FOUND) != prints(FOUND._replace(message="other"))


def test_sarif_is_one_run_with_the_rules_that_found_something() -> None:
    log = json.loads(render([Report(FILE, [FOUND, FOUND, NARROW]), Report(OTHER, [WHOLE])], "sarif"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["SomeRule", "Unknown", "AboutAll"]
    assert rules[0] == {
        "id": "SomeRule",
        "shortDescription": {"text": "About it"},
        "fullDescription": {"text": "About it"},
        "help": {"text": "About it: x:y"},
        "helpUri": "x:y",
        "defaultConfiguration": {"level": "warning"},
    }
    assert "helpUri" not in rules[1]  # an empty one is not valid
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    uris = [location["physicalLocation"]["artifactLocation"]["uri"] for [location] in locations(run)]
    assert uris == ["api/Dockerfile"] * 3 + ["web/Dockerfile"]


def locations(run: dict[str, Any]) -> list[Any]:
    return [result["locations"] for result in run["results"]]


def test_every_result_of_sarif_has_what_code_scanning_requires() -> None:
    for result in results(FOUND, NARROW, WHOLE):
        assert {"ruleId", "level", "message", "locations", "partialFingerprints"} <= result.keys()
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (FOUND, {"startLine": 2, "endLine": 3}),
        (NARROW, {"startLine": 2, "endLine": 2, "startColumn": 5, "endColumn": 6}),
        (WHOLE, {"startLine": 1, "endLine": 1}),
        (FOUND._replace(spans=[Span(FILE, 0, 0)]), {"startLine": 1, "endLine": 1}),
        (FOUND._replace(spans=[FILE.nowhere]), {"startLine": 1, "endLine": 1}),
        (FOUND._replace(spans=[Span(FILE, 5, 5), Span(FILE, 3, 4)]), {"startLine": 3, "endLine": 4}),
    ],
)
def test_a_region_of_sarif_counts_from_one(found: Diagnostic, expected: dict[str, int]) -> None:
    assert region(found) == expected


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("Dockerfile", "Dockerfile"),
        ("./a b/Dockerfile", "a%20b/Dockerfile"),
        ("a:b%#?.Dockerfile", "a%3Ab%25%23%3F.Dockerfile"),
        ("/work/é", "file:///work/%C3%A9"),
        ("\udcff", "%EF%BF%BD"),
    ],
)
def test_a_file_is_an_uri_in_sarif(name: str, uri: str) -> None:
    (result,) = results(WHOLE, file=SourceFile(name, b""))
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize("form", FORMATS)
def test_bytes_that_are_no_utf8_can_be_printed_in_every_format(form: str) -> None:
    text = rendered(form, FOUND._replace(message="a \udcff b"), file=SourceFile("x\udcfe", b"\xff"))
    if form not in {"text", "json"}:  # these two are written by the caller, who replaces what is left
        text.encode()


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_several_reports(form: str) -> None:
    text = render([Report(FILE, [FOUND]), Report(OTHER, [])], form)
    assert "this is odd" in text
    if form in {"sarif", "gitlab"}:
        json.loads(text)
