"""Heredocs: the text of an instruction goes in, the files it announces with ``<<NAME`` come out.

Which words of a line are heredocs is found by lexing it as a shell would, with every variable unset and
left as it stands, and always with the backslash as escape (features.md HDOC-002, HDOC-003, DIR-006).
"""

from __future__ import annotations

from typing import NamedTuple

from frontend.source import DockerfileError
from frontend.syntax.words import scrub
from frontend.values import SPACE, go_quote

#: Characters that are a whole variable name.
SPECIAL = "@*#?-$!0"


class Heredoc(NamedTuple):
    """A file in place: its body as it stands, ``strip_tabs`` for ``<<-``, ``expand`` unless quoted."""

    name: str
    content: str = ""
    expand: bool = True
    strip_tabs: bool = False
    fd: int = 0


def heredocs_of(code: str) -> list[Heredoc]:
    """Return the heredocs that a line announces, their contents still empty (features.md HDOC-003, HDOC-008).

    Raises DockerfileError for a heredoc whose name is not properly quoted.
    """
    try:
        words = _Lexer(code, raw_quotes=True, raw_escapes=True).words()
    except DockerfileError:
        return []
    found = (parse_heredoc(word) for word in words)
    return [heredoc for heredoc in found if heredoc]


def parse_heredoc(word: str) -> Heredoc | None:
    """``heredoc = [FD] "<<" ["-"] {SPACE} NAME`` (features.md HDOC-002, HDOC-004 to HDOC-006).

    Returns None for any other word; raises DockerfileError for a name not properly quoted.
    """
    fd, operator, name = word.partition("<<")
    if not operator or (fd and not (fd.isascii() and fd.isdigit())):
        return None
    strip_tabs = name.startswith("-")
    name = name[strip_tabs:].lstrip("\t\n\f\r ")
    if not name or "<" in name:
        return None
    try:
        words = _Lexer(name, raw_quotes=False, raw_escapes=False).words()
        raw = _Lexer(name, raw_quotes=True, raw_escapes=False).words()
    except DockerfileError as error:
        raise DockerfileError(f"failed to process {go_quote(name)}: {error.message}") from None
    if len(words) != 1:
        return None
    if len(raw) != 1:
        raise DockerfileError(f"internal lexing of heredoc produced inconsistent results: {name}")
    expand = _quotes(words[0]) == _quotes(raw[0])
    return Heredoc(words[0], expand=expand, strip_tabs=strip_tabs, fd=int(fd[-18:] or 0))


def _quotes(word: str) -> int:
    """Count the quotes in a word."""
    return word.count("'") + word.count('"')


def strip_leading_tabs(content: str) -> str:
    """Remove the tabs at the start of every line, as ``<<-`` wants it (features.md HDOC-006)."""
    if "\t" not in content:
        return content
    return "\n".join([line.lstrip("\t") for line in content.split("\n")])


class _Open(NamedTuple):
    """A ``${name:-`` that waits for its ``}``, or for the ``/`` between pattern and replacement."""

    closer: str
    raw_escapes: bool
    in_quotes: bool


class _Lexer:
    """Cuts a text into words; nested substitutions are kept on a stack, not in recursion."""

    def __init__(self, text: str, *, raw_quotes: bool, raw_escapes: bool) -> None:
        """Prepare to cut ``text``; ``raw`` marks are kept in the words rather than removed."""
        self.text = scrub(text).removeprefix("\ufeff")
        self.at = 0
        self.raw_quotes = raw_quotes
        self.raw_escapes = raw_escapes
        self.in_quotes = False
        self.open: list[_Open] = []
        self.out: list[str] = []  # what the current element (a quote, a substitution) gave so far
        self.word: list[str] = []
        self.found: list[str] = []

    def words(self) -> list[str]:
        """Return the words; raises DockerfileError for open quotes and substitutions."""
        try:
            while self.at < len(self.text):
                if self.open or self.in_quotes:
                    self._inner()
                else:
                    self._plain()
                    self._outer()
        except DockerfileError:
            if not self.open or self.at < len(self.text):
                raise
        if self.open:  # at the end of the text only the outermost of the open substitutions is told
            raise DockerfileError(_NO_SLASH if self.open[0].closer == "/" else _NO_BRACE)
        if self.in_quotes:
            raise _unfinished("double-quote")
        self._end_word()
        return self.found

    def _next(self) -> str:
        """Return the next character and step over it; empty at the end."""
        char = self.text[self.at : self.at + 1]
        self.at += 1
        return char

    def _end_word(self) -> None:
        """Close the word under way, if there is one."""
        word = "".join(self.word)
        self.word = []
        if word:
            self.found.append(word)

    def _split_out(self) -> None:
        """Add what a substitution gave to the words; its white space ends words."""
        for char in "".join(self.out):
            if char in SPACE:
                self._end_word()
            else:
                self.word.append(char)

    def _plain(self) -> None:
        """Read on to the next character that means something; this is most of any text."""
        text, at = self.text, self.at
        while at < len(text) and text[at] not in "$\"'<\\":
            if text[at] in SPACE:
                self._end_word()
            else:
                self.word.append(text[at])
            at += 1
        self.at = at

    def _outer(self) -> None:
        """Read one element outside quotes and substitutions, if the text does not end here."""
        char = self._next()
        self.out = []
        if char == "$":
            self._dollar()
            if not self.open:
                self._split_out()
        elif char == '"':
            self._begin_quotes()
        elif char == "'":
            self._single_quotes()
            self.word += self.out
        elif char == "<":
            self._arrow()
            self.word += self.out
        elif char == "\\":
            self.word.append(char if self.raw_escapes else "")
            self.word.append(self._next())

    def _inner(self) -> None:
        """Read one character inside double quotes or a substitution."""
        char = self._next()
        if self.in_quotes:
            self._quoted(char)
        elif char == self.open[-1].closer:
            self._close()
        elif char == "$":
            self._dollar()
        elif char == '"':
            self._begin_quotes()
        elif char == "'":
            self._single_quotes()
        elif char == "<":
            self._arrow()
        elif char == "\\":
            self.out.append(char if self.open[-1].raw_escapes else "")
            self.out.append(self._next())
        else:
            self.out.append(char)

    def _quoted(self, char: str) -> None:
        """Read one character inside double quotes."""
        if char == '"':
            self.in_quotes = False
            self.out.append(char if self.raw_quotes else "")
            if not self.open:
                self.word += self.out
        elif char == "$":
            self._dollar()
        elif char == "\\":
            raw = self.open[-1].raw_escapes if self.open else self.raw_escapes
            self.out.append(char if raw else "")
            escaped = self.text[self.at : self.at + 1]
            if escaped:  # before any other character the escape stays, and a raw one comes twice
                self.out.append(self._next() if escaped in '"$\\' else char)
        else:
            self.out.append(char)

    def _begin_quotes(self) -> None:
        """Step into double quotes."""
        self.in_quotes = True
        self.out.append('"' if self.raw_quotes else "")

    def _single_quotes(self) -> None:
        """Read on to the closing single quote."""
        end = self.text.find("'", self.at)
        if end < 0:
            self.at = len(self.text)
            raise _unfinished("single-quote")
        body = self.text[self.at : end]
        self.out.append(f"'{body}'" if self.raw_quotes else body)
        self.at = end + 1

    def _arrow(self) -> None:
        """Read ``<``, or ``<<`` with the blanks after it, which belong to the operator."""
        start = self.at - 1
        if self.text.startswith("<", self.at):
            self.at += 1
            while self.text[self.at : self.at + 1] in {"\t", "\r", " "}:
                self.at += 1
        self.out.append(self.text[start : self.at])

    def _dollar(self) -> None:
        """Read what follows ``$``; a substitution with a word in it stays open."""
        if not self.text.startswith("{", self.at):
            self.out.append("$" + self._name())
            return
        self.at += 1
        first = self.text[self.at : self.at + 1]
        if first in {"", "{", "}", ":"}:
            raise DockerfileError("syntax error: bad substitution" if first else _NO_BRACE)
        name = self._name()
        mark = self._next()
        if mark == "}":
            self.out.append("${" + name + "}")
            return
        if mark == ":":
            mark += self._next()
        elif mark not in {"+", "-", "?", "#", "%", "/"}:
            raise DockerfileError(f"unsupported modifier ({mark or chr(0xFFFD)}) in substitution")
        if mark in {":#", ":%"}:
            raise DockerfileError(f"unsupported modifier ({mark}) in substitution")
        self.out.append("${" + name + mark)
        if mark == "/" and self.text.startswith("/", self.at):
            self.at += 1
        closer = "/" if mark == "/" else "}"
        self.open.append(_Open(closer, mark in {"#", "%", "/"}, self.in_quotes))
        self.in_quotes = False
        self.word = []  # the reference shares one buffer, so a substitution swallows what came before

    def _close(self) -> None:
        """End the innermost substitution, or step from its pattern to its replacement."""
        closed = self.open.pop()
        self.out.append(closed.closer)
        if closed.closer == "/":
            self.open.append(closed._replace(closer="}"))
            return
        self.in_quotes = closed.in_quotes
        if not self.open and not self.in_quotes:
            self._split_out()

    def _name(self) -> str:
        """``name = DIGIT {DIGIT} | SPECIAL | {LETTER | DIGIT | "_"}``."""
        start = self.at
        first = self.text[start : start + 1]
        if first and first in SPECIAL and first != "0":
            self.at += 1
            return first
        digits = first.isdecimal()
        while self.at < len(self.text):
            char = self.text[self.at]
            if not (char.isdecimal() or (not digits and (char.isalpha() or char == "_"))):
                break
            self.at += 1
        return self.text[start : self.at]


_NO_BRACE = "syntax error: missing '}'"
_NO_SLASH = "syntax error: missing '/' in ${}"


def _unfinished(kind: str) -> DockerfileError:
    """Return the error for a quote that is never closed."""
    return DockerfileError(f"unexpected end of statement while looking for matching {kind}")
