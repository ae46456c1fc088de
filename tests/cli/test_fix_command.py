"""``pyfrontend fix``: a diff first, then the files."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from pyfrontend.cli.main import COMMANDS, main
from pyfrontend.fix.fixers import FIXERS, STYLE

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = b"FROM a as b\r\nENV c d\r\nRUN apt install e\r\n"
AFTER = b"FROM a AS b\r\nENV c=d\r\nRUN apt install e\r\n"
DIFF = """\
--- Dockerfile
+++ Dockerfile
@@ -1,3 +1,3 @@
-FROM a as b
-ENV c d
+FROM a AS b
+ENV c=d
 RUN apt install e
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "Dockerfile"
    path.write_bytes(BEFORE)
    return path


def test_a_diff_is_shown_and_the_file_stays(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "Dockerfile"]) == 1
    out, err = capfd.readouterr()
    assert out.replace("\r", "") == DIFF
    assert err == "Dockerfile: would fix 2 (FromAsCasing 1, LegacyKeyValueFormat 1)\n"
    assert file.read_bytes() == BEFORE


def test_write_changes_the_file_in_place_and_once(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file.chmod(0o640)
    assert main(["fix", "--write", "Dockerfile"]) == 0
    assert capfd.readouterr() == ("", "Dockerfile: fixed 2 (FromAsCasing 1, LegacyKeyValueFormat 1)\n")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (AFTER, 0o640)
    before = file.stat().st_mtime_ns
    assert main(["fix", "-w", "Dockerfile"]) == 0
    assert capfd.readouterr() == ("", "")
    assert file.stat().st_mtime_ns == before


def test_strict_select_ignore_and_the_rule_file_choose(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["fix", "--strict", "--select=AptInsteadOfAptGet", "-w", "Dockerfile"]) == 0
    assert file.read_bytes() == BEFORE.replace(b"apt install", b"apt-get install")
    assert main(["fix", "--ignore=FromAsCasing", "-w", "Dockerfile"]) == 0
    assert b"FROM a as b\r\nENV c=d" in file.read_bytes()
    (file.parent / ".pyfrontend.toml").write_text('ignore = ["FromAsCasing"]\n')
    assert main(["fix", "Dockerfile"]) == 0
    capfd.readouterr()
    assert main(["fix", "--select=FromAsCasin", "Dockerfile"]) == 2
    assert capfd.readouterr().err == "pyfrontend: no fix for FromAsCasin (did you mean FromAsCasing?)\n"
    assert main(["fix", "--select=LatestTag", "Dockerfile"]) == 2
    assert capfd.readouterr().err.startswith("pyfrontend: no fix for LatestTag: there are AddInsteadOfCopy, ")


def test_standard_input_is_fixed_to_standard_output(
    file: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert file
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BEFORE)))
    assert main(["fix", "--write"]) == 0
    assert capfdbinary.readouterr().out == AFTER


def test_files_that_cannot_be_used_are_told_and_the_others_fixed(
    file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["fix", "-w", "none", "Dockerfile"]) == 2
    assert "cannot read none" in capfd.readouterr().err
    assert file.read_bytes() == AFTER
    file.write_bytes(BEFORE)

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    assert main(["fix", "-w", "Dockerfile"]) == 2
    assert capfd.readouterr().err == "pyfrontend: cannot write Dockerfile: Permission denied\n"


def test_the_guide_lists_every_rule_that_can_be_fixed(root: Path) -> None:
    text = (root / "docs" / "command-line.md").read_text().partition("\n## Fix\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[2] for line in text.splitlines() if line.startswith("| ")][1:]
    names = [re.findall(r"`(\w+)`", row) for row in rows]
    assert set(names[0]) == set(STYLE)
    assert {name for row in names for name in row} == set(FIXERS)


def test_the_image_has_no_fix_and_says_so(root: Path, file: Path) -> None:
    ignored = (root / "Dockerfile.frontend.dockerignore").read_text().splitlines()
    hidden = ("fix", "cli/fixing.py", "cli/shellcheck.py", "cli/shellscripts.py")
    assert {f"frontend/pyfrontend/{name}" for name in hidden} <= set(ignored)
    assert "fix" in COMMANDS
    names = [f"pyfrontend.{name.removesuffix('.py').replace('/', '.')}" for name in hidden]
    code = (
        "import sys, importlib.abc, pathlib\n"
        "class Hidden(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name in {names}:\n"
        "            raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "pathlib.Path.is_dir = lambda self: False\n"
        "from pyfrontend.cli.main import COMMANDS, main\n"
        "assert 'fix' not in COMMANDS\n"
        "assert main(['check', '--format=lines', sys.argv[1]]) == 1\n"
        "assert main(['check', '--shellcheck', sys.argv[1]]) == 2\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        capture_output=True,
        check=False,
        timeout=60,
        cwd=root / "frontend",
    )
    assert done.returncode == 0, done.stderr
    assert b"shellcheck is not in this image" in done.stderr
