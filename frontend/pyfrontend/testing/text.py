"""Converting what a test passes to a Dockerfile: bare instructions get a FROM, and keep their lines."""

from __future__ import annotations

import os
from textwrap import dedent

from pyfrontend.display import one_line
from pyfrontend.errors import DockerfileError
from pyfrontend.library.source import loaded
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile
from pyfrontend.syntax.extended import BUILT_IN
from pyfrontend.syntax.instructions import From
from pyfrontend.syntax.lines import read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyfrontend.library.findings import Finding
    from pyfrontend.library.source import Given, Pluggable
    from pyfrontend.span import Span

#: What instructions without a FROM build upon, where a test names nothing else.
BASE = "debian:stable"
NAME = "Dockerfile"


class Text(NamedTuple):
    """A whole Dockerfile; ``added`` is the line of the FROM that a test did not write, 0 without one.

    ``base`` is that line.
    """

    given: Given
    added: int = 0
    base: str = ""

    def line(self, number: int) -> int:
        """Return a line as the test counts it, 0 for the FROM that it did not write."""
        if not self.added or number < self.added:
            return number
        return number - 1 if number > self.added else 0

    def found(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Return findings with the line numbers of the test."""
        return tuple(self._own(one) if one.file == NAME else one for one in findings)

    def error(self, error: DockerfileError) -> DockerfileError:
        """Return an error with its help, and with the line number of the test."""
        found = error.diagnostic()
        help_ = f": {found.help}" if found.help else ""
        place = "".join(f"{span.file.name}:{self._line_in(span)}: " for span in error.places[:1])
        return DockerfileError(f"{place}{found.message}{help_}", *error.spans, code=error.code)

    def without_from(self, plain: str) -> str:
        """Return a text that was made of this one without the FROM that the test did not write."""
        lines = plain.split("\n")
        if self.added and self.base in lines:  # lines above it may be gone, such as the syntax line
            lines.remove(self.base)
        return "\n".join(lines)

    def _line_in(self, span: Span) -> int:
        return self.line(span.start) if span.file.name == NAME else span.start

    def _own(self, found: Finding) -> Finding:
        return found._replace(line=self.line(found.line), end_line=self.line(found.end_line))


def dockerfile(given: Given, base: str = BASE, plugins: Pluggable = ()) -> Text:
    """Return a Dockerfile of what a test gives.

    A text that begins with an empty line loses that, and the indentation that all of its lines have.
    Instructions without any FROM stand below one of ``base``.  Paths of files, and bytes, are taken as they
    are.  Raises `DockerfileError` for plugins that do not load.
    """
    if not isinstance(given, str):
        return Text(given)
    text = dedent(given).removeprefix("\n") if given.startswith("\n") else given
    brought = loaded(plugins)
    file = SourceFile(NAME, text.encode("utf-8", "surrogateescape"))
    lines = read_lines(file, brought.language if brought else BUILT_IN).lines
    if not lines or any(line.cls is From for line in lines):
        return Text(text)
    first, written = lines[0].span.start, text.split("\n")
    added = f"FROM {base}"
    return Text("\n".join((*written[: first - 1], added, *written[first - 1 :])), first, added)


def short(given: Given) -> str:
    """Return what a message calls a text: the path of a file, or its first line."""
    if isinstance(given, os.PathLike):
        return one_line(os.fspath(given))
    text = given if isinstance(given, str) else given.decode("utf-8", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"{one_line(lines[0])}{' …' if len(lines) > 1 else ''}" if lines else "an empty text"
