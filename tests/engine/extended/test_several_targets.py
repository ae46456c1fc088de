"""Several targets in one build on a real engine: their files, and what cannot hold them."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING

import pytest

from engine.client import build, build_text

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """\
FROM busybox AS base
RUN echo a >/a.txt; echo same >/same
FROM scratch AS a
COPY --from=base /a.txt /same /
FROM scratch AS b
COPY --from=base /same /
"""
FILES = ["a/a.txt", "a/same", "b/same"]


def test_the_files_of_each_target_are_in_a_folder_of_its_name(tmp_path: Path, syntax: str) -> None:
    out, archive = tmp_path / "out", tmp_path / "out.tar"
    done = build_text(tmp_path, syntax + TEXT, "--target=a,b", f"--output={out}")
    assert done.code == 0, done.output
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()) == FILES
    again = build(tmp_path, "--target=a,b", f"--output=type=tar,dest={archive}")
    assert again.code == 0, again.output
    with tarfile.open(archive) as members:
        assert sorted(member.name for member in members if member.isfile()) == FILES


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("type=local,dest={},platform-split=false", "cannot overwrite same from"),
        ("type=oci,dest={}", "several-targets-make-files-and-no-image"),
    ],
    ids=["one folder for files of one path", "an image"],
)
def test_what_cannot_hold_several_targets_is_an_error(
    tmp_path: Path, syntax: str, output: str, message: str
) -> None:
    done = build_text(tmp_path, syntax + TEXT, "--target=a,b", f"--output={output.format(tmp_path / 'out')}")
    assert done.code != 0
    assert message in done.message
