"""What is told beyond the reference's one error."""

from __future__ import annotations

import pytest

from pyfrontend.driver.diagnostics.extra_warnings import (
    LONGEST,
    MOST,
    further_findings,
    further_mistakes,
    unknown_arguments,
    unknown_bases,
    unknown_platforms,
)
from pyfrontend.errors import DockerfileError
from pyfrontend.oci.platforms import Platform, parse
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile


def told(text: str) -> list[str]:
    """Return what is told of a Dockerfile beside its first mistake."""
    file = SourceFile("Dockerfile", text.encode())
    return [finding.short for finding in further_findings(file, parse_dockerfile(file).errors[0])]


def test_one_mistake_has_no_others() -> None:
    assert told("FROM a\nCOPPY\n") == []


def test_every_mistake_comes_with_its_line() -> None:
    assert told("FROM a\nCOPPY\nRUN x\nRUN --foo x\nUSER\n") == [
        "SyntaxError: unknown flag: --foo (line 4)",
        "SyntaxError: USER requires exactly one argument (line 5)",
    ]


def test_lines_that_are_no_instructions_are_told_together() -> None:
    assert told("FROM a\nUSER\nRUN install \n  curl\n  wget\n  git\nRUN x\nENV\n") == [
        "SyntaxError: 3 lines start with no instruction; is a line continuation missing above them? (line 4)",
        "SyntaxError: ENV requires at least one argument (line 8)",
    ]


def test_those_right_after_the_first_mistake_too() -> None:
    assert told("FROM a\nRUN install \n  curl\n  wget\n  git\n") == [
        "SyntaxError: 3 lines start with no instruction; is a line continuation missing above them? (line 3)"
    ]


def test_a_misspelt_instruction_keeps_its_hint_among_others() -> None:
    assert told("FROM a\nCOPPY x\nRUMN x\n") == [
        "SyntaxError: unknown instruction: RUMN (did you mean RUN?) (line 3)"
    ]


def test_there_is_an_end_to_it() -> None:
    found = told("FROM a\n" + "FOO\nRUN x\n" * (MOST + 6))
    assert len(found) == MOST + 1
    assert found[-1] == "SyntaxError: and 5 more mistakes"


def test_a_long_message_is_cut() -> None:
    (text,) = told("FROM a\nUSER\nRUN x\n" + "F" * 10_000 + "\n")
    assert len(text) < LONGEST + 40


@pytest.mark.parametrize("error", [DockerfileError("something else"), OSError("gone")])
def test_mistakes_that_the_parser_does_not_see_have_no_others(error: Exception) -> None:
    assert further_mistakes(SourceFile("Dockerfile", b"FROM a\nUSER\nENV\n"), error) == []


ARGUMENTS = [
    ("VERSOIN", "ARG VERSION\nFROM a\n", "VERSION"),
    ("VERSOIN", "FROM a\nARG VERSION=1\n", "VERSION"),
    ("VERSION", "ARG VERSION\nFROM a\n", ""),
    ("OTHER", "ARG VERSION\nFROM a\n", ""),
    ("HTTP_PROXY", "ARG HTTPPROXY\nFROM a\n", ""),
    ("http_proxy", "ARG HTTP_PROXY\nFROM a\n", ""),
    ("BUILDKIT_INLINE_CACHE", "ARG BUILDKIT_INLINE_CACHES\nFROM a\n", ""),
    ("TARGETARCH", "ARG TARGET_ARCH\nFROM a\n", ""),
]


@pytest.mark.parametrize(("name", "text", "meant"), ARGUMENTS)
def test_build_arguments_that_look_misspelt(name: str, text: str, meant: str) -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", text.encode()))
    found = [finding.short for finding in unknown_arguments(dockerfile, {name: "x"})]
    hint = f"UnknownBuildArg: no ARG declares the build argument {name} (did you mean {meant}?)"
    assert found == ([hint] if meant else [])


def test_an_argument_that_has_its_value_is_not_suggested() -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", b"ARG AB1\nARG AB2\nFROM a\n"))
    assert list(unknown_arguments(dockerfile, {"AB1": "", "AB2": "", "AB3": ""})) == []


@pytest.mark.parametrize(
    ("platform", "hint"),
    [
        (Platform("linux", "amd46"), "unknown platform linux/amd46 (did you mean amd64?)"),
        (Platform("linxu", "amd64"), "unknown platform linxu/amd64 (did you mean linux?)"),
        (
            Platform("linxu", "arm644"),
            "unknown platform linxu/arm644 (did you mean linux?) and (did you mean arm64?)",
        ),
        (Platform("linux", "riscv32"), "unknown platform linux/riscv32 (did you mean riscv64?)"),
        (Platform("linux", "z80"), ""),
        (Platform("linux", "sparc64"), ""),
        (Platform("plan9", "amd64"), ""),
    ],
)
def test_platforms_that_look_misspelt(platform: Platform, hint: str) -> None:
    assert [finding.text for finding in unknown_platforms([platform])] == ([hint] if hint else [])


@pytest.mark.parametrize(
    ("word", "hint"), [("linuxx", "linux"), ("amd46", "amd64"), ("Windws", "windows"), ("foo", "")]
)
def test_an_unknown_platform_names_the_nearest(word: str, hint: str) -> None:
    with pytest.raises(
        ValueError, match="unknown operating system or architecture: invalid argument"
    ) as caught:
        parse(word)
    assert str(caught.value).partition("argument")[2] == (f" (did you mean {hint}?)" if hint else "")


@pytest.mark.parametrize(
    ("platform", "told"),
    [
        ("linux/amd46", ["UnknownPlatform: unknown platform linux/amd46 (did you mean amd64?) (line 2)"]),
        ("linux/arm64", []),
        ("$BUILDPLATFORM", []),
        ("linux/amd64/v2/x/y", []),
    ],
)
def test_a_platform_in_a_from_that_nobody_knows_is_told_at_its_line(platform: str, told: list[str]) -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", f"#\nFROM --platform={platform} a\n".encode()))
    assert [finding.short for finding in unknown_bases(dockerfile)] == told
