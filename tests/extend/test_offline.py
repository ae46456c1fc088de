"""Extensions on the command line, where there is no BuildKit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pyfrontend.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

DIGEST = "sha256:" + 64 * "a"
TEXT = "FROM busybox\nADD https://e.com/a /a\nADD https://e.com/r.git#v1 /r\n"
ENTRIES = [
    f"git https://e.com/r.git#v1 {40 * 'b'}",
    f"http https://e.com/a {DIGEST}",
    f"image docker.io/library/busybox:latest {DIGEST}",
]


@pytest.mark.parametrize(
    ("entries", "code", "shown"),
    [
        (ENTRIES, 0, "Dockerfile.lock has all entries; digests were not compared\n"),
        (ENTRIES[:1], 1, "+ http https://e.com/a\n+ image docker.io/library/busybox:latest\n"),
        (
            [*ENTRIES, f"image docker.io/library/old:1 {DIGEST}"],
            1,
            f"- image docker.io/library/old:1 {DIGEST}\n",
        ),
    ],
    ids=["complete", "missing", "unused"],
)
def test_a_lock_is_checked_for_missing_and_unused_entries_without_a_lookup(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: list[str], code: int, shown: str
) -> None:
    (tmp_path / "Dockerfile").write_text(TEXT)
    (tmp_path / "Dockerfile.lock").write_text("version 1\n" + "".join(f"{entry}\n" for entry in entries))
    assert main(["lock-check", str(tmp_path / "Dockerfile")]) == code
    assert capsys.readouterr().out == shown


def test_a_malformed_entry_is_an_error_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Dockerfile").write_text(TEXT)
    (tmp_path / "Dockerfile.lock").write_text("version 1\nimage docker.io/library/busybox:latest x\n")
    assert main(["lock-check", str(tmp_path / "Dockerfile")]) == 1
    assert capsys.readouterr().err.startswith('pyfrontend: Dockerfile.lock:2: Dockerfile.lock: "x" is not')


@pytest.mark.parametrize("command", ["check", "graph", "llb", "outline", "plain", "targets"])
def test_commands_know_the_words_and_files_of_the_syntax_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (tmp_path / "Dockerfile").write_text(
        "# syntax=ourorg/pyfrontend args=v.env\nARG S\nFROM ./x#y AS a\nFROM alpine\nCOPY --from=$S /a /b\n"
        "INCLUDE p.inc\n"
    )
    for name, text in {"v.env": "S=a\n", "x": "FROM alpine AS y\n", "p.inc": "ENV A=1\n"}.items():
        (tmp_path / name).write_text(text)
    assert main([command, str(tmp_path / "Dockerfile")]) == 0
    wanted = {
        "check": "no problems found",
        "graph": "COPY --from=a /a /b",
        "llb": "docker-image://docker.io/library/alpine:latest",
        "outline": "(v.env:1)",
        "plain": 'ARG S="a"\nFROM alpine AS f-x-y\nFROM f-x-y AS a\nFROM alpine\nCOPY --from=a /a /b\n',
        "targets": "f-x-y",
    }
    assert wanted[command] in capsys.readouterr().out
