"""SARIF 2.1.0, the exchange format for code scanning: one run, with the rules that have findings."""

from __future__ import annotations

from pyfrontend import __version__
from pyfrontend.errors import ERROR, NOTE, WARNING
from pyfrontend.golang.json import indented_json, member
from pyfrontend.lint.formats.entries import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pyfrontend.lint.formats.entries import Entry
    from pyfrontend.lint.formats.report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/ourorg/pyfrontend"
LEVELS = {ERROR: "error", WARNING: "warning", NOTE: "note"}
#: A general description of errors; the findings of rules have their own descriptions.
ERROR_DESCRIPTION = "An error that stops the build"
#: Bytes that stand for themselves in a path of an URI (RFC 3986, 3.3).
PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=@")


def render(reports: Sequence[Report]) -> str:
    """Return the log as JSON, with all diagnostics of all ``reports``."""
    entries = entries_of(reports)
    rules: dict[str, dict[str, Any]] = {}
    for entry in entries:
        rules.setdefault(entry.code, _rule(entry))
    numbers = {code: number for number, code in enumerate(rules)}
    driver = {
        "name": "pyfrontend",
        "version": __version__,
        "informationUri": HOME,
        "rules": list(rules.values()),
    }
    run = {
        "tool": {"driver": driver},
        "artifacts": [{"location": {"uri": _uri(report.file.name)}} for report in reports],
        "columnKind": "unicodeCodePoints",
        "results": [_result(entry, numbers[entry.code]) for entry in entries],
    }
    return indented_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(entry: Entry) -> dict[str, Any]:
    description = entry.description or ERROR_DESCRIPTION
    help_text = f"{description}: {entry.url}" if entry.url else description
    return {
        "id": entry.code,
        "shortDescription": {"text": description},
        "fullDescription": {"text": description},
        "help": {"text": help_text},
        **member("helpUri", entry.url),
        "defaultConfiguration": {"level": LEVELS[entry.severity]},
    }


def _result(entry: Entry, number: int) -> dict[str, Any]:
    return {
        "ruleId": entry.code,
        "ruleIndex": number,
        "level": LEVELS[entry.severity],
        "message": {"text": entry.text},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": _uri(entry.file)}, "region": _region(entry)}}
        ],
        "partialFingerprints": {"pyfrontend/v1": entry.fingerprint},
    }


def _region(entry: Entry) -> dict[str, int]:
    """Return the lines, and the columns if they are known; code scanning refuses a result without a line."""
    columns = {"startColumn": entry.column, "endColumn": entry.end_column} if entry.column else {}
    return {"startLine": max(entry.start, 1), "endLine": max(entry.end, 1), **columns}


def _uri(name: str) -> str:
    """Return the path ``name`` as an URI reference; a relative one is relative to the repository."""
    path = "".join(chr(byte) if byte in PLAIN else f"%{byte:02X}" for byte in name.encode(errors="replace"))
    return f"file://{path}" if path.startswith("/") else path.removeprefix("./")
