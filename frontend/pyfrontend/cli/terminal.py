"""Output, error messages and exit codes, shared by all commands."""

from __future__ import annotations

import sys

from pyfrontend.display import many_lines

FINE, WRONG, UNUSABLE = 0, 1, 2


def print_out(data: bytes) -> None:
    """Write to standard output, whatever the locale says."""
    sys.stdout.buffer.write(data + b"\n" if data and not data.endswith(b"\n") else data)
    sys.stdout.flush()


def complain(text: str, code: int) -> int:
    """Write ``text`` to standard error, and return ``code``."""
    sys.stderr.write(f"pyfrontend: {many_lines(text)}\n")
    return code
