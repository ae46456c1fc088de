"""The input and output of the functions that find help for an error: a `Scene` in, a `Help` out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.record import NamedTuple
from pyfrontend.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyfrontend.span import SourceFile

#: So much of an error's lines is looked at with patterns, some of which take time that grows with its square.
LONGEST = 2000
FROM = re.compile(r"(?i)\s*FROM\s")


def code_of(lines: list[str]) -> list[str]:
    """Return ``lines`` without comments and empty ones."""
    return [line for line in lines if line.strip() and line.lstrip()[:1] != "#"]


class Scene(NamedTuple):
    """An error in its context; ``contexts`` are the names of the named contexts."""

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
    def code(self) -> str:
        """The beginning of the lines of the error, on one line: short enough for any pattern."""
        return " ".join(self.own)[:LONGEST]

    @property
    def keyword(self) -> str:
        """The instruction of the error, in capitals; ``this line`` if there is none."""
        words = self.own[0].split() if self.own else []
        return words[0].upper() if words else "this line"

    @property
    def words(self) -> list[str]:
        """What stands after the keyword and its flags."""
        words = self.code.split()[1:]
        first = next((at for at, word in enumerate(words) if not word.startswith("--")), len(words))
        return words[first:]

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
        """The number of the line of the first FROM; beyond the last line if there is none."""
        found = (number for number, line in enumerate(self.lines, 1) if FROM.match(line))
        return next(found, len(self.lines) + 1)


class Help(NamedTuple):
    """The text, and the span that it is about; None stands for that of the error.

    Errors up to the line ``through`` only follow from this one.
    """

    text: str
    span: Span | None = None
    through: int = 0
