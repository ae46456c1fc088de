"""The document of ``frontend.lint``, which clients and editors read (SUB-008, SUB-014)."""

from __future__ import annotations

from pyfrontend.golang.json import base64_text, indented_json, member
from pyfrontend.lint.rules.errors import FURTHER_ERROR
from pyfrontend.llb.json_view import Sources, go_struct
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.formats.report import Report
    from pyfrontend.span import SourceFile


def render(reports: Sequence[Report]) -> str:
    """Return the document of each report; the first error is separate, as the error of the build."""
    return "\n".join(indented_json(document(report)) for report in reports)


def document(report: Report) -> dict[str, Any]:
    """Return the document as a value."""
    errors = report.errors
    sources = Sources(report.file)
    warnings = [_warning(found, sources) for found in report.warnings]
    warnings += [_further_error(error, sources) for error in errors[1:]]
    error = {"buildError": _build_error(errors[0], sources)} if errors else {}
    return {"warnings": warnings or None, "sources": list(map(_source, sources.files)), **error}


def _warning(found: Diagnostic, sources: Sources) -> dict[str, Any]:
    # buildx calls all files by the name of the main one.
    place = found.spans[0] if found.spans and found.spans[0].file is not sources.files[0] else None
    return {
        "ruleName": found.code,
        **member("description", found.description),
        **member("url", found.url),
        **member("detail", f"{found.message} ({place.file.name}:{place.start})" if place else found.message),
        "location": sources.location(found.spans),
    }


def _further_error(error: Diagnostic, sources: Sources) -> dict[str, Any]:
    """Return an error after the first one as a warning, the only form that clients show."""
    location = sources.location(lines_once(error.spans))
    return {"ruleName": FURTHER_ERROR.name, "detail": error.text, "location": location}


def _build_error(error: Diagnostic, sources: Sources) -> dict[str, Any]:
    return {"message": error.text, "location": sources.location(lines_once(error.spans))}


def lines_once(spans: Sequence[Span]) -> list[Span]:
    """Return the lines of all ``spans`` in the file of the first, sorted and without duplicates (SUB-015)."""
    lines = {line for span in spans if span.file is spans[0].file for line in span.lines}
    return [Span(spans[0].file, line, line) for line in sorted(lines)]


def _source(file: SourceFile) -> dict[str, Any]:
    definition = file.definition
    return {
        **member("filename", file.name),
        **member("data", base64_text(file.data)),
        **({} if definition is None else {"definition": go_struct(definition)}),
        **member("language", file.language),
    }
