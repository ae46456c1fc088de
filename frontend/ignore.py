"""Ignore files: the patterns in them, and whether a path matches them.

Bytes of a ``.dockerignore`` in, patterns out; patterns and a path in, yes or no out (features.md CTX-023).
A pattern runs as a set of positions that moves over the path once, so that no pattern can be slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from frontend.paths import clean
from frontend.source import DockerfileError
from frontend.values import trim_space

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Longer lines are refused, as Go's line scanner does.
LONGEST_LINE = 65_535
BAD_PATTERN = "syntax error in pattern"


def read_patterns(data: bytes) -> list[str]:
    """Read an ignore file: one pattern a line, cleaned and without a leading slash; ``#`` starts a comment.

    Raises `ValueError` for a line that is too long.
    """
    patterns = []
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if len(line) > LONGEST_LINE:
            raise ValueError("bufio.Scanner: token too long")
        pattern = trim_space(line.decode("utf-8", "surrogateescape"))
        if not pattern or line.startswith(b"#"):
            continue
        mark = "!" if pattern.startswith("!") else ""
        pattern = trim_space(pattern.removeprefix(mark))
        if pattern:
            pattern = clean(pattern)
        if len(pattern) > 1:
            pattern = pattern.removeprefix("/")
        patterns.append(mark + pattern)
    return patterns


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
                raise DockerfileError('illegal exclusion pattern: "!"')
            exclusion = pattern.startswith("!")
            pattern = pattern[exclusion:]
            if not _is_valid(pattern):
                raise DockerfileError(BAD_PATTERN)
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
        self._automaton: _Automaton | None = None

    def matches(self, path: str, parent: str) -> bool:
        """Tell whether the pattern matches ``path``, or ``parent`` (if any) or a directory above that."""
        if not self._kind:
            self._kind, expression = _translate(self._text.removeprefix("\ufeff"))
            if self._kind == "automaton":
                self._automaton = _Automaton(expression)
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


class _Class(NamedTuple):
    """A set of characters: those in ``spans``, or all others when ``negated``."""

    negated: bool
    spans: tuple[tuple[str, str], ...]

    def holds(self, character: str) -> bool:
        """Tell whether ``character`` is in the set."""
        return any(low <= character <= high for low, high in self.spans) != self.negated


NO_LINE_END = _Class(negated=True, spans=(("\n", "\n"),))
LETTER_CLASSES = {
    "d": (("0", "9"),),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
}
CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


class _Automaton:
    """A regular expression from `_translate` as bits: bit n is set when the path got as far as its part n.

    ``steps`` are parts that take one character, ``loops`` those that take any number, ``skips`` those that
    may take none, ``starts`` those that only hold at the beginning.
    """

    __slots__ = ("_accept", "_classes", "_doubles", "_expression", "_masks", "_skips", "_starts", "_steps")

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._steps: dict[str, int] = {}
        self._classes: list[tuple[int, bool, _Class]] = []
        self._skips = self._doubles = self._starts = 0
        self._masks: dict[str, tuple[int, int]] = {}
        self._accept = 1 << self._compile()

    def matches(self, text: str) -> bool:
        """Tell whether the whole ``text`` matches."""
        return self._run(text, above=False)

    def matches_above(self, text: str) -> bool:
        """Tell whether ``text`` matches, or the part of it before any of its slashes."""
        return self._run(text, above=True)

    def _run(self, text: str, *, above: bool) -> bool:
        states = self._spread(1, self._starts)
        for character in text:
            if above and character == "/" and states & self._accept:
                return True
            steps, loops = self._masks.get(character) or self._mask(character)
            states = self._spread((states & steps) << 1 | states & loops)
            if not states:
                return False
        return bool(states & self._accept)

    def _spread(self, states: int, starts: int = 0) -> int:
        """Add the parts that are reached without taking a character."""
        while True:
            more = states | (states & (self._skips | starts)) << 1 | (states & self._doubles) << 2
            if more == states:
                return states
            states = more

    def _mask(self, character: str) -> tuple[int, int]:
        steps, loops = self._steps.get(character, 0), 0
        for bit, repeats, members in self._classes:
            if members.holds(character):
                loops |= bit if repeats else 0
                steps |= 0 if repeats else bit
        self._masks[character] = steps, loops
        return steps, loops

    def _compile(self) -> int:
        """Give each part of the expression its bit; return how many there are."""
        expression, pos, count = self._expression, 0, 0
        while pos < len(expression):
            character = expression[pos]
            if character == "(":
                count, pos = self._double(count, pos)
                continue
            members: _Class | str = character
            pos += 1
            if character == "[":
                members, pos = _read_class(expression, pos)
            elif character == "\\":
                members, pos = _read_escape(expression, pos)
            elif character == "^":
                self._starts |= 1 << count
                count += 1
                continue
            elif character == ".":
                members = NO_LINE_END
            repeats = expression.startswith("*", pos)
            pos += repeats
            self._add(1 << count, members, repeats=repeats)
            count += 1
        return count

    def _add(self, bit: int, members: _Class | str, *, repeats: bool) -> None:
        self._skips |= bit if repeats else 0
        if isinstance(members, str) and not repeats:
            self._steps[members] = self._steps.get(members, 0) | bit
        elif isinstance(members, str):
            self._classes.append((bit, True, _Class(negated=False, spans=((members, members),))))
        else:
            self._classes.append((bit, repeats, members))

    def _double(self, count: int, pos: int) -> tuple[int, int]:
        """Add ``(.*/)?``; several in a row are as good as one."""
        width = len("(.*/)?")
        while self._expression.startswith("(.*/)?", pos):
            pos += width
        self._doubles |= 1 << count
        self._skips |= 1 << count
        self._classes.append((1 << (count + 1), True, NO_LINE_END))
        self._steps["/"] = self._steps.get("/", 0) | 1 << (count + 1)
        return count + 2, pos


def _read_escape(expression: str, pos: int) -> tuple[_Class | str, int]:
    """Read what follows a backslash: a class of letters, a control character, or a sign as it is."""
    character = expression[pos : pos + 1]
    spans = LETTER_CLASSES.get(character.lower())
    if spans:
        return _Class(negated=character.isupper(), spans=spans), pos + 1
    if character in CONTROLS:
        return CONTROLS[character], pos + 1
    if not character.isascii() or character.isalnum() or not character:
        raise DockerfileError(BAD_PATTERN)
    return character, pos + 1


def _read_class(expression: str, pos: int) -> tuple[_Class, int]:
    """Read ``[...]`` from behind its bracket; raises `DockerfileError` when a range runs backwards."""
    negated = expression.startswith("^", pos)
    pos += negated
    start = pos
    spans: list[tuple[str, str]] = []
    while pos < len(expression) and (expression[pos] != "]" or pos == start):
        members, pos = _class_member(expression, pos)
        if isinstance(members, _Class) and not members.negated:
            spans += members.spans
            continue
        high: _Class | str = members
        if expression.startswith("-", pos) and not expression.startswith("-]", pos):
            high, pos = _class_member(expression, pos + 1)
        if isinstance(members, _Class) or isinstance(high, _Class) or high < members:
            raise DockerfileError(BAD_PATTERN)
        spans.append((members, high))
    if pos >= len(expression):
        raise DockerfileError(BAD_PATTERN)
    return _Class(negated, tuple(spans)), pos + 1


def _class_member(expression: str, pos: int) -> tuple[_Class | str, int]:
    if expression[pos : pos + 1] == "\\":
        return _read_escape(expression, pos + 1)
    return expression[pos : pos + 1], pos + 1
