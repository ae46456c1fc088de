"""Automata for ignore patterns: the regular expression of a pattern in, and whether a path matches it out.

All expressions run together, as one set of positions that moves over the path once, so that neither a single
pattern nor many patterns can make it slow.  They support the syntax of Go's expressions as far as patterns
can contain it: a pattern with backslashes instead of slashes has word boundaries and classes in it, and users
do write such patterns (CTX-023).
"""

from __future__ import annotations

from bisect import bisect_left

from pyfrontend.errors import BAD_IGNORE_PATTERN, DockerfileError
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BAD_PATTERN = "syntax error in pattern"
OPTIONAL_DIRECTORIES = "(.*/)?"
LAST_CHARACTER = 0x10FFFF
OCTAL = "01234567"
HEX = "0123456789abcdefABCDEF"

#: Parts that one step of the arithmetic takes about as long for as the steps around it.
WORD = 8192
#: Characters whose parts are remembered.
MOST_MASKS = 256

Spans = tuple[tuple[str, str], ...]


class _Class(NamedTuple):
    """A set of characters: those in ``spans`` or of a general ``category``, or all others if ``negated``."""

    spans: Spans = ()
    negated: bool = False
    category: str = ""

    def holds(self, character: str) -> bool:
        """Tell whether ``character`` is in the set."""
        if self.category:
            import unicodedata

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


class Part(NamedTuple):
    """A piece of an expression: the character or class that it takes, and whether it takes any number.

    A ``guard`` takes nothing and lets through at certain places only; ``directories`` stands for ``(.*/)?``.
    """

    members: _Class | str = ""
    repeats: bool = False
    guard: str = ""
    directories: bool = False


#: Any number of any characters, line ends among them.
ANYTHING = Part(_Class(negated=True), repeats=True)

#: What no path matches: a class without members.
NOTHING = [Part(_Class())]


def literal(text: str) -> list[Part]:
    """Return the expression of ``text`` itself."""
    return [Part(character) for character in text]


def parse(expression: str) -> list[Part]:
    """Read an expression: literals, escapes, classes, ``^``, ``[^/]*``, ``.*`` and ``(.*/)?``.

    Raises `DockerfileError` for one that Go does not know.
    """
    parts: list[Part] = []
    pos = 0
    while pos < len(expression):
        if expression.startswith("(", pos):
            # Several in a row are as good as one.
            while expression.startswith(OPTIONAL_DIRECTORIES, pos):
                pos += len(OPTIONAL_DIRECTORIES)
            parts.append(Part(directories=True))
        elif expression.startswith("\\Q", pos):
            end = expression.find("\\E", pos + 2)
            end = len(expression) if end < 0 else end
            parts += literal(expression[pos + 2 : end])
            pos = end + 2
        else:
            part, pos = _read_part(expression, pos)
            if not part.guard or not parts or part != parts[-1]:
                parts.append(part)
    return parts


def _read_part(expression: str, pos: int) -> tuple[Part, int]:
    """Read one part; return it and where the next begins."""
    character, following = expression[pos], expression[pos + 1 : pos + 2]
    if character == "^":
        return Part(guard="A"), pos + 1
    if character == "\\" and following in GUARDS:
        return Part(guard=following), pos + 2
    members: _Class | str = NO_LINE_END if character == "." else character
    pos += 1
    if character == "[":
        members, pos = _read_class(expression, pos)
    elif character == "\\":
        members, pos = _read_escape(expression, pos)
    repeats = expression.startswith("*", pos)
    return Part(members, repeats), pos + repeats


class _Layout:
    """Where the parts of all expressions are, as numbers of bits; `Automaton` makes sets of bits of them."""

    __slots__ = ("classes", "doubles", "ends", "guards", "size", "skips", "starts", "steps")

    def __init__(self) -> None:
        #: The first bit of each expression, and the bit after its last part, which is set where it matches.
        self.starts: list[int] = []
        self.ends: list[int] = []
        #: Parts that may be passed over, and those of two bits that may.
        self.skips: list[int] = []
        self.doubles: list[int] = []
        #: Parts that let through without taking a character, by kind.
        self.guards: dict[str, list[int]] = {}
        #: Parts that take one certain character, by that character.
        self.steps: dict[str, list[int]] = {}
        #: Parts that take a character of a class, and whether they take any number of them.
        self.classes: dict[tuple[_Class, bool], list[int]] = {}
        self.size = 0

    def add(self, parts: Sequence[Part], shortcut: int = -1) -> None:
        """Append an expression; it may also begin at the part number ``shortcut``."""
        self.starts.append(self.size)
        for index, part in enumerate(parts):
            if index == shortcut:
                self.starts.append(self.size)
            self._add_part(part)
            self.size += 1
        self.ends.append(self.size)
        self.size += 1

    def _add_part(self, part: Part) -> None:
        members = part.members
        if part.guard:
            self.guards.setdefault(part.guard, []).append(self.size)
        elif part.directories:
            self.skips.append(self.size)
            self.doubles.append(self.size)
            self.size += 1
            self.classes.setdefault((NO_LINE_END, True), []).append(self.size)
            self.steps.setdefault("/", []).append(self.size)
        elif isinstance(members, str) and not part.repeats:
            self.steps.setdefault(members, []).append(self.size)
        else:
            members = _Class(((members, members),)) if isinstance(members, str) else members
            self.classes.setdefault((members, part.repeats), []).append(self.size)
            if part.repeats:
                self.skips.append(self.size)

    def bits(self, positions: Iterable[int]) -> int:
        """Return a set of bits."""
        found = bytearray(self.size // 8 + 1)
        for position in positions:
            found[position >> 3] |= 1 << (position & 7)
        return int.from_bytes(found, "little")


class Automaton:
    """Expressions as bits: bit n is set when the path got as far as part n of all parts, laid end to end."""

    __slots__ = (
        "_classes", "_doubles", "_final", "_guards", "_layout", "_masks", "_skips", "_starts", "_width",
        "work",
    )  # fmt: skip

    def __init__(self, expressions: Iterable[tuple[Sequence[Part], int]]) -> None:
        """Compile expressions, each with the number of a later part where it may begin too, or -1."""
        layout = self._layout = _Layout()
        for parts, shortcut in expressions:
            layout.add(parts, shortcut)
        self._starts, self._final = layout.bits(layout.starts), layout.bits(layout.ends)
        self._skips, self._doubles = layout.bits(layout.skips), layout.bits(layout.doubles)
        self._guards = {kind: layout.bits(bits) for kind, bits in layout.guards.items()}
        self._classes: list[tuple[_Class, bool, int]] | None = None
        self._masks: dict[str, tuple[int, int]] = {}
        self._width = 1 + layout.size // WORD
        #: What was done so far, in steps over `WORD` parts each.
        self.work = 0

    def matching(self, text: str, most: int) -> int:
        """Return the ends of the expressions that match ``text`` or the part of it before one of its slashes.

        Gives up, and returns -1, when `work` gets above ``most``.
        """
        states, before, found = self._starts, "", 0
        for character in text:
            if character == "/":
                found |= self._spread(states, before, "") & self._final
            states = self._spread(states, before, character)
            steps, loops = self._masks.get(character) or self._mask(character)
            states = (states & steps) << 1 | states & loops
            if not states:
                return found
            before = character
            self.work += self._width
            if self.work > most:
                return -1
        return found | self._spread(states, before, "") & self._final

    def last(self, found: int, limit: int | None = None) -> int:
        """Return the number of the last expression in ``found``, of those below ``limit``; -1 for none."""
        if limit is not None:
            found &= (1 << self._layout.ends[limit]) - 1
        return bisect_left(self._layout.ends, found.bit_length() - 1) if found else -1

    def _spread(self, states: int, before: str, after: str) -> int:
        """Add the parts that are reached without taking a character, between ``before`` and ``after``."""
        skips = self._skips | (self._passable(before, after) if self._guards else 0)
        while True:
            more = states | (states & skips) << 1 | (states & self._doubles) << 2
            if more == states:
                return states
            states = more
            self.work += self._width

    def _passable(self, before: str, after: str) -> int:
        """Return the guards that let through here."""
        get = self._guards.get
        passable = get("A", 0) if not before else 0
        passable |= get("z", 0) if not after else 0
        return passable | get("b" if _is_word(before) != _is_word(after) else "B", 0)

    def _mask(self, character: str) -> tuple[int, int]:
        layout = self._layout
        if self._classes is None:
            self._classes = [(*key, layout.bits(bits)) for key, bits in layout.classes.items()]
        steps, loops = layout.bits(layout.steps.get(character, ())), 0
        for members, repeats, bits in self._classes:
            if members.holds(character):
                loops |= bits if repeats else 0
                steps |= 0 if repeats else bits
            self.work += self._width + len(members.spans) // 8
        if len(self._masks) < MOST_MASKS:
            self._masks[character] = steps, loops
        return steps, loops


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
        # A single digit other than zero would be a back reference.
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
    """Read ``[...]`` after its opening bracket; raises `DockerfileError` when a range runs backwards."""
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
