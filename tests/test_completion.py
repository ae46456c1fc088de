"""Completion of the command line: the scripts are run by the shells themselves."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pyfrontend.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What is typed, then what is offered among others, and what is not.
TYPED = {
    "a command": ("ch", ["check"], ["graph"]),
    "another command": ("lo", ["lock-check"], ["check"]),
    "a format": ("check --format ", ["sarif", "github"], ["svg"]),
    "a format of another command": ("graph --format ", ["svg"], ["sarif"]),
    "an option": ("check --build-", ["--build-arg", "--build-context"], ["--target"]),
    "an option of one command": ("graph --deta", ["--detail"], ["--format"]),
    "a shell": ("completion ", ["bash", "zsh", "fish"], ["check"]),
    "a file": ("check api.D", ["api.Dockerfile"], ["README"]),
}
ROWS = pytest.mark.parametrize(("typed", "offered", "not_offered"), TYPED.values(), ids=TYPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files."""
    for name in ("api.Dockerfile", "README"):
        (tmp_path / name).touch()
    return tmp_path


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the script for a shell; skips where the shell or the library is not installed."""
    pytest.importorskip("shtab", reason="shtab is not installed: pip install shtab")
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} on this machine")
    assert cli.main(["completion", shell]) == 0
    return capsys.readouterr().out


@ROWS
def test_bash_completes(
    folder: Path, capsys: pytest.CaptureFixture[str], typed: str, offered: list[str], not_offered: list[str]
) -> None:
    words = ["pyfrontend", *typed.split(" ")]
    ask = f"""
{script("bash", capsys)}
COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1} COMP_LINE='pyfrontend {typed}' COMP_POINT=${{#COMP_LINE}}
function=$(complete -p pyfrontend | sed 's/.* -F \\([^ ]*\\).*/\\1/')
$function pyfrontend "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "--norc"], input=ask, cwd=folder, capture_output=True, text=True, check=True
    )
    answers = [line.strip() for line in done.stdout.splitlines()]
    assert set(offered) <= set(answers), done.stderr
    assert not set(not_offered) & set(answers)


@ROWS
def test_fish_completes(
    folder: Path, capsys: pytest.CaptureFixture[str], typed: str, offered: list[str], not_offered: list[str]
) -> None:
    (folder / "pyfrontend").write_text("#!/bin/sh\n")
    (folder / "pyfrontend").chmod(0o755)
    env = os.environ | {"HOME": str(folder), "PATH": f"{folder}:{os.environ['PATH']}"}
    ask = f"{script('fish', capsys)}\ncomplete --do-complete 'pyfrontend {typed}'\n"
    done = subprocess.run(
        ["fish", "--no-config"], input=ask, cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    answers = [line.partition("\t")[0] for line in done.stdout.splitlines()]
    assert set(offered) <= set(answers), done.stderr
    assert not set(not_offered) & set(answers)


@contextmanager
def terminal(folder: Path) -> Iterator[Terminal]:
    """Start an interactive zsh in ``folder``."""
    pid, fd = pty.fork()
    if not pid:
        os.chdir(folder)
        os.execvpe(
            "zsh", ["zsh", "-f", "-i"], os.environ | {"TERM": "dumb", "HOME": str(folder), "PS1": "> "}
        )
    try:
        yield Terminal(fd)
    finally:
        os.close(fd)
        os.waitpid(pid, 0)


class Terminal:
    """What a person sees who types into a shell."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def type(self, text: str, until: str) -> str:
        """Type ``text``; return what is shown up to ``until``, which is waited for."""
        os.write(self.fd, text.encode())
        shown, end = "", time.monotonic() + 60
        while until not in shown and time.monotonic() < end:
            if select.select([self.fd], [], [], 1)[0]:
                shown += os.read(self.fd, 4096).decode(errors="replace")
        assert until in shown, shown
        return shown


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("pyfrontend ch", "check"),
        ("pyfrontend graph --form", "--format"),
        ("pyfrontend graph --format me", "mermaid"),
    ],
    ids=["a command", "an option", "a format"],
)
def test_zsh_completes(folder: Path, capsys: pytest.CaptureFixture[str], typed: str, completed: str) -> None:
    (folder / "_pyfrontend").write_text(script("zsh", capsys))
    with terminal(folder) as zsh:
        zsh.type(
            f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; print ready''now\n", "readynow"
        )
        zsh.type(f"{typed}\t", completed)


def test_without_the_library_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert cli.main(["completion", "bash"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "pyfrontend: completion needs the Python package: pip install 'pyfrontend[completion]'\n",
    )


def test_a_shell_that_is_not_known_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["completion", "tcsh"]) == 2
    assert "choose from" in capsys.readouterr().err
