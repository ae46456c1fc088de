"""Ignore files: the patterns in them, and whether a path matches them.

Bytes of a ``.dockerignore`` in, patterns out; patterns and a path in, yes or no out (CTX-023).
Plain patterns are compared as text, the others run as an automaton.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import BAD_IGNORE_PATTERN, DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.golang.regexp import BAD_PATTERN, Automaton
from pyfrontend.golang.strings import trim_space
from pyfrontend.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyfrontend.span import SourceFile

BAD_EXCLUSION = 'illegal exclusion pattern: "!"'
#: Longer lines are refused, as Go's line scanner does.
LONGEST_LINE = 65_535


def read_patterns(file: SourceFile) -> list[str]:
    """Read an ignore file: one pattern a line, cleaned and without a leading slash; ``#`` starts a comment.

    Raises `DockerfileError`, which has no spans but a fallback, for a line that is too long.
    """
    return [pattern for _, pattern in numbered_patterns(file)]


def numbered_patterns(file: SourceFile) -> Iterator[tuple[int, str]]:
    """Yield the patterns of an ignore file as `read_patterns` returns them, each with its line, from 1 on."""
    for number, line in enumerate(file.data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if len(line) > LONGEST_LINE:
            error = DockerfileError(
                "bufio.Scanner: token too long", code="LineTooLong", line=str(number), size=str(len(line))
            )
            error.fallback = Span(file, number, number)
            raise error
        pattern = trim_space(line.decode("utf-8", "surrogateescape"))
        if not pattern or line.startswith(b"#"):
            continue
        mark = "!" if pattern.startswith("!") else ""
        pattern = trim_space(pattern.removeprefix(mark))
        if pattern:
            pattern = clean(pattern)
        if len(pattern) > 1:
            pattern = pattern.removeprefix("/")
        yield number, mark + pattern


class Matcher:
    """Patterns in order: a later one with ``!`` takes back what an earlier one matched.

    Raises `DockerfileError` for a lone ``!`` and for patterns that make no sense.
    """

    __slots__ = ("_rules", "exclusions")

    def __init__(self, patterns: Sequence[str]) -> None:
        """Check all ``patterns``; they are compiled when a path first meets them."""
        self._rules: list[_Rule] = []
        for text in filter(None, map(trim_space, patterns)):
            pattern = clean(text)
            if pattern == "!":
                raise DockerfileError(BAD_EXCLUSION, code=BAD_IGNORE_PATTERN, pattern=text)
            exclusion = pattern.startswith("!")
            pattern = pattern[exclusion:]
            if not _is_valid(pattern):
                raise DockerfileError(BAD_PATTERN, code=BAD_IGNORE_PATTERN, pattern=text)
            self._rules.append(_Rule(pattern, exclusion=exclusion))
        #: Whether any pattern begins with ``!``.
        self.exclusions = any(rule.exclusion for rule in self._rules)

    def matches(self, path: str) -> bool:
        """Tell whether ``path`` or a directory above it is ignored.

        Raises `DockerfileError` for a pattern whose character class is out of order.
        """
        matched = False
        parent = clean(path[: path.rfind("/") + 1])
        for rule in self._rules:
            # A pattern matters only where it would change the answer.
            if rule.exclusion == matched and rule.matches(path, "" if parent == "." else parent):
                matched = not rule.exclusion
        return matched


class _Rule:
    """One pattern; most are plain paths or have ``**`` at one end, only the others need an automaton."""

    __slots__ = ("_automaton", "_kind", "_text", "exclusion")

    def __init__(self, pattern: str, *, exclusion: bool) -> None:
        self._text = pattern
        self.exclusion = exclusion
        self._kind = ""
        self._automaton: Automaton | None = None

    def matches(self, path: str, parent: str) -> bool:
        """Tell whether the pattern matches ``path``, or ``parent`` (if any) or a directory above that."""
        if not self._kind:
            self._kind, expression = _translate(self._text.removeprefix("\ufeff"))
            if self._kind == "automaton":
                self._automaton = Automaton(expression)
        if self._automaton is not None:
            return self._automaton.matches(path) or bool(parent and self._automaton.matches_above(parent))
        above = parent + "/" if parent else ""
        if self._kind == "prefix":
            stem = self._text[:-2]
            return path.startswith(stem) or bool(parent and parent.startswith(stem))
        if self._kind == "suffix":
            tail = self._text[2:]
            whole = tail[1:] if tail.startswith("/") else None
            return (
                path.endswith(tail)
                or path == whole
                or bool(above and (tail + "/" in above or (whole and above.startswith(whole + "/"))))
            )
        return path == self._text or above.startswith(self._text + "/")


def _translate(pattern: str) -> tuple[str, str]:
    """Return what kind of pattern this is, and the regular expression that the reference makes of it.

    Brackets are copied as they are, so that wildcards inside of them mean odd things there; hence the detour.
    """
    kind, parts, pos = "exact", [], 0
    while pos < len(pattern):
        start, character = pos, pattern[pos]
        pos += 1
        if pattern.startswith("**", start):
            pos = start + 3 if pattern.startswith("/", start + 2) else start + 2
            if pos < len(pattern):
                parts.append("(.*/)?")
                kind = "automaton"
            else:
                parts.append(".*")
                kind = "prefix" if kind == "exact" else "automaton"
            kind = "suffix" if start == 0 else kind
        elif character in "*?":
            parts.append("[^/]*" if character == "*" else "[^/]")
            kind = "automaton"
        elif character == "\\":
            parts.append(pattern[start : start + 2])
            pos = start + 2
            kind = "automaton"
        elif character in "[]":
            parts.append(character)
            kind = "automaton"
        else:
            parts.append("\\" + character if character in ".+()|{}$" else character)
    return kind, "".join(parts)


def _is_valid(pattern: str) -> bool:
    """Tell whether brackets and escapes are closed; stars outside of brackets separate chunks."""
    pos = 0
    while pos < len(pattern):
        end = _chunk_end(pattern, pos)
        while pos < end:
            if pattern[pos] == "[":
                pos = _class_end(pattern, pos + 1, end)
            elif pattern[pos] == "\\":
                pos = pos + 2 if pos + 1 < end else -1
            else:
                pos += 1
            if pos < 0:
                return False
        while pos < len(pattern) and pattern[pos] == "*":
            pos += 1
    return True


def _chunk_end(pattern: str, pos: int) -> int:
    """Return where the next star is that stands in no brackets."""
    in_brackets = False
    while pos < len(pattern):
        character = pattern[pos]
        if character == "*" and not in_brackets:
            break
        if character in "[]":
            in_brackets = character == "["
        pos += 2 if character == "\\" else 1
    return min(pos, len(pattern))


def _class_end(pattern: str, pos: int, end: int) -> int:
    """Return the position after the class whose content starts at ``pos``, or -1."""
    if pos < end and pattern[pos] == "^":
        pos += 1
    first = True
    while first or pos >= end or pattern[pos] != "]":
        pos = _class_character(pattern, pos, end)
        if 0 <= pos < end and pattern[pos] == "-":
            pos = _class_character(pattern, pos + 1, end)
        if pos < 0:
            return -1
        first = False
    return pos + 1


def _class_character(pattern: str, pos: int, end: int) -> int:
    """Skip one character of a class; -1 when it cannot stand there or nothing follows it."""
    if pos >= end or pattern[pos] in "-]":
        return -1
    pos += pattern[pos] == "\\"
    if pos >= end or "\udc80" <= pattern[pos] <= "\udcff" or pos + 1 >= end:
        return -1
    return pos + 1
