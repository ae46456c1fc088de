"""The GitHub Action: its step is run as a runner would run it, in a repository of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dockerfile_names import DOCKERFILES, OTHERS

ROOT = Path(__file__).parents[1]
BAD = "FROM scratch\nRUM a\n"
MESSAGE = "unknown instruction: RUM (did you mean RUN?)"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, check=True)
    return folder


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The runner's folder, with an installation that is this one: what pip does has a test of its own."""
    folder = tmp_path / "temporary"
    program = folder / "pyfrontend/bin/python"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    return folder


def add(repository: Path, name: str, text: str) -> None:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    subprocess.run(["git", "add", "--", name], cwd=repository, check=True)


def run(repository: Path, temporary: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the steps of the action with ``inputs``."""
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install pyyaml")
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    assert step["shell"] == "bash"
    given = {name: inputs.pop(name, described["default"]) for name, described in action["inputs"].items()}
    assert not inputs, "the action has no such input"
    values = {f"${{{{ inputs.{name} }}}}": value for name, value in given.items()}
    env = {name: values[value] for name, value in step["env"].items()}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]],
        cwd=repository,
        env=os.environ | env | {"GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(temporary)},
        capture_output=True,
        text=True,
        check=False,
    )


def annotated(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the files of the annotations."""
    commands = [line for line in done.stdout.splitlines() if line.startswith("::")]
    return [command.partition("file=")[2].partition(",")[0] for command in commands]


def test_an_error_is_an_annotation_of_its_line_and_fails_the_step(repository: Path, temporary: Path) -> None:
    add(repository, "api/Dockerfile", BAD)
    done = run(repository, temporary)
    assert done.returncode == 1, done.stderr
    (line,) = done.stdout.splitlines()
    assert line.startswith("::error file=api/Dockerfile,line=2")
    assert MESSAGE in line


def test_a_good_file_passes_and_is_annotated_with_nothing(repository: Path, temporary: Path) -> None:
    add(repository, "Dockerfile", "FROM scratch\nCOPY a /b\n")
    done = run(repository, temporary)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_all_dockerfiles_that_git_knows_are_checked(repository: Path, temporary: Path) -> None:
    for name in (*DOCKERFILES, *OTHERS):
        add(repository, name, BAD)
    (repository / "new.Dockerfile").write_text(BAD)
    assert sorted(annotated(run(repository, temporary))) == sorted(DOCKERFILES)


def test_files_may_be_named_and_options_passed_on(repository: Path, temporary: Path) -> None:
    add(repository, "Dockerfile", BAD)
    add(repository, "a b/image", "ARG A=b\nFROM scratch\nCOPY $A /b\nRUM x\n")
    add(repository, "-c", BAD)
    done = run(repository, temporary, files="a b/image\n\n-c\n", options="--build-arg A=c --target=0")
    assert annotated(done) == ["a b/image", "-c"]


def test_a_repository_without_dockerfiles_passes_with_a_notice(repository: Path, temporary: Path) -> None:
    done = run(repository, temporary)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "::notice::no Dockerfile in this repository\n"


def test_a_python_that_is_too_old_is_reported(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(repository, "Dockerfile", BAD)
    old = tmp_path / "bin"
    old.mkdir()
    (old / "python3").write_text("#!/bin/sh\n[ $1 = --version ] && echo Python 3.10.12; exit 1\n")
    (old / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{old}:{os.environ['PATH']}")
    done = run(repository, tmp_path / "temporary")
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed, and python3 is Python 3.10.12" in done.stderr


@pytest.mark.timeout(300)
def test_the_action_installs_what_it_runs(repository: Path, tmp_path: Path) -> None:
    add(repository, "Dockerfile", BAD)
    done = run(repository, tmp_path / "temporary")
    if "Could not find a version that satisfies the requirement" in done.stderr:
        pytest.skip("pip reaches no package index")
    assert (done.returncode, annotated(done)) == (1, ["Dockerfile"]), done.stderr
