"""``hack/parity`` with a frontend that gives the recorded answers, except where a test spoils one."""

from __future__ import annotations

import copy
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from parity import baseline, cli
from parity.cases import OWN, VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from parity.cases import Case, Json

RUN = str(OWN / "run.jsonl")


@pytest.fixture(autouse=True)
def frontend(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the frontend; what a test puts under an id is the answer to that case."""
    spoilt: dict[str, Any] = {}

    def ask(case: Case) -> Json:
        answer: Json = spoilt.get(case.id, case.expect)
        return answer

    monkeypatch.setitem(sys.modules, "parity.answers", SimpleNamespace(ask=ask))
    return spoilt


def _case(name: str) -> Json:
    lines = (OWN / "run.jsonl").read_text().splitlines()
    found: Json = next(case for case in map(json.loads, lines) if case["id"] == name)
    return found


def test_equal_cases_are_counted_by_area(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([RUN, str(OWN / "mnt.jsonl"), "--jobs", "1"]) == 0

    text = capsys.readouterr().out
    assert [line.split()[:3] for line in text.splitlines()[1:4]] == [
        ["mnt", "46", "46"],
        ["run", "22", "22"],
        ["all", "68", "68"],
    ]
    assert "no differences" in text


def test_a_difference_is_counted_explained_and_written(
    frontend: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    got = copy.deepcopy(_case("run-001")["expect"])
    got["platforms"][0]["config_sha256"] = "0"
    got["platforms"][0]["config"]["os"] = "plan9"
    frontend["run-001"] = got
    frontend["run-004"] = {"unsupported": "RUN --device"}

    assert cli.main([RUN, "--jobs", "1", "--json", str(tmp_path / "verdicts")]) == 1

    text = capsys.readouterr().out
    assert text.splitlines()[1].split() == ["run", "22", "20", "1", "1", "20", "90%"]
    assert "1  config: os differs  (as run-001)" in text
    assert '"os": "plan9"' in text
    verdicts = {
        item["id"]: item for item in map(json.loads, (tmp_path / "verdicts").read_text().splitlines())
    }
    assert len(verdicts) == 22
    assert verdicts["run-004"]["outcome"] == "unsupported"
    assert verdicts["run-001"]["differences"][0]["got"] == "plan9"


def test_one_case_is_shown_in_full(frontend: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    frontend["run-001"] = {"crash": "crash: TypeError: x at lower/run.py:1", "trace": "Traceback of it"}

    assert cli.main([RUN, "--case", "run-001"]) == 1

    text = capsys.readouterr().out
    assert "   1  FROM" in text
    assert "Traceback of it" in text


@pytest.mark.parametrize("arguments", [["nowhere"], [RUN, "--case", "nothing"], [RUN, "--area", "mnt"]])
def test_nothing_to_run_is_misuse(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.startswith("hack/parity: ")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("nonsense", "Expecting value"),
        ("[]", "no attribute"),
        ('{"id": "x", "input": {"dockerfile": ""}}', "there is no 'expect'"),
        ('{"id": "x", "input": {"dockerfile": ""}, "expect": {"lookups": []}}', "there is no 'warnings'"),
    ],
)
def test_a_line_that_is_no_case_is_misuse(
    line: str, why: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "mine.jsonl").write_text(f"{line}\n")

    assert cli.main([str(tmp_path), "--jobs", "1"]) == 2

    error = capsys.readouterr().err
    assert error.startswith("hack/parity: mine: not a case: ")
    assert why in error
    assert line[:60] in error


def test_an_absent_folder_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))

    assert cli.main(["--jobs", "1", "--area", "run"]) == 0

    captured = capsys.readouterr()
    assert f"{tmp_path / 'none'} is absent" in captured.err
    assert captured.out.splitlines()[1].split()[:2] == ["run", "22"]


def test_the_stored_counts_follow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(baseline, "FILE", tmp_path / "baseline.json")

    cli.main([RUN, "--jobs", "1", "--update-baseline"])

    assert baseline.read() == {"run": {"cases": 22, "equal": 22, "same_build": 22}}
