"""Checks on bare syntax: what is reported, in which order, and where an error ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakes import lines
from pyfrontend.lint.checks import check_syntax
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic

CASING = "ConsistentInstructionCasing"

SOUND = [
    pytest.param("FROM a AS b\nRUN c\n", "", id="nothing to report"),
    pytest.param("FROM a AS Ab\n", "1 StageNameCasing", id="name with a capital"),
    pytest.param("FROM a as b\n", "1 FromAsCasing", id="as smaller than FROM"),
    pytest.param("from a AS b\n", "1 FromAsCasing", id="AS larger than from"),
    pytest.param("from a as b\n", "", id="all small"),
    pytest.param("From a as b\n", f"1 {CASING}", id="mixed FROM is judged for itself only"),
    pytest.param("FROM a\nRUN b \\\n\n c\n", "4 NoEmptyContinuation", id="empty line, placed at the last"),
    pytest.param("FROM a\nRUN b \\\n # x\n c\n", "", id="comment in a continuation"),
    pytest.param("FROM a\nMAINTAINER b\n", "2 MaintainerDeprecated", id="maintainer"),
    pytest.param("FROM a AS b\nFROM c AS B\n", "2 StageNameCasing\n2 DuplicateStageName", id="same name"),
    pytest.param(
        "FROM a AS b\nFROM c AS b\nFROM d AS b\n", "2 DuplicateStageName\n3 DuplicateStageName", id="three"
    ),
    pytest.param("FROM a\nFROM b\n", "", id="stages without names are no duplicates"),
    pytest.param(
        "FROM a AS scratch\nFROM b AS scratch\n",
        "1 ReservedStageName\n2 ReservedStageName\n2 DuplicateStageName",
        id="reserved and used twice",
    ),
    pytest.param("from a\nrun b\nRUN c\n", f"3 {CASING}", id="majority in small letters"),
    pytest.param("FROM a\nrun b\n", f"2 {CASING}", id="a tie goes to capitals"),
    pytest.param("arg x\narg y\nARG z\nFROM a\nrun b\n", f"5 {CASING}", id="global arguments take no part"),
    pytest.param("FROM a\nonbuild RUN b\nONBUILD run c\n", f"2 {CASING}", id="triggers take no part"),
    pytest.param("From a\nrun b\nRUN c\nRun d\n", f"1 {CASING}\n2 {CASING}\n4 {CASING}", id="mixed case"),
    pytest.param(
        "FROM a as B\nRUN c \\\n\n d\nmaintainer e\nFROM f AS b\n",
        f"4 NoEmptyContinuation\n1 StageNameCasing\n1 FromAsCasing\n5 MaintainerDeprecated\n"
        f"6 DuplicateStageName\n5 {CASING}",
        id="order",
    ),
]

BROKEN = [
    pytest.param("FROM a AS X\nCOPY\n", "1 StageNameCasing", id="instructions before the error"),
    pytest.param("FROM a\nCOPY\nMAINTAINER b\nFROM c as D\n", "", id="nothing after the error"),
    pytest.param("FROM a AS b\nFROM a AS b\nrun c\nCOPY\n", "", id="no rules about the whole file"),
    pytest.param("FROM a AS 1X\n", "1 StageNameCasing", id="name that is refused"),
    pytest.param("FROM a as 1x\n", "1 FromAsCasing", id="as of a name that is refused"),
    pytest.param("FROM a b Cc\n", "1 StageNameCasing\n1 FromAsCasing", id="three words without AS"),
    pytest.param("FROM a as B c\n", "1 FromAsCasing", id="four words"),
    pytest.param("FROM --bad=x a as B\n", "1 StageNameCasing\n1 FromAsCasing", id="flag that is refused"),
    pytest.param("FROM a as\n", "", id="two words"),
    pytest.param("FROM\n", "", id="no words"),
    pytest.param("FROM a\nMAINTAINER\n", "2 MaintainerDeprecated", id="maintainer without a name"),
    pytest.param("MAINTAINER a\nFROM b as C\n", "1 MaintainerDeprecated", id="maintainer before any stage"),
    pytest.param("RUN a\nFROM b as C\n", "", id="instruction before any stage"),
    pytest.param(
        "FROM a\nRUN b \\\n\n c\nCOPY\n", "4 NoEmptyContinuation", id="empty line and an error in a line"
    ),
    pytest.param("FROM a as B\nRUN b \\\n\n c\nENV d\n", "", id="a file that cannot be split into words"),
    pytest.param("FROM a as B\nRUN b \\\n\n c\nRUN <<E\n", "", id="a heredoc without end"),
    pytest.param("FROM a \udcffS b\n", "1 FromAsCasing", id="a byte that is no letter"),
    pytest.param("", "", id="empty file"),
    pytest.param("# check=skip=StageNameCasing\n", "", id="comments only"),
    pytest.param(
        "FROM a\n# check=skip=MaintainerDeprecated\nMAINTAINER\n", "", id="comment at the failing instruction"
    ),
]

COMMENTED = [
    pytest.param(f"FROM a\n# check=skip={CASING}\nrun b\n", f"3 {CASING}", id="casing"),
    pytest.param("FROM a AS b\n# check=skip=all\nFROM c AS b\n", "3 DuplicateStageName", id="duplicates"),
    pytest.param("# -\n# check=skip=all\nFROM a AS context\n", "3 ReservedStageName", id="reserved names"),
    pytest.param(
        "FROM a\n# check=skip=all\nRUN b \\\n\n c\n", "5 NoEmptyContinuation", id="empty continuations"
    ),
    pytest.param("# -\n# check=skip=all\nFROM a as B\n", "", id="FROM hears its own"),
    pytest.param(
        "FROM a\n# check=skip=all\nMAINTAINER b\nMAINTAINER c\n", "4 MaintainerDeprecated", id="own"
    ),
]

DESCRIBED = [
    pytest.param("# x\nFROM a\n", "", id="unnamed stage"),
    pytest.param("# x\nFROM a AS b\n", "2 # b <description>", id="other name"),
    pytest.param("# b is it\nFROM a AS B\n", "", id="name of the stage in small letters"),
    pytest.param("# B is it\nFROM a AS B\n", "2 # b <description>", id="name as written"),
    pytest.param("# b is it\n# more\nFROM a AS b\n", "3 # b <description>", id="the last line counts"),
    pytest.param("# x\n\nFROM a AS b\n", "3 # b <description>", id="an empty line does not separate them"),
    pytest.param("# x\n#\nFROM a AS b\n", "", id="an empty comment does"),
    pytest.param("#x is it\nARG x\nFROM a\n", "", id="argument"),
    pytest.param("# y is it\nARG x y\nFROM a\n", "", id="one of several"),
    pytest.param("# z\nARG x y\nFROM a\n", "2 # <arg_key> <description>", id="none of several"),
    pytest.param("FROM a\n# z\nARG x=1\n", "3 # x <description>", id="argument of a stage"),
    pytest.param("# z\nARG x=1\n", "2 # x <description>", id="file without a stage"),
    pytest.param("FROM a\n# z\nRUN b\n", "", id="other instructions"),
    pytest.param("FROM a\n# z\nARG =\n", "", id="failing argument"),
]


def findings(text: str, config: CheckConfig) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    check_syntax(
        parse_dockerfile(SourceFile("Dockerfile", text.encode("utf-8", "surrogateescape"))),
        Linter(config, found.append),
    )
    return found


def named(text: str) -> str:
    """Return the findings without those about the very comments that the tests are about."""
    found = (item for item in findings(text, CheckConfig()) if item.code != "IgnoredDirective")
    return "\n".join(f"{item.spans[0].start} {item.code}" for item in found)


@pytest.mark.parametrize(("text", "expected"), SOUND)
def test_findings_of_a_sound_file(text: str, expected: str) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(("text", "expected"), BROKEN)
def test_findings_up_to_the_error(text: str, expected: str) -> None:
    assert parse_dockerfile(SourceFile("Dockerfile", text.encode("utf-8", "surrogateescape"))).errors
    assert named(text) == expected


@pytest.mark.parametrize(("text", "expected"), COMMENTED)
def test_comments_reach_rules_about_their_line_only(text: str, expected: str) -> None:
    assert named(text) == expected


@pytest.mark.parametrize(("text", "expected"), DESCRIBED)
def test_descriptions_start_with_a_name(text: str, expected: str) -> None:
    found = findings(text, CheckConfig(skip_all=True, experimental_all=True))
    parts = [(item.spans[0].start, item.message.split("`")[1]) for item in found]
    assert "\n".join(f"{line} {shape}" for line, shape in parts) == expected


def test_ranges_cover_the_whole_instruction() -> None:
    found = findings("FROM a\nMAINTAINER \\\n b\n", CheckConfig())
    assert [lines(item.spans[0]) for item in found] == [(2, 3)]


def test_messages_carry_the_words_as_typed() -> None:
    found = findings("From a\nFROM a as Bc\nrun d\n", CheckConfig())
    assert [item.message for item in found] == [
        "Stage name 'Bc' should be lowercase",
        "'as' and 'FROM' keywords' casing do not match",
        "Command 'From' should match the case of the command majority (uppercase)",
        "Command 'run' should match the case of the command majority (uppercase)",
    ]
