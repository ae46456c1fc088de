"""Where text came from and what is wrong with it: ranges, source files, and the one user error."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

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
    the position through `located`.
    """

    def __init__(self, message: str, *ranges: Range) -> None:
        """Remember ``message`` and the locations known so far."""
        super().__init__(message)
        self.message = message
        self.ranges = list(ranges)


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
    """Return `` (did you mean X?)`` for the option nearest to ``word``, or an empty text.

    The first of the nearest wins, and an exact match gives nothing (features.md ERR-006, ERR-007).
    """
    best, best_distance = "", MAX_DISTANCE + 1
    for option in options:
        distance = _distance(word, option)
        if distance == 0:
            return ""
        if distance < best_distance:
            best, best_distance = option, distance
    return f" (did you mean {best}?)" if best else ""


def _distance(left: str, right: str) -> int:
    """Levenshtein distance of two words, cut short where their lengths alone rule a suggestion out."""
    if abs(len(left) - len(right)) > MAX_DISTANCE:
        return MAX_DISTANCE + 1
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]
