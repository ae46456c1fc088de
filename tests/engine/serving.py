"""Base images that an example needs, and containers that answer over HTTP."""

from __future__ import annotations

import http.client
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

from engine.client import container, docker

if TYPE_CHECKING:
    from pathlib import Path

#: Seconds that a server in a container may take to start on a busy machine.
PATIENCE = 90


class Answer(NamedTuple):
    """What a server answers."""

    status: int
    body: str


def need_images(root: Path, *names: str) -> None:
    """Have base images in the engine: the real ones, or stand-ins where Docker Hub cannot be reached."""
    done = subprocess.run([root / "hack/baseimages", *names], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def ask(image: str, port: int, *paths: str) -> list[Answer]:
    """Run ``image`` and ask what serves on its ``port`` for ``paths``."""
    with container("--publish", f"127.0.0.1::{port}", image) as name:
        address = int(docker("port", name, f"{port}/tcp").rpartition(":")[2])
        return [_get(name, address, path) for path in paths]


def _get(name: str, port: int, path: str) -> Answer:
    """Ask for ``path``, waiting for a server that is still starting."""
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())
        except (OSError, http.client.HTTPException):
            running = docker("inspect", "--format", "{{.State.Running}}", name).strip()
            assert running == "true", docker("logs", name)
            assert time.monotonic() < deadline, docker("logs", name)
            time.sleep(0.2)
        finally:
            connection.close()
