"""Macros of plugins: a line that uses one in, the lines that it stands for out, within limits."""

from __future__ import annotations

from contextlib import contextmanager

from pyfrontend.errors import EXPANDED, DockerfileError
from pyfrontend.limits import DOCKERFILE_DEPTH, MACRO_TEXT, MACROS
from pyfrontend.span import SourceFile
from pyfrontend.syntax.declare import Extras
from pyfrontend.syntax.lines import read_fragment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.extended import Language, Macro


class Expansions:
    """Expands the macros of one build, and counts what they make."""

    def __init__(self, language: Language, escape: str) -> None:
        """Begin with nothing expanded; ``escape`` is the escape character of the main file."""
        self.language = language
        self.escape = escape
        self._count = 0
        self._characters = 0
        #: The macros that are being expanded, the outermost first, each with the file of its line.
        self._open: list[tuple[SourceFile, str]] = []

    def find(self, line: Line) -> Macro | None:
        """Return the macro that ``line`` uses, None for one that uses none."""
        return self.language.macros.get(line.cls.keyword) if line.cls else None

    @contextmanager
    def expanded(self, macro: Macro, line: Line) -> Iterator[list[Line]]:
        """Expand the macro of ``line``, and know its name while the block takes the lines that it stands for.

        They are all at the place of ``line``, whose comments they have.
        Raises `DockerfileError` for a macro that leads to itself, for too much text, for text that cannot be
        cut into lines, and for what the plugin says is wrong.
        """
        keyword = line.cls.keyword if line.cls else ""
        user = line.span.file, keyword
        self._check_bounds(user)
        text = macro.expand(line)
        self._characters += len(text)
        if self._characters > MACRO_TEXT:
            raise DockerfileError(
                f"{keyword}: macros have made more than {MACRO_TEXT:,} characters", code="TooManyMacros"
            )
        lines = self._read(keyword, text)
        self._open.append(user)
        try:
            yield [_moved(one, line, keyword) for one in lines]
        finally:
            self._open.pop()

    def _check_bounds(self, user: tuple[SourceFile, str]) -> None:
        keyword = user[1]
        # One that leads to another file may be used there: that files lead to themselves is found elsewhere.
        if user in self._open:
            chain = " -> ".join([name for _, name in self._open[self._open.index(user) :]] + [keyword])
            raise DockerfileError(f"{keyword} leads back to itself: {chain}", code="CircularMacro")
        if len(self._open) == DOCKERFILE_DEPTH:
            raise DockerfileError(
                f"{keyword}: macros use each other more than {DOCKERFILE_DEPTH} levels deep",
                code="TooManyMacros",
            )
        self._count += 1
        if self._count > MACROS:
            raise DockerfileError(
                f"{keyword}: more than {MACROS:,} macros in one build", code="TooManyMacros"
            )

    def _read(self, keyword: str, text: str) -> list[Line]:
        lines = [line.lstrip() for line in text.split("\n")]
        if all(not line or line.startswith("#") for line in lines):
            return []
        file = SourceFile(keyword, text.encode("utf-8", "surrogateescape"))
        read = read_fragment(file, self.language, self.escape)
        if read.errors:
            error = read.errors[0].at().wrapped(f"in the lines that {keyword} stands for")
            error.facts = {**error.facts, EXPANDED: text}
            raise error
        return read.lines


def _moved(line: Line, user: Line, keyword: str) -> Line:
    """Return a ``line`` that the macro ``keyword`` has made as one at the place of its ``user``."""
    comments = (*user.comments, *line.comments)
    extras = Extras(line.code, macro=keyword)
    return line._replace(span=user.span, comments=comments, extras=extras)
