"""The example that companies copy: its commands, and its CI files, are those that work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).parents[1] / "examples/company-frontend"
CI = {"github-workflows": ".github/workflows/frontend.yml", "gitlab-ci": ".gitlab-ci.yml"}


def read(name: str) -> Any:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install pyyaml")
    return yaml.safe_load((EXAMPLE / name).read_text())


@pytest.mark.parametrize("schema", CI)
def test_the_file_for_ci_is_valid(schema: str) -> None:
    pytest.importorskip("check_jsonschema", reason="pip install check-jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
    done = subprocess.run([*command, EXAMPLE / CI[schema]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_ci_types_what_the_readme_says() -> None:
    page = (EXAMPLE / "README.md").read_text().replace(".venv/bin/", "")
    github = [
        step["run"]
        for job in read(CI["github-workflows"])["jobs"].values()
        for step in job["steps"]
        if "run" in step
    ]
    gitlab = [line for name in ("test", "build") for line in read(CI["gitlab-ci"])[name]["script"]]
    assert len(github) == 5
    assert len(gitlab) == 4
    for command in (*github[:-1], *gitlab):
        assert f"\n{command.replace(' --junitxml=report.xml', '')}\n" in page


def test_every_file_of_the_plugin_is_short_and_in_the_table() -> None:
    page = (EXAMPLE / "README.md").read_text()
    for path in EXAMPLE.glob("acme/*.py"):
        assert len(path.read_text().splitlines()) < 25
        assert f"(acme/{path.name})" in page
