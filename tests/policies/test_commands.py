"""The commands of the image with policies, as processes: what a person or a build of the image sees."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from process import MEASURED

if TYPE_CHECKING:
    from pathlib import Path

REGISTRIES = "DOCKERFILE_FRONTEND_REGISTRIES"


def run(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """The exit code, and all that a command writes."""
    done = subprocess.run(
        [sys.executable, "-m", "pyfrontend", *arguments],
        input=b"FROM evil.com/x\nRUN y\n",
        capture_output=True,
        check=False,
        cwd=folder,
        timeout=30,
        env={**MEASURED, **variables},
    )
    return done.returncode, (done.stdout + done.stderr).decode()


@pytest.mark.parametrize("command", ["check", "graph", "llb", "outline", "lock-check"])
def test_every_command_heeds_policies(tmp_path: Path, command: str) -> None:
    code, text = run(tmp_path, command, **{REGISTRIES: "docker.io"})
    assert code == 1
    assert f"evil.com/x:latest is denied by the policy registries ({REGISTRIES}): it allows docker.io" in text
    assert run(tmp_path, command, **{REGISTRIES: "evil.com"})[0] == (command == "lock-check")


def test_a_variable_that_cannot_be_read_ends_every_command(tmp_path: Path) -> None:
    for command in ("check", "graph", "plugins"):
        code, text = run(tmp_path, command, DOCKERFILE_FRONTEND_MIRRORS="docker.io")
        assert code in (1, 2)
        assert '"docker.io" has no mirror: write REGISTRY=MIRROR' in text


def test_policies_are_listed_with_the_plugins(tmp_path: Path) -> None:
    (tmp_path / "house.py").write_text(
        "from pyfrontend.api import Deny, policy\n\n@policy\ndef never(source):\n    return Deny('no')\n"
    )
    variables = {
        "DOCKERFILE_FRONTEND_PLUGINS": "house",
        "DOCKERFILE_FRONTEND_REQUIRE": "digest,no-latest",
        "PYTHONPATH": str(tmp_path),
    }
    code, text = run(tmp_path, "plugins", **variables)
    assert code == 0
    assert text.splitlines() == [
        "house: the policy never",
        "DOCKERFILE_FRONTEND_REQUIRE: the policy digest",
        "DOCKERFILE_FRONTEND_REQUIRE: the policy no-latest",
    ]
    code, text = run(tmp_path, "plugins", **{REGISTRIES: "docker.io"})
    assert (code, text) == (0, f"{REGISTRIES}: the policy registries\n")
