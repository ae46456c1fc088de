"""Replay inputs without instrumentation: ``python -m fuzz.replay TARGET FILE...`` prints those that fail.

Each comes with its traceback, and if it is short with its bytes; the last line names it and its exception.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from fuzz.limits import check
from fuzz.targets import TARGETS, without_threads

#: Inputs of so many bytes are printed.
SHORT = 4096


def main() -> int:
    """Replay the files of the command line; the exit code says whether one of them fails."""
    name, *files = sys.argv[1:]
    without_threads()
    run = TARGETS[name].run
    run(b"")  # what is imported on first use is no cost of an input
    failed = 0
    for path in map(Path, files):
        try:
            check(run, path.read_bytes())
        except Exception as error:  # noqa: BLE001 - all that leaves a target is a failure
            failed = 1
            data = path.read_bytes()
            print(f"{path}:\n{traceback.format_exc()}")  # noqa: T201 - this is a command
            print(repr(data) if len(data) <= SHORT else f"{len(data)} bytes")  # noqa: T201
            print(f"{path.name}: {''.join(traceback.format_exception_only(error)).splitlines()[-1]}")  # noqa: T201
    return failed


if __name__ == "__main__":
    sys.exit(main())
