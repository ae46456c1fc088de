"""Rules of plugins: what they look at, what silences them, and what they do to a build."""

from __future__ import annotations

import pytest
from plugins.houses import FIRST, error, findings, plugin, plugins

import pyfrontend
from pyfrontend.errors import DockerfileError
from pyfrontend.lint.registry import RULES

IMAGES = """
@rule("ACME001", "Images come from us")
def ours(dockerfile):
    for stage in dockerfile.stages:
        yield Finding(f"{stage.source.image} is not ours", stage.span)
"""


def rule(statement: str, options: str = "") -> str:
    return f'@rule("ACME001", "It should be fine"{options})\ndef look(*values):\n    {statement}\n'


def test_a_rule_looks_at_the_file() -> None:
    assert findings("FROM a\n", IMAGES) == ["Dockerfile:1: warning: ACME001: a is not ours"]


def test_a_rule_is_registered_nowhere() -> None:
    assert findings("FROM a\n", IMAGES)
    assert "ACME001" not in RULES
    assert findings("FROM a\n") == []


@pytest.mark.parametrize(
    ("text", "dockerfile", "found"),
    [
        pytest.param(rule("yield 'x'"), "FROM a\n", ["Dockerfile: warning: ACME001: x"], id="a text"),
        pytest.param(rule("return ['x']"), "FROM a\n", ["Dockerfile: warning: ACME001: x"], id="a list"),
        pytest.param(rule("return None"), "FROM a\n", [], id="nothing"),
        pytest.param(
            rule("yield values[0].rest", ", facts.line_of(instructions.Run)"),
            "FROM a\nRUN x\n",
            ["Dockerfile:2: warning: ACME001: x"],
            id="a line",
        ),
        pytest.param(
            rule("yield values[1].commands[0].program", ", facts.run_viewed"),
            "FROM a\nRUN x y\n",
            ["Dockerfile:2: warning: ACME001: x"],
            id="what strict rules look at",
        ),
        pytest.param(
            rule("yield values[1]", ", facts.variable_set"),
            "FROM a\nENV x=y\n",
            ["Dockerfile:2: warning: ACME001: x"],
            id="what lowering sees",
        ),
        pytest.param(
            rule("yield 'x'", ", severity='note'"), "FROM a\n", ["Dockerfile: note: ACME001: x"], id="a note"
        ),
        pytest.param(
            rule("yield 'x'", ", severity='error'"),
            "FROM a\n",
            [
                "Dockerfile: error: ACME001: x",
                "Dockerfile: error: lint violation found for rules: ACME001",
            ],
            id="one that fails the build",
        ),
        pytest.param(
            rule("yield 'x'", ", facts.run_viewed"),
            "FROM a\n# check=skip=ACME001\nRUN x\n",
            [],
            id="a comment that skips it",
        ),
        pytest.param(rule("yield 'x'"), "# check=skip=ACME001\nFROM a\n", [], id="a directive that skips it"),
        pytest.param(rule("yield 'x'"), "# check=skip=all\nFROM a\n", [], id="a directive that skips all"),
        pytest.param(
            rule("yield 'x'"),
            "# check=skip=ACME002\nFROM a\n",
            [
                "Dockerfile: warning: ACME001: x",
                "Dockerfile:1: warning: UnknownRule: no rule is called ACME002 (did you mean ACME001?)",
            ],
            id="a directive that skips another",
        ),
        pytest.param(
            rule("yield 'x'"),
            "# check=error=true\nFROM a\n",
            ["Dockerfile: warning: ACME001: x", "Dockerfile: error: lint violation found for rules: ACME001"],
            id="a directive that fails the build",
        ),
    ],
)
def test_findings_are_reported(text: str, dockerfile: str, found: list[str]) -> None:
    text = "from pyfrontend.api import instructions\n" + text
    assert findings(dockerfile, text) == found


def test_skipping_by_the_caller() -> None:
    assert findings("FROM a\n", IMAGES, skip=("ACME001",)) == []
    with pytest.raises(ValueError, match="there is no rule ACME002"):
        findings("FROM a\n", IMAGES, skip=("ACME002",))


def test_a_report_fails_for_warnings_and_not_for_notes() -> None:
    codes = [
        pyfrontend.lint("FROM a\n", plugins=[plugin(rule("yield 'x'", f", severity={severity!r}"))]).exit_code
        for severity in ("error", "warning", "note")
    ]
    assert codes == [1, 1, 0]


def test_a_finding_has_the_page_of_its_rule() -> None:
    report = pyfrontend.lint("FROM a\n", plugins=[plugin(rule("yield 'x'", ", url='https://a.test/b'"))])
    assert [one.url for one in report.findings] == ["https://a.test/b"]


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        pytest.param(
            "raise ValueError('x')", f"ValueError: x (/plugins/house.py, line {FIRST + 2})", id="raise"
        ),
        pytest.param("yield 'x'; 1 / 0", "ZeroDivisionError: division by zero (", id="in a generator"),
        pytest.param(
            "yield b'x'",
            "TypeError: a rule yields Finding(text) or a text, and not a value of type bytes (",
            id="no finding",
        ),
        pytest.param(
            "yield Finding(1)", "TypeError: a Finding has a text and a span, and not 1 and None (", id="text"
        ),
        pytest.param(
            "yield Finding('x', 2)", "TypeError: a Finding has a text and a span, and not 'x'", id="span"
        ),
        pytest.param("return 1", "TypeError: 'int' object is not iterable (", id="no findings"),
    ],
)
def test_an_exception_in_a_rule_names_it_and_both_lines(statement: str, message: str) -> None:
    expected = f"Dockerfile:2: error: the rule ACME001 of the plugin house failed: {message}"
    (found,) = findings("FROM a\nRUN x\n", rule(statement, ", facts.run_viewed"))
    assert found[: len(expected)] == expected


def test_an_error_of_the_author_is_one_of_the_user() -> None:
    (found,) = findings("FROM a\nRUN x\n", rule("raise DockerfileError('no')", ", facts.run_viewed"))
    assert found == "Dockerfile:2: error: no"


def test_rules_do_not_run_where_the_file_is_only_lowered() -> None:
    assert pyfrontend.lower("FROM a\n", plugins=plugins(rule("1 / 0")))
    with pytest.raises(DockerfileError):
        pyfrontend.lower("FROM a\nRNU x\n", plugins=plugins(rule("1 / 0")))
    assert error("FROM a\nRNU x\n", rule("1 / 0"))[0] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('@rule("acme-1", "x")\ndef r(d): pass', "'acme-1': the name of a rule has letters and digits only"),
        ('@rule("ACME001", "x", severity="bad")\ndef r(d): pass', "ACME001: a severity is error, warning or"),
    ],
)
def test_what_is_no_rule_is_refused_where_it_is_declared(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the message is compared below
        plugins(text)
    assert str(caught.value).startswith(message)
