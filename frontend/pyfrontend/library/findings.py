"""The errors and warnings of a Dockerfile, as returned by the library."""

from __future__ import annotations

from pyfrontend.errors import ERROR
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic


class Finding(NamedTuple):
    """One problem: an error, which stops a build, or the finding of a rule.

    - ``severity``: ``error``, ``warning`` or ``note``
    - ``rule``: the name of the rule, or of the kind of error
    - ``message``: what is wrong; ``help``: how to fix it, if known
    - ``file``, and ``line`` to ``end_line`` in it, counted from 1; 0 if no line is known
    - ``column`` to ``end_column``, counted from 1, end exclusive; 0 if only lines are known
    - ``url``: the page that describes the rule, if there is one
    """

    severity: str
    rule: str
    message: str
    help: str
    file: str
    line: int
    end_line: int
    column: int
    end_column: int
    url: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity}: {self.message}{f': {self.help}' if self.help else ''}"


def finding(found: Diagnostic, name: str) -> Finding:
    """Return ``found`` for users of the library; ``name`` is the file if it has no location."""
    span = found.shown[0] if found.shown else None
    return Finding(
        found.severity,
        found.code,
        # If there is a line, it is already given.
        found.message if found.severity != ERROR or span else found.text,
        found.help,
        span.file.name if span else name,
        *((span.start, span.end, span.column, span.end_column) if span else (0, 0, 0, 0)),
        found.url,
    )
