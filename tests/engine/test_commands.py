"""The commands that the README shows, as a reader would type them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.client import build_text, docker

if TYPE_CHECKING:
    from pathlib import Path


def blocks(root: Path, language: str) -> list[str]:
    """Return the fenced blocks of the README that are in ``language``."""
    readme = (root / "README.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("command", ["hack/quickstart", "hack/test"])
def test_readme_shows_the_command_and_it_is_there(root: Path, command: str) -> None:
    assert command in "".join(blocks(root, "(?:sh|console|bash|shell)"))
    assert (root / command).stat().st_mode & 0o111


def test_readme_dockerfile_builds_as_it_stands(root: Path, tmp_path: Path) -> None:
    shown = blocks(root, "dockerfile")
    assert shown
    for text in shown:
        assert text.startswith("# syntax=")
        built = build_text(tmp_path, text)
        assert built.code == 0, built.output


def test_quickstart_serves_nginx_and_says_what_to_type_next(root: Path) -> None:
    done = subprocess.run(
        [root / "hack/quickstart"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        assert "https://www.example.test/ answers" in done.stdout
        assert "What to type next" in done.stdout
        for command in re.findall(r"^  (docker buildx build .*?) +#", done.stdout, re.MULTILINE):
            typed = subprocess.run(command.split(), cwd=root, capture_output=True, text=True, check=False)
            assert typed.returncode == 0, typed.stderr
        assert docker("ps", "--quiet", "--filter", "name=^pyfrontend-example$")
    finally:
        docker("rm", "--force", "pyfrontend-example")
