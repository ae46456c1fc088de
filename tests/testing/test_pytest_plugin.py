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

def test_nothing_fails(dockerfile):
    dockerfile.assert_same_graph("RUN make", "RUN cmake")
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
    assert "1 failed, 1 passed" in printed
    assert "E       AssertionError: the graphs differ: - is RUN make, + is RUN cmake" in printed
    assert "E       -op 2: run /bin/sh -c make" in printed
    assert "E       +op 2: run /bin/sh -c cmake" in printed
    assert "tester.py" not in printed, "the insides of the package are in the traceback"
