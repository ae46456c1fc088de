"""The user error, how it gets its location, and the diagnostics that all parts exchange."""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from pyfrontend.span import Span

#: How serious a diagnostic is: it stops the build, it does not, or it explains another one.
ERROR, WARNING, NOTE = "error", "warning", "note"

# Codes that decide something beyond the help; all others occur only where they are raised.
UNKNOWN_INSTRUCTION = "UnknownInstruction"
UNKNOWN_FLAG = "UnknownFlag"
NO_BUILD_STAGE = "NoBuildStage"
NOT_TEXT = "NotText"
TOO_MUCH_TEXT = "TooMuchText"
#: What errors of the daemon are called where an error of a Dockerfile has its code.
DAEMON_ERROR = "BuildKit"
SOURCE_DENIED = "SourceDenied"
BAD_IGNORE_PATTERN = "InvalidIgnorePattern"

#: The fact that holds the lines that a macro stands for, where the error is in these.
EXPANDED = "expanded"


class Diagnostic(NamedTuple):
    """One problem, whoever found it: the parser, a lint rule, or the daemon.

    ``code`` is the name of the rule or of the kind of error; ``prefix`` is text before ``message`` that only
    names its line.  ``spans`` are its locations, innermost first; ``help`` explains in our own words the
    cause and how to fix it; ``related`` are further spans, such as the ONBUILD of a base image or the line
    that the help is about.  ``description`` and ``url`` are those of the rule.  ``detail`` is the end of
    ``message`` that only experts need.
    """

    severity: str
    code: str
    message: str
    spans: Sequence[Span] = ()
    help: str = ""
    related: Sequence[Span] = ()
    prefix: str = ""
    description: str = ""
    url: str = ""
    detail: str = ""

    @property
    def is_error(self) -> bool:
        """Tell whether it stops the build: findings of rules do not, whatever severity the user assigns."""
        return self.severity == ERROR and not self.description

    @property
    def shown(self) -> Sequence[Span]:
        """Return the spans to show: its locations or, if it has none, the related spans."""
        return self.spans or self.related

    @property
    def text(self) -> str:
        """Return the whole message."""
        return self.prefix + self.message

    @property
    def helped(self) -> str:
        """Return the whole message with the help, which stands before the ``detail``, else at the end."""
        text = self.text
        if not self.help:
            return text
        if self.detail and text.endswith(f": {self.detail}"):
            return f"{text[: -len(self.detail)]}{self.help} ({self.detail})"
        return f"{text}: {self.help}"

    @property
    def short(self) -> str:
        """Return the line that a client shows: ``Rule: message (line N)`` (LINT-006)."""
        return f"{self.code}: {self.message}{self._line}"

    @property
    def _line(self) -> str:
        if not (self.spans and self.spans[0].start):
            return ""
        file, start, *_ = self.spans[0]
        return f" ({file.name}:{start})" if file.named_by else f" (line {start})"

    def displayed(self) -> Diagnostic:
        """Return this diagnostic as people may see it: what a terminal would act on is escaped."""
        if (self.prefix + self.message + self.help).isprintable():
            return self
        from pyfrontend.display import many_lines, one_line

        # The daemon has errors of several lines; a line break in one of ours is part of a name or value.
        show = many_lines if self.code == DAEMON_ERROR else one_line
        return self._replace(
            prefix=one_line(self.prefix),
            message=show(self.message),
            help=one_line(self.help),
            detail=show(self.detail),
        )


class DockerfileError(Exception):
    """An error in the user's input: ``message`` says what, ``code`` its kind, ``spans`` where.

    Every entry of ``spans`` is one location, innermost first (ERR-002, ERR-004).  Code that finds an error
    raises it without a location; the loop over the instructions adds the location with `located`.

    - ``message`` has the wording of the reference; ``prefix`` is the part at its start that only names the
      line; users read ``helped``, which includes the help.
    - ``facts`` are what the error is about, such as the unknown word; the help is found by code and facts.
    - ``help`` and ``related`` are as in `Diagnostic`; `pyfrontend.driver.diagnostics` sets them.
    - ``detail`` is the end of ``message`` that only experts need, such as the answer of a registry; the help
      is inserted before it.
    - ``fallback`` is the location to show for errors without a location in the reference; it is separate so
      that ``spans`` stay comparable.
    - ``further`` are the errors that the parser found after this one.
    """

    def __init__(self, message: str, *spans: Span, code: str = "Error", **facts: str) -> None:
        """Remember ``message`` and the locations known so far."""
        super().__init__(message)
        self.message = message
        self.code = code
        self.facts = facts
        self.spans = list(spans)
        self.fallback: Span | None = None
        self.prefix = self.help = self.detail = ""
        self.related: Sequence[Span] = ()
        self.further: Sequence[DockerfileError] = ()

    @property
    def helped(self) -> str:
        """The message with the help (see `Diagnostic.helped`)."""
        return self.diagnostic().helped

    @property
    def places(self) -> list[Span]:
        """The lines to show, innermost first: the locations, and the line that the help is about."""
        places = self.spans or ([self.fallback] if self.fallback else [])
        if not self.help:
            return places
        return [span for span in self.related if not any(map(span.has_lines_of, places))] + places

    def chain(self) -> Iterator[Span]:
        """Yield the lines that lead to the file of this error, nearest first; none for the main file."""
        place = self.spans[0] if self.spans else self.fallback
        return place.chain() if place else iter(())

    def wrapped(self, text: str) -> DockerfileError:
        """Return this error with ``text: `` before its message, otherwise unchanged."""
        return self._copy(f"{text}: {self.message}", self.spans)

    def on_line(self, text: str) -> DockerfileError:
        """Return this error with ``text: ``, which only names its line, before its message."""
        error = self.wrapped(text)
        error.prefix = f"{text}: "
        return error

    def at(self, *spans: Span) -> DockerfileError:
        """Return this error with other locations."""
        error = self._copy(self.message, spans)
        error.prefix = self.prefix
        return error

    def diagnostic(self) -> Diagnostic:
        """Return what all exchange of this error."""
        message = self.message.removeprefix(self.prefix)
        related = [*(self.related or ([self.fallback] if self.fallback else ())), *self.chain()]
        return Diagnostic(
            ERROR, self.code, message, self.spans, self.help, related, self.prefix, detail=self.detail
        )

    def _copy(self, message: str, spans: Iterable[Span]) -> DockerfileError:
        error = DockerfileError(message, *spans, code=self.code, **self.facts)
        error.fallback, error.help, error.related = self.fallback, self.help, self.related
        error.detail = self.detail
        error.further = self.further
        return error


class located:  # noqa: N801 - reads as a keyword: `with located(node.span):`
    """Add ``place`` to any `DockerfileError` that leaves the block; a class, for speed."""

    __slots__ = ("origin", "place")

    def __init__(self, place: Span | None, origin: Span | None = None) -> None:
        """Guard a block that works on the lines of ``place``; None adds nothing.

        ``origin`` is where that came from if not from these lines, as a trigger of a base image does.
        """
        self.place = place
        self.origin = origin

    def __enter__(self) -> Self:
        """Enter the block; nothing to prepare."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Append the place to a passing error, and let it pass."""
        if isinstance(error, DockerfileError) and self.place is not None:
            error.spans.append(self.place)
            if self.origin is not None:
                error.related = [self.origin]
