"""Parser directives: the first comment lines in, their keys and values out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import SPACE, scrub
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax.grammars import load_json

KEYS = ("syntax", "escape", "check")
BOM = b"\xef\xbb\xbf"

#: White space around keys and values; a wider notion holds between the comment mark and the key.
BLANK = "\t\n\f\r "

#: Longer physical lines are not read (LEX-002).
MAX_LINE = 65535


class Directive(NamedTuple):
    """One ``# key=value`` line."""

    key: str
    value: str
    line: int


class Syntax(NamedTuple):
    """The frontend that a file asks for: ``ref`` the image, ``cmdline`` the whole value."""

    ref: str
    cmdline: str
    span: Span


class DirectiveReader:
    """Reads lines from the top of a file for as long as they are directives (DIR-001)."""

    def __init__(self, comment: str = "#", line: int = 0) -> None:
        """Begin after ``line`` lines; ``comment`` marks the comments."""
        self.comment = comment
        self.line = line
        self.done = False
        self.seen: set[str] = set()

    def read(self, text: str) -> Directive | None:
        """``directive = "#" KEY "=" VALUE`` (DIR-001 to DIR-004).

        Returns None, now and from then on, for the first line that is anything else.
        Raises DockerfileError if the key came before.
        """
        self.line += 1
        if self.done:
            return None
        key, value = _key_and_value(text, self.comment)
        if key not in KEYS:
            self.done = True
            return None
        if key in self.seen:
            raise DockerfileError(
                f"only one {key} parser directive can be used", code="DuplicateDirective", key=key
            )
        self.seen.add(key)
        return Directive(key, value, self.line)


def _key_and_value(text: str, comment: str) -> tuple[str, str]:
    """Cut a line into its key in lower case and its value; two empty strings if it is not a directive."""
    if not text.startswith(comment):
        return "", ""
    key, equals, value = text[len(comment) :].lstrip(SPACE).partition("=")
    key = key.rstrip(BLANK)
    if not (equals and value and key.isascii() and key.isalnum() and key[0].isalpha()):
        return "", ""
    # A value of spaces alone keeps its last one: the grammar requires one character.
    return key.lower(), value.strip(BLANK) or value[-1]


def detect_syntax(file: SourceFile) -> Syntax | None:
    """Return the syntax that a file asks for, in any of its three spellings (DIR-009 to DIR-013).

    Mistakes are left for the main parse to report (DIR-015).
    """
    body, skipped = _body(file.data)
    for comment in ("#", "//"):
        found = _find("syntax", body, comment, skipped)
        if found:
            return Syntax(_first_word(found.value), found.value, Span(file, found.line, found.line))
    return _json_syntax(file, body, skipped)


def detect_check(file: SourceFile) -> tuple[str, Span] | None:
    """Return the value of the check directive, cut at its first space (DIR-014)."""
    body, skipped = _body(file.data)
    found = _find("check", body, "#", skipped)
    return (_first_word(found.value), Span(file, found.line, found.line)) if found else None


def _body(data: bytes) -> tuple[bytes, int]:
    """Drop byte order mark and shebang line; return the rest and how many lines went."""
    data = data.removeprefix(BOM)
    if data.startswith(b"#!"):
        return data.partition(b"\n")[2], 1
    return data, 0


def _first_word(value: str) -> str:
    """Cut a value at its first space."""
    return value.partition(" ")[0]


def _find(key: str, data: bytes, comment: str, skipped: int) -> Directive | None:
    """Return the directive ``key`` from the top of ``data``."""
    reader = DirectiveReader(comment, skipped)
    at = 0
    while at < len(data) and not reader.done:
        end = data.find(b"\n", at)
        line = data[at : end if end >= 0 else len(data)]
        if len(line) > MAX_LINE:
            break
        try:
            found = reader.read(line.removesuffix(b"\r").decode("utf-8", "surrogateescape"))
        except DockerfileError:
            break
        if found and found.key == key:
            return found
        at += len(line) + 1
    return None


def _json_syntax(file: SourceFile, data: bytes, skipped: int) -> Syntax | None:
    """Return the member ``syntax`` of a file that is one JSON object (DIR-011)."""
    if not data.lstrip(b" \t\r\n").startswith(b"{"):
        return None
    try:
        members = load_json(data.decode("utf-8", "surrogateescape"))
    except ValueError:
        return None
    value = members.get("syntax") if isinstance(members, dict) else None
    if not isinstance(value, str):
        return None
    return Syntax(scrub(value), scrub(value), Span(file, skipped, skipped))
