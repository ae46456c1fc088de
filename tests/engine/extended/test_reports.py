"""The call ``test`` on a real engine: reports of steps that passed and failed, and nothing left behind."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING, Any

from engine.client import TIMEOUT
from engine.files import read_files

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """\
FROM busybox AS base
WORKDIR /src
FROM base AS lint
RUN --report=lint.xml echo '<lint/>' >lint.xml
FROM base AS unit
RUN --report=first.txt echo first >first.txt
RUN --report=out --report=/tmp/*.txt --report=none \\
    mkdir out && echo '<unit/>' >out/unit.xml && head -c 100000 /dev/zero >out/zeros && \\
    echo t >/tmp/t.txt && exit 3
FROM scratch AS bare
COPY --from=busybox /bin/busybox /bin/sh
RUN --report=/r echo x >/r; exit 1
FROM base
RUN --requires=lint,unit
"""


def test(folder: Path, dockerfile: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of a Dockerfile."""
    (folder / "Dockerfile").write_text(dockerfile)
    return subprocess.run(
        ["docker", "buildx", "build", "--call=test,format=json", "--progress=quiet", *options, str(folder)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


test.__test__ = False  # type: ignore[attr-defined] # the name of the call


def stages(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {stage["name"]: stage for stage in json.loads(done.stdout)["stages"]}


def test_reports_of_passed_and_failed_steps_are_written_as_they_are(tmp_path: Path, syntax: str) -> None:
    out = tmp_path / "reports"
    done = test(tmp_path, syntax + TESTS, "--target=lint,unit", f"--output={out}")
    assert done.returncode == 1, done.stderr
    texts = read_files(out)
    assert texts.pop("unit/out/zeros") == "\0" * 100_000
    assert texts == {
        "lint/lint.xml": "<lint/>\n",
        "unit/first.txt": "first\n",
        "unit/out/unit.xml": "<unit/>\n",
        "unit/tmp/t.txt": "t\n",
    }
    failed = stages(done)["unit"]
    assert (failed["failure"]["line"], failed["failure"]["exitCode"]) == (8, 3)
    assert [one["paths"] for one in failed["skipped"]] == [["--report=none"]]


def test_an_image_without_programs_keeps_its_status(tmp_path: Path, syntax: str) -> None:
    done = test(tmp_path, syntax + TESTS, "--target=bare")
    assert done.returncode == 1
    assert stages(done)["bare"]["skipped"][0]["reason"].startswith("reports unavailable: needs BuildKit 0.27")


def test_what_passes_ends_with_0_and_what_is_not_there_with_2(tmp_path: Path, syntax: str) -> None:
    assert test(tmp_path, syntax + TESTS, "--target=lint").returncode == 0
    assert test(tmp_path, syntax + TESTS, "--target=lnt").returncode == 2


def test_a_cancelled_call_leaves_no_container(tmp_path: Path, syntax: str) -> None:
    # What reads the report of the failed step never ends, for the image has a `tar` of its own.
    own_tar = "printf '#!/bin/sh\\nsleep 1763\\n' >/t; mv /t /bin/tar; chmod +x /bin/tar"
    text = f"FROM busybox\nRUN --report=/x {own_tar}; exit 1\n"
    (tmp_path / "Dockerfile").write_text(syntax + text)
    client = subprocess.Popen(
        ["docker", "buildx", "build", "--call=test", "--no-cache", "--progress=plain", str(tmp_path)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert client.stderr is not None
    for line in client.stderr:
        if "did not complete successfully" in line:
            break
    wait_for(running=True)
    client.send_signal(signal.SIGINT)
    client.communicate(timeout=TIMEOUT)
    wait_for(running=False)


def wait_for(*, running: bool) -> None:
    """Wait until the process of the image is there, or is gone."""
    subprocess.run(
        [
            "timeout",
            "60",
            "sh",
            "-c",
            f"{'until' if running else 'while'} pgrep -f 'sleep 176[3]'; do sleep 0.2; done",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
