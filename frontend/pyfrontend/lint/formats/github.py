"""Workflow commands of GitHub Actions, which show each diagnostic at its line in a pull request."""

from __future__ import annotations

from pyfrontend.display import one_line
from pyfrontend.errors import ERROR, NOTE, WARNING
from pyfrontend.lint.formats.entries import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.lint.formats.entries import Entry
    from pyfrontend.lint.formats.report import Report

COMMANDS = {ERROR: "error", WARNING: "warning", NOTE: "notice"}
#: What a message may not hold as it is, and what a property may not hold besides.
MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
PROPERTY = {**MESSAGE, **str.maketrans({":": "%3A", ",": "%2C"})}


def render(reports: Sequence[Report]) -> str:
    """Return a line like ``::warning file=...,line=...,title=RULE::message`` for each diagnostic."""
    return "".join(f"{_command(entry)}\n" for entry in entries_of(reports))


def _command(entry: Entry) -> str:
    properties = {"file": one_line(entry.file), "line": entry.start, "endLine": entry.end}
    if entry.start == entry.end:  # columns of several lines are refused
        properties |= {"col": entry.column, "endColumn": entry.end_column}
    properties["title"] = entry.code
    given = (f"{name}={str(value).translate(PROPERTY)}" for name, value in properties.items() if value)
    return f"::{COMMANDS[entry.severity]} {','.join(given)}::{entry.text.translate(MESSAGE)}"
