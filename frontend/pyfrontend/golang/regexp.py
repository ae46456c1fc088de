"""Automata for ignore patterns: the regular expression of a pattern in, and whether a path matches it out.

An expression runs as a set of positions that moves over the path once, so that no pattern can be slow.
It knows what Go's expressions know as far as patterns can say it: one written with backslashes for slashes
has word boundaries and classes in it, and users have such patterns (CTX-023).
"""

from __future__ import annotations

from pyfrontend.errors import BAD_IGNORE_PATTERN, DockerfileError
from pyfrontend.record import NamedTuple

BAD_PATTERN = "syntax error in pattern"
OPTIONAL_DIRECTORIES = "(.*/)?"
LAST_CHARACTER = 0x10FFFF
OCTAL = "01234567"
HEX = "0123456789abcdefABCDEF"

Spans = tuple[tuple[str, str], ...]


class _Class(NamedTuple):
    """A set of characters: those in ``spans`` or of a general ``category``, or all others if ``negated``."""

    spans: Spans = ()
    negated: bool = False
    category: str = ""

    def holds(self, character: str) -> bool:
        """Tell whether ``character`` is in the set."""
        if self.category:
            import unicodedata  # noqa: PLC0415 - hardly any pattern asks for it

            return unicodedata.category(character).startswith(self.category) != self.negated
        return any(low <= character <= high for low, high in self.spans) != self.negated


NO_LINE_END = _Class((("\n", "\n"),), negated=True)
LETTER_CLASSES: dict[str, Spans] = {
    "d": (("0", "9"),),
    "s": (("\t", "\n"), ("\f", "\r"), (" ", " ")),
    "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")),
}
CATEGORIES = "CLMNPSZ"
CONTROLS = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: What takes no character: beginning, end, word boundary, no word boundary.
GUARDS = frozenset("AzbB")


class Automaton:
    """A regular expression as bits: bit n is set when the path got as far as its part n.

    Raises `DockerfileError` for an expression that Go does not know.
    """

    __slots__ = ("_accept", "_classes", "_doubles", "_expression", "_guards", "_masks", "_skips", "_steps")

    def __init__(self, expression: str) -> None:
        """Compile ``expression``: literals, escapes, classes, ``^``, ``[^/]*``, ``.*`` and ``(.*/)?``."""
        self._expression = expression
        #: Parts that take one certain character, by that character.
        self._steps: dict[str, int] = {}
        #: Parts that take a character of a class, and whether they take any number of them.
        self._classes: list[tuple[int, bool, _Class]] = []
        #: Parts that take no character but want something of the place, by what they want.
        self._guards: dict[str, int] = {}
        #: Parts that may be passed over, and those of two bits that may.
        self._skips = self._doubles = 0
        self._masks: dict[str, tuple[int, int]] = {}
        self._accept = 1 << self._compile()

    def matches(self, text: str) -> bool:
        """Tell whether the whole ``text`` matches."""
        return self._run(text, above=False)

    def matches_above(self, text: str) -> bool:
        """Tell whether ``text`` matches, or the part of it before any of its slashes."""
        return self._run(text, above=True)

    def _run(self, text: str, *, above: bool) -> bool:
        states, before = 1, ""
        for character in text:
            if above and character == "/" and self._spread(states, before, "") & self._accept:
                return True
            states = self._spread(states, before, character)
            steps, loops = self._masks.get(character) or self._mask(character)
            states = (states & steps) << 1 | states & loops
            if not states:
                return False
            before = character
        return bool(self._spread(states, before, "") & self._accept)

    def _spread(self, states: int, before: str, after: str) -> int:
        """Add the parts that are reached without taking a character, between ``before`` and ``after``."""
        skips = self._skips | (self._passable(before, after) if self._guards else 0)
        while True:
            more = states | (states & skips) << 1 | (states & self._doubles) << 2
            if more == states:
                return states
            states = more

    def _passable(self, before: str, after: str) -> int:
        """Return the guards that let through here."""
        get = self._guards.get
        passable = get("A", 0) if not before else 0
        passable |= get("z", 0) if not after else 0
        return passable | get("b" if _is_word(before) != _is_word(after) else "B", 0)

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
            if expression.startswith("(", pos):
                pos = self._add_directories(count, pos)
                count += 2
            elif expression.startswith("\\Q", pos):
                text, _, rest = expression[pos + 2 :].partition("\\E")
                for character in text:
                    self._add_class(1 << count, character, repeats=False)
                    count += 1
                pos = len(expression) - len(rest)
            else:
                pos = self._add_part(1 << count, pos)
                count += 1
        return count

    def _add_part(self, bit: int, pos: int) -> int:
        """Add one part; return where the next begins."""
        expression = self._expression
        character, following = expression[pos], expression[pos + 1 : pos + 2]
        if character == "^" or (character == "\\" and following in GUARDS):
            guard = "A" if character == "^" else following
            self._guards[guard] = self._guards.get(guard, 0) | bit
            return pos + (1 if character == "^" else 2)
        members: _Class | str = NO_LINE_END if character == "." else character
        pos += 1
        if character == "[":
            members, pos = _read_class(expression, pos)
        elif character == "\\":
            members, pos = _read_escape(expression, pos)
        repeats = expression.startswith("*", pos)
        self._add_class(bit, members, repeats=repeats)
        return pos + repeats

    def _add_class(self, bit: int, members: _Class | str, *, repeats: bool) -> None:
        self._skips |= bit if repeats else 0
        if isinstance(members, _Class):
            self._classes.append((bit, repeats, members))
        elif repeats:
            self._classes.append((bit, True, _Class(((members, members),))))
        else:
            self._steps[members] = self._steps.get(members, 0) | bit

    def _add_directories(self, count: int, pos: int) -> int:
        """Add ``(.*/)?`` as two parts; several in a row are as good as one."""
        while self._expression.startswith(OPTIONAL_DIRECTORIES, pos):
            pos += len(OPTIONAL_DIRECTORIES)
        self._doubles |= 1 << count
        self._skips |= 1 << count
        self._classes.append((1 << (count + 1), True, NO_LINE_END))
        self._steps["/"] = self._steps.get("/", 0) | 1 << (count + 1)
        return pos


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def _read_escape(expression: str, pos: int) -> tuple[_Class | str, int]:
    """Read what follows a backslash: a class of letters, a control character, or a sign as it is."""
    character, following = expression[pos : pos + 1], expression[pos + 1 : pos + 2]
    if character.lower() in LETTER_CLASSES:
        return _Class(LETTER_CLASSES[character.lower()], negated=character.isupper()), pos + 1
    if character in ("p", "P") and following and following.upper() in CATEGORIES:
        return _Class(category=following.upper(), negated=character == "P"), pos + 2
    if character in CONTROLS:
        return CONTROLS[character], pos + 1
    if character == "x":
        digits = expression[pos + 1 : pos + 3]
        return chr(int(_checked(digits, len(digits) == 2 and not digits.strip(HEX)), 16)), pos + 3
    if character and character in OCTAL:
        # A single digit that is no zero would be a back reference.
        _checked(character, character == "0" or (following != "" and following in OCTAL))
        end = pos + 1
        while end < pos + 3 and expression[end : end + 1] and expression[end] in OCTAL:
            end += 1
        return chr(int(expression[pos:end], 8)), end
    return _checked(character, character.isascii() and not character.isalnum() and character != ""), pos + 1


def _checked(text: str, valid: bool) -> str:  # noqa: FBT001 - reads as an assertion
    if not valid:
        raise DockerfileError(BAD_PATTERN, code=BAD_IGNORE_PATTERN)
    return text


def _read_class(expression: str, pos: int) -> tuple[_Class, int]:
    """Read ``[...]`` from behind its bracket; raises `DockerfileError` when a range runs backwards."""
    negated = expression.startswith("^", pos)
    pos += negated
    start = pos
    spans: list[tuple[str, str]] = []
    while pos < len(expression) and (expression[pos] != "]" or pos == start):
        low, pos = _class_member(expression, pos)
        if isinstance(low, _Class):
            _checked("", not low.category)
            spans += _complement(low.spans) if low.negated else low.spans
            continue
        high: _Class | str = low
        if expression.startswith("-", pos) and not expression.startswith("-]", pos):
            high, pos = _class_member(expression, pos + 1)
        if isinstance(high, _Class) or high < low:
            raise DockerfileError(BAD_PATTERN, code=BAD_IGNORE_PATTERN)
        spans.append((low, high))
    _checked("", pos < len(expression))
    return _Class(tuple(spans), negated), pos + 1


def _class_member(expression: str, pos: int) -> tuple[_Class | str, int]:
    if expression[pos : pos + 1] == "\\":
        return _read_escape(expression, pos + 1)
    return expression[pos : pos + 1], pos + 1


def _complement(spans: Spans) -> Spans:
    """Return the spans between ``spans``, which are in order."""
    after = [chr(ord(high) + 1) for _, high in spans]
    before = [chr(ord(low) - 1) for low, _ in spans]
    return tuple(zip(["\0", *after], [*before, chr(LAST_CHARACTER)], strict=True))
