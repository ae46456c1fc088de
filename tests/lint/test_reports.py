"""Reports that lowering asks for: which facts make a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pyfrontend.dockerignore import Matcher
from pyfrontend.limits import Meter
from pyfrontend.lint import reports, rules
from pyfrontend.lint.linter import CheckConfig, Linter
from pyfrontend.oci.platforms import Platform
from pyfrontend.span import SourceFile
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
    found = findings(lambda linter: reports.report_default_bases(linter, dockerfile, DEFAULTS, Meter()))
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
    found = findings(lambda linter: reports.report_from_platform(linter, source, stage, expanded, target))
    assert [item.partition(":")[0] for item in found] == ([expected] if expected else [])


def test_undefined_arguments_are_reported_in_the_order_given() -> None:
    source = parsed("FROM a\n").stages[0].source
    found = findings(
        lambda linter: reports.report_from_arguments(
            linter, source, ["b", "declared", "a"], ["declared", "ab"]
        )
    )
    assert found == [
        "UndefinedArgInFrom: FROM argument 'b' is not declared (did you mean ab?) (line 1)",
        "UndefinedArgInFrom: FROM argument 'a' is not declared (did you mean ab?) (line 1)",
    ]


@pytest.mark.parametrize(
    ("expected", "actual", "text"),
    [
        (Platform("linux", "amd64"), Platform("linux", "amd64"), ""),
        (Platform("linux", "arm64", "v8"), Platform("linux", "arm64"), ""),
        (
            Platform("linux", "amd64"),
            Platform("linux", "arm", "v6"),
            (
                'InvalidBaseImagePlatform: Base image x was pulled with platform "linux/arm/v6", expected'
                ' "linux/amd64" for current build (line 1)'
            ),
        ),
        (
            Platform("windows", "amd64", "", "10.0"),
            Platform("linux", "amd64"),
            (
                'InvalidBaseImagePlatform: Base image x was pulled with platform "linux/amd64", expected'
                ' "windows(10.0)/amd64" for current build (line 1)'
            ),
        ),
    ],
    ids=["same", "variants may differ", "other architecture", "other system"],
)
def test_base_platform(expected: Platform, actual: Platform, text: str) -> None:
    source = parsed("FROM x\n").stages[0].source
    found = findings(lambda linter: reports.report_base_platform(linter, source.span, "x", expected, actual))
    assert found == ([text] if text else [])


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

    found = findings(lambda linter: reports.report_ignored_source(linter, node, source, Matcher(patterns)))
    text = f'CopyIgnoredFile: Attempting to Copy file "{expected}" that is excluded by .dockerignore (line 2)'
    assert found == ([text] if expected else [])


def test_a_pattern_that_cannot_be_read_hides_nothing() -> None:
    node = parsed("FROM a\nCOPY x y\n").stages[0].instructions[0]
    ignores = Matcher(["[z-a]"])

    assert not findings(lambda linter: reports.report_ignored_source(linter, node, "x", ignores))


def test_a_silenced_rule_asks_for_no_match(monkeypatch: pytest.MonkeyPatch) -> None:
    node = parsed("FROM a\n# check=skip=all\nCOPY x y\n").stages[0].instructions[0]

    def matches(_: Matcher, path: str) -> bool:
        raise AssertionError(path)

    monkeypatch.setattr(Matcher, "matches", matches)

    assert not findings(lambda linter: reports.report_ignored_source(linter, node, "x", Matcher(["x"])))


def test_message_is_built_for_listeners_only() -> None:
    node = parsed("FROM a\nENV b c\n").stages[0].instructions[0]
    reports.report(Linter(CheckConfig()), rules.LEGACY_KEY_VALUE_FORMAT, node)  # no facts: would fail
