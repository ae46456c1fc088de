"""Names in the options of a build that look misspelt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ParamSpec

import pytest

from pyfrontend.lint import facts
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.oci.platforms import Platform, platform_meant
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.registry import Fact

P = ParamSpec("P")


def findings(fact: Fact[P], *values: P.args, **named: P.kwargs) -> list[str]:
    found: list[Diagnostic] = []
    Linter(CheckConfig(), found.append).report(fact, *values, **named)
    return [item.short for item in found]


ARGUMENTS = [
    ("VERSOIN", "ARG VERSION\nFROM a\n", "VERSION"),
    ("VERSOIN", "FROM a\nARG VERSION=1\n", "VERSION"),
    ("VERSION", "ARG VERSION\nFROM a\n", ""),
    ("VERSION", "FROM a\nARG version\n", "version"),
    ("OTHER", "ARG VERSION\nFROM a\n", ""),
    ("HTTP_PROXY", "ARG HTTPPROXY\nFROM a\n", ""),
    ("http_proxy", "ARG HTTP_PROXY\nFROM a\n", ""),
    ("BUILDKIT_INLINE_CACHE", "ARG BUILDKIT_INLINE_CACHES\nFROM a\n", ""),
    ("TARGETARCH", "ARG TARGET_ARCH\nFROM a\n", ""),
]


@pytest.mark.parametrize(("name", "text", "meant"), ARGUMENTS)
def test_build_arguments_that_look_misspelt(name: str, text: str, meant: str) -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", text.encode()))
    found = findings(facts.arguments_given, dockerfile, {name: "x"})
    hint = f"UnknownBuildArg: build argument {name} is not declared by any ARG (did you mean {meant}?)"
    assert found == ([hint] if meant else [])


def test_an_argument_that_has_its_value_is_not_suggested() -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", b"ARG AB1\nARG AB2\nFROM a\n"))
    assert findings(facts.arguments_given, dockerfile, {"AB1": "", "AB2": "", "AB3": ""}) == []


@pytest.mark.parametrize(
    ("platform", "hint"),
    [
        (Platform("linux", "amd46"), "unknown platform linux/amd46 (did you mean linux/amd64?)"),
        (Platform("linxu", "amd64"), "unknown platform linxu/amd64 (did you mean linux/amd64?)"),
        (
            Platform("linxu", "arm644"),
            "unknown platform linxu/arm644 (did you mean linux/arm64?)",
        ),
        (Platform("linux", "riscv32"), "unknown platform linux/riscv32 (did you mean linux/riscv64?)"),
        (Platform("linux", "z80"), ""),
        (Platform("linux", "sparc64"), ""),
        (Platform("plan9", "amd64"), ""),
    ],
)
def test_platforms_that_look_misspelt(platform: Platform, hint: str) -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", b"FROM a\n"))
    expected = [f"UnknownPlatform: {hint}"] if hint else []
    assert findings(facts.platforms_given, dockerfile, [platform]) == expected


MEANT = {
    "linuxx": "linux",
    "Windws": "windows",
    "amd46": "linux/amd64",
    "x64": "linux/amd64",
    "linux/x64": "linux/amd64",
    "linux/x86": "linux/386",
    "linux/armv7l": "linux/arm/v7",
    "linux/aarch": "linux/arm64",
    "linx/arm/v7": "linux/arm/v7",
    "linux/amd64": "",
    "linux/aarch64": "",
    "foo": "",
    "": "",
}


@pytest.mark.parametrize(("text", "meant"), MEANT.items())
def test_a_platform_as_people_write_it_is_known_by_its_right_name(text: str, meant: str) -> None:
    assert platform_meant(text) == meant


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        (
            "linux/amd46",
            ["UnknownPlatform: unknown platform linux/amd46 (did you mean linux/amd64?) (line 2)"],
        ),
        ("linux/arm64", []),
        ("$BUILDPLATFORM", []),
        ("linux/amd64/v2/x/y", []),
    ],
)
def test_a_platform_in_a_from_that_nobody_knows_is_reported_at_its_line(
    platform: str, expected: list[str]
) -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", f"#\nFROM --platform={platform} a\n".encode()))
    assert findings(facts.platforms_given, dockerfile, []) == expected


def test_our_own_rules_fail_no_build() -> None:
    found: list[Diagnostic] = []
    linter = Linter(parse_check_config("error=true"), found.append)
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", b"ARG VERSION\nFROM a\n"))
    linter.report(facts.arguments_given, dockerfile, {"VERSOIN": "1"})
    assert [item.code for item in found] == ["UnknownBuildArg"]
    assert linter.error() is None
