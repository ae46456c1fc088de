"""Logical lines of a Dockerfile: comments, continuations and heredocs resolved, arguments split into words.

The reference reads the whole file this way before it looks at any instruction, so errors at this stage are
reported first, and without the ``dockerfile parse error`` prefix (TOK-021).

Text is decoded as UTF-8 with ``surrogateescape``: invalid bytes become lone surrogates and can be written
back unchanged; where the reference iterates over letters, they become U+FFFD (LEX-019).
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import SPACE, to_upper
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax.declare import Line, declaration
from pyfrontend.syntax.directives import MAX_LINE, DirectiveReader
from pyfrontend.syntax.extended import BUILT_IN, Language, is_extended
from pyfrontend.syntax.grammars import NOTHING, split_instruction
from pyfrontend.syntax.heredocs import heredocs_of
from pyfrontend.syntax.instructions import Onbuild  # the import also fills the registry of grammars


class Lines(NamedTuple):
    """All instructions of a file, what is wrong with their text, and where empty continuations end.

    ``extended``: a line uses the extended language, and has to be rewritten.  ``language`` is what they were
    read as.
    """

    lines: list[Line]
    escape: str
    errors: list[DockerfileError]
    warnings: list[Span]
    extended: bool = False
    language: Language = BUILT_IN


def read_lines(file: SourceFile, language: Language = BUILT_IN) -> Lines:
    """Cut a file into its instructions; never raises, errors are collected in reading order.

    A line with an error is left out (areas DIR, LEX, TOK and HDOC).
    """
    return _Reader(file, language).read()


def read_fragment(file: SourceFile, language: Language, escape: str) -> Lines:
    """Do as `read_lines` with text that is part of a file: nothing is a directive, and no line too long."""
    reader = _Reader(file, language, limit=len(file.data))
    reader.escape = escape
    reader.directives.done = True
    return reader.read()


class _Reader:
    """The walk over the physical lines of a file; ``at`` counts those already read."""

    def __init__(self, file: SourceFile, language: Language, limit: int = MAX_LINE) -> None:
        """Cut the data into physical lines, up to one that is too long to be read."""
        self.file = file
        self.language = language
        text = file.data.decode("utf-8", "surrogateescape")
        self.physical = text.split("\n")
        if not self.physical[-1]:
            self.physical.pop()
        self.too_long = self._cut_long_line() if len(file.data) > limit else None
        if self.physical:
            self.physical[0] = self.physical[0].removeprefix("\ufeff")
        self.clean = text.isascii() or _is_clean(text)
        self.at = 0
        self.escape = "\\"
        self.directives = DirectiveReader()
        self.comments: list[str] = []
        self.lines: list[Line] = []
        self.errors: list[DockerfileError] = []
        self.warnings: list[Span] = []
        self.extended = False

    def _cut_long_line(self) -> DockerfileError | None:
        """Drop everything from the first too long line on, as the reference stops there (LEX-002)."""
        for at, line in enumerate(self.physical):
            size = len(line.encode("utf-8", "surrogateescape")) if len(line) * 4 > MAX_LINE else 0
            if size > MAX_LINE:
                del self.physical[at:]
                return DockerfileError(
                    f"dockerfile line greater than max allowed size of {MAX_LINE}",
                    code="LineTooLong",
                    line=str(at + 1),
                    size=str(size),
                )
        return None

    def read(self) -> Lines:
        """Read the file to its end."""
        physical = self.physical
        read_any = False
        while self.at < len(physical):
            raw = physical[self.at]
            token = raw.lstrip(SPACE).rstrip("\r")
            if token[:1] == "#":
                self._comment(raw, token)
                self.at += 1
            elif token:
                self._instruction(token)
                read_any = True
                self.comments = []
            else:
                self.directives.done = True
                self.at += 1
        if not read_any:
            self._fail(DockerfileError("file with no instructions", code="NoInstructions"), self.at)
        elif self.too_long:
            self._fail(self.too_long, self.at)
        return Lines(self.lines, self.escape, self.errors, self.warnings, self.extended, self.language)

    def _fail(self, error: DockerfileError, start: int, end: int = 0) -> None:
        """Keep an error with its place."""
        error.spans.append(Span(self.file, start, max(start, end)))
        self.errors.append(error)

    def _comment(self, raw: str, token: str) -> None:
        """Take a comment line: as directive, or kept for the next instruction (LEX-014, LEX-015)."""
        if not self.directives.done and self._directive(token):
            return
        # The reference drops the first byte of the line, which is the mark only without indentation.
        rest = raw[1:]
        if not raw[0].isascii():
            rest = raw.encode("utf-8", "surrogateescape")[1:].decode("utf-8", "surrogateescape")
        comment = rest.strip(SPACE)
        if comment:
            self.comments.append(comment)
        else:
            self.comments = []

    def _directive(self, token: str) -> bool:
        """Take a directive line; errors are located at the line before it (DIR-004, DIR-005)."""
        try:
            directive = self.directives.read(token)
            if directive and directive.key == "escape":
                self.escape = _escape_of(directive.value)
        except DockerfileError as error:
            self._fail(error, self.at)
            return True
        return directive is not None

    def _instruction(self, token: str) -> None:
        """Read one instruction from its first physical line on."""
        self.directives.done = True
        self.at += 1
        start = self.at
        code, more = self._trim_continuation(token)
        if more:
            code = self._continued(code)
        try:
            line = self._tokenised(code, start)
            if "<<" in code and _takes_heredocs(line):
                line = self._with_heredocs(line)
        except DockerfileError as error:
            self._fail(error, start, self.at)
        else:
            self.lines.append(line)
            self.extended = self.extended or self._is_extended(line)

    def _is_extended(self, line: Line) -> bool:
        keyword = line.cls.keyword if line.cls else to_upper(line.keyword)
        if is_extended(keyword, line.flags, line.rest):
            return True
        return self.language is not BUILT_IN and self.language.extends(keyword, line.flags, line.rest)

    def _trim_continuation(self, text: str) -> tuple[str, bool]:
        """Remove a continuation mark: an escape at the end, unless doubled (LEX-006 to LEX-008)."""
        last = text[-1:]
        if last != self.escape:
            if last not in {" ", "\t"}:
                return text, False
            bare = text.rstrip(" \t")
        else:
            bare = text
        if bare[-1:] == self.escape and bare[-2:-1] != self.escape:
            return bare[:-1], True
        return text, False

    def _continued(self, code: str) -> str:
        """Glue the following lines to ``code`` while they are continued (LEX-009 to LEX-011)."""
        parts = [code]
        empty = False
        more = True
        while more and self.at < len(self.physical):
            raw = self.physical[self.at]
            self.at += 1
            bare = raw.lstrip(SPACE)
            if bare[:1] == "#":
                continue
            if not bare:
                empty = True
                continue
            part, more = self._trim_continuation(raw.rstrip("\r"))
            parts.append(part)
        if empty:
            self.warnings.append(Span(self.file, self.at, self.at))
        joined = "".join(parts)
        if not self.clean:  # bytes that met across lines may be a letter now
            joined = joined.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        return joined

    def _tokenised(self, code: str, start: int) -> Line:
        """Cut a logical line into keyword, flags and words."""
        written, flags, rest = split_instruction(code, self.escape)
        cls = declaration(written, self.language.instructions)
        arguments = NOTHING
        if cls and cls.grammar:
            arguments = cls.grammar(cls.keyword, rest, self.escape)
        place = Span(self.file, start, self.at)
        return Line(written, flags, rest, (), tuple(self.comments), code, place, arguments, cls)

    def _with_heredocs(self, line: Line) -> Line:
        """Read the bodies of the heredocs that a line announces (HDOC-006 to HDOC-009)."""
        found = [
            heredoc._replace(content=self._body(heredoc.name, strip_tabs=heredoc.strip_tabs))
            for heredoc in heredocs_of(line.code)
        ]
        return line._replace(heredocs=tuple(found), span=Span(self.file, line.span.start, self.at))

    def _body(self, name: str, *, strip_tabs: bool) -> str:
        """Return the lines up to the one that is ``name``; raises DockerfileError if none is."""
        begin = self.at
        while self.at < len(self.physical):
            line = self.physical[self.at].rstrip("\r")
            self.at += 1
            if (line.lstrip("\t") if strip_tabs else line) == name:
                return "".join([f"{text}\n" for text in self.physical[begin : self.at - 1]])
        raise DockerfileError(
            "unterminated heredoc",
            code="UnterminatedHeredoc",
            name=name,
            dash="-" if strip_tabs else "",
            begin=str(begin),
        )


def _escape_of(value: str) -> str:
    """Check the value of an escape directive (DIR-005)."""
    if value not in {"\\", "`"}:
        raise DockerfileError(
            f"invalid escape token '{value}' does not match ` or \\", code="InvalidEscape", value=value
        )
    return value


def _takes_heredocs(line: Line) -> bool:
    """Whether ``<<`` means anything to an instruction, or to the one after ONBUILD (HDOC-001, HDOC-021)."""
    if line.cls is None or line.arguments.json:
        return False
    if line.cls is Onbuild:
        inner = declaration(line.arguments.words[0]) if line.arguments.words else None
        return inner is not None and inner.heredocs_allowed
    return line.cls.heredocs_allowed


def _is_clean(text: str) -> bool:
    """Whether a decoded text holds no bytes but UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
