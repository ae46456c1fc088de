"""What plugins cost a build: modules that are loaded for them, and what those bring along."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from test_startup import ALLOWED

if TYPE_CHECKING:
    from pathlib import Path

#: Ours that are loaded for plugins, beside those of a plain build.
OURS = """
    api plugins plugins.calls plugins.classes plugins.declared plugins.decorators plugins.gather plugins.load
    plugins.reserved plugins.signature
"""
#: What would cost more than all plugins of a build together.
COSTLY = {"inspect", "dataclasses", "re", "typing", "enum", "json", "ast", "google", "grpc", "traceback"}

TEXT = """
from pyfrontend.api import DockerfileError, macro, rule

@macro("APT")
def apt(*words):
    return "RUN x"

@rule("ACME001", "x")
def look(dockerfile):
    pass
"""
CODE = """
import sys
for name in {allowed!r}:
    __import__(name)
before = set(sys.modules)
from pyfrontend.plugins.load import load_named
load_named("house")
print(*sorted(set(sys.modules) - before))
"""


def test_plugins_load_few_modules(root: Path, tmp_path: Path) -> None:
    (tmp_path / "house.py").write_text(TEXT)
    path = os.pathsep.join([str(root / "frontend"), str(tmp_path)])
    names = sorted(name for name in ALLOWED if not name.startswith(("pyfrontend.gateway", "pyfrontend.__")))
    done = subprocess.run(
        [sys.executable, "-S", "-c", CODE.format(allowed=names)],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split()) - {"house"}
    assert {name for name in loaded if name.startswith("pyfrontend")} == {
        f"pyfrontend.{name}" for name in OURS.split()
    }
    assert {name.partition(".")[0] for name in loaded} & COSTLY == set()
