"""Diagnostics in the form shared by the machine-readable formats."""

from __future__ import annotations

from hashlib import sha256

from pyfrontend.display import one_line
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.formats.report import Report
    from pyfrontend.span import Span

#: Stands for a byte that is no UTF-8.
REPLACEMENT = "\ufffd"


class Entry(NamedTuple):
    """A diagnostic with one location, and its text on one line.

    ``start`` and ``end`` are the first and last line, or 0 if it has none; ``column`` and ``end_column`` are
    0 if only the lines are known.  ``fingerprint`` stays the same when lines move.
    """

    severity: str
    code: str
    text: str
    file: str
    start: int
    end: int
    column: int
    end_column: int
    fingerprint: str
    description: str
    url: str

    @property
    def is_rule(self) -> bool:
        """Tell whether a rule found it."""
        return bool(self.description)


def entries_of(reports: Iterable[Report]) -> list[Entry]:
    """Return the diagnostics of all ``reports`` in line order; those without a line come first."""
    repeats: dict[tuple[str, ...], int] = {}
    entries = []
    for report in reports:
        for found in sorted(report.diagnostics, key=lambda found: _order(found, report)):
            entry = _entry(found, report)
            key = (entry.file, entry.code, entry.text)
            number = repeats[key] = repeats.get(key, -1) + 1
            entries.append(entry._replace(fingerprint=_fingerprint(*key, str(number))))
    return entries


def _entry(found: Diagnostic, report: Report) -> Entry:
    place = _place(found.shown)
    return Entry(
        found.severity,
        found.code,
        text_of(found).translate(_SURROGATES),
        (place.file if place else report.file).name.translate(_SURROGATES),
        *((place.start, place.end, place.column, place.end_column) if place else (0, 0, 0, 0)),
        "",
        found.description,
        found.url,
    )


def _place(spans: Iterable[Span]) -> Span | None:
    """Return the span that starts first, among those in the same file as the first span with lines.

    Line 0 and `SourceFile.nowhere` do not count as lines.
    """
    places = [span for span in spans if span.start > 0 and span.end >= span.start]
    return min((span for span in places if span.file is places[0].file), key=_start, default=None)


def _start(span: Span) -> int:
    return span.start


def _order(found: Diagnostic, report: Report) -> tuple[str, int]:
    """Return the sort key of ``found``: the main file comes before the files that it names."""
    place = _place(found.shown)
    return (place.file.name if place.file is not report.file else "", place.start) if place else ("", 0)


def text_of(found: Diagnostic) -> str:
    """Return the message of ``found`` on one line, with its help."""
    text = found.message if found.spans or not found.is_error else found.text
    return one_line(" ".join(f"{text}{': ' if found.help else ''}{found.help}".split()))


def _fingerprint(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), REPLACEMENT)
