"""Which facts make a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pyfrontend.dockerignore import Matcher
from pyfrontend.lint import facts
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.span import SourceFile
from pyfrontend.spelling import did_you_mean
from pyfrontend.syntax.document import Dockerfile, parse_dockerfile
from pyfrontend.syntax.expand import expand

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.errors import Diagnostic

DEFAULTS = {"TARGETPLATFORM": "linux/arm64", "BUILDPLATFORM": "linux/amd64", "EMPTY": ""}


def parsed(text: str) -> Dockerfile:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", text.encode()))
    assert not dockerfile.errors
    return dockerfile


def findings(call: Callable[[Linter], None], config: CheckConfig | None = None) -> list[str]:
    found: list[Diagnostic] = []
    call(Linter(config or CheckConfig(), found.append))
    return [item.short for item in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM alpine\n", ""),
        ("FROM scratch\n", ""),
        ("FROM $X\n", "Default value for ARG $X results in empty or invalid base image name (line 1)"),
        (
            "ARG X\nFROM a:$X\n",
            "Default value for ARG a:$X results in empty or invalid base image name (line 2)",
        ),
        ("ARG X=a Y=${X}b\nFROM $Y\n", ""),
        ("ARG X=$BUILDPLATFORM\nFROM $X\n", ""),
        ("FROM ${X:-a}\n", ""),
        ("FROM Upper\n", "Default value for ARG Upper results in empty or invalid base image name (line 1)"),
        ("ARG X=${\nFROM $X\n", ""),
        (
            "FROM $X\nFROM ${\n",
            "Default value for ARG $X results in empty or invalid base image name (line 1)",
        ),
        (
            "# -\n# check=skip=all\nFROM $X\n",
            "Default value for ARG $X results in empty or invalid base image name (line 3)",
        ),
    ],
)
def test_default_base_images(text: str, expected: str) -> None:
    dockerfile = parsed(text)
    found = findings(lambda linter: linter.report(facts.platform_arguments_known, dockerfile, DEFAULTS))
    assert "\n".join(item.removeprefix("InvalidDefaultArgInFrom: ") for item in found) == expected


@pytest.mark.parametrize(
    ("flag", "stage", "expected"),
    [
        ("$TARGETPLATFORM", "", "RedundantTargetPlatform"),
        ("${TARGETPLATFORM}", "linux", "RedundantTargetPlatform"),
        ("${TARGETPLATFORM:-x}", "", "RedundantTargetPlatform"),
        ("$TARGETPLATFORM$EMPTY", "", ""),
        ("$TARGETPLATFORM$UNSET", "", ""),
        ("${TARGETPLATFORM}x", "", ""),
        ("$BUILDPLATFORM", "", ""),
        ("linux/amd64", "", "FromPlatformFlagConstDisallowed"),
        ("linux/amd64", "base", "FromPlatformFlagConstDisallowed"),
        ("linux/amd64", "base-amd64", ""),
        ("linux/amd64", "my-linux", ""),
        ("linux/x86_64", "for-amd64", ""),
        ("linux/x86_64", "for-x86_64", "FromPlatformFlagConstDisallowed"),
        ("no/such/platform/at/all", "", ""),
        ("$UNSET", "", ""),
    ],
)
def test_platform_flag(flag: str, stage: str, expected: str) -> None:
    source = parsed(f"FROM --platform={flag} alpine\n").stages[0].source
    expanded = expand(flag, DEFAULTS)
    target = DEFAULTS["TARGETPLATFORM"]
    found = findings(lambda linter: linter.report(facts.platform_expanded, source, stage, expanded, target))
    assert [item.partition(":")[0] for item in found] == ([expected] if expected else [])


def test_undefined_arguments_are_reported_in_the_order_given() -> None:
    source = parsed("FROM a\n").stages[0].source
    found = findings(
        lambda linter: linter.report(
            facts.from_variables_unset, source, ["b", "declared", "a"], ["declared", "ab"], did_you_mean
        )
    )
    assert found == [
        "UndefinedArgInFrom: FROM argument 'b' is not declared (did you mean ab?) (line 1)",
        "UndefinedArgInFrom: FROM argument 'a' is not declared (did you mean ab?) (line 1)",
    ]


@pytest.mark.parametrize(
    ("source", "patterns", "expected"),
    [
        ("a.log", ["*.log"], "a.log"),
        ("./a//b", ["a/b"], "a/b"),
        ("a.log", ["*.log", "!b.log"], ""),
        ("a.log", [], ""),
        ("a.txt", ["*.log"], ""),
        (".", ["a"], ""),
        (".", ["*"], "."),
        (".", ["**/*"], "."),
        ("./", ["**"], "."),
        ("", ["**"], "."),
    ],
)
def test_ignored_sources(source: str, patterns: list[str], expected: str) -> None:
    node = parsed("FROM a\nCOPY x y\n").stages[0].instructions[0]

    found = findings(lambda linter: linter.report(facts.path_copied, node, source, Matcher(patterns)))
    text = f'CopyIgnoredFile: Attempting to Copy file "{expected}" that is excluded by .dockerignore (line 2)'
    assert found == ([text] if expected else [])


def test_a_pattern_that_cannot_be_read_hides_nothing() -> None:
    node = parsed("FROM a\nCOPY x y\n").stages[0].instructions[0]
    ignores = Matcher(["[z-a]"])

    assert not findings(lambda linter: linter.report(facts.path_copied, node, "x", ignores))


def test_a_silenced_rule_asks_for_no_match(monkeypatch: pytest.MonkeyPatch) -> None:
    node = parsed("FROM a\n# check=skip=all\nCOPY x y\n").stages[0].instructions[0]

    def matches(_: Matcher, path: str) -> bool:
        raise AssertionError(path)

    monkeypatch.setattr(Matcher, "matches", matches)

    assert not findings(lambda linter: linter.report(facts.path_copied, node, "x", Matcher(["x"])))


SECRETS = "apikey my_apikey AUTH_URL credentials_x Credential PASSWD pword_x token API_KEY a_secret_b __auth"
HARMLESS = "tokens mypassword SSH-KEY SECRET_VERSION PUBLIC_TOKEN KEY_FILE_NAME authx api-token name x_"


@pytest.mark.parametrize("name", ["\u017fecret", *SECRETS.split()])
def test_a_name_that_looks_secret_is_found(name: str) -> None:
    node = parsed("FROM a\nENV a=b\n").stages[0].instructions[0]
    found = findings(lambda linter: linter.report(facts.variable_set, node, name))
    assert [item.partition(":")[0] for item in found] == ["SecretsUsedInArgOrEnv"]


@pytest.mark.parametrize("name", ["", "pa\u00dfword", *HARMLESS.split()])
def test_a_harmless_name_is_no_secret(name: str) -> None:
    node = parsed("FROM a\nENV a=b\n").stages[0].instructions[0]
    assert not findings(lambda linter: linter.report(facts.variable_set, node, name))
