"""The frontend image is made from what its pins say: the base image, Debian's packages, the wheels."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine import machines
from engine.client import TIMEOUT, docker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SNAPSHOT = "20261129T000000Z"
NOBODY = "sha256:" + "0" * 64


class Archive(NamedTuple):
    """A stand-in for snapshot.debian.org: where it is, and the paths that it was asked for."""

    url: str
    asked: list[str]


@contextmanager
def archive(mirror: str) -> Iterator[Archive]:
    """Serve what ``mirror`` has today as if it were what Debian's archives had at some time."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            name, _, path = self.path.removeprefix("/archive/debian").partition("/")[2].partition("/")
            security = "-security" if self.path.startswith("/archive/debian-security/") else ""
            self.send_response(302 if name == SNAPSHOT else 404)
            self.send_header("Location", f"{mirror}{security}/{path}")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((machines.HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Archive(f"http://{machines.HOST}:{server.server_port}/archive", asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def wheels(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    subprocess.run([root / "hack/wheels", folder], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A base image in a registry, by its digest."""
    if reason := machines.missing_registry():
        pytest.skip(reason)
    with machines.registry(tmp_path_factory.mktemp("registry")) as address:
        name = f"{address}/debian:trixie-slim"
        docker("tag", "debian:trixie-slim", name)
        docker("push", "--quiet", name)
        (known,) = json.loads(docker("image", "inspect", name))
        digest = next(item for item in known["RepoDigests"] if item.startswith(address)).partition("@")[2]
        yield f"{name}@{digest}"
        docker("image", "rm", name)


def build_frontend(root: Path, wheels: Path, *options: str) -> tuple[int, str]:
    """Build Dockerfile.frontend; returns the exit code and what the client wrote, the output of steps too."""
    command = ["docker", "buildx", "build", "--progress=plain", "--file", "Dockerfile.frontend"]
    command += ["--build-context", f"wheels={wheels}", *options, "."]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    return done.returncode, done.stderr


def test_packages_are_those_of_the_snapshot_and_the_base_that_of_the_digest(
    root: Path, wheels: Path, base: str
) -> None:
    mirror = re.findall(r"https?://\S+", docker("run", "--rm", base, "cat", "/etc/apt/sources.list"))[0]
    with archive(mirror.rstrip("/")) as snapshots:
        pins = (f"BASE={base}", f"SNAPSHOT={SNAPSHOT}", f"ARCHIVE={snapshots.url}")
        arguments = [word for pin in pins for word in ("--build-arg", pin)]
        # The stand-in for the archive is in the network of this machine.
        options = ("--network=host", "--no-cache-filter=tools,system", "--target=system")
        code, output = build_frontend(root, wheels, *arguments, *options)
    assert code == 0, output
    assert f"FROM {base}" in output
    asked = {"/".join(path.split("/")[2:4]) for path in snapshots.asked}
    assert asked == {f"debian/{SNAPSHOT}", f"debian-security/{SNAPSHOT}"}
    assert any("/libpython3.13-stdlib_" in path for path in snapshots.asked)


def test_a_base_that_is_not_there_by_its_digest_ends_the_build(root: Path, wheels: Path, base: str) -> None:
    code, output = build_frontend(root, wheels, "--build-arg", f"BASE={base.partition('@')[0]}@{NOBODY}")
    assert code == 1
    assert f"{NOBODY}: not found" in output


def test_a_wheel_with_another_hash_ends_the_build(root: Path, wheels: Path, tmp_path: Path) -> None:
    changed = shutil.copytree(wheels, tmp_path / "wheels")
    with next(changed.glob("typing_extensions-*.whl")).open("ab") as wheel:
        wheel.write(b"\0")
    code, output = build_frontend(
        root, changed, "--build-arg=BASE=debian:trixie-slim", "--build-arg=SNAPSHOT=", "--target=sites"
    )
    assert code == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in output
