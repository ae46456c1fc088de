"""``hack/soak``: many different builds at once beside containers that spin; prints how many succeed.

BuildKit hangs up on a frontend that has sent nothing for 10 seconds, and counts from before the container is
made.  So a build may fail before its frontend could have done anything: such failures are counted apart.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from random import shuffle
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from bench.cached import BUILTIN, REFERENCE
from bench.image import present

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

IMAGE = os.environ.get("PYFRONTEND_IMAGE", "ourorg/pyfrontend")
#: Builds at once, and containers that spin beside them.
LEVELS = ((10, 0), (20, 0), (20, 10), (30, 10))
#: No two builds are alike, or the engine would do them only once.
DOCKERFILE = "FROM scratch AS a\nCOPY file /\nFROM scratch\nARG SOAK\nLABEL soak=$SOAK\nCOPY --from=a / /\n"
SPIN = ("--entrypoint", "/usr/bin/python3", IMAGE, "-I", "-S", "-c", "while True: pass")
#: Longer than a build takes on a machine that is still of use.
TIMEOUT = 600
#: Seconds between two looks at the processes of the machine.
LOOK = 0.05

OK, FAILED, UNSTARTED = "succeeded", "failed", "failed before the frontend ran"


class Outcome(NamedTuple):
    """How a build ended: one of the three, the seconds it took, and the client's last line."""

    result: str
    seconds: float
    message: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all levels; return 1 where a build through our image failed that the reference's would not lose."""
    parser = argparse.ArgumentParser(prog="hack/soak", description=__doc__)
    parser.add_argument("--level", action="append", type=_level, metavar="BUILDS,SPINNING", help="20,10 e.g.")
    parser.add_argument("--rounds", type=int, default=1, help="of each level (default: 1)")
    options = parser.parse_args(arguments)
    images = {"ours": IMAGE, BUILTIN: ""} | ({REFERENCE: REFERENCE} if present(REFERENCE) else {})
    lost: Counter[str] = Counter()
    _say(
        f"{'builds':>6} {'spin':>4}  {'frontend':<24}{OK:>10}{FAILED:>8}{UNSTARTED:>34}  median s  slowest s"
    )
    for builds, spinning in options.level or LEVELS:
        for _ in range(options.rounds):
            lost.update(_round(builds, spinning, images))
    _say(f"failed after the start of the frontend: {dict(lost) or 'none'}")
    return int(lost["ours"] > 0)


def _level(text: str) -> tuple[int, int]:
    builds, spinning = text.split(",")
    return int(builds), int(spinning)


def _round(builds: int, spinning: int, images: dict[str, str]) -> Iterator[str]:
    """Measure every frontend once, in random order; yield its name for each build that it lost."""
    names = list(images)
    shuffle(names)
    for name in names:
        with _spinning(spinning):
            outcomes = soak(images[name], builds)
        counts = Counter(outcome.result for outcome in outcomes)
        times = sorted(outcome.seconds for outcome in outcomes)
        _say(
            f"{builds:6} {spinning:4}  {name:<24}{counts[OK]:10}{counts[FAILED]:8}{counts[UNSTARTED]:34}"
            f"{times[len(times) // 2]:10.1f}{times[-1]:11.1f}"
        )
        for message in sorted({outcome.message for outcome in outcomes if outcome.result != OK}):
            _say(f"               {message}")
        yield from [name] * counts[FAILED]


def soak(image: str, builds: int) -> list[Outcome]:
    """Run ``builds`` builds at once through the frontend ``image``, or the built-in one where it is empty."""
    run = uuid4().hex
    with TemporaryDirectory(prefix="soak-") as folder, _watch(run) as started:
        Path(folder, "file").write_text("content\n")
        Path(folder, "Dockerfile").write_text((f"# syntax={image}\n" if image else "") + DOCKERFILE)
        found = [_Build(folder, f"{run}-{number}") for number in range(builds)]
        return [build.outcome(built_in=not image, started=started) for build in found]


class _Build:
    """A build under way; ``mark`` is a build argument, by which its frontend's process is known."""

    def __init__(self, folder: str, mark: str) -> None:
        command = ["docker", "buildx", "build", "--quiet", "--build-arg", f"SOAK={mark}", folder]
        self._mark = mark
        self._errors: list[str] = []
        self._ended = time.monotonic()
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        self._thread = Thread(target=self._wait)
        self._thread.start()

    def _wait(self) -> None:
        try:
            self._errors.append(self._process.communicate(timeout=TIMEOUT)[1])
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._errors.append(self._process.communicate()[1] + f"\nno end within {TIMEOUT} s")
        self._ended = time.monotonic()

    def outcome(self, *, built_in: bool, started: set[str]) -> Outcome:
        """Wait for the end."""
        self._thread.join()
        took = self._ended - self._began
        if self._process.returncode == 0:
            return Outcome(OK, took, "")
        message = (self._errors[0].strip().splitlines() or ["no word on stderr"])[-1]
        return Outcome(FAILED if built_in or self._mark in started else UNSTARTED, took, message)


@contextmanager
def _watch(run: str) -> Iterator[set[str]]:
    """Yield the marks of the builds of ``run`` whose frontend has started; it grows meanwhile."""
    started: set[str] = set()
    over = Event()
    pattern = re.compile(rb"build-arg:SOAK=(%s-\d+)\0" % run.encode())

    def look() -> None:
        done = set(_processes())
        while not over.wait(LOOK):
            # Again and again: a process is there before it becomes the frontend.
            for process in set(_processes()) - done:
                found = pattern.search(_environ(process))
                if found:
                    started.add(found[1].decode())
                    done.add(process)

    thread = Thread(target=look)
    thread.start()
    try:
        yield started
    finally:
        over.set()
        thread.join()


def _processes() -> Iterator[Path]:
    return Path("/proc").glob("[0-9]*")


def _environ(process: Path) -> bytes:
    """Return the environment that a process was started with; of one that has gone, nothing."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


@contextmanager
def _spinning(count: int) -> Iterator[None]:
    """Keep ``count`` containers busy: processes outside of containers do not compete with these."""
    names = [f"soak-{uuid4().hex}" for _ in range(count)]
    try:
        for name in names:
            command = ["docker", "run", "--detach", "--rm", "--name", name, *SPIN]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        yield
    finally:
        if names:
            subprocess.run(["docker", "rm", "--force", *names], check=True, stdout=subprocess.DEVNULL)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
