"""The result of checking a file: the input of all output formats."""

from __future__ import annotations

from pyfrontend.errors import NOTE
from pyfrontend.lint.registry import RULES
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.errors import Diagnostic
    from pyfrontend.span import SourceFile


class Report(NamedTuple):
    """The diagnostics of ``file`` in the order found: warnings, then errors, which would stop a build."""

    file: SourceFile
    diagnostics: Sequence[Diagnostic]

    @property
    def errors(self) -> list[Diagnostic]:
        """The errors; the first is the one that a build would report."""
        return [found for found in self.diagnostics if found.is_error]

    @property
    def fails(self) -> bool:
        """Tell whether the check fails: notes and the findings of advisory rules do not count."""
        counted = (found for found in self.diagnostics if found.severity != NOTE)
        return any(not (rule := RULES.get(found.code)) or not rule.advisory for found in counted)

    @property
    def warnings(self) -> list[Diagnostic]:
        """The findings that do not stop a build."""
        return [found for found in self.diagnostics if not found.is_error]
