"""What a check found in a file, in the form that all output formats take."""

from __future__ import annotations

from pyfrontend.lint.registry import RULES
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.errors import Diagnostic
    from pyfrontend.span import SourceFile


class Report(NamedTuple):
    """The diagnostics of ``file`` as they were found: warnings, then the errors that would stop a build."""

    file: SourceFile
    diagnostics: Sequence[Diagnostic]

    @property
    def errors(self) -> list[Diagnostic]:
        """Those that stop a build; the first one is what the build would say."""
        return [found for found in self.diagnostics if found.is_error]

    @property
    def fails(self) -> bool:
        """Tell whether anything is wrong that the reference would see too; findings of ours fail nothing."""
        return any(not (rule := RULES.get(found.code)) or not rule.advisory for found in self.diagnostics)

    @property
    def warnings(self) -> list[Diagnostic]:
        """Those that do not."""
        return [found for found in self.diagnostics if not found.is_error]
