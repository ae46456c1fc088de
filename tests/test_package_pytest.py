"""The wheel beside pytest, as people have it who test their Dockerfiles and plugins."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from wheels import CLEAN, VERSIONS, Package, installed_in, lend

if TYPE_CHECKING:
    from pathlib import Path

#: What pytest is made of, in Python alone, and what makes graphs: one build of it for all versions of Python.
PYTEST = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
TESTS = """\
def test_with_python_alone(dockerfile):
    dockerfile.assert_error("RUM make", "did you mean RUN?", line=1)
    dockerfile.assert_warning("MAINTAINER me", "MaintainerDeprecated")
    assert dockerfile.plain("ARG A=yes\\nRUN --if=A make\\n") == "ARG A=yes\\nRUN make\\n"

def test_a_graph(dockerfile):
    dockerfile.assert_same_graph("ENV A=1", "ENV A 1")
"""


@pytest.fixture(scope="module", params=VERSIONS)
def installed(
    request: pytest.FixtureRequest, package: Package, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of programs of an environment that has the wheel and pytest."""
    programs = installed_in(tmp_path_factory.mktemp("installed"), package, request.param)
    lend(programs, *PYTEST)
    return programs


def pytest_says(programs: Path, folder: Path) -> str:
    """Return what pytest prints about the tests in ``folder``."""
    command = [str(programs / "python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    done = subprocess.run(
        command, cwd=folder, env=CLEAN, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


def test_pytest_has_the_fixture_and_graphs_name_their_extra(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TESTS)
    printed = pytest_says(installed, tmp_path)
    assert "this needs protobuf, which is not installed: pip install 'pyfrontend[build]'" in printed
    assert "1 failed, 1 passed" in printed
    lend(installed, "protobuf")
    assert "2 passed" in pytest_says(installed, tmp_path)


def test_the_tests_of_the_example_for_companies_pass(installed: Path, root: Path, tmp_path: Path) -> None:
    lend(installed, "protobuf")
    folder = tmp_path / "frontend"
    ignored = shutil.ignore_patterns("__pycache__", ".venv")
    shutil.copytree(root / "examples/company-frontend", folder, ignore=ignored)
    assert "7 passed" in pytest_says(installed, folder)
    plain = subprocess.run(
        [installed / "pyfrontend", "plain", "Dockerfile"],
        cwd=folder,
        env=CLEAN | {"DOCKERFILE_FRONTEND_PLUGINS": "acme", "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert plain.stderr == ""
    assert "\nRUN for try in $(seq 3); do { figlet built by Acme >/banner; } && exit" in plain.stdout


def test_the_example_for_companies_can_be_renamed_as_its_page_says(
    installed: Path, root: Path, tmp_path: Path
) -> None:
    lend(installed, "protobuf")
    folder = tmp_path / "frontend"
    shutil.copytree(root / "examples/company-frontend", folder)
    page = (folder / "README.md").read_text()
    [rename] = re.findall(r"^   ```sh\n(.*?)^   ```$", page, re.MULTILINE | re.DOTALL)
    subprocess.run(["bash", "-euc", rename], cwd=folder, check=True)
    left = subprocess.run(["grep", "-rIl", "acme", folder], capture_output=True, text=True, check=False)
    assert left.stdout == ""
    assert "7 passed" in pytest_says(installed, folder)
