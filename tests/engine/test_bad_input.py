"""Files that nobody means to build, through the real client: what its user reads."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.client import TIMEOUT, Build, build, build_text

if TYPE_CHECKING:
    from pathlib import Path


def read_by_user(folder: Path, dockerfile: bytes, *options: str) -> str:
    """Build ``dockerfile``, with the progress that people see, and return all that the client writes."""
    (folder / "Dockerfile").write_bytes(dockerfile)
    command = ["docker", "buildx", "build", "--progress=plain", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
    return done.stderr.decode(errors="replace")


def told_beside(output: str) -> list[str]:
    """Return the list of warnings that the client shows at the end."""
    return sorted(line.removeprefix(" - ") for line in output.splitlines() if line.startswith(" - "))


def test_all_errors_are_shown_above_the_first_one(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM busybox\nCOPPY a b\nRUN --foo x\nENV\n"
    output = read_by_user(tmp_path, text.encode())
    assert told_beside(output.replace("\x1b[0m", "")) == [
        "SyntaxError: ENV requires at least one argument (line 5)",
        "SyntaxError: unknown flag: --foo (line 4)",
    ]
    assert "   3 | >>> COPPY a b" in output
    assert output.rstrip().endswith("line 3: unknown instruction: COPPY (did you mean COPY?)")
    assert output.index("unknown flag") < output.index(">>> COPPY")


def test_a_misspelt_build_argument_is_reported_and_builds(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM busybox\nARG VERSION=1\n"
    output = read_by_user(tmp_path, text.encode(), "--build-arg", "VERSOIN=2")
    hint = "UnknownBuildArg: build argument VERSOIN is not declared by any ARG (did you mean VERSION?)"
    assert hint in output
    assert "ERROR" not in output


OWN = ("--build-arg", "BUILDKIT_SYNTAX={image}")
ROWS = [
    pytest.param(
        b"\x7fELF\x02\x01" + bytes(range(256)) * 40, "(this is not a text file)", [], id="a program"
    ),
    pytest.param("FROM a\n".encode("utf-16"), "(this file is UTF-16, save it as UTF-8)", [], id="UTF-16"),
    pytest.param(b"FROM busybox\nRUN \xff\n", "string field contains invalid UTF-8", [2], id="not UTF-8"),
    pytest.param(
        b"FROM busybox\n" + b"# on and on it goes\n" * 900_000, "larger than max", [], id="more than 16 MiB"
    ),
    pytest.param(
        b"FROM busybox\nCOPPY\n" + b"# on and on it goes\n" * 700_000, "instruction: COPPY", [], id="14 MiB"
    ),
    pytest.param(b"FROM busybox\n" + b"F" * 60_000, "unknown instruction: FFF", [2], id="an error of 60 kB"),
    pytest.param(
        b"FROM busybox\nENV A=" + b"${a:-" * 10_000, "syntax error: missing '}'", [2], id="deep expressions"
    ),
]


@pytest.mark.parametrize(("data", "message", "marked"), ROWS)
def test_a_file_that_is_no_dockerfile_ends_with_a_clear_error(
    tmp_path: Path, image: str, data: bytes, message: str, marked: list[int]
) -> None:
    built = build_text(tmp_path, data, *(option.format(image=image) for option in OWN))
    assert built.code != 0
    assert message in built.message, built.message[:1000]
    assert built.marked == marked


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfFROM busybox\r\nENV a=b\r\n", b"FROM busybox\nENV a=b \\\n\n # c\n c=d"],
    ids=["Windows", "gaps"],
)
def test_unusual_text_builds(tmp_path: Path, image: str, data: bytes) -> None:
    assert build_text(tmp_path, data, *(option.format(image=image) for option in OWN)).code == 0


def test_a_directory_is_no_dockerfile(tmp_path: Path, image: str) -> None:
    (tmp_path / "Dockerfile").mkdir()
    built: Build = build(tmp_path, *(option.format(image=image) for option in OWN))
    assert built.code != 0
    assert "Dockerfile: is a directory" in built.message


def test_thousands_of_warnings_do_not_break_the_client(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM busybox\n" + "ENV a b\n# a comment to fill the file with the text it has\n" * 2000
    output = read_by_user(tmp_path, text.encode())
    assert "1000 warnings found" in output
    assert "MoreWarnings: only 999 warnings are shown: docker build --check lists more" in output
    assert "ERROR" not in output


def test_a_long_command_that_fails_ends_with_its_own_error(tmp_path: Path, syntax: str) -> None:
    # The daemon's error has the command in it, and so what else its errors begin and end with.
    command = '[ [ lstat /: "/a": not found invalid includepatterns: [ [' * 900
    built = build_text(tmp_path, f"{syntax}FROM busybox\nRUN : '{command}'; exit 3\n")
    assert built.code != 0
    assert built.message.endswith("did not complete successfully: exit code: 3")
    assert built.marked == [3]


def test_thousands_of_triggers_are_an_error_at_the_from(tmp_path: Path, syntax: str) -> None:
    triggers = "ONBUILD ENV A=1\n" * 5001
    text = f"{syntax}FROM scratch AS a\n{triggers}FROM a AS b\nFROM a\nCOPY --from=b / /\n"
    built = build_text(tmp_path, text)
    assert built.code != 0
    assert built.message.endswith("the ONBUILD triggers of this build are more than 10,000")
    assert built.marked[-1:] == [5005]
