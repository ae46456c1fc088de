"""The frontend image for both architectures out of one build without emulation, twice the same."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from engine.client import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

PLATFORMS = ("amd64", "arm64")
#: Bytes of the compressed layers together.
LARGEST = 16_500_000
#: The last stages, in which everything of ours is made; what they are made of is downloaded once.
OWN_STAGES = "sites,protobuf,rootfs"


@pytest.fixture(scope="module")
def wheels(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheels of both architectures."""
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([root / "hack/wheels", folder, *PLATFORMS], check=True, timeout=TIMEOUT)
    return folder


def test_both_platforms_are_small_and_built_twice_they_are_the_same(
    root: Path, wheels: Path, tmp_path: Path
) -> None:
    first, second = (_index(root, wheels, tmp_path / name) for name in ("first", "second"))
    assert first["manifests"] == second["manifests"]
    (index,) = first["manifests"]
    manifests = _blob(tmp_path / "first", index["digest"])["manifests"]
    assert sorted(entry["platform"]["architecture"] for entry in manifests) == sorted(PLATFORMS)
    for entry in manifests:
        layers = _blob(tmp_path / "first", entry["digest"])["layers"]
        assert sum(layer["size"] for layer in layers) <= LARGEST


def _index(root: Path, wheels: Path, target: Path) -> dict[str, Any]:
    """Build both platforms into the OCI layout ``target`` and return its index."""
    platforms = ",".join(f"linux/{name}" for name in PLATFORMS)
    command = ["docker", "buildx", "build", "--file", "Dockerfile.frontend", "--platform", platforms]
    command += [
        "--build-context",
        f"wheels={wheels}",
        f"--no-cache-filter={OWN_STAGES}",
        "--provenance=false",
    ]
    # Today's packages for both builds: the pins have tests of their own.
    command += ["--build-arg", "BASE=debian:trixie-slim", "--build-arg", "SNAPSHOT="]
    command += ["--output", f"type=oci,tar=false,rewrite-timestamp=true,dest={target}", "."]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1700000000"}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=2 * TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads((target / "index.json").read_text())
    return found


def _blob(layout: Path, digest: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((layout / "blobs" / digest.replace(":", "/")).read_text())
    return found
