"""The hook for pre-commit: which files it takes, and that the real pre-commit installs and runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dockerfile_names import DOCKERFILES, OTHERS

ROOT = Path(__file__).parents[1]
GOOD = "FROM scratch\nCOPY a /b\n"
BAD = "FROM scratch\nRUM a\n"
ERROR = "2: error: unknown instruction: RUM (did you mean RUN?)"
#: Where pip says this, there is no network, or it does not lead to a package index.
OFFLINE = "Could not find a version that satisfies the requirement"


def test_the_hook_takes_dockerfiles_and_not_what_is_called_after_them() -> None:
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text()
    (pattern,) = re.findall(r"^  files: (.*)$", manifest, re.MULTILINE)
    assert [name for name in (*DOCKERFILES, *OTHERS) if re.search(pattern, name)] == [*DOCKERFILES]


def repository(folder: Path, files: dict[str, str]) -> None:
    """Make a git repository of ``files``."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "--quiet", "."], cwd=folder, check=True)
    subprocess.run(["git", "add", "--all", "."], cwd=folder, check=True)


def pre_commit(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the hook of this tree over all files of the repository in ``folder``."""
    pytest.importorskip("pre_commit", reason="pre-commit is not installed: pip install pre-commit")
    # pre-commit takes a tree with its uncommitted changes where it is a git repository.
    command = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "dockerfile-check", "--all-files"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "COV"))}
    done = subprocess.run(
        [*command, "--color=never"],
        cwd=folder,
        env=environment | {"PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if OFFLINE in done.stdout:
        pytest.skip("pip reaches no package index, and the hook's environment cannot be made")
    return done


@pytest.mark.timeout(300)
def test_pre_commit_installs_the_hook_which_reports_bad_files_by_their_paths(tmp_path: Path) -> None:
    folder = tmp_path / "repository"
    repository(folder, {"Dockerfile": GOOD, "api/Dockerfile.dev": BAD, "web.dockerfile": BAD, "README": BAD})
    done = pre_commit(folder, tmp_path / "home")
    assert done.returncode == 1, done.stdout + done.stderr
    reported = {line for line in done.stdout.splitlines() if "error:" in line}
    assert reported == {f"api/Dockerfile.dev:{ERROR}", f"web.dockerfile:{ERROR}"}
