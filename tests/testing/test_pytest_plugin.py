"""The fixture that pytest has where pyfrontend is installed beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


TESTS = """\
def test_instructions(dockerfile):
    dockerfile.assert_error("RUM make", "did you mean RUN?", line=1)
    assert dockerfile.graph("RUN make").ops[0]["source"]["identifier"].endswith("/BASE")

def test_graphs_differ(dockerfile):
    dockerfile.assert_same_graph("RUN make", "RUN cmake")

def test_there_is_no_graph(dockerfile):
    dockerfile.graph("RUM make")

def test_there_is_no_plain_text(dockerfile):
    dockerfile.plain("RUM make")

def test_the_build_fails(dockerfile):
    dockerfile.build("RUM make")
"""


def run(folder: Path, *options: str) -> tuple[int, str]:
    """Run pytest in ``folder`` with the plugin; return its exit code and what it printed."""
    command = [sys.executable, "-m", "pytest", "-p", "pyfrontend.pytest_plugin", "-q", *options]
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("options", "base"),
    [("", "library/debian:stable"), ('pyfrontend_base = "alpine:3"', "library/alpine:3")],
    ids=["by default", "configured"],
)
def test_a_test_has_the_fixture_and_a_failure_shows_the_difference_alone(
    tmp_path: Path, options: str, base: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{options}\n")
    (tmp_path / "test_it.py").write_text(TESTS.replace("BASE", base))
    code, printed = run(tmp_path)
    assert code == 1
    assert "4 failed, 1 passed" in printed
    assert "E       AssertionError: the graphs differ: - is RUN make, + is RUN cmake" in printed
    assert "E       -op 2: run /bin/sh -c make" in printed
    assert "E       +op 2: run /bin/sh -c cmake" in printed
    assert printed.count("DockerfileError: Dockerfile:1: unknown instruction: RUM (did you mean RUN?)") >= 3
    for inside in ("tester.py", "daemon.py"):
        assert inside not in printed, "the insides of the package are in the traceback"


MACRO = """\
from pyfrontend.api import macro

@macro("GREET")
def greet(name: str) -> str:
    return f"RUN echo hello {name}"
"""


def test_plugins_are_configured(tmp_path: Path) -> None:
    options = 'pyfrontend_plugins = ["greeting"]\npythonpath = ["."]'
    (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{options}\n")
    (tmp_path / "greeting.py").write_text(MACRO)
    test = "def test_it(dockerfile):\n    dockerfile.assert_same_graph('GREET me', 'RUN echo hello me')\n"
    (tmp_path / "test_it.py").write_text(test)
    assert run(tmp_path)[0] == 0, run(tmp_path)[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the plugin greeting declares nothing"),
        ("import nowhere", "the plugin greeting needs the module nowhere"),
        (None, "the plugin greeting is not there"),
    ],
)
def test_a_plugin_that_does_not_load_is_one_line(tmp_path: Path, text: str | None, message: str) -> None:
    options = 'pyfrontend_plugins = ["greeting"]\npythonpath = ["."]'
    (tmp_path / "pyproject.toml").write_text(f"[tool.pytest.ini_options]\n{options}\n")
    if text is not None:
        (tmp_path / "greeting.py").write_text(text)
    (tmp_path / "test_it.py").write_text("def test_it(dockerfile):\n    pass\n")
    code, printed = run(tmp_path)
    assert code == 1
    assert f"pyfrontend_plugins: {message}" in printed
    assert "Traceback" not in printed
