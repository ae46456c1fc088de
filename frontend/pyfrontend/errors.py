"""The one user error, and how it learns where it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from pyfrontend.span import Span


class DockerfileError(Exception):
    """An error in the user's input: ``message`` says what, ``spans`` say where.

    Every entry of ``spans`` is one location, the innermost first (ERR-002, ERR-004).
    Code that finds an error raises it without a position; the loop that walks the instructions adds
    the position through `located`.  ``fallback`` is where to look for the errors that have no location in
    the reference: people are shown the line, and ``spans`` stay comparable.
    """

    def __init__(self, message: str, *spans: Span) -> None:
        """Remember ``message`` and the locations known so far."""
        super().__init__(message)
        self.message = message
        self.spans = list(spans)
        self.fallback: Span | None = None

    def wrapped(self, text: str) -> DockerfileError:
        """Return this error with ``text: `` before its message, places kept."""
        error = DockerfileError(f"{text}: {self.message}", *self.spans)
        error.fallback = self.fallback
        return error


class located:  # noqa: N801 - reads as a keyword: `with located(node.span):`
    """Add ``place`` to any `DockerfileError` that leaves the block; a class, for speed."""

    __slots__ = ("place",)

    def __init__(self, place: Span | None) -> None:
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
            error.spans.append(self.place)
