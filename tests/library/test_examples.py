"""The scripts of examples/library do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from pathlib import Path

DEPRECATED = "MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label"


def run(root: Path, script: str, *arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, root / "examples/library" / script, *arguments]
    env = os.environ | {"PYTHONPATH": str(root / "frontend")}
    return subprocess.run(command, env=env, capture_output=True, check=False, timeout=60)


def test_all_files_of_a_folder_are_checked_with_a_rule_of_the_house(root: Path, tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api/Dockerfile").write_text("FROM alpine AS a\nFROM a\nMAINTAINER me\nFROM alpine:1\n")
    (tmp_path / "web.Dockerfile").write_text("FROM nginx:1\n")
    done = run(root, "check.py", tmp_path)
    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == [
        f"{tmp_path}/api/Dockerfile:3: warning: {DEPRECATED}",
        f"{tmp_path}/api/Dockerfile:1: error: alpine has no tag",
    ]
    assert done.returncode == 1
    (tmp_path / "api/Dockerfile").unlink()
    assert (run(root, "check.py", tmp_path).returncode, run(root, "check.py", tmp_path).stdout) == (0, b"")


def test_a_graph_built_by_hand_is_printed_for_buildctl(root: Path) -> None:
    done = run(root, "build.py")
    assert done.stderr == b""
    definition = pb.Definition.FromString(done.stdout)
    ops = [pb.Op.FromString(data) for data in getattr(definition, "def")]
    assert [op.WhichOneof("op") for op in ops] == ["source", "exec", "exec", "merge", "file", None]
    assert "unpack jq" in {found.description.get("llb.customname") for found in definition.metadata.values()}
