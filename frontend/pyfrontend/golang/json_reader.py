"""JSON as accepted by Go's decoder, with the same error messages.

Text in, Python value out.  Python's decoder does the work; only text that it rejects is scanned again, to
find the error message of the reference.
"""

from __future__ import annotations

from pyfrontend.golang.quote import go_quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


BLANKS = " \t\r\n"
DIGITS = frozenset("0123456789")
HEX = frozenset("0123456789abcdefABCDEF")
LITERALS = {"t": "true", "f": "false", "n": "null"}
END = "unexpected end of JSON input"
#: So deep values may nest.
DEEPEST = 10_000


def loads(text: str) -> Any:
    """Return the value of ``text``; raises ValueError with Go's text where it is no JSON."""
    import json

    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        wrong = complaint(text)
    raise ValueError(wrong or "invalid JSON")


def complaint(text: str) -> str:
    """Return what Go's decoder says is wrong with ``text``, an empty text if nothing is."""
    try:
        _Scanner(text).scan()
    except ValueError as error:
        return str(error)
    return ""


def _refuse(name: str) -> Any:
    """Refuse NaN and Infinity, which Python reads and nobody else."""
    raise ValueError(name)


class _Scanner:
    """Walks over a text until it stops being JSON; the open brackets are a list, not a call stack."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0

    def scan(self) -> None:
        """``document = value``; arrays and objects continue until their bracket closes.

        Raises ValueError at the first character that does not belong there.
        """
        open_brackets: list[str] = []
        self._start_value(open_brackets)
        while open_brackets:
            character = self._next_token()
            if character == open_brackets[-1]:
                open_brackets.pop()
            elif character == ",":
                if open_brackets[-1] == "}":
                    self._key(self._next_token())
                self._start_value(open_brackets)
            else:
                kind = "array element" if open_brackets[-1] == "]" else "object key:value pair"
                raise self._invalid(character, f"after {kind}")
        rest = self.text[self.pos :].lstrip(BLANKS)
        if rest:
            raise self._invalid(rest[0], "after top-level value")

    def _start_value(self, open_brackets: list[str]) -> None:
        """Read a value, of an array or object only what comes before its first comma or end."""
        character = self._next_token()
        while character in "[{":
            open_brackets.append("]" if character == "[" else "}")
            if len(open_brackets) > DEEPEST:
                raise ValueError("exceeded max depth")
            inner = self._next_token()
            if inner == open_brackets[-1]:
                open_brackets.pop()
                return
            if character == "{":
                self._key(inner)
                inner = self._next_token()
            character = inner
        self._scalar(character)

    def _key(self, character: str) -> None:
        if character != '"':
            raise self._invalid(character, "looking for beginning of object key string")
        self._string()
        character = self._next_token()
        if character != ":":
            raise self._invalid(character, "after object key")

    def _scalar(self, character: str) -> None:
        if character == '"':
            self._string()
        elif character in LITERALS:
            self._literal(LITERALS[character])
        elif character in DIGITS or character == "-":
            self._number(character)
        else:
            raise self._invalid(character, "looking for beginning of value")

    def _string(self) -> None:
        while (character := self._next()) != '"':
            if character < " ":
                raise self._invalid(character, "in string literal")
            if character == "\\":
                self._escape(self._next())

    def _escape(self, character: str) -> None:
        if character == "u":
            for _ in range(4):
                digit = self._next()
                if digit not in HEX:
                    raise self._invalid(digit, "in \\u hexadecimal character escape")
        elif character not in '"\\/bfnrt':
            raise self._invalid(character, "in string escape code")

    def _literal(self, word: str) -> None:
        for expected in word[1:]:
            character = self._next()
            if character != expected:
                raise self._invalid(character, f"in literal {word} (expecting {_quoted(expected)})")

    def _number(self, character: str) -> None:
        if character == "-":
            character = self._digit("in numeric literal")
        if character != "0":
            self._digits()
        if self._peek() == ".":
            self.pos += 1
            self._digit("after decimal point in numeric literal")
            self._digits()
        if self._peek() in {"e", "E"}:
            self.pos += 1
            if self._peek() in {"+", "-"}:
                self.pos += 1
            self._digit("in exponent of numeric literal")
            self._digits()

    def _digit(self, context: str) -> str:
        character = self._next()
        if character not in DIGITS:
            raise self._invalid(character, context)
        return character

    def _digits(self) -> None:
        while self._peek() in DIGITS:
            self.pos += 1

    def _peek(self) -> str:
        return self.text[self.pos : self.pos + 1]

    def _next(self) -> str:
        if self.pos >= len(self.text):
            raise ValueError(END)
        self.pos += 1
        return self.text[self.pos - 1]

    def _next_token(self) -> str:
        character = self._next()
        while character in BLANKS:
            character = self._next()
        return character

    def _invalid(self, character: str, context: str) -> ValueError:
        return ValueError(f"invalid character {_quoted(character)} {context}")


def _quoted(character: str) -> str:
    """Quote a character as Go's decoder does."""
    if character in "'\"":
        return "'\\''" if character == "'" else "'\"'"
    return f"'{go_quote(character)[1:-1]}'"


def kind_of(value: Any) -> str:
    """Return what Go calls the kind of a JSON value."""
    for kind, name in ((bool, "bool"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return "number"
