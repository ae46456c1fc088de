"""Where text came from and what is wrong with it: ranges, source files, and the one user error."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Self

from frontend.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

#: A spelling further away than this is no suggestion (features.md ERR-006).
MAX_DISTANCE = 2


class Range(NamedTuple):
    """Lines ``start`` to ``end`` of a Dockerfile, counted from 1, both included (features.md LEX-013)."""

    start: int
    end: int


class SourceFile(NamedTuple):
    """A file as it was read: ``name`` as the user gave it and the raw ``data``."""

    name: str
    data: bytes


class DockerfileError(Exception):
    """A mistake in the user's input: ``message`` says what, ``ranges`` say where.

    Every entry of ``ranges`` is one location, the innermost first (features.md ERR-002, ERR-004).
    Code that finds a mistake raises it without a position; the loop that walks the instructions adds
    the position through `located`.  ``hint`` is where to look for the mistakes that have no location in
    the reference: people are shown the line, and ``ranges`` stay comparable.
    """

    def __init__(self, message: str, *ranges: Range) -> None:
        """Remember ``message`` and the locations known so far."""
        super().__init__(message)
        self.message = message
        self.ranges = list(ranges)
        self.hint: Range | None = None

    def wrapped(self, text: str) -> DockerfileError:
        """Return this error with ``text: `` before its message, places kept."""
        error = DockerfileError(f"{text}: {self.message}", *self.ranges)
        error.hint = self.hint
        return error


class located:  # noqa: N801 - reads as a keyword: `with located(node.range):`
    """Add ``place`` to any `DockerfileError` that leaves the block; a class, for speed."""

    __slots__ = ("place",)

    def __init__(self, place: Range | None) -> None:
        """Guard a block that works on the lines of ``place``; None adds nothing."""
        self.place = place

    def __enter__(self) -> Self:
        """Enter the block; nothing to prepare."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Append the place to a passing error, and let it pass."""
        if isinstance(error, DockerfileError) and self.place is not None:
            error.ranges.append(self.place)


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the option nearest to ``word``, or an empty text (see `nearest`)."""
    best = nearest(word, options)
    return f" (did you mean {best}?)" if best else ""


def nearest(word: str, options: Iterable[str]) -> str:
    """Return the option nearest to ``word``, or an empty text where none is near.

    The first of the nearest wins, and an exact match gives nothing (features.md ERR-006, ERR-007).
    """
    best, limit = "", MAX_DISTANCE
    size, letters = len(word), _letters(word)
    for option in options:
        if option == word:
            return ""
        # One edit changes the length by one and the set of letters by two at most: cheap tests first,
        # since a file may have thousands of undefined names and thousands of variables.
        if (
            limit
            and abs(len(option) - size) <= limit
            and (_letters(option) ^ letters).bit_count() <= 2 * limit
        ):
            distance = _distance(word, option, limit)
            if distance <= limit:
                best, limit = option, distance - 1
    return best


@cache
def _letters(word: str) -> int:
    """Return the letters of ``word`` as a set of bits; some letters share one."""
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return mask


def _distance(left: str, right: str, limit: int) -> int:
    """Return the Levenshtein distance of two words, or anything above ``limit`` where it is larger."""
    left, right = _without_common_ends(left, right)
    if not left or not right:
        return len(left) + len(right)
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
        if min(row) > limit:
            return limit + 1
    return row[-1]


def _without_common_ends(left: str, right: str) -> tuple[str, str]:
    start, end = 0, min(len(left), len(right))
    while start < end and left[start] == right[start]:
        start += 1
    left, right, end, stop = left[start:], right[start:], end - start, 0
    while stop < end and left[-1 - stop] == right[-1 - stop]:
        stop += 1
    return left[: len(left) - stop], right[: len(right) - stop]
