"""The cross-platform example: programs for two platforms, and every step run on the machine's own."""

from __future__ import annotations

import platform
import subprocess
from typing import TYPE_CHECKING

from engine.client import build
from engine.serving import need_images

if TYPE_CHECKING:
    from pathlib import Path

#: The machine that a program is for, as its ELF header says (bytes 18 and 19).
MACHINES = {"amd64": 62, "arm64": 183}
OWN = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]


def test_programs_for_both_platforms_are_compiled_on_the_own_one(
    root: Path, image: str, tmp_path: Path
) -> None:
    need_images(root, "golang:1.24")
    platforms = ",".join(f"linux/{name}" for name in MACHINES)
    options = ("--platform", platforms, "--output", f"type=local,dest={tmp_path}")
    built = build(root / "examples/cross-platform", *options)
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{image}")
    for name, machine in MACHINES.items():
        program = tmp_path / f"linux_{name}/hello"
        assert int.from_bytes(program.read_bytes()[18:20], "little") == machine
        cross = "" if name == OWN else f"->{name}"
        (step,) = [step for step in built.steps if step.startswith(f"[linux/{OWN}{cross} build 4/4] RUN")]
        assert f"GOARCH={name}" in step
    own = subprocess.run([tmp_path / f"linux_{OWN}/hello"], capture_output=True, text=True, check=True)
    assert own.stdout == f"hello from linux/{OWN}\n"
