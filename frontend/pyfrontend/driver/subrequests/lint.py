"""``frontend.lint``: everything that is wrong with a Dockerfile, as a document and as a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyfrontend.driver.diagnostics.extra_warnings import FURTHER, further_mistakes
from pyfrontend.driver.subrequests.document import location, member, texts
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.golang.json import base64_text
from pyfrontend.llb.json_view import go_struct
from pyfrontend.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyfrontend.driver.session import Build
    from pyfrontend.gateway.results import Result
    from pyfrontend.lint.linter import Finding
    from pyfrontend.span import SourceFile

#: Stands above and below an excerpt.
RULER = "-" * 20


class Report:
    """What a check found: findings of the linter, and the mistakes that would stop a build."""

    __slots__ = ("errors", "findings", "source")

    def __init__(self, source: SourceFile) -> None:
        """Begin with nothing found."""
        self.source = source
        self.findings: list[Finding] = []
        self.errors: list[DockerfileError | BridgeError] = []


def check(build: Build) -> Report:
    """Check the Dockerfile, all stages of it unless a target is given (SUB-008, STG-020).

    Never raises for what is wrong with it.  Where the text itself has mistakes all of them are found.
    """
    report = Report(build.loaded.file)
    try:
        build.lower(None, report.findings.append, all_stages=not build.options.target)
    except (DockerfileError, BridgeError) as error:
        report.errors = [error, *further_mistakes(build.loaded.file, error)]
    return report


def answer(build: Build) -> Result:
    """Report on the Dockerfile; the status is 1 where anything was found (SUB-008)."""
    report = check(build)
    # Clients print the first mistake themselves, from the document.
    result = texts(_document(report), text_of(report, report.errors[1:]))
    result.metadata["result.statuscode"] = b"1" if report.findings or report.errors else b"0"
    return result


def _document(report: Report) -> dict[str, Any]:
    warnings = [_warning(finding) for finding in report.findings]
    warnings += [_further_error(error) for error in report.errors[1:]]
    error = {"buildError": _build_error(report.errors[0])} if report.errors else {}
    return {"warnings": warnings or None, "sources": [_source(report.source)], **error}


def _warning(finding: Finding) -> dict[str, Any]:
    return {
        "ruleName": finding.rule.name,
        **member("description", finding.rule.description),
        **member("url", finding.rule.url),
        **member("detail", finding.text),
        "location": location(finding.spans),
    }


def _further_error(error: DockerfileError | BridgeError) -> dict[str, Any]:
    """Return a mistake after the first one in the only shape that clients show: that of a warning."""
    return {"ruleName": FURTHER.name, "detail": error.message, "location": location(lines_of(error))}


def _build_error(error: DockerfileError | BridgeError) -> dict[str, Any]:
    return {"message": error.message, "location": location(lines_of(error))}


def lines_of(error: DockerfileError | BridgeError) -> list[Span]:
    """Return the lines of all locations of ``error``, in order and each once (SUB-015)."""
    spans = error.spans if isinstance(error, DockerfileError) else []
    lines = {line: span.file for span in spans for line in span.lines}
    return [Span(lines[line], line, line) for line in sorted(lines)]


def _source(source: SourceFile) -> dict[str, Any]:
    definition = source.definition
    return {
        **member("filename", source.name),
        **member("data", base64_text(source.data)),
        **({} if definition is None else {"definition": go_struct(definition)}),
        **member("language", source.language),
    }


def text_of(report: Report, errors: Sequence[DockerfileError | BridgeError]) -> str:
    """Return the findings of ``report`` by line, then ``errors``, each with the lines around (SUB-009)."""
    excerpt = Excerpt(report.source)
    parts = []
    for finding in sorted(report.findings, key=lambda finding: _first_line(finding.spans)):
        link = f" - {finding.rule.url}" if finding.rule.url else ""
        parts.append(f"\nWARNING: {finding.rule.name}{link}\n{finding.text}\n{excerpt.of(finding.spans)}")
    parts += [f"\nERROR: {error.message}\n{excerpt.of(lines_of(error))}" for error in errors]
    return "".join(parts)


def _first_line(spans: Sequence[Span]) -> int:
    return spans[0].start if spans else 0


class Excerpt:
    """Shows lines of a file with those around them, as clients do (SUB-009)."""

    def __init__(self, source: SourceFile) -> None:
        """Show lines of ``source``."""
        self.name = source.name
        self.lines = source.data.decode("utf-8", "surrogateescape").split("\n")

    def of(self, spans: Iterable[Span]) -> str:
        """Return the lines from the first to the last of ``spans`` and some around them; empty for none."""
        marked = {line for span in spans for line in range(span.start, max(span.end, span.start) + 1)}
        if not marked or not 1 <= min(marked) <= len(self.lines):
            return ""
        first, last = min(marked), min(max(marked), len(self.lines))
        start, end = self._padded(first, last)
        rows = [
            f" {number:3d} | {'>>>' if number in marked else '   '} {self.lines[number - 1]}\n"
            for number in range(start, end + 1)
        ]
        return f"{self.name}:{first}\n{RULER}\n{''.join(rows)}{RULER}\n"

    def _padded(self, start: int, end: int) -> tuple[int, int]:
        """Add lines on both sides in turns, where there are any, until two or four are added."""
        wanted = 4 if start == end else 2
        added = 0
        while added < wanted:
            if start > 1:
                start -= 1
                added += 1
            if end != len(self.lines):
                end += 1
                added += 1
            added += 1
        return start, end
