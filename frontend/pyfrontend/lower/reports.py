"""Reports: what ``RUN --report`` names, as paths in the filesystem after the step."""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.llb.state import State
    from pyfrontend.span import Span

#: Signs that make a pattern of a path.
WILDCARDS = frozenset("*?[")


class ReportPath(NamedTuple):
    """A file, a folder or a pattern: absolute and clean.

    ``written`` is what the user wrote; ``root`` is the folder from which files are named in the report:
    the working directory for a relative path.
    """

    written: str
    path: str
    root: str

    @property
    def flag(self) -> str:
        """The flag as the user wrote it."""
        return f"--report={self.written}"


class Reported(NamedTuple):
    """A step with reports, and the ``state`` after it; below ``hidden`` paths something was mounted."""

    span: Span
    paths: tuple[ReportPath, ...]
    state: State
    hidden: tuple[str, ...]
