"""GitLab code quality reports: the artifact whose entries are shown in merge requests."""

from __future__ import annotations

from pyfrontend.errors import ERROR, NOTE, WARNING
from pyfrontend.golang.json import indented_json
from pyfrontend.lint.formats.entries import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pyfrontend.lint.formats.entries import Entry
    from pyfrontend.lint.formats.report import Report

#: GitLab has five: info, minor, major, critical, blocker.
SEVERITIES = {ERROR: "critical", WARNING: "minor", NOTE: "info"}


def render(reports: Sequence[Report]) -> str:
    """Return the report as JSON: an array with an object for each diagnostic."""
    return indented_json([_issue(entry) for entry in entries_of(reports)])


def _issue(entry: Entry) -> dict[str, Any]:
    # GitLab drops what has no line.
    lines = {"begin": max(entry.start, 1), "end": max(entry.end, 1)}
    return {
        "description": entry.text,
        "check_name": entry.code,
        "fingerprint": entry.fingerprint,
        "severity": SEVERITIES[entry.severity],
        "location": {"path": entry.file.removeprefix("./"), "lines": lines},
    }
