"""What one input may cost, and a check that holds it to that."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds of the processor, and bytes of memory beyond what the process had before.
SECONDS = 1.0
BYTES = 500 << 20


class CostError(Exception):
    """An input took too long, or too much memory."""


def check(run: Callable[[bytes], object], data: bytes, slower: float = 1) -> None:
    """Run a target; raises what it raises, and `CostError` where it costs too much.

    ``slower`` says how many times slower than usual this process is.
    """
    started, memory = time.process_time(), peak()
    run(data)
    seconds, more = time.process_time() - started, peak() - memory
    if seconds > SECONDS * slower:
        raise CostError(f"{seconds:.1f} seconds for {len(data)} bytes")
    if more > BYTES:
        raise CostError(f"{more >> 20} MB for {len(data)} bytes")


def peak() -> int:
    """Return the most memory that this process has had, in bytes.

    Of the program that runs now: `getrusage` counts what the process had before, as a copy of a larger one.
    """
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise CostError("this system does not tell the peak of a process's memory")
