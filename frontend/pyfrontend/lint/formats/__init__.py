"""Output formats of a check: reports in, text out.

A format is a module with ``render(reports: Sequence[Report]) -> str`` and one row in `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.lint.formats.report import Report

#: Name of a format to its module in this folder; the first is the default of the command line.
FORMATS = {
    "text": "text",
    "lines": "lines",
    "json": "json",
    "sarif": "sarif",
    "gitlab": "gitlab",
    "github": "github",
}


def render(reports: Sequence[Report], form: str) -> str:
    """Return ``reports``, one per file, in the format ``form``, whose module is loaded on demand."""
    text: str = import_module(f"{__name__}.{FORMATS[form]}").render(reports)
    return text
