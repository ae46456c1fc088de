"""What the guides in docs/ promise about naming the frontend: pins, ways back, and images sent along."""

from __future__ import annotations

import re
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from engine.client import build, build_text, docker

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = "example.invalid/frontend:1"
REST = "FROM scratch\nCOPY Dockerfile /\n"


def test_frontend_can_be_pinned_by_digest(tmp_path: Path, image: str) -> None:
    pinned = docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", image).strip()
    assert re.fullmatch(r".+@sha256:[0-9a-f]{64}", pinned)
    built = build_text(tmp_path, f"# syntax={pinned}\n{REST}")
    assert built.code == 0, built.output
    # The image may have other names, as of other tests: one without a folder is in `library`.
    place = pinned if "/" in pinned.partition("@")[0] else f"library/{pinned}"
    assert built.ran(f"docker-image://docker.io/{place}")


def test_build_argument_wins_over_the_line_in_the_file(tmp_path: Path, image: str) -> None:
    built = build_text(tmp_path, f"# syntax={NOWHERE}\n{REST}", "--build-arg", f"BUILDKIT_SYNTAX={image}")
    assert built.code == 0, built.output
    assert built.ran(f"docker-image://docker.io/{image}")


def test_frontend_can_be_sent_along_under_any_name(tmp_path: Path, image: str) -> None:
    layout = tmp_path / "layout"
    saved = tmp_path / "image.tar"
    docker("save", "--output", str(saved), image)
    with tarfile.open(saved) as archive:
        archive.extractall(layout, filter="data")
    saved.unlink()
    options = ("--build-context", f"{NOWHERE}=oci-layout://{layout}:latest")
    built = build_text(tmp_path, f"# syntax={NOWHERE}\n{REST}", *options)
    assert built.code == 0, built.output
    options = ("--build-context", f"{NOWHERE}=docker-image://{image}")
    built = build_text(tmp_path, f"# syntax={NOWHERE}\n{REST}", *options)
    assert built.code == 0, built.output


def test_without_its_first_line_the_file_goes_to_the_frontend_inside_the_engine(
    tmp_path: Path, image: str
) -> None:
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text(f"# syntax={image}\n{REST}")
    stripped = subprocess.run(["sed", "/^# syntax=/d", dockerfile], capture_output=True, check=True).stdout
    built = build(tmp_path, "--file", "-", stdin=stripped)
    assert built.code == 0, built.output
    assert not built.ran("docker-image://")


@pytest.mark.parametrize("way", ["line", "argument"])
def test_dockerfile_v0_is_taken_for_an_image(tmp_path: Path, image: str, way: str) -> None:
    line = "dockerfile.v0" if way == "line" else image
    options = ("--build-arg", "BUILDKIT_SYNTAX=dockerfile.v0") if way == "argument" else ()
    built = build_text(tmp_path, f"# syntax={line}\n{REST}", *options)
    assert built.code != 0
    assert "docker.io/library/dockerfile.v0:latest" in built.message


def test_dockerfile_v0_can_be_given_a_meaning(tmp_path: Path, image: str) -> None:
    named = ("--build-arg", "BUILDKIT_SYNTAX=dockerfile.v0")
    meaning = ("--build-context", f"dockerfile.v0=docker-image://{image}")
    built = build_text(tmp_path, REST, *named, *meaning)
    assert built.code == 0, built.output
