"""The example with tests in its build, and the recipes of its guide: passing, failing, and the reports."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
import yaml  # type: ignore[import-untyped] # ships no types

from engine.client import TIMEOUT, build, docker
from engine.files import read_files

if TYPE_CHECKING:
    from pathlib import Path

TAG = "pyfrontend-test-tests"


@pytest.fixture
def shop(root: Path, tmp_path: Path, image: str) -> Path:
    """A copy of the example that names the image that is tested."""
    folder = tmp_path / "shop"
    shutil.copytree(root / "examples/tests", folder)
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("ourorg/pyfrontend", image))
    return folder


def run(folder: Path, script: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script as a runner does, in ``folder``; its errors are the progress of the build."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def suite(text: str) -> tuple[int, int]:
    """Return how many tests a JUnit report has, and how many of them failed."""
    [found] = ET.fromstring(text).iter("testsuite")
    return int(found.attrib["tests"]), int(found.attrib["failures"])


def test_the_tests_of_the_example_pass_and_its_image_is_made(shop: Path) -> None:
    done = run(shop, "docker buildx build --call=test --output=out .")
    assert done.returncode == 0, done.stderr
    reports = read_files(shop / "out")
    assert sorted(reports) == ["integration/integration.xml", "lint/lint.txt", "unit/unit.xml"]
    assert suite(reports["unit/unit.xml"]) == (3, 0)
    assert suite(reports["integration/integration.xml"]) == (2, 0)
    built = build(shop, "--load", "--tag", TAG)
    assert built.code == 0, built.output
    asked = "from app.prices import total; print(total(['tea']))"
    assert docker("run", "--rm", TAG, "python3", "-c", asked) == "357\n"
    assert "pytest" not in docker("run", "--rm", TAG, "find", "/usr/lib/python3")


def test_a_test_that_fails_keeps_its_report_and_the_image_is_not_made(shop: Path) -> None:
    done = run(shop, "docker buildx build --call=test --output=out --build-arg BROKEN=1 .")
    assert done.returncode == 1
    rows = {line.split()[0]: line.split()[1] for line in done.stdout.splitlines()[1:4]}
    assert rows == {"lint": "passed", "unit": "FAILED", "integration": "passed"}
    report = read_files(shop / "out")["unit/unit.xml"]
    assert suite(report) == (3, 1)
    [failure] = ET.fromstring(report).iter("failure")
    assert "assert 900 == 892" in str(failure.text)
    built = build(shop, "--build-arg", "BROKEN=1")
    assert built.code != 0
    lines = (shop / "Dockerfile").read_text().splitlines()
    required = lines.index("RUN --requires=lint,unit,integration") + 1
    assert built.marked[-1] == required
    assert built.message.endswith(f"stage app requires unit (Dockerfile:{required})")


def recipes(root: Path) -> list[dict[str, object]]:
    """Return the workflows in the guide, read as a runner reads them."""
    text = (root / "docs/tests.md").read_text()
    return [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)\n```\n", text, re.DOTALL)]


@pytest.mark.parametrize("broken", [0, 1], ids=["passing", "failing"])
def test_the_recipe_for_github_fills_the_summary_and_finds_the_reports(
    root: Path, shop: Path, tmp_path: Path, broken: int
) -> None:
    steps = recipes(root)[0]["jobs"]["tests"]["steps"]  # type: ignore[index] # what a workflow is
    [script] = [step["run"] for step in steps if "run" in step]
    [patterns] = [step["with"]["report_paths"] for step in steps if "report_paths" in step.get("with", {})]
    summary = tmp_path / "summary.md"
    if broken:
        script = script.replace("--call=test", "--call=test --build-arg BROKEN=1")
    done = run(shop, script, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == broken, done.stderr
    lines = summary.read_text().splitlines()
    assert lines[0] == lines[-1] == "```"
    assert lines[1].startswith("STAGE")
    assert sorted(path.name for path in shop.glob(patterns)) == ["integration.xml", "unit.xml"]


def test_the_recipe_for_gitlab_leaves_its_reports_where_it_says(root: Path, shop: Path) -> None:
    job = recipes(root)[1]["tests"]
    done = run(shop, "\n".join(job["script"]))  # type: ignore[index] # what a job is
    assert done.returncode == 0, done.stderr
    found = shop.glob(job["artifacts"]["reports"]["junit"])  # type: ignore[index] # as above
    assert sorted(path.name for path in found) == ["integration.xml", "unit.xml"]
