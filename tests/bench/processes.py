"""Processes and what they took: wall time, processor time, peak memory."""

from __future__ import annotations

import os
import subprocess
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.samples import Sample

#: What the daemon starts a frontend with, as far as it matters before the first call.
ENVIRON = {"BUILDKIT_SESSION_ID": "bench", "BUILDKIT_EXPORTEDPRODUCT": "buildkit", "PATH": os.environ["PATH"]}
#: What a client says before its first frame.
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#: Types of HTTP/2 frames; a frame begins with its length (3 bytes), type, flags, and stream (4 bytes).
SETTINGS, HEADERS = 4, 1
HEAD = 9


def to_end(command: Sequence[str]) -> Sample:
    """Run ``command``; return what it took until its end, in milliseconds."""
    start = perf_counter()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        used = reap(process)
        took = (perf_counter() - start) * 1000
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command))
    return {"ms": took, **used}


def to_first_call(command: Sequence[str], folder: Path | None = None) -> Sample:
    """Start ``command``; return what it took until its first gRPC call, and end it.

    Its daemon says nothing but the settings that a client waits for.  Raises RuntimeError without a call.
    """
    start = perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=ENVIRON,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdin and process.stdout and process.stderr  # noqa: PT018 - for the type checker
        process.stdin.write(bytes((0, 0, 0, SETTINGS, 0, 0, 0, 0, 0)))
        called = _calls(process.stdout.fileno())
        took = (perf_counter() - start) * 1000
        process.kill()
        used = reap(process)
        if not called:
            raise RuntimeError(f"{' '.join(command)} made no call: {process.stderr.read().decode()}")
    return {"ms": took, **used}


def reap(process: subprocess.Popen[bytes]) -> Sample:
    """Wait for the end of ``process``; return its processor time in milliseconds."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return {"cpu": (usage.ru_utime + usage.ru_stime) * 1000}


def _calls(fd: int) -> bool:
    """Read frames until one opens a call; tell whether one came before the end."""
    data = b""
    while chunk := os.read(fd, 1 << 16):
        data += chunk
        if len(data) >= len(PREFACE):
            rest = data.removeprefix(PREFACE)
            while len(rest) >= HEAD:
                if rest[3] == HEADERS:
                    return True
                rest = rest[HEAD + int.from_bytes(rest[:3], "big") :]
    return False
