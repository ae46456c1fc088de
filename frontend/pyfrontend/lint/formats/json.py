"""The document of ``frontend.lint``, which clients and editors read (SUB-008, SUB-014)."""

from __future__ import annotations

from pyfrontend.golang.json import base64_text, indented_json, member
from pyfrontend.lint.rules.errors import FURTHER_ERROR
from pyfrontend.llb.json_view import go_struct, location_json
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.formats.report import Report
    from pyfrontend.span import SourceFile


def render(reports: Sequence[Report]) -> str:
    """Return the document of each report; the first error stands apart, as that of the build."""
    return "\n".join(indented_json(document(report)) for report in reports)


def document(report: Report) -> dict[str, Any]:
    """Return the document as a value."""
    errors = report.errors
    warnings = [_warning(found) for found in report.warnings]
    warnings += [_further_error(error) for error in errors[1:]]
    error = {"buildError": _build_error(errors[0])} if errors else {}
    return {"warnings": warnings or None, "sources": [_source(report.file)], **error}


def _warning(found: Diagnostic) -> dict[str, Any]:
    return {
        "ruleName": found.code,
        **member("description", found.description),
        **member("url", found.url),
        **member("detail", found.message),
        "location": location_json(found.spans),
    }


def _further_error(error: Diagnostic) -> dict[str, Any]:
    """Return an error after the first one in the only shape that clients show: that of a warning."""
    location = location_json(lines_once(error.spans))
    return {"ruleName": FURTHER_ERROR.name, "detail": error.text, "location": location}


def _build_error(error: Diagnostic) -> dict[str, Any]:
    return {"message": error.text, "location": location_json(lines_once(error.spans))}


def lines_once(spans: Iterable[Span]) -> list[Span]:
    """Return the lines of all ``spans``, in order and each once (SUB-015)."""
    lines = {line: span.file for span in spans for line in span.lines}
    return [Span(lines[line], line, line) for line in sorted(lines)]


def _source(file: SourceFile) -> dict[str, Any]:
    definition = file.definition
    return {
        **member("filename", file.name),
        **member("data", base64_text(file.data)),
        **({} if definition is None else {"definition": go_struct(definition)}),
        **member("language", file.language),
    }
