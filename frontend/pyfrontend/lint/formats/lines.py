"""One line for each diagnostic, ``file:line: severity: message``, as compilers write and editors read it."""

from __future__ import annotations

from pyfrontend.display import one_line
from pyfrontend.errors import ERROR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic
    from pyfrontend.lint.formats.report import Report


def render(report: Report) -> str:
    """Return all diagnostics in the order of their lines; those that have none come first."""
    found = sorted(report.diagnostics, key=_line)
    return "".join(f"{_place(one, report)}: {one.severity}: {_message(one)}\n" for one in found)


def _place(found: Diagnostic, report: Report) -> str:
    name = one_line(found.shown[0].file.name if found.shown else report.file.name)
    line = _line(found)
    return f"{name}:{line}" if line else name


def _line(found: Diagnostic) -> int:
    return min((line for span in found.shown for line in span.lines), default=0)


def _message(found: Diagnostic) -> str:
    if found.severity == ERROR:
        text = found.message if found.spans else found.text
        return " ".join(f"{text}{': ' if found.help else ''}{found.help}".split())
    return f"{found.code}: {found.message}"
