"""What is wrong with a Dockerfile, one by one, as the library shows it."""

from __future__ import annotations

from pyfrontend.errors import ERROR
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.errors import Diagnostic


class Finding(NamedTuple):
    """One thing that is wrong: an error, which stops a build, or the finding of a rule.

    - ``severity``: ``error``, ``warning`` or ``note``
    - ``rule``: the name of the rule, or of the kind of error
    - ``message`` says what is wrong, ``help`` what to change, where that is known
    - ``file``, and ``line`` to ``end_line`` in it, counted from 1; 0 where no line is known
    - ``column`` to ``end_column``, counted from 1, the end not included; 0 where only lines are known
    - ``url``: the page about the rule, if there is one
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
    """Return ``found`` for users of the library; ``name`` is the file of one without a place."""
    span = found.shown[0] if found.shown else None
    return Finding(
        found.severity,
        found.code,
        # The line is said already where there is one.
        found.message if found.severity != ERROR or span else found.text,
        found.help,
        span.file.name if span else name,
        *((span.start, span.end, span.column, span.end_column) if span else (0, 0, 0, 0)),
        found.url,
    )
