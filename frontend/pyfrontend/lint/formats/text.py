"""Text for people: diagnostics with their surrounding lines, as the reference prints them (SUB-009)."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.display import one_line, source_line
from pyfrontend.errors import ERROR, NOTE, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.formats.report import Report
    from pyfrontend.span import SourceFile, Span

#: Stands above and below an excerpt.
RULER = "-" * 20


def render(reports: Sequence[Report]) -> str:
    """Return all diagnostics of each report with excerpts, and how many there are."""
    return "".join(map(_rendered, reports))


def _rendered(report: Report) -> str:
    counts = [
        f"{len(found)} {word}{'s' if len(found) != 1 else ''}"
        for word in (ERROR, WARNING, NOTE)
        if (found := [one for one in report.diagnostics if one.severity == word])
    ]
    text = excerpts(report.warnings, report.errors, with_help=True).lstrip("\n")
    summary = f"{one_line(report.file.name)}: {' and '.join(counts) or 'no problems found'}\n"
    return f"{text}\n{summary}" if text else summary


def excerpts(warnings: Sequence[Diagnostic], errors: Sequence[Diagnostic], *, with_help: bool = False) -> str:
    """Return ``warnings`` by line, then ``errors``, each with the lines around.

    Warnings are as in the reference, unless they are wanted ``with_help``.
    """
    shower = _Shower()
    parts = []
    for found in sorted(warnings, key=lambda found: _order(found.spans)):
        link = f" - {found.url}" if found.url else ""
        text = f"{found.message}\n"
        text += f"{found.help}\n" if with_help and found.help else ""
        parts.append(f"\n{found.severity.upper()}: {found.code}{link}\n{text}{shower.excerpt(found.spans)}")
    for error in errors:
        parts.append(f"\nERROR: {error.text}\n{error.help}{chr(10) if error.help else ''}")
        parts += shower.excerpts(error.spans)
        others = (span for span in error.related if not any(map(span.has_lines_of, error.spans)))
        parts += [shower.excerpt([span]) for span in others]
    return "".join(parts)


def _order(spans: Sequence[Span]) -> tuple[str, int]:
    """Return the sort key of a diagnostic; those without a location come first."""
    return (spans[0].file.name, spans[0].start) if spans else ("", 0)


class _Shower:
    """Shows lines of files with those around them; each file is cut into lines once.

    After `limits.EXCERPTS` characters only the place is shown: thousands of findings may share a long line.
    """

    def __init__(self) -> None:
        self.lines: dict[SourceFile, list[str]] = {}
        self.left = limits.EXCERPTS

    def excerpts(self, spans: Sequence[Span]) -> Iterator[str]:
        """Yield an excerpt of each file that ``spans`` are in."""
        for file in dict.fromkeys(span.file for span in spans):
            yield self.excerpt([span for span in spans if span.file is file])

    def excerpt(self, spans: Sequence[Span]) -> str:
        """Return the lines from the first to the last of ``spans``, all in one file, and some around them.

        Empty for none.
        """
        if not spans:
            return ""
        file = spans[0].file
        lines = self.lines.get(file)
        if lines is None:
            lines = self.lines[file] = file.data.decode("utf-8", "surrogateescape").split("\n")
        marked = {line for span in spans for line in range(span.start, max(span.end, span.start) + 1)}
        if not 1 <= min(marked) <= len(lines):
            return ""
        first, last = min(marked), min(max(marked), len(lines))
        place = f"{one_line(file.name)}:{first}\n"
        if self.left <= 0:
            return place
        start, end = _padded(first, last, len(lines))
        rows = "".join(
            f" {number:3d} | {'>>>' if number in marked else '   '} {source_line(lines[number - 1])}\n"
            for number in range(start, end + 1)
        )
        self.left -= len(rows)
        return f"{place}{RULER}\n{rows}{RULER}\n"


def _padded(start: int, end: int, last: int) -> tuple[int, int]:
    """Add lines on both sides in turns, where there are any, until two or four are added."""
    wanted = 4 if start == end else 2
    added = 0
    while added < wanted:
        if start > 1:
            start -= 1
            added += 1
        if end != last:
            end += 1
            added += 1
        added += 1
    return start, end
