"""What is shown beyond the reference's one error."""

from __future__ import annotations

import pytest

from pyfrontend.driver.diagnostics.extra_warnings import (
    LONGEST,
    MOST,
    beside,
    unknown_arguments,
    unknown_bases,
    unknown_platforms,
)
from pyfrontend.oci.platforms import Platform, parse
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile


def shown(text: str) -> list[str]:
    """Return what is shown beside the first error of a Dockerfile."""
    error = parse_dockerfile(SourceFile("Dockerfile", text.encode())).error()
    assert error
    return [diagnostic.short for diagnostic in beside(error, lambda: SourceFile(".dockerignore", b""))]


NO_INSTRUCTIONS = (
    "SyntaxError: 3 lines do not start with an instruction; is a line continuation missing above them?"
)


def test_one_error_has_no_others() -> None:
    assert shown("FROM a\nCOPPY\n") == []


def test_every_error_comes_with_its_line() -> None:
    assert shown("FROM a\nCOPPY\nRUN x\nRUN --foo x\nUSER\n") == [
        "SyntaxError: unknown flag: --foo (line 4)",
        "SyntaxError: USER requires exactly one argument (line 5)",
    ]


def test_lines_that_are_no_instructions_are_shown_together() -> None:
    assert shown("FROM a\nUSER\nRUN install \n  curl\n  wget\n  git\nRUN x\nENV\n") == [
        f"{NO_INSTRUCTIONS} (line 4)",
        "SyntaxError: ENV requires at least one argument (line 8)",
    ]


def test_lines_right_after_the_first_error_are_shown_together_too() -> None:
    assert shown("FROM a\nRUN install \n  curl\n  wget\n  git\n") == [f"{NO_INSTRUCTIONS} (line 3)"]


def test_a_misspelt_instruction_keeps_its_hint_among_others() -> None:
    assert shown("FROM a\nCOPPY x\nRUMN x\n") == [
        "SyntaxError: unknown instruction: RUMN (did you mean RUN?) (line 3)"
    ]


def test_so_many_errors_are_shown_and_the_others_counted() -> None:
    found = shown("FROM a\n" + "FOO\nRUN x\n" * (MOST + 6))
    assert len(found) == MOST + 1
    assert found[-1] == "SyntaxError: and 5 more errors"


def test_a_long_message_is_cut() -> None:
    (text,) = shown("FROM a\nUSER\nRUN x\n" + "F" * 10_000 + "\n")
    assert len(text) < LONGEST + 40


def test_no_line_of_a_file_that_is_no_text_is_shown() -> None:
    assert shown("\x00\x01\nUSER\nENV\n") == []


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
    hint = f"UnknownBuildArg: build argument {name} is not declared by any ARG (did you mean {meant}?)"
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
def test_a_platform_in_a_from_that_nobody_knows_is_reported_at_its_line(
    platform: str, told: list[str]
) -> None:
    dockerfile = parse_dockerfile(SourceFile("Dockerfile", f"#\nFROM --platform={platform} a\n".encode()))
    assert [finding.short for finding in unknown_bases(dockerfile)] == told
