"""ShellCheck over the scripts of a Dockerfile: what it gets, and where its comments are shown."""

# ruff: noqa: E501 - the stand-in is one line
from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pyfrontend.cli.main import main
from pyfrontend.cli.shellscripts import scripts_of
from pyfrontend.span import SourceFile
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Lines = Callable[..., tuple[int, list[str]]]

TEXT = """\
FROM a
RUN --mount=type=cache,target=/x \\
    --network=none \\
    # a comment
    cd /b && \\

    echo $C
SHELL ["/bin/bash", "-c"]
RUN <<E
cd /y
E
# shellcheck disable=SC2164
RUN cat <<X >/a && cd /z
text
X
RUN ["cd", "/w"]
# check=skip=SC2164
RUN cd /v
SHELL ["pwsh", "-c"]
RUN cd /u
"""
SCRIPTS = [
    ("sh", "\n\n\n    cd /b && \\\n\\\n    echo $C\n", 2),
    ("bash", "cd /y\n", 10),
    ("bash", "    cat <<X >/a && cd /z\ntext\nX\n", 13),
    ("bash", "    cd /v\n", 18),
]
#: Answers with one comment for each line that begins with cd.
STAND_IN = r"""#!/bin/sh
shift 2
printf '{"comments":['
grep -n '^ *cd' "$@" /dev/null | sed 's/^\([^:]*\):\([0-9]*\):.*/{"file":"\1","line":\2,"endLine":\2,"column":1,"endColumn":3,"level":"warning","code":2164,"message":"cd may fail"}/' | paste -sd, -
printf ']}'
"""


def scripts(text: str) -> list[tuple[str, str, int]]:
    found = []
    for script in scripts_of(parse_dockerfile(SourceFile("Dockerfile", text.encode()))):
        header, body = script.text.split("\n")[: script.header], script.text.split("\n")[script.header :]
        found.append((header[0].removeprefix("# shellcheck shell="), "\n".join(body), script.first))
    return found


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_script_has_the_lines_of_the_dockerfile(ends: str) -> None:
    assert scripts(TEXT.replace("\n", ends)) == SCRIPTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN <<E\n#!/usr/bin/env python3\nx\nE\n", []),
        ("FROM a\nRUN <<E\n#!/bin/bash -e\nx\nE\n", [("bash", "#!/bin/bash -e\nx\n", 3)]),
        ("# escape=`\nFROM a\nRUN b `\n c\n", []),
        ("FROM a\nRUN b \\  \n  # c\n  d\\\n", [("sh", "    b \\\n\\\n  d\\\n", 2)]),
        ('FROM a AS b\nSHELL ["/bin/ash", "-c"]\nFROM b\nRUN c\n', [("dash", "    c\n", 4)]),
    ],
)  # fmt: skip
def test_scripts_are_found_in_their_shells(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert scripts(text) == expected


@pytest.fixture
def lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Lines:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(TEXT)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, list[str]]:
        ours = ["--ignore=NoEmptyContinuation", "--ignore=NoLastingEffect"]
        code = main(["check", "--format=lines", *ours, *arguments, "Dockerfile"])
        out, err = capfd.readouterr()
        return code, (out + err).splitlines()

    return run


def install(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "shellcheck").write_text(text)
    (folder / "bin" / "shellcheck").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:/usr/bin:/bin")


def test_its_comments_are_findings_at_the_lines_of_the_dockerfile(
    tmp_path: Path,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(tmp_path, STAND_IN, monkeypatch)
    expected = [f"Dockerfile:{line}: warning: SC2164: cd may fail" for line in (5, 10)]
    assert lines() == (1, expected)
    assert lines("--no-shellcheck") == (0, [])
    assert lines("--ignore=SC2164") == (0, [])
    (tmp_path / ".pyfrontend.toml").write_text('severity = { SC2164 = "note" }\n')
    assert lines() == (0, [line.replace("warning", "note") for line in expected])
    (tmp_path / ".pyfrontend.toml").write_text("shellcheck = false\n")
    assert lines() == (0, [])
    assert lines("--shellcheck") == (1, expected)


def test_where_it_is_not_installed_only_those_hear_of_it_who_ask(
    tmp_path: Path,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert lines() == (0, [])
    missing = "pyfrontend: shellcheck is not installed, or not on the PATH"
    assert lines("--shellcheck") == (2, [missing])
    (tmp_path / ".pyfrontend.toml").write_text("shellcheck = true\n")
    assert lines() == (2, [missing])


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\necho '[]'\n", "no program"])
def test_a_shellcheck_that_fails_is_an_error(
    tmp_path: Path,
    lines: Lines,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
) -> None:
    install(tmp_path, text, monkeypatch)
    code, (line,) = lines()
    assert (code, line.startswith("pyfrontend: shellcheck failed: ")) == (2, True)


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="ShellCheck is not installed")
def test_the_real_one_finds_what_it_is_known_for(lines: Lines) -> None:
    code, found = lines()
    assert code == 1
    assert [line.split(": ")[:3] for line in found] == [
        ["Dockerfile:7", "note", "SC2086"],
        ["Dockerfile:10", "warning", "SC2164"],
    ]


def test_a_file_with_errors_has_no_scripts(lines: Lines, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM a\nRUM b\n")
    assert lines() == (1, ["Dockerfile:2: error: unknown instruction: RUM (did you mean RUN?)"])
