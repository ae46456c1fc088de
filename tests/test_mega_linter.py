"""The plugin for MegaLinter: which files it takes, and the commands that it makes of its descriptor."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path, PurePath
from typing import Any

import pytest

from dockerfile_names import DOCKERFILES, OTHERS

ROOT = Path(__file__).parents[1]
#: MegaLinter takes plugins from no other addresses.
ADDRESS = re.compile(r".*/mega-linter-plugin-[^/]+/.*\.megalinter-descriptor\.yml")
BAD = "FROM scratch\nRUM a\nRUM b\n"


@pytest.fixture(scope="module")
def descriptor() -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install pyyaml")
    (path,) = (path for path in ROOT.glob("*/*.yml") if ADDRESS.fullmatch(str(path)))
    return dict(yaml.safe_load(path.read_text()))


def test_the_plugin_takes_dockerfiles_and_not_what_is_called_after_them(descriptor: dict[str, Any]) -> None:
    (pattern,) = descriptor["file_names_regex"]
    # The name without its folder has to match as a whole.
    taken = [name for name in (*DOCKERFILES, *OTHERS) if re.fullmatch(pattern, PurePath(name).name)]
    assert taken == [*DOCKERFILES]


def lint(descriptor: dict[str, Any], folder: Path, *after: str) -> subprocess.CompletedProcess[str]:
    """Check two files by the command of the descriptor."""
    (linter,) = descriptor["linters"]
    assert linter["cli_lint_mode"] == "list_of_files"
    for name in ("Dockerfile", "api.Dockerfile"):
        (folder / name).write_text(BAD)
    command = [linter["linter_name"], *linter["cli_lint_extra_args"], *after, "Dockerfile", "api.Dockerfile"]
    command[:1] = [sys.executable, "-m", command[0]]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_its_command_fails_on_bad_files_and_the_findings_can_be_counted(
    descriptor: dict[str, Any], tmp_path: Path
) -> None:
    done = lint(descriptor, tmp_path)
    assert done.returncode == 1, done.stderr
    (linter,) = descriptor["linters"]
    assert len(re.findall(linter["cli_lint_errors_regex"], done.stdout)) == 4


def test_with_the_arguments_for_sarif_it_writes_sarif(descriptor: dict[str, Any], tmp_path: Path) -> None:
    (linter,) = descriptor["linters"]
    document = json.loads(lint(descriptor, tmp_path, *linter["cli_sarif_args"]).stdout)
    assert document["version"] == "2.1.0"
    assert len(document["runs"][0]["results"]) == 4


@pytest.mark.parametrize("argument", ["cli_help_arg_name", "cli_version_arg_name"])
def test_help_and_version_are_there(descriptor: dict[str, Any], argument: str) -> None:
    (linter,) = descriptor["linters"]
    command = [sys.executable, "-m", linter["linter_name"], linter[argument]]
    assert "pyfrontend" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
