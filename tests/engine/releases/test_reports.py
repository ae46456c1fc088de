"""Gates and reports of failed steps on older engines."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.client import TIMEOUT
from engine.files import read_files

if TYPE_CHECKING:
    from pathlib import Path

    from engine.releases.conftest import OldEngine

TEXT = """\
FROM busybox AS t
WORKDIR /src
RUN --report=first first=1 && echo $first >first
RUN --report=out mkdir out && echo two >out/second && exit 3
FROM busybox
RUN --requires=t
"""


@pytest.fixture
def folder(tmp_path: Path, syntax: str) -> Path:
    (tmp_path / "Dockerfile").write_text(syntax + TEXT)
    return tmp_path


def test_a_failing_gate_fails_the_build(folder: Path, old_engine: OldEngine) -> None:
    done = old_engine.build(folder)
    assert done.code != 0
    assert "stage stage-1 requires t (Dockerfile:7)" in done.message
    assert "exit code: 3" in done.message


def test_a_failed_step_hands_out_its_report(folder: Path, old_engine: OldEngine) -> None:
    out = folder / "reports"
    done = subprocess.run(
        ["docker", "buildx", "build", "--call=test", f"--output={out}", str(folder)],
        env={**os.environ, **old_engine.env},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Dockerfile:5 " in done.stdout
    assert "exit code: 3" in done.stdout
    assert read_files(out) == {"t/first": "1\n", "t/out/second": "two\n"}
