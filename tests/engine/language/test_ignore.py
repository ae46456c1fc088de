""".dockerignore, and its like for one Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.built import build_image
from engine.client import build_text

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "keep.txt",
    "drop.log",
    "logs/a.log",
    "logs/keep.log",
    "in/er/drop.log",
    "in/er/b.txt",
    "#odd",
    "tmp/x",
)

IGNORE = """# a comment
*.log
/logs/*
!logs/keep.log
**/er/*.log
tmp
\\#odd
Dockerfile*
*.dockerignore
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name in FILES:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path


def test_ignored_files_do_not_reach_the_build(context: Path, syntax: str) -> None:
    (context / ".dockerignore").write_text(IGNORE)
    text = "FROM busybox\nCOPY . /copied/\nADD . /added/\nRUN --mount=target=/c cp -r /c /mounted\n"
    built = build_image(context, syntax + text)
    kept = ["in/er/b.txt", "keep.txt", "logs/keep.log"]
    assert [built.below(folder) for folder in ("/copied", "/added", "/mounted")] == [kept, kept, kept]


def test_ignore_file_of_the_dockerfile_goes_first(context: Path, syntax: str) -> None:
    (context / ".dockerignore").write_text("keep.txt\n")
    (context / "other").mkdir()
    (context / "other/special.Dockerfile").write_text(f"{syntax}FROM scratch\nCOPY . /\n")
    (context / "other/special.Dockerfile.dockerignore").write_text("*\n!keep.txt\n")
    built = build_image(context, "", "--file", str(context / "other/special.Dockerfile"))
    assert sorted(path for path in built.tree) == ["/keep.txt"]


def test_ignored_file_in_copy_is_reported_with_its_line(context: Path, syntax: str) -> None:
    (context / ".dockerignore").write_text("*.log\n")
    built = build_text(context, f"{syntax}FROM scratch\nCOPY drop.log /\n")
    assert built.code != 0
    assert '"/drop.log": not found' in built.message, built.message
    assert built.marked == [3]


def test_ignore_file_with_a_bad_pattern_is_reported(context: Path, syntax: str) -> None:
    (context / ".dockerignore").write_text("[a-\n")
    built = build_text(context, f"{syntax}FROM scratch\nCOPY . /\n")
    assert built.code != 0
    assert "syntax error in pattern" in built.message, built.message
