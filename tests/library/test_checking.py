"""`pyfrontend.lint`: reports, their formats, and two configurations in one process."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import pyfrontend
from pyfrontend.lint.formats import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

BOTH = "FROM alpine AS Base\nMAINTAINER me\n"
RULES = ["MaintainerDeprecated", "StageNameCasing"]


def rules(report: pyfrontend.Report) -> list[str]:
    return sorted(found.rule for found in report.findings)


def test_rules_are_skipped_by_name_or_all() -> None:
    assert rules(pyfrontend.lint(BOTH)) == RULES
    assert rules(pyfrontend.lint(BOTH, skip=["StageNameCasing"])) == RULES[:1]
    assert rules(pyfrontend.lint(BOTH, skip="StageNameCasing")) == RULES[:1]
    assert not pyfrontend.lint(BOTH, skip={"all"})


def test_what_the_file_skips_stays_skipped() -> None:
    text = f"# check=skip=MaintainerDeprecated\n{BOTH}"
    assert rules(pyfrontend.lint(text)) == RULES[1:]
    assert not pyfrontend.lint(text, skip=["StageNameCasing"])


def test_a_bad_check_directive_is_an_error_of_the_file() -> None:
    report = pyfrontend.lint(f"# check=bogus\n{BOTH}")
    assert [error.line for error in report.errors] == [1]


def test_experimental_rules_run_where_they_are_asked_for() -> None:
    text = "# another stage\nFROM scratch AS base\n"
    rule = "InvalidDefinitionDescription"
    assert rules(pyfrontend.lint(text)) == []
    assert rules(pyfrontend.lint(text, experimental=[rule])) == [rule]
    assert rules(pyfrontend.lint(text, experimental=["all"])) == [rule]


def test_strict_rules_run_where_they_are_asked_for() -> None:
    text = "FROM alpine\nRUN sudo make\n"
    assert rules(pyfrontend.lint(text)) == []
    strict = rules(pyfrontend.lint(text, experimental=["strict"]))
    assert {"SudoInRun", "ImageNotPinned"} <= set(strict)
    assert rules(pyfrontend.lint(text, experimental=["SudoInRun"])) == ["SudoInRun"]
    assert "SudoInRun" not in rules(pyfrontend.lint(text, experimental=["strict"], skip=["SudoInRun"]))
    with pytest.raises(ValueError, match="there is no rule strict"):
        pyfrontend.lint(text, skip=["strict"])


def test_an_unknown_rule_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match=r"there is no rule Nope: pyfrontend has .*MaintainerDeprecated"):
        pyfrontend.lint(BOTH, skip=["Nope"])


def test_errors_and_warnings_are_apart_and_decide_the_exit_code() -> None:
    report = pyfrontend.lint("FROM alpine AS Base\nRUM x\n")
    assert [error.rule for error in report.errors] == ["UnknownInstruction"]
    assert [warning.severity for warning in report.warnings] == ["warning"]
    assert (report.exit_code, bool(report)) == (1, True)
    assert pyfrontend.lint("FROM alpine\n").exit_code == 0
    assert repr(report) == "Report('Dockerfile', 2 findings)"


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_of_the_command_line_can_be_rendered(form: str) -> None:
    text = pyfrontend.lint(BOTH, name="a/Dockerfile").render(form)
    assert "StageNameCasing" in text
    if form in ("json", "sarif", "gitlab"):
        json.loads(text)


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="there is no format html: use text, lines, json"):
        pyfrontend.lint(BOTH).render("html")


def test_target_arguments_and_platform_are_as_for_a_build() -> None:
    text = "ARG V=1\nFROM alpine:$V AS a\nFROM alpine AS b\nWORKDIR x\n"
    assert "WorkdirRelativePath" in rules(pyfrontend.lint(text))
    assert "WorkdirRelativePath" not in rules(pyfrontend.lint(text, target="a", args={"V": "3"}))
    assert pyfrontend.lint(text, target="c").errors[0].rule == "UnknownTarget"
    with pytest.raises(pyfrontend.DockerfileError, match="bogus"):
        pyfrontend.lint(text, platform="bogus/x/y/z")


def test_a_file_that_is_parsed_keeps_its_name_and_folder(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM ./a#b\nMAINTAINER x\n")
    (tmp_path / "a").write_text("FROM alpine AS b\n")
    file = pyfrontend.parse(tmp_path / "Dockerfile")
    (found,) = pyfrontend.lint(file).findings
    assert (found.file, found.line) == (str(tmp_path / "Dockerfile"), 2)


def test_the_context_is_the_folder_of_the_file_or_another(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context/versions.env").write_text("V=1\n")
    (tmp_path / "Dockerfile").write_text("FROM alpine\nENV --file=versions.env\n")
    assert pyfrontend.lint(tmp_path / "Dockerfile").errors
    assert not pyfrontend.lint(tmp_path / "Dockerfile", context=tmp_path / "context")


def test_two_configurations_in_two_threads_do_not_disturb_each_other() -> None:
    def check(number: int) -> list[str]:
        skipped = RULES[number % 2]
        return [skipped, *rules(pyfrontend.lint(BOTH, skip=[skipped], name=str(number)))]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(check, range(64)))
    assert answers == [[RULES[number % 2], RULES[1 - number % 2]] for number in range(64)]
    assert rules(pyfrontend.lint(BOTH)) == RULES, "and leave nothing behind"
