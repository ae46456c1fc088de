"""The repository that companies copy: its page, typed word by word, and what its plugin does to builds."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.client import TIMEOUT, build_text, docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FRONTEND = "acme/frontend"


@pytest.fixture(scope="module")
def copy(root: Path, image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the example that builds upon the image that is tested."""
    folder = tmp_path_factory.mktemp("company") / "frontend"
    shutil.copytree(root / "examples/company-frontend", folder, ignore=shutil.ignore_patterns("__pycache__"))
    derived = folder / "Dockerfile.frontend"
    derived.write_text(derived.read_text().replace("ourorg/pyfrontend", image))
    yield folder
    docker("image", "rm", "--force", FRONTEND, "banner")


def blocks(folder: Path, language: str) -> list[str]:
    """The fenced blocks of the page that are about building."""
    page = (folder / "README.md").read_text().partition("## Build")[2]
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def without_trailing_blanks(text: str) -> str:
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def typed(folder: Path, commands: str) -> subprocess.CompletedProcess[str]:
    """Type commands of the page, and stop at the first that fails."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", commands],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


@pytest.fixture(scope="module")
def built(copy: Path) -> Path:
    """The copy, after the first commands of the page."""
    done = typed(copy, blocks(copy, "sh")[0])
    assert done.returncode == 0, done.stderr
    brings = docker("run", "--rm", FRONTEND, "plugins")
    assert brings.splitlines() == [
        "acme: APT, the policy supported_releases, RUN --retry, the rule ACME001",
        "DOCKERFILE_FRONTEND_REGISTRIES: the policy registries",
    ]
    assert len(done.stdout.splitlines()) > 3, "the banner"
    return copy


def test_an_old_release_is_denied_as_the_page_shows(built: Path) -> None:
    [shown] = blocks(built, "text")
    done = typed(built, blocks(built, "sh")[1])
    assert done.returncode == 1
    assert without_trailing_blanks(done.stderr).endswith(shown)


def test_the_image_checks_a_dockerfile_as_the_page_says(built: Path) -> None:
    done = typed(built, blocks(built, "sh")[2])
    assert (done.returncode, done.stdout) == (0, "Dockerfile: no problems found\n")


@pytest.mark.usefixtures("built")
def test_the_rule_warns_at_the_line(tmp_path: Path) -> None:
    made = build_text(tmp_path, f"# syntax={FRONTEND}\nFROM debian:trixie-slim AS a\nFROM a\n")
    assert made.code == 0, made.output
    progress = [json.loads(line) for line in made.output.splitlines() if line.startswith("{")]
    [warning] = [one for part in progress for one in part.get("warnings", ())]
    assert base64.b64decode(warning["short"]) == b"ACME001: add LABEL team=... to the last stage (line 3)"
    assert warning["url"] == "https://wiki.acme.example/images#ACME001"
    checked = typed(tmp_path, "docker buildx build --call=check .")
    assert checked.returncode == 1
    assert "WARNING: ACME001 - https://wiki.acme.example/images#ACME001" in checked.stdout


@pytest.mark.usefixtures("built")
def test_images_that_only_a_flag_names_come_from_the_registries_too(tmp_path: Path) -> None:
    made = build_text(
        tmp_path, f"# syntax={FRONTEND}\nFROM debian:trixie-slim\nCOPY --from=quay.io/some/app /a /\n"
    )
    assert made.code != 0
    assert "quay.io/some/app:latest is denied by the policy registries (DOCKERFILE_FRONTEND_REGISTRIES)" in (
        made.message
    )
    assert made.marked == [3]


@pytest.mark.usefixtures("built")
def test_a_command_runs_again_until_it_succeeds(tmp_path: Path) -> None:
    count = "echo x >>/tries; test $(wc -l </tries) = 2"
    first = f"# syntax={FRONTEND}\nFROM debian:trixie-slim\nLABEL team=web\nRUN --retry="
    assert build_text(tmp_path, f"{first}2 {count}\n").code == 0
    failed = build_text(tmp_path, f"{first}1 {count}\n")
    assert failed.code != 0
    assert failed.marked == [4]


def test_a_plugin_that_does_not_load_fails_the_build_of_its_image(copy: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(copy, broken)
    (broken / "acme/team.py").write_text("from pyfrontend.api import rule\n\ndef\n")
    made = typed(broken, "docker buildx build --file Dockerfile.frontend .")
    assert made.returncode != 0
    assert "SyntaxError: invalid syntax (/plugins/acme/team.py, line 3)" in made.stderr


def test_the_image_has_nothing_that_only_tests_need(image: str) -> None:
    names = ["api", "testing", "pytest_plugin", "library"]
    code = f"import importlib.util as u; print([n for n in {names} if u.find_spec('pyfrontend.' + n)])"
    assert docker("run", "--rm", "--entrypoint", "/usr/bin/python3", image, "-c", code) == "['api']\n"
