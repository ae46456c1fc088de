"""Only the files that a build needs leave the client: sizes tell which of them did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import Build, build

if TYPE_CHECKING:
    from pathlib import Path

#: Files of the context. The one with number n holds ``UNIT * n`` bytes.
COUNT, UNIT = 200, 1000
#: What the client says of each file beside its bytes, at most.
ABOUT_A_FILE = 100


class Row(NamedTuple):
    """Instructions, and the numbers of the files that they need."""

    promise: str
    lines: str
    needed: list[int]
    options: tuple[str, ...] = ()
    ignore: str = ""


ALL = list(range(COUNT))
ROWS = [
    Row("two files of 200", "COPY files/7 files/150 /to/", [7, 150]),
    Row("the files of a pattern", "COPY files/19? /to/", list(range(190, 200))),
    Row("a mounted file", "RUN --mount=source=files/3,target=/bin/x echo", [3]),
    Row("files of stages that the target does not reach stay", "COPY files/1 /\nFROM scratch\n", []),
    Row("files of all stages that it reaches", "COPY files/1 /\nFROM stage\nCOPY files/2 /", [1, 2]),
    Row("a folder", "COPY files /to", ALL),
    Row("ignored files stay", "COPY . /to", [5, 50], ignore="files/*\n!files/5\n!files/50\n"),
    Row("of a named context two files of 200", "COPY --from=named files/7 files/150 /to/", [7, 150]),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_only_the_files_that_are_needed_are_sent(tmp_path: Path, syntax: str, row: Row) -> None:
    (tmp_path / "files").mkdir()
    for number in range(COUNT):
        (tmp_path / f"files/{number}").write_bytes(b"x" * UNIT * number)
    (tmp_path / ".dockerignore").write_text(row.ignore + "Dockerfile\n.dockerignore\n")
    (tmp_path / "Dockerfile").write_text(f"{syntax}FROM busybox AS stage\n{row.lines}\n")
    done = build(tmp_path, "--output=type=cacheonly", f"--build-context=named={tmp_path}")
    assert done.code == 0, done.output
    wanted = sum(row.needed) * UNIT
    assert wanted <= _sent(done) <= wanted + (len(row.needed) + 3) * ABOUT_A_FILE


def _sent(done: Build) -> int:
    """Return the bytes that went out for contexts, without those for Dockerfiles and ignore files."""
    lines = (json.loads(line) for line in done.output.splitlines() if line.startswith("{"))
    statuses = [status for line in lines for status in line.get("statuses", ())]
    loads = {status["vertex"]: status["current"] for status in statuses if "transferring" in status["id"]}
    return sum(loads.values())
