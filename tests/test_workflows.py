"""The workflows of GitHub: valid, and they call the scripts of the repository and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))
#: What a job may do beside: get git, fetch the tree, and put the key where the scripts look for it.
PREPARING = re.compile(
    r"apt-get update .* git|git config --global --add safe\.directory .*|install -m 600 .*"
)


def jobs(path: Path) -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install pyyaml")
    return list(yaml.safe_load(path.read_text())["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.name for path in WORKFLOWS])
def test_every_step_fetches_the_tree_prepares_or_calls_a_script_of_ours(path: Path) -> None:
    steps = [step for job in jobs(path) for step in job["steps"]]
    assert {step["uses"] for step in steps if "uses" in step} == {"actions/checkout@v4"}
    commands = [step["run"] for step in steps if "run" in step]
    ours = [command for command in commands if not PREPARING.fullmatch(command)]
    assert ours
    for command in ours:
        script = ROOT / command.split()[0]
        assert script.is_relative_to(ROOT)
        assert script.stat().st_mode & 0o111, command


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.name for path in WORKFLOWS])
def test_jobs_may_do_no_more_than_they_need_and_end(path: Path) -> None:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install pyyaml")
    allowed = {"ci.yml": {"contents": "read"}, "release.yml": {"contents": "write", "packages": "write"}}
    assert yaml.safe_load(path.read_text())["permissions"] == allowed[path.name]
    assert all(job["timeout-minutes"] <= 120 for job in jobs(path))


@pytest.mark.parametrize(
    ("schema", "path"),
    [*(("github-workflows", path) for path in WORKFLOWS), ("github-actions", ROOT / "action.yml")],
    ids=[*(path.name for path in WORKFLOWS), "action.yml"],
)
def test_github_would_take_the_file(schema: str, path: Path) -> None:
    pytest.importorskip("check_jsonschema", reason="pip install check-jsonschema")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
