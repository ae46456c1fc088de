"""Mistakes of users: one message, at the right line, through the real client, and nothing half-built."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import Build, build, build_text, docker

if TYPE_CHECKING:
    from pathlib import Path

TAG = "pyfrontend-test-errors"


class Row(NamedTuple):
    """A Dockerfile below its syntax line, part of the message, the lines marked; line 1 is `# syntax=`."""

    promise: str
    text: str
    message: str
    marked: list[int]
    options: tuple[str, ...] = ()


ROWS = [
    Row(
        "unknown instruction names the nearest",
        "FROM busybox\nCOPPY a b\nRUN true\n",
        "dockerfile parse error on line 3: unknown instruction: COPPY (did you mean COPY?)",
        [3],
    ),
    Row(
        "unknown flag names the nearest",
        "FROM busybox\nCOPY --form=a b c\n",
        "dockerfile parse error on line 3: unknown flag: --form (did you mean from?)",
        [3],
    ),
    Row(
        "missing argument",
        "FROM busybox\nRUN true\nWORKDIR\n",
        "dockerfile parse error on line 4: WORKDIR requires exactly one argument",
        [4],
    ),
    Row("missing FROM", "RUN true\n", "no build stage in current context", [2]),
    Row(
        "unknown stage in COPY --from is looked up as an image, and the nearest stage is named",
        "FROM busybox AS builder\nFROM busybox\nCOPY --from=bulider.invalid/bulider b c\n",
        "bulider.invalid/bulider: failed to resolve source metadata for bulider.invalid/bulider:latest",
        [4],
    ),
    Row(
        "stage number out of range in COPY --from",
        "FROM busybox\nFROM busybox\nCOPY --from=7 b c\n",
        "invalid stage index 7",
        [4],
    ),
    Row(
        "misspelt stage in COPY --from names the nearest",
        "FROM busybox AS builder\nFROM busybox\nCOPY --from=bulider b c\n",
        "(did you mean builder?)",
        [4],
    ),
    Row(
        "unknown --target names the nearest",
        "FROM busybox AS alpha\nFROM busybox AS beta\n",
        'target stage "alpah" could not be found (did you mean alpha?)',
        [2],
        ("--target", "alpah"),
    ),
    Row(
        "an image that only a mount names",
        "FROM busybox AS alpha\nFROM busybox\nRUN --mount=from=127.0.0.1:1/alpah,target=/x true\n",
        "127.0.0.1:1/alpah: failed to resolve source metadata",
        [4],
    ),
    Row(
        "a download that fails before its step",
        "FROM busybox\nADD http://127.0.0.1:1/x /\nRUN true\n",
        "connection refused",
        [3],
    ),
    Row(
        "the host's network where it is not allowed",
        "FROM busybox\nRUN true\nRUN --network=host true\n",
        "network.host is not allowed",
        [4],
    ),
    Row(
        "stage cycle",
        "FROM busybox AS a\nCOPY --from=b x y\nFROM a AS b\nCOPY --from=a z z\n",
        "circular dependency detected on stage: a",
        [3, 5],
    ),
    Row(
        "bad variable expression",
        "FROM busybox\nENV A=${v!x}\n",
        'failed to process "${v!x}": unsupported modifier (!) in substitution',
        [3],
    ),
    Row("unterminated heredoc", "FROM busybox\nRUN <<EOF\necho\n", "unterminated heredoc", [3, 4]),
    Row("comments alone", "# nothing here\n", "file with no instructions", [2]),
    Row(
        "base image that does not exist",
        "FROM busybox AS a\nFROM nothing.invalid/here:1\n",
        "nothing.invalid/here:1: failed to resolve source metadata for nothing.invalid/here:1",
        [3],
    ),
    Row(
        "unknown mount type names the nearest",
        "FROM busybox\nRUN --mount=type=cach,target=/x true\n",
        'unsupported mount type "cach" (did you mean cache?)',
        [3],
    ),
    Row("failing command", "FROM busybox\nRUN true\nRUN exit 3\n", "exit code: 3", [4]),
    Row("file that is not in the context", "FROM busybox\nCOPY nothing /x\n", '"/nothing": not found', [3]),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_an_error_is_reported_at_its_line(tmp_path: Path, syntax: str, row: Row) -> None:
    built = build_text(tmp_path, syntax + row.text, "--tag", TAG, "--load", *row.options)
    assert row.message in built.message, built.output
    assert built.marked == row.marked, built.excerpt
    nothing_built(built)


def test_missing_dockerfile_is_named(tmp_path: Path, image: str) -> None:
    options = ("--build-arg", f"BUILDKIT_SYNTAX={image}", "--file", str(tmp_path / "Missing"))
    built = build(tmp_path, "--tag", TAG, "--load", *options)
    assert "Missing: no such file or directory" in built.message, built.output
    nothing_built(built)


def test_an_empty_file_is_an_error(tmp_path: Path, image: str) -> None:
    built = build_text(tmp_path, "", "--tag", TAG, "--load", "--build-arg", f"BUILDKIT_SYNTAX={image}")
    assert "the Dockerfile cannot be empty" in built.message, built.output
    nothing_built(built)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"FROM busybox\nRUN echo \xff\xfe\n", "invalid UTF-8", id="one line of a Dockerfile"),
        pytest.param(bytes(range(256)) * 4, "line 2: unknown instruction", id="no Dockerfile at all"),
    ],
)
def test_a_file_that_is_not_text_is_an_error_in_plain_words(
    tmp_path: Path, syntax: str, data: bytes, message: str
) -> None:
    built = build_text(tmp_path, syntax.encode() + data, "--tag", TAG, "--load")
    assert message in built.message, built.output
    nothing_built(built)


def nothing_built(built: Build) -> None:
    """A failed build exits with a failure and leaves no image."""
    assert built.code != 0
    assert docker("image", "inspect", TAG, check=False).strip() in ("", "[]")


def test_a_registry_that_does_not_answer_hides_no_other_error(tmp_path: Path, syntax: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        slow = f"127.0.0.1:{silent.getsockname()[1]}/slow"
        bases = f"FROM {slow} AS a\nFROM 127.0.0.1:1/refused AS b\n"
        text = f"{syntax}{bases}FROM busybox\nCOPY --from=a / /\nCOPY --from=b / /\n"
        result = build_text(tmp_path, text)
    assert result.code != 0
    assert "connection refused" in result.message
    assert result.marked == [3]
