"""The one user error, and how it learns where it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from pyfrontend.span import Range


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
