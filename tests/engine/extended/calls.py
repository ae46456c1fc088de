"""Questions about a Dockerfile, as a user asks them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from engine.client import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path


def call(folder: Path | str, name: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask ``docker buildx build --call`` about the Dockerfile in ``folder``, or at a URL."""
    return subprocess.run(
        ["docker", "buildx", "build", "--progress=quiet", f"--call={name}", *options, str(folder)],
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
