"""Older engines beside the one of the tests: those of Debian's releases, each with our image.

`hack/test` builds the main features of the language on them, `hack/test engines` everything.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import TIMEOUT, Build, build, docker
from engine.files import read_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

#: Debian's releases with the Docker Engine that each has.
RELEASES = {"bookworm": "20.10", "trixie": "26.1"}
#: What the Dockerfiles of these tests begin with.
BASES = ("busybox",)


class OldEngine(NamedTuple):
    """An engine: the release of Debian that it is of, its version and address, and a folder for images."""

    release: str
    version: str
    host: str
    archives: Path

    @property
    def env(self) -> dict[str, str]:
        """Variables that point the client at it."""
        return {"DOCKER_HOST": self.host}

    def docker(self, *arguments: str) -> str:
        """Run docker against it."""
        return docker("--host", self.host, *arguments)

    def build(self, folder: Path, *options: str) -> Build:
        """Build ``folder`` on it; a failed build raises nothing."""
        return build(folder, *options, env=self.env)

    def built_files(self, folder: Path, *options: str) -> Mapping[str, str]:
        """Build ``folder`` on it, and return the texts of all files that come out."""
        out = self.archives / "out"
        done = self.build(folder, f"--output=type=local,dest={out}", *options)
        try:
            assert done.code == 0, done.output
            return read_files(out)
        finally:
            subprocess.run(["rm", "-rf", out], check=True)

    def load(self, *images: str) -> None:
        """Have ``images`` of the engine of the tests in this one as well."""
        archive = self.archives / "images.tar"
        docker("save", "--output", str(archive), *images)
        self.docker("load", "--quiet", "--input", str(archive))
        archive.unlink()


def hack_engine(root: Path, word: str, release: str) -> str:
    command = [str(root / "hack/engine"), word, "--release", release]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session", params=RELEASES)
def old_engine(
    request: pytest.FixtureRequest, root: Path, image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OldEngine]:
    """An engine of each release; one that was up before stays up."""
    release = request.param
    if os.getuid() != 0:
        pytest.skip("starting an engine needs root")
    status = subprocess.run(
        [root / "hack/engine", "status", "--release", release], capture_output=True, check=False
    )
    hack_engine(root, "up", release)
    try:
        (host,) = re.findall(r"DOCKER_HOST=(\S+)", hack_engine(root, "env", release))
        version = docker("--host", host, "version", "--format", "{{.Server.Version}}").strip()
        engine = OldEngine(release, version, host, tmp_path_factory.mktemp(release))
        engine.load(image, *BASES)
        yield engine
    finally:
        if status.returncode:
            hack_engine(root, "down", release)
