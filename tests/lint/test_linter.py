"""Options in, findings out: what runs, what is silent, what fails the build."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pyfrontend.errors import Diagnostic, DockerfileError
from pyfrontend.lint.config import config_of_comments, parse_check_config
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig, Fact, Finding, Rule
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax.instructions import Workdir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.syntax.declare import Instruction

LINE = Span(SourceFile("Dockerfile", b""), 3, 4)
NONE = CheckConfig()

CONFIGS = [
    pytest.param("", NONE, id="no text, no options"),
    pytest.param("  ", NONE, id="spaces alone are no options"),
    pytest.param("skip=A", NONE._replace(skip=frozenset("A")), id="one rule"),
    pytest.param(" skip = A , B ", NONE._replace(skip=frozenset("AB")), id="spaces around names"),
    pytest.param(
        "skip=\x1cA,\u00a0B", NONE._replace(skip=frozenset(("\x1cA", "B"))), id="a separator is no whitespace"
    ),
    pytest.param("skip=all", NONE._replace(skip_all=True), id="all rules"),
    pytest.param("skip=all,A", NONE._replace(skip=frozenset(("all", "A"))), id="all in a list is a name"),
    pytest.param("skip=A;skip=B", NONE._replace(skip=frozenset("B")), id="last list counts"),
    pytest.param(
        "skip=A;skip=all", NONE._replace(skip=frozenset("A"), skip_all=True), id="all beside a list"
    ),
    pytest.param("error=true", NONE._replace(error=True), id="error mode"),
    pytest.param("error=T;error= 0 ", NONE, id="last error option counts, booleans as Go reads them"),
    pytest.param("experimental=A", NONE._replace(experimental=frozenset("A")), id="experimental rule"),
    pytest.param("experimental=all", NONE._replace(experimental_all=True), id="experimental all"),
    pytest.param(
        "skip=a;error=true;experimental=b;skip=c",
        NONE._replace(skip=frozenset("a"), error=True, experimental=frozenset(("b;skip=c",))),
        id="what follows the second semicolon is one option",
    ),
]

ERRORS = [
    ("ignore=x", 'invalid check option "ignore"'),
    ("skip", 'invalid check option "skip"'),
    ("skip=a;", 'invalid check option ""'),
    (" skip=a; b ", 'invalid check option " b"'),
    ("Skip=a", 'invalid check option "Skip"'),
    (
        "error=sure",
        'failed to parse check option "error=sure": strconv.ParseBool: parsing "sure": invalid syntax',
    ),
]

COMMENTS = [
    pytest.param((), None, id="no comments"),
    pytest.param(("text",), None, id="other comments"),
    pytest.param(("check=skip=A",), NONE._replace(skip=frozenset("A")), id="check comment"),
    pytest.param(("Check = skip=A",), NONE._replace(skip=frozenset("A")), id="any case and spaces"),
    pytest.param(("check=skip=A, B",), NONE._replace(skip=frozenset(("A", ""))), id="cut at a space"),
    pytest.param(("x", "check=skip=A", "check=skip=B"), NONE._replace(skip=frozenset("A")), id="first one"),
    pytest.param(("check=oops=A", "check=skip=B"), None, id="a bad one ends the search"),
    pytest.param(("syntax=x", "check=skip=B"), NONE._replace(skip=frozenset("B")), id="other directives"),
    pytest.param(("# check=skip=A",), None, id="a second hash"),
]


@pytest.mark.parametrize(("text", "config"), CONFIGS)
def test_options_are_read(text: str, config: CheckConfig) -> None:
    assert parse_check_config(text) == config


@pytest.mark.parametrize(("text", "message"), ERRORS, ids=[text for text, _ in ERRORS])
def test_bad_options_are_refused(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        parse_check_config(text)
    assert caught.value.message == f"failed to parse check options: {message}"


def test_the_error_names_where_the_options_came_from() -> None:
    with pytest.raises(DockerfileError, match=r'^failed to parse X: invalid check option "a"$'):
        parse_check_config("a", source="X")


@pytest.mark.parametrize(("comments", "config"), COMMENTS)
def test_comments_of_an_instruction_are_read(comments: tuple[str, ...], config: CheckConfig | None) -> None:
    assert config_of_comments(comments) == config


def check(_node: Instruction, text: str) -> Iterator[Finding]:
    yield Finding(text)


EXPERIMENTAL = Rule("InvalidDefinitionDescription", "", check, experimental=True)
ORDINARY = Rule("UndefinedVar", "", check)
OTHER = Rule("StageNameCasing", "", check)


def report(linter: Linter, rule: Rule, text: str, comments: tuple[str, ...] = ()) -> None:
    """Let ``rule`` find ``text`` at an instruction under ``comments``."""
    fact: Fact[[Instruction, str]] = Fact(node=True)
    fact.subscribe(rule)
    linter.report(fact, Workdir(path="/", span=LINE, comments=comments), text)


RUNS = [
    ("", (), ORDINARY, True),
    ("skip=UndefinedVar", (), ORDINARY, False),
    ("skip=undefinedvar", (), ORDINARY, True),
    ("skip=all", (), ORDINARY, False),
    ("", ("check=skip=UndefinedVar",), ORDINARY, False),
    ("", ("check=skip=all",), ORDINARY, False),
    ("skip=UndefinedVar", ("check=skip=Other",), ORDINARY, False),
    ("", ("check=skip=Other",), ORDINARY, True),
    ("experimental=UndefinedVar;skip=UndefinedVar", (), ORDINARY, False),
    ("", (), EXPERIMENTAL, False),
    ("experimental=all", (), EXPERIMENTAL, True),
    ("experimental=InvalidDefinitionDescription", (), EXPERIMENTAL, True),
    ("experimental=all;skip=all", (), EXPERIMENTAL, True),
    ("", ("check=experimental=all",), EXPERIMENTAL, True),
    ("", ("check=experimental=InvalidDefinitionDescription",), EXPERIMENTAL, True),
]


@pytest.mark.parametrize(
    ("options", "comments", "rule", "runs"), RUNS, ids=[f"{row[0]}|{row[1]}|{row[2].name}" for row in RUNS]
)
def test_a_rule_is_heard_only_where_it_is_on(
    options: str, comments: tuple[str, ...], rule: Rule, *, runs: bool
) -> None:
    heard: list[Diagnostic] = []
    linter = Linter(parse_check_config(options), heard.append)
    assert linter.enabled(rule, comments) is runs
    report(linter, rule, "text", comments)
    assert heard == ([rule.found("text", LINE)] if runs else [])


def test_comments_hold_for_their_instruction_only() -> None:
    heard: list[Diagnostic] = []
    linter = Linter(NONE, heard.append)
    report(linter, ORDINARY, "silenced", ("check=skip=all",))
    report(linter, ORDINARY, "other comments", ("text",))
    report(linter, ORDINARY, "no comments")
    assert [finding.message for finding in heard] == ["other comments", "no comments"]


def test_many_findings_under_many_comments_read_the_comments_once() -> None:
    class Counted(tuple[str, ...]):
        __slots__ = ()
        reads = 0

        def __iter__(self) -> object:  # type: ignore[override]
            Counted.reads += 1
            return super().__iter__()

    heard: list[Diagnostic] = []
    linter = Linter(NONE, heard.append)
    comments = Counted(("text", "check=skip=Other"))
    for _ in range(100):
        report(linter, ORDINARY, "text", comments)
    assert (len(heard), Counted.reads) == (100, 2)  # is there an option at all, and which


def test_error_mode_names_each_rule_once_in_order() -> None:
    linter = Linter(parse_check_config("error=true"), lambda _: None)
    assert linter.error() is None
    for rule in (ORDINARY, OTHER, ORDINARY):
        report(linter, rule, "text")
    error = linter.error()
    assert error is not None
    assert error.message == "lint violation found for rules: UndefinedVar, StageNameCasing"
    assert error.spans == []


def test_without_error_mode_findings_are_no_error() -> None:
    linter = Linter(NONE, lambda _: None)
    report(linter, ORDINARY, "text")
    assert linter.error() is None


def test_error_mode_cannot_be_switched_on_by_a_comment() -> None:
    linter = Linter(NONE, lambda _: None)
    report(linter, ORDINARY, "text", ("check=error=true",))
    assert linter.error() is None


def test_silenced_rules_are_no_violation() -> None:
    linter = Linter(parse_check_config("error=true;skip=all"), lambda _: None)
    report(linter, ORDINARY, "text")
    assert linter.error() is None


def test_without_a_sink_no_rule_runs() -> None:
    linter = Linter(parse_check_config("error=true;experimental=all"))
    assert not linter.enabled(ORDINARY)
    report(linter, ORDINARY, "text")
    assert linter.error() is None


@pytest.mark.parametrize(
    ("spans", "short"),
    [
        ((LINE,), "UndefinedVar: text (line 3)"),
        ((), "UndefinedVar: text"),
    ],
    ids=["first line of the range", "no place known"],
)
def test_short_text_names_rule_and_line(spans: tuple[Span, ...], short: str) -> None:
    assert ORDINARY.found("text", *spans).short == short
