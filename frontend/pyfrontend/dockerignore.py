"""Ignore files: the patterns in them, and whether a path matches them.

Bytes of a ``.dockerignore`` in, patterns out; patterns and a path in, yes or no out (CTX-023).
All patterns run as one automaton, so that the work grows with their sum, not with patterns times paths.
"""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.errors import BAD_IGNORE_PATTERN, DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.golang.regexp import ANYTHING, BAD_PATTERN, NOTHING, Automaton, literal, parse
from pyfrontend.golang.strings import trim_space
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyfrontend.golang.regexp import Part
    from pyfrontend.span import SourceFile

BAD_EXCLUSION = 'illegal exclusion pattern: "!"'
#: Patterns that leave nothing at the root of a context (LINT-029).
ALL_OF_ROOT = frozenset(("*", "**", "**/*"))
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

    __slots__ = ("_automaton", "_broken", "_exclusions", "_starts", "_texts", "exclusions", "ignores_root")

    def __init__(self, patterns: Sequence[str]) -> None:
        """Check all ``patterns``; they are compiled when a path first meets them."""
        self._texts: list[str] = []
        self._exclusions: list[bool] = []
        for text in filter(None, map(trim_space, patterns)):
            pattern = clean(text)
            if pattern == "!":
                raise DockerfileError(BAD_EXCLUSION, code=BAD_IGNORE_PATTERN, pattern=text)
            exclusion = pattern.startswith("!")
            pattern = pattern[exclusion:]
            if not _is_valid(pattern):
                raise DockerfileError(BAD_PATTERN, code=BAD_IGNORE_PATTERN, pattern=text)
            self._texts.append(pattern)
            self._exclusions.append(exclusion)
        #: Whether any pattern begins with ``!``.
        self.exclusions = True in self._exclusions
        #: Whether a pattern leaves nothing at the root of a context.
        self.ignores_root = not ALL_OF_ROOT.isdisjoint(self._texts)
        self._automaton: Automaton | None = None
        self._starts: _Starts | None = None
        #: Patterns that fail when a path meets them, by number.
        self._broken: list[int] = []

    def matches(self, path: str) -> bool:
        """Tell whether ``path`` or a directory above it is ignored.

        Raises `DockerfileError` for a pattern whose character class is out of order.  Once matching has cost
        `limits.IGNORE_WORK`, nothing is ignored any more.
        """
        last = self.deciding(path)
        return last >= 0 and not self._exclusions[last]

    def may_include(self, path: str) -> bool:
        """Tell whether a pattern with ``!`` can match ``path`` or anything below it."""
        if self._starts is None:
            self._starts = _Starts(
                _start(text)
                for text, exclusion in zip(self._texts, self._exclusions, strict=True)
                if exclusion
            )
        return self._starts.meet(f"{path}/")

    def deciding(self, path: str) -> int:
        """Return the number of the last pattern that matches ``path`` or a directory above it, -1 for none.

        Raises and gives up as `matches` does.
        """
        if self._automaton is None:
            self._automaton = Automaton(map(self._compiled, range(len(self._texts))))
        automaton, most = self._automaton, limits.IGNORE_WORK
        found = automaton.matching(path, most)
        if path[:1] == "/" == clean(path[: path.rfind("/") + 1]):
            found |= automaton.matching("/", most)  # the directory above, which no slash follows
        if found < 0:
            return -1
        for number in self._broken:
            # A pattern is looked at only where it would change the answer.
            before = automaton.last(found, number)
            if (before >= 0 and not self._exclusions[before]) == self._exclusions[number]:
                raise DockerfileError(BAD_PATTERN, code=BAD_IGNORE_PATTERN, pattern=self._texts[number])
        return automaton.last(found)

    def _compiled(self, number: int) -> tuple[list[Part], int]:
        """Return a pattern as an expression, and at which of its parts it may begin too.

        Most are plain paths or have ``**`` at one end; what the reference compares as text is text here.
        """
        text = self._texts[number]
        kind, expression = _translate(text.removeprefix("\ufeff"))
        if kind == "prefix":
            return [*literal(text[:-2]), ANYTHING], -1
        if kind == "suffix":
            return [ANYTHING, *literal(text[2:])], 2 if text[2:3] == "/" else -1
        if kind == "exact":
            return literal(text), -1
        try:
            return parse(expression), -1
        except DockerfileError:
            self._broken.append(number)
            return NOTHING, -1


class _Starts:
    """Beginnings of paths.  A question costs about the length of its path, however many of them there are."""

    __slots__ = ("_known", "_lengths", "_sorted")

    def __init__(self, texts: Iterable[str]) -> None:
        """Sort the texts."""
        self._known = set(texts)
        self._sorted = sorted(self._known)
        self._lengths = sorted(set(map(len, self._known)))

    def meet(self, text: str) -> bool:
        """Tell whether ``text`` begins with one of the texts, or one of them with ``text``."""
        from bisect import bisect_left  # only for ignore files with exceptions

        if any(text[:length] in self._known for length in self._lengths if length <= len(text)):
            return True
        return any(one.startswith(text) for one in self._sorted[bisect_left(self._sorted, text) :][:1])


def _start(pattern: str) -> str:
    """Return the prefix of all paths that match ``pattern``, with a slash after it if it is a whole path."""
    ends = [end for end in map(pattern.find, "*?[\\") if end >= 0]
    start = pattern[: min(ends, default=len(pattern))].lstrip("/")
    return start if ends else f"{start}/"


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
