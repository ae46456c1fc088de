"""The positions of an instruction's characters in its file, for edits that leave the rest unchanged."""

from __future__ import annotations

from pyfrontend.golang.strings import SPACE
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyfrontend.syntax.declare import Line


BYTE_ORDER_MARK = "\ufeff"


class Edit(NamedTuple):
    """The characters from ``start`` to ``end`` of a text become ``text``."""

    start: int
    end: int
    text: str


class Source:
    """A file as text, cut into its physical lines as the parser cuts them."""

    def __init__(self, data: bytes, escape: str) -> None:
        """Decode; bytes that are no UTF-8 travel as lone surrogates."""
        self.text = data.decode("utf-8", "surrogateescape")
        self.escape = escape
        self.lines = self.text.split("\n")
        #: Where each physical line begins.
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """Return the file with ``edits``, the later of two that overlap left out."""
        parts, at = [], 0
        for edit in sorted(edits):
            if edit.start >= at:
                parts += [self.text[at : edit.start], edit.text]
                at = edit.end
        return "".join([*parts, self.text[at:]]).encode("utf-8", "surrogateescape")

    def instruction(self, line: Line) -> Placed | None:
        """Return the positions of the characters of ``line``; None if it is not as written in the file."""
        at, places, code, more = line.span.start, list[int](), list[str](), True
        empty = []
        while more and at <= min(line.span.end, len(self.lines)):
            raw, start = self.lines[at - 1], self.starts[at - 1]
            if at == 1 and raw.startswith(BYTE_ORDER_MARK):
                raw, start = raw[1:], start + 1
            bare = raw.lstrip(SPACE)
            at += 1
            if code and not bare.rstrip("\r"):
                empty.append(at - 1)
            elif not code or bare[:1] != "#":
                skipped = len(raw) - len(bare) if not code else 0
                text, more = self._trimmed(raw[skipped:].rstrip("\r"))
                places += range(start + skipped, start + skipped + len(text))
                code.append(text)
        placed = Placed(self, line, places, at - 1, empty)
        fits = "".join(code) == line.code and line.code[placed.rest :].rstrip(SPACE) == line.rest.rstrip(
            SPACE
        )
        return placed if fits else None

    def _trimmed(self, text: str) -> tuple[str, bool]:
        """Remove a continuation mark, and tell whether there is one (LEX-006 to LEX-008)."""
        bare = text.rstrip(" \t")
        if bare.endswith(self.escape) and not bare.endswith(self.escape * 2):
            return bare[:-1], True
        return text, False


class Placed(NamedTuple):
    """An instruction with the place of each character of its code; ``end`` is its last line without heredocs.

    ``empty`` are the numbers of the lines in between that have nothing in them.
    """

    source: Source
    line: Line
    places: Sequence[int]
    end: int
    empty: Sequence[int]

    @property
    def code(self) -> str:
        """The text of the instruction on one line."""
        return self.line.code

    @property
    def rest(self) -> int:
        """Where in the code begins what follows the flags."""
        return len(self.code.rstrip(SPACE)) - len(self.line.rest)

    @property
    def is_one_line(self) -> bool:
        """Tell whether no continuation is in it."""
        return self.end == self.line.span.start

    def between(self, start: int, end: int) -> str:
        """Return the text of the file at ``code[start:end]``, with the comments of lines in between."""
        return self.source.text[self.places[start] : self.places[end - 1] + 1]

    def replaced(self, start: int, end: int, text: str) -> Edit:
        """Return the edit that puts ``text`` in the place of ``code[start:end]``."""
        if start == end:
            return self.inserted(start, text)
        return Edit(self.places[start], self.places[end - 1] + 1, text)

    def inserted(self, at: int, text: str) -> Edit:
        """Return the edit that puts ``text`` after ``code[:at]``."""
        place = self.places[at - 1] + 1
        return Edit(place, place, text)
