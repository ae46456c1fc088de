"""Variables, quotes and escapes in a word, as a shell would read them: ``$x``, ``${x:-y}``, ``'...'``.

A word and an environment in; the expanded text and the names it used out (area VAR).

word = *(char / escape char / "'" text "'" / '"' *(char / variable) '"' / variable)
variable = "$" name / "${" name ["}" / modifier word "}" / "/" pattern "/" replacement "}"]

There is no recursion, and no text is copied once per level, so that depth costs no more than length.
"""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import scrub
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.cursor import Cursor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet
    from typing import NoReturn

    from pyfrontend.limits import Meter

MODIFIERS = "+-?#%"
BYTE_ORDER_MARK = "\ufeff"

#: What a closing character ends; the text after it is what went missing at the end of the word.
MISSING = {"}": "syntax error: missing '}'", "/": "syntax error: missing '/' in ${}"}
UNBALANCED = "unexpected end of statement while looking for matching "
TOO_LONG = f"the result is longer than {limits.EXPANDED_WORD >> 20} MiB"


class ExpandError(DockerfileError):
    """A word that cannot be expanded; `unset` are the names it had asked for in vain up to there."""

    def __init__(self, message: str, unset: AbstractSet[str], **facts: str) -> None:
        """Remember ``message`` and the names that were not set."""
        super().__init__(message, code="InvalidExpansion", **facts)
        self.unset = unset


class Expanded(NamedTuple):
    """The expanded ``text``; the names that were set and the names that were not, in order of appearance."""

    text: str
    used: AbstractSet[str] = frozenset()
    unset: AbstractSet[str] = frozenset()


def expand(  # noqa: PLR0913 - each switch is one way in which the instructions differ
    word: str,
    env: Mapping[str, str],
    *,
    escape: str = "\\",
    raw_quotes: bool = False,
    raw_escapes: bool = False,
    skip_unset: bool = False,
    skip_quotes: bool = False,
    meter: Meter | None = None,
) -> Expanded:
    """Expand the variables of ``word`` and remove its quotes and escapes.

    ``raw_quotes`` and ``raw_escapes`` keep quotes and escape characters, ``skip_unset`` keeps variables
    that are not set as they were typed, ``skip_quotes`` gives quotes no meaning (heredoc bodies).
    ``meter`` counts the work.  Raises `ExpandError` for unbalanced quotes and braces, bad modifiers,
    ``${x?message}``, and a result beyond `limits.EXPANDED_WORD`.
    """
    if "$" not in word and escape not in word and (skip_quotes or ("'" not in word and '"' not in word)):
        return Expanded(word if word.isascii() else scrub(word.removeprefix(BYTE_ORDER_MARK)))
    expansion = _Expansion(word, env, escape, "" if skip_quotes else "\"'")
    expansion.raw_quotes, expansion.raw, expansion.skip_unset = raw_quotes, raw_escapes, skip_unset
    expansion.run(meter)
    return Expanded("".join(expansion.out), expansion.used.keys(), expansion.unset.keys())


def expand_words(  # noqa: PLR0913 - the switches of `expand`
    word: str,
    env: Mapping[str, str],
    *,
    escape: str = "\\",
    raw_quotes: bool = False,
    raw_escapes: bool = False,
    skip_unset: bool = False,
    meter: Meter | None = None,
) -> list[str]:
    """Expand ``word`` and split the result at white space outside of quotes (VAR-016).

    The switches are those of `expand`; raises `ExpandError` as it does.
    """
    expansion = _Expansion(word, env, escape, "\"'<")
    expansion.raw_quotes, expansion.raw, expansion.skip_unset = raw_quotes, raw_escapes, skip_unset
    expansion.marks = []
    expansion.run(meter)
    from pyfrontend.syntax.ifs import split

    return split(expansion.out, expansion.marks)


class _Frame(NamedTuple):
    """What to go back to when an inner word ends: where text went, how, and until which character."""

    out: list[str]
    raw: bool
    stop: str
    inner: _Inner | None


class _Inner(NamedTuple):
    """A word inside ``${name...}``: what is done with it at its end depends on ``operator``.

    An operator is one of ``# % /`` (the word is a pattern for ``value``), ``r`` (it is the replacement of
    the pattern ``detail``), ``?`` (an error text for ``name``), ``!`` (an error whatever the word is), ``}``
    (typed text to be closed again), ``-`` (the word stands for itself or for nothing).
    """

    operator: str
    name: str
    value: str | None
    detail: str = ""
    all: bool = False


class _Expansion(Cursor):
    """One pass over a word; ``out`` collects the text, ``stack`` holds the words around the current one."""

    __slots__ = (
        "env", "escape", "marks", "out", "places", "quotes", "raw", "raw_quotes", "size", "skip_unset",
        "source", "stack", "stop", "unset", "used", "work",
    )  # fmt: skip

    def __init__(self, word: str, env: Mapping[str, str], escape: str, quotes: str) -> None:
        self.source = word
        super().__init__(word if word.isascii() else scrub(word.removeprefix(BYTE_ORDER_MARK)))
        self.env = env
        self.escape = escape
        self.quotes = quotes
        self.out: list[str] = []
        #: The characters of the word that mean something anywhere, and where each of them stands next.
        self.places = dict.fromkeys([one for one in f"${escape}{quotes}" if one in self.word], -1)
        self.raw = self.raw_quotes = self.skip_unset = False
        self.stop = ""
        self.stack: list[_Frame] = []
        self.used: dict[str, None] = {}
        self.unset: dict[str, None] = {}
        #: Only for splitting: how far `out` went after each piece, and whether spaces split that piece;
        #: -1 where the reference forgets the piece of a word that it had.
        self.marks: list[tuple[int, bool]] | None = None
        #: Characters of all values so far, and what it took to get them.
        self.size = self.work = 0

    def run(self, meter: Meter | None) -> None:
        """Read the whole word, and count the work where there is a ``meter``."""
        try:
            self._read()
        finally:
            if meter is not None:
                meter.spend(len(self.word) + self.size + self.work)

    def _read(self) -> None:
        word, end = self.word, len(self.word)
        while True:
            start, self.pos = self.pos, self._next_special()
            if self.pos > start:
                self._plain(word[start : self.pos])
            if self.pos < end:
                self._special(word[self.pos])
            elif self.stack:
                self._fail(UNBALANCED + "double-quote", kind="quote", quote='"')
            else:
                return

    def _next_special(self) -> int:
        """Return where the next character stands that means something, or the end: `re` is slow to load."""
        nearest = end = len(self.word)
        position = self.pos
        for character, place in self.places.items():
            if self.stop == '"' and character in self.quotes:
                continue
            if place < position:
                found = self.word.find(character, position)
                self.places[character] = found if found >= 0 else end
            nearest = min(self.places[character], nearest)
        place = self.word.find(self.stop, position, nearest) if self.stop else -1
        return place if place >= 0 else nearest

    def _plain(self, text: str) -> None:
        self.out.append(text)
        self._mark(splits=True)

    def _mark(self, *, splits: bool) -> None:
        if self.marks is not None and not self.stack:
            self.marks.append((len(self.out), splits))

    def _special(self, character: str) -> None:
        if character == self.stop:
            self._close()
        elif character == "$":
            self._variable()
            self._mark(splits=True)
        elif character == self.escape:
            self._escaped()
            self._mark(splits=False)
        elif character == '"':
            self._open('"', None, raw=self.raw)
            self._quote(character)
        elif character == "'":
            self._single_quoted()
            self._mark(splits=False)
        else:
            self._heredoc_sign()
            self._mark(splits=False)

    def _quote(self, character: str) -> None:
        self.pos += 1
        if self.raw_quotes:
            self.out.append(character)

    def _close(self) -> None:
        """End the current inner word or double quotes."""
        inner = self.stack[-1].inner
        if inner is None:
            self._quote(self.stop)
        else:
            self.pos += 1
        text = self.out
        self.out, self.raw, self.stop, _ = self.stack.pop()
        if inner is not None:
            self._finish(inner, text)
        self._mark(splits=inner is not None)

    def _escaped(self) -> None:
        self.pos += 1
        following = self.word[self.pos : self.pos + 1]
        if self.raw:
            self.out.append(self.escape)
        # Double quotes keep the escape character before anything that needs no escape.
        if self.stop == '"' and following and following not in ('"', "$", self.escape):
            self.out.append(self.escape)
        else:
            self.out.append(following)
            self.pos += len(following)

    def _single_quoted(self) -> None:
        start, end = self.pos, self.word.find("'", self.pos + 1)
        if end < 0:
            self.pos = len(self.word)
            self._fail(UNBALANCED + "single-quote", kind="quote", quote="'")
        self.pos = end + 1
        self.out.append(self.word[start : end + 1] if self.raw_quotes else self.word[start + 1 : end])

    def _heredoc_sign(self) -> None:
        """Keep ``<<`` and the spaces after it together when words are split."""
        start = self.pos
        self.pos += 1
        if self.word.startswith("<", self.pos):
            self.pos += 1
            while self.word[self.pos : self.pos + 1] in ("\t", "\r", " "):
                self.pos += 1
        self.out.append(self.word[start : self.pos])

    def _variable(self) -> None:
        """Read what ``$`` starts; the word of a modifier is left to `run`."""
        self.pos += 1
        if self.word.startswith("{", self.pos):
            self._braces()
            return
        name = self.name()
        value = self._get(name) if name else None
        self._insert(value if value is not None else "" if name and not self.skip_unset else f"${name}")

    def _braces(self) -> None:
        self.pos += 1
        first = self.peek()
        if not first:
            self._fail(MISSING["}"])
        if first in "{}:":
            self._fail("syntax error: bad substitution")
        name = self.name()
        character = self.take()
        if character == "}":
            value = self._get(name)
            self._insert(value if value is not None else f"${{{name}}}" if self.skip_unset else "")
        elif character == "/":
            self._replace(name)
        elif character == ":":
            self._modify(name, ":" + self.take())
        elif character in MODIFIERS:
            self._modify(name, character)
        else:
            self._unsupported(character)

    def _modify(self, name: str, modifier: str) -> None:
        """Open the word after ``modifier``: ``- + ? # %``, or one with a colon before it."""
        operator = modifier[-1]
        trims = operator in "#%"
        if trims and len(modifier) > 1:
            self._unsupported(modifier)
        value = self.env.get(name)
        inner = _Inner(operator, name, value)
        # With a colon an empty value counts as none.
        missing = value is None or (len(modifier) > 1 and not value)
        if value is None and self.skip_unset:
            self.out.append(f"${{{name}{modifier}")
            self._open("}", inner._replace(operator="}"), raw=trims)
        elif trims:
            self._open("}", inner, raw=True, discard=True)
        elif operator == "?" and missing:
            reason = "unset" if value is None else "empty"
            self._open("}", inner._replace(detail=f"is not allowed to be {reason}"), discard=True)
        elif operator in "+-?":
            wanted = missing == (operator == "-") and operator != "?"
            if not wanted and operator != "+":
                self._insert(value or "")
            self._open("}", inner._replace(operator="-"), discard=not wanted)
        else:
            self._open("}", _Inner("!", name, value, modifier), discard=True)

    def _replace(self, name: str) -> None:
        """Open the pattern of ``${name/pattern/replacement}``."""
        everywhere = self.peek() == "/"
        self.pos += everywhere
        value = self.env.get(name)
        if value is None and self.skip_unset:
            self.out.append(f"${{{name}/")
            self._open("/", _Inner("}/", name, value), raw=True)
        else:
            self._open("/", _Inner("/", name, value, all=everywhere), raw=True, discard=True)

    def _open(self, stop: str, inner: _Inner | None, *, raw: bool = False, discard: bool = False) -> None:
        """Go on with an inner word; its text joins that of the outer one unless ``discard`` is set."""
        self.stack.append(_Frame(self.out, self.raw, self.stop, inner))
        if inner is not None and self.marks is not None:
            self.marks.append((-1, False))
        self.raw, self.stop = raw, stop
        if discard:
            self.out = []

    def _finish(self, inner: _Inner, text: list[str]) -> None:
        """Do what the modifier says with the ``text`` of its word."""
        operator = inner.operator
        if operator == "/":
            self._open("}", inner._replace(operator="r", detail="".join(text)), raw=True, discard=True)
            return
        if operator == "}/":
            self.out.append("/")
            self._open("}", inner._replace(operator="}"), raw=True)
            return
        self._note(inner.name, inner.value)
        if operator == "-":
            return
        if operator == "}":
            self.out.append("}")
        elif operator == "?":
            self._fail(f"{inner.name}: {''.join(text) or inner.detail}", kind="required", name=inner.name)
        elif operator == "!":
            self._unsupported(inner.detail)
        else:
            self._insert(self._patterned(inner, "".join(text)))

    def _insert(self, value: str) -> None:
        """Append a value: only values can make a word longer than the line that it is in."""
        self.size += len(value)
        if self.size > limits.EXPANDED_WORD:
            self._fail(TOO_LONG)
        self.out.append(value)

    def _patterned(self, inner: _Inner, text: str) -> str:
        """Apply the pattern of ``# % /`` to the value."""
        from pyfrontend.syntax.glob import replace, trim, work

        try:
            self.work += work(inner.value or "", inner.detail if inner.operator == "r" else text)
            if inner.operator == "r":
                return replace(inner.value or "", inner.detail, text, everywhere=inner.all)
            return trim(inner.value or "", text, inner.operator)
        except ValueError as error:
            self._fail(str(error))

    def _get(self, name: str) -> str | None:
        value = self.env.get(name)
        self._note(name, value)
        return value

    def _note(self, name: str, value: str | None) -> None:
        (self.unset if value is None else self.used)[name] = None

    def _unsupported(self, modifier: str) -> NoReturn:
        self._fail(f"unsupported modifier ({modifier}) in substitution", kind="modifier")

    def _fail(self, message: str, **facts: str) -> NoReturn:
        """Raise; at the end of the word, what the outermost variable misses is the better message."""
        if self.pos >= len(self.word):
            stops = (*(frame.stop for frame in self.stack), self.stop)
            message = next((MISSING[stop] for stop in stops if stop in MISSING), message)
        text = f"failed to process {go_quote(self.source)}: {message}"
        raise ExpandError(text, self.unset.keys(), word=self.source, **facts)
