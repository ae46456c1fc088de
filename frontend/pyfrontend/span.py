"""Positions: the lines that a text came from, and their file."""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.pb.ops_pb2 import Definition


class SourceFile:
    """A file as it was read; all spans in it share the one object, and two files are never equal.

    ``name`` is what the user calls it and ``data`` its raw bytes; ``language`` says to clients how to
    highlight it; ``definition`` is the graph that loaded it, None for a text that no daemon has.
    ``named_by`` is the line of another file that names this one, None for a file that the user named.
    """

    __slots__ = ("_texts", "data", "definition", "language", "name", "named_by")

    def __init__(
        self,
        name: str,
        data: bytes,
        language: str = "Dockerfile",
        definition: Definition | None = None,
        named_by: Span | None = None,
    ) -> None:
        """Keep what was read."""
        self.named_by = named_by
        self.name = name
        self.data = data
        self.language = language
        self.definition = definition
        self._texts: list[str] | None = None

    @property
    def texts(self) -> list[str]:
        """The lines, with a sign in place of what is no UTF-8; decoded once for thousands of findings."""
        if self._texts is None:
            self._texts = self.data.decode("utf-8", "replace").split("\n")
        return self._texts

    @property
    def nowhere(self) -> Span:
        """A span without lines: an op comes from this file, from no known line."""
        return Span(self, 1, 0)

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r}, {len(self.data)} bytes)"


class Span(NamedTuple):
    """Lines ``start`` to ``end`` of ``file``, counted from 1, both included (LEX-013).

    ``column`` is where it begins in its first line and ``end_column`` where it ends in its last one, both
    counted from 1 in characters, the end not included; 0 where only the lines are known.  Line 0 stands
    for the place before the file, where the reference puts some errors.
    """

    file: SourceFile
    start: int
    end: int
    column: int = 0
    end_column: int = 0

    @property
    def lines(self) -> range:
        """The numbers of the lines, none for `SourceFile.nowhere`."""
        return range(self.start, self.end + 1)

    def chain(self) -> Iterator[Span]:
        """Yield the line of another file that names this one, the line that names that file, and so on."""
        place = self.file.named_by
        while place is not None:
            yield place
            place = place.file.named_by

    @property
    def texts(self) -> list[str]:
        """The lines themselves, as `SourceFile.texts` has them."""
        return self.file.texts[max(self.start - 1, 0) : self.end]

    def has_lines_of(self, other: Span) -> bool:
        """Tell whether ``other`` is the same lines, whatever its columns."""
        return self[:3] == other[:3]

    def narrowed(self, text: str) -> Span:
        """Return the first place of the word ``text`` in the lines, with its columns.

        The span itself where ``text`` is no word of its own there.
        """
        for number, line in enumerate(self.texts, max(self.start, 1)):
            at = _find_word(line, text) if text else -1
            if at >= 0:
                return Span(self.file, number, number, at + 1, at + len(text) + 1)
        return self


def _find_word(line: str, text: str) -> int:
    """Return where ``text`` stands in ``line`` as a word of its own, -1 where it does not."""
    at = line.find(text)
    while at >= 0:
        before, after = line[at - 1 : at], line[at + len(text) : at + len(text) + 1]
        if (before in "=\"'" or before.isspace()) and (after in "\"'" or after.isspace()):
            return at
        at = line.find(text, at + 1)
    return -1


#: The span of what was not read from a file, such as an instruction that a plugin makes.
NOWHERE = Span(SourceFile("", b""), 0, 0)
