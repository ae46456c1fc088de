"""Names that others chose, through the real client: a terminal or a CI runner finds nothing to act on.

Only the excerpts of the Dockerfile itself are the client's own, and as they are in the file.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.client import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

#: Clears a screen, turns text round, and begins a line with a command of a CI runner.
EVIL = "\x1b[2J\u202e\n::error file=a::b"
SHOWN = r"\x1b[2J\u202e\n::error file=a::b"
#: The same in one line, as a Dockerfile can have it.
LINE = "\x1b[2J\u202e::error::b"


def read_by_user(folder: Path, dockerfile: str, *options: str) -> str:
    """Build ``dockerfile``, or answer a call; return all that the client writes."""
    (folder / "Dockerfile").write_text(dockerfile)
    command = ["docker", "buildx", "build", "--progress=quiet", *options, str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def assert_harmless(output: str) -> None:
    assert "\x1b[2J" not in output
    assert "\u202e" not in output
    assert [line for line in output.splitlines() if line.lstrip().startswith("::")] == []


@pytest.mark.parametrize("name", [f"man{EVIL}.go", f"man.go{EVIL}"])
def test_a_file_beside_the_one_that_is_missing(tmp_path: Path, syntax: str, name: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / name).touch()
    output = read_by_user(
        tmp_path, f"{syntax}FROM scratch\nCOPY src/* /x/\nCOPY src/man.g[x] /x\nCOPY src/nam.go /\n"
    )
    assert_harmless(output)


def test_a_folder_that_has_the_missing_file(tmp_path: Path, syntax: str) -> None:
    (tmp_path / EVIL.replace("/", "")).mkdir()
    (tmp_path / EVIL.replace("/", "") / "main.go").touch()
    output = read_by_user(tmp_path, f"{syntax}FROM scratch\nCOPY src/main.go /x\n")
    assert f"did you mean {SHOWN}/main.go?" in output
    assert_harmless(output)


def test_a_pattern_that_hides_a_file(tmp_path: Path, syntax: str) -> None:
    (tmp_path / "main.go").touch()
    (tmp_path / ".dockerignore").write_text("[m\x1b\u202e]ain.go\n")
    output = read_by_user(tmp_path, f"{syntax}FROM scratch\nCOPY main.go /x\n")
    assert r"excluded by .dockerignore line 1: [m\x1b\u202e]ain.go" in output
    assert_harmless(output)


TEXT = f"""\
# OUT {LINE}
ARG OUT="{LINE}"
# app {LINE}
FROM scratch AS app
# NAME {LINE}
ARG NAME="{LINE}"
ENV KEY{LINE} {LINE}
COPY {LINE} /x/{LINE}
FROM app
COPY --from=app {LINE} /
"""


@pytest.mark.parametrize(
    "call", ["outline", "targets", "graph+full+all", "graph-mermaid", "graph-dot", "graph-svg"]
)
def test_calls_about_a_file_with_such_text(tmp_path: Path, syntax: str, call: str) -> None:
    output = read_by_user(tmp_path, syntax + TEXT, f"--call={call}")
    assert r"\x1b[2J" in output or call == "graph-mermaid"
    assert_harmless(output)
