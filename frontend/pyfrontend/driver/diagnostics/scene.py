"""What help for an error is found from, and what it comes to: a `Scene` in, a `Help` out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.record import NamedTuple
from pyfrontend.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyfrontend.span import SourceFile

FROM = re.compile(r"(?i)\s*FROM\s")


def code_of(lines: list[str]) -> list[str]:
    """Return ``lines`` without comments and empty ones."""
    return [line for line in lines if line.strip() and line.lstrip()[:1] != "#"]


class Scene(NamedTuple):
    """An error in its surroundings; ``contexts`` are the names of the named contexts."""

    span: Span
    facts: Mapping[str, str]
    lines: list[str]
    ignore_file: Callable[[], SourceFile]
    contexts: Sequence[str] = ()

    @property
    def own(self) -> list[str]:
        """The lines of the error itself."""
        return self.lines[max(self.span.start - 1, 0) : self.span.end]

    @property
    def above(self) -> list[str]:
        """The lines above the error, without comments and empty ones."""
        return code_of(self.lines[: max(self.span.start - 1, 0)])

    def at(self, number: int) -> Span:
        """Return the span of one line."""
        return Span(self.span.file, number, number)

    def stated(self, keyword: str, name: str) -> int:
        """Return the number of the first line that declares ``name`` by an ARG or ENV, 0 where none does."""
        declares = re.compile(rf"(?i)\s*{keyword}\s(?:.*\s)?{re.escape(name)}(?:[\s=]|$)")
        return next((number for number, line in enumerate(self.lines, 1) if declares.match(line)), 0)

    @property
    def first_from(self) -> int:
        """The number of the line of the first FROM; beyond the last line where there is none."""
        found = (number for number, line in enumerate(self.lines, 1) if FROM.match(line))
        return next(found, len(self.lines) + 1)


class Help(NamedTuple):
    """The text, and the span that it is about; None stands for that of the error."""

    text: str
    span: Span | None = None
