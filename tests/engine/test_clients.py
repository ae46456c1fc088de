"""What editors and CI show of us: calls of Docker's VS Code extension, build-push-action and bake-action."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from engine.client import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

#: A line of an extension, a fragment from beside it, and two warnings.
EXTENDED = """\
ARG DEBUG=
FROM busybox as app
RUN --if=DEBUG apk add strace
INCLUDE labels.inc
MAINTAINER me
"""
FOUND = [("FromAsCasing", 3), ("MaintainerDeprecated", 6)]


@pytest.fixture
def folder(tmp_path: Path, syntax: str) -> Path:
    """A folder with an extended Dockerfile, and the fragment that it includes."""
    (tmp_path / "labels.inc").write_text("LABEL a=b\n")
    (tmp_path / "Dockerfile").write_text(syntax + EXTENDED)
    return tmp_path


def edited(folder: Path, text: str) -> dict[str, Any]:
    """Return what an editor learns of ``text``, which is not saved yet, by the call of Docker's extension."""
    done = subprocess.run(
        ["docker", "buildx", "build", "--call=check,format=json", "-f-", str(folder)],
        input=text,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    return dict(json.loads(done.stdout))


def found(document: dict[str, Any]) -> list[tuple[str, int]]:
    return [
        (warning["ruleName"], _line(warning["location"]["ranges"])) for warning in document["warnings"] or []
    ]


def test_an_editor_shows_the_warnings_of_an_extended_file(folder: Path, syntax: str) -> None:
    document = edited(folder, syntax + EXTENDED)
    assert found(document) == FOUND
    assert "buildError" not in document


def test_an_editor_shows_what_is_typed_and_not_what_is_saved(folder: Path, syntax: str) -> None:
    assert found(edited(folder, syntax + "FROM scratch\nCOPY a /b\n")) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("FROM busybox\nRUN --if=$DEBUG x\n", 3, "--if: names stand without $; write DEBUG"),
        ("FROM busybox\nRUM x\n", 3, "did you mean RUN?"),
        ("FROM busybox\n\nINCLUDE label.inc\n", 4, "did you mean labels.inc?"),
    ],
    ids=["extension", "instruction", "fragment"],
)
def test_an_editor_shows_an_error_at_its_line(
    folder: Path, syntax: str, text: str, line: int, message: str
) -> None:
    error = edited(folder, syntax + text)["buildError"]
    assert message in error["message"]
    assert [at["start"]["line"] for at in error["location"]["ranges"]] == [line]


@pytest.mark.parametrize("command", [["build", "."], ["bake"]], ids=["build-push-action", "bake-action"])
def test_warnings_reach_the_file_that_actions_make_annotations_of(folder: Path, command: list[str]) -> None:
    (folder / "docker-bake.hcl").write_text('target "default" {}\n')
    subprocess.run(
        ["docker", "buildx", command[0], "--progress=plain", "--metadata-file=metadata.json", *command[1:]],
        cwd=folder,
        env=os.environ | {"BUILDX_METADATA_WARNINGS": "1"},
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    metadata = json.loads((folder / "metadata.json").read_text())
    # The daemon lists them in any order.
    warnings = sorted(metadata["buildx.build.warnings"], key=lambda warning: _line(warning["range"]))
    texts = [base64.b64decode(warning["short"]).decode() for warning in warnings]
    assert [
        (text.partition(":")[0], _line(one["range"])) for text, one in zip(texts, warnings, strict=True)
    ] == FOUND
    assert {warning["sourceInfo"]["filename"] for warning in warnings} == {"Dockerfile"}
    assert all(warning["url"] for warning in warnings)


def _line(ranges: list[dict[str, Any]]) -> int:
    line: int = ranges[0]["start"]["line"]
    return line
