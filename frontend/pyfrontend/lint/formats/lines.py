"""One line per diagnostic, ``file:line: severity: message``, like a compiler, for editors."""

from __future__ import annotations

from pyfrontend.display import one_line
from pyfrontend.lint.formats.entries import entries_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.lint.formats.entries import Entry
    from pyfrontend.lint.formats.report import Report


def render(reports: Sequence[Report]) -> str:
    """Return all diagnostics in line order; those without a line come first."""
    return "".join(f"{_place(one)}: {one.severity}: {_message(one)}\n" for one in entries_of(reports))


def _place(entry: Entry) -> str:
    name = one_line(entry.file)
    return f"{name}:{entry.start}" if entry.start else name


def _message(entry: Entry) -> str:
    return f"{entry.code}: {entry.text}" if entry.is_rule else entry.text
