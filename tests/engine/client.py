"""The docker client as tests use it: builds that answer with their progress, and containers that go away."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

#: Longer than any build of the suite takes, shorter than CI's patience.
TIMEOUT = 300


class Vertex(NamedTuple):
    """A step of a build, as far as the engine told of it; times are None for what did not happen."""

    name: str
    started: datetime | None
    completed: datetime | None
    cached: bool
    error: str


class Build(NamedTuple):
    """A finished build: exit code, all that the client wrote, the steps by name, and the result's digest."""

    code: int
    output: str
    steps: dict[str, Vertex]
    metadata: dict[str, Any]

    @property
    def excerpt(self) -> str:
        """What the client shows of the Dockerfile and of the error: the lines that are no progress."""
        lines = (line for line in self.output.splitlines() if not line.startswith("{"))
        return "\n".join(line.rstrip() for line in lines)

    @property
    def marked(self) -> list[int]:
        """The line numbers that the client marks with >>> in its excerpts, in the order shown."""
        marks = (line.split() for line in self.excerpt.splitlines())
        return [int(words[0]) for words in marks if words[2:3] == [">>>"] and words[1] == "|"]

    @property
    def message(self) -> str:
        """The last error line, without what the client puts before it."""
        errors = [line for line in self.excerpt.splitlines() if line.startswith("ERROR: ")]
        return errors[-1].removeprefix("ERROR: ").removeprefix("failed to build: ") if errors else ""

    def ran(self, part: str) -> list[Vertex]:
        """The steps with ``part`` in their name that were started."""
        return [step for name, step in self.steps.items() if part in name and step.started]


def docker(*arguments: str, text: str | None = None, check: bool = True) -> str:
    """Run docker and return what it wrote to stdout; raises CalledProcessError if it fails."""
    done = subprocess.run(
        ["docker", *arguments], input=text, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    assert not check or done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def build(context: Path | str, *options: str, stdin: bytes = b"", env: Mapping[str, str] = {}) -> Build:
    """Build ``context`` (a folder, a URL, or ``-``) with ``docker buildx build`` with ``options``.

    A failed build raises nothing.
    """
    return buildx(["build"], *options, str(context), stdin=stdin, env=env)


def buildx(
    command: Sequence[str],
    *arguments: str,
    stdin: bytes = b"",
    cwd: Path | None = None,
    env: Mapping[str, str] = {},
) -> Build:
    """Run a ``command`` of ``docker buildx`` that builds, with ``env`` added to the environment."""
    with tempfile.NamedTemporaryFile("r", suffix=".json") as metadata:
        progress = ("--progress=rawjson", "--metadata-file", metadata.name)
        done = subprocess.run(
            ["docker", "buildx", *command, *progress, *arguments],
            input=stdin,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
            cwd=cwd,
            env=os.environ | dict(env),
        )
        known = metadata.read()
    output = done.stderr.decode(errors="replace")
    return Build(done.returncode, output, _steps(output), json.loads(known) if known.strip() else {})


def build_text(folder: Path, dockerfile: str | bytes, *options: str) -> Build:
    """Write ``dockerfile`` into ``folder`` and build that."""
    data = dockerfile.encode() if isinstance(dockerfile, str) else dockerfile
    (folder / "Dockerfile").write_bytes(data)
    return build(folder, *options)


@contextmanager
def container(*arguments: str) -> Iterator[str]:
    """``docker run --detach`` with ``arguments``; yields the container's id and removes it at the end."""
    name = docker("run", "--detach", *arguments).strip()
    try:
        yield name
    finally:
        docker("rm", "--force", "--volumes", name)


def _steps(output: str) -> dict[str, Vertex]:
    """Join the engine's progress messages: the last word on a vertex counts."""
    steps: dict[str, Vertex] = {}
    messages = (json.loads(line) for line in output.splitlines() if line.startswith("{"))
    for vertex in (vertex for message in messages for vertex in message.get("vertexes", ())):
        started, completed = (_time(vertex.get(key)) for key in ("started", "completed"))
        cached, error = vertex.get("cached", False), vertex.get("error", "")
        before = steps.get(vertex["name"])
        # A step may be told of twice, as done before and now: the first start and the last end count.
        if before and before.started and started:
            started = min(before.started, started)
            # What comes out of a cache is told of again while its layers are fetched.
            cached = cached or before.cached
        steps[vertex["name"]] = Vertex(vertex["name"], started, completed, cached, error)
    return steps


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    # Go prints up to nine digits of a second, and Python reads six.
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction:0<6.6}+00:00")
