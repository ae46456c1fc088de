r"""Files of values: lines of ``KEY=VALUE`` in, values by key with their lines out.

line = blank / "#" text / ["export "] KEY "=" (bare / "'" literal "'" / '"' text '"') [blank "#" text]
In double quotes ``\"``, ``\\`` and ``\t`` are escapes.  Variables are not expanded.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.paths import missing
from pyfrontend.golang.quote import go_quote
from pyfrontend.limits import VALUE_FILE_BYTES, VALUE_FILE_KEYS, VALUE_FILES, VALUE_PAIRS
from pyfrontend.record import NamedTuple
from pyfrontend.span import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.extend.site import Files
    from pyfrontend.span import SourceFile

ESCAPES = {'"': '"', "\\": "\\", "t": "\t"}


class Entry(NamedTuple):
    """One value and the line that sets it."""

    value: str
    span: Span


class ValueFiles:
    """The files of values of a build: each is read once, however many lines name it."""

    __slots__ = ("_files", "_pairs", "_read")

    def __init__(self, files: Files) -> None:
        """Read nothing yet."""
        self._files = files
        self._pairs = 0
        self._read: dict[str, dict[str, Entry] | DockerfileError] = {}

    def read(self, path: str, asker: str) -> dict[str, Entry]:
        """Return the values of the file at ``path``, which ``asker`` names, in its order.

        Raises `DockerfileError` for a file that is not there or wrong, and for one file too many.
        """
        if path not in self._read:
            try:
                self._read[path] = self._load(path, asker)
            except DockerfileError as error:
                self._read[path] = error
        found = self._read[path]
        if isinstance(found, DockerfileError):
            raise found.at(*found.spans)
        return found

    def _load(self, path: str, asker: str) -> dict[str, Entry]:
        if len(self._read) >= VALUE_FILES:
            raise DockerfileError(f"{asker}: more than {VALUE_FILES} files of values", code="TooManyFiles")
        file = self._files.read(path)
        if file is None:
            raise DockerfileError(missing(path, asker, self._files), code="FileNotFound")
        return read_values(file)

    def pairs(self, path: str) -> dict[str, Entry]:
        """Return the values of a file that ``--file`` names; raises `DockerfileError` as `read` does."""
        found = self.read(path, "--file")
        self._pairs += len(found)
        if self._pairs > VALUE_PAIRS:
            raise DockerfileError(
                f"--file: files of values add more than {VALUE_PAIRS} pairs; let stages start from one that"
                " has them",
                code="TooManyPairs",
            )
        return found


def read_values(file: SourceFile) -> dict[str, Entry]:
    """Return the values of ``file`` in its order; raises `DockerfileError` at the line that is wrong."""
    if len(file.data) > VALUE_FILE_BYTES:
        raise DockerfileError(
            f"{file.name} has {len(file.data)} bytes; a file of values may have {VALUE_FILE_BYTES}",
            Span(file, 1, 1),
            code="InvalidValueFile",
        )
    try:
        text = file.data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        bad = file.data.count(b"\n", 0, error.start) + 1
        raise DockerfileError(
            f"{file.name} is not UTF-8 text", Span(file, bad, bad), code="InvalidValueFile"
        ) from None
    entries: dict[str, Entry] = {}
    for number, line in enumerate(text.split("\n"), 1):
        span = Span(file, number, number)
        try:
            pair = _pair(line.removesuffix("\r"))
            if pair is not None:
                _add(entries, *pair, span)
        except ValueError as error:
            raise DockerfileError(f"{file.name}: {error}", span, code="InvalidValueFile") from None
    return entries


def _add(entries: dict[str, Entry], key: str, value: str, span: Span) -> None:
    if key in entries:
        raise ValueError(f"{key} is set twice, first in line {entries[key].span.start}")
    if len(entries) == VALUE_FILE_KEYS:
        raise ValueError(f"a file of values may have {VALUE_FILE_KEYS} keys")
    entries[key] = Entry(value, span)


def _pair(line: str) -> tuple[str, str] | None:
    """Return key and value of a line, None for an empty line or a comment."""
    text = line.strip(" \t")
    if not text or text.startswith("#"):
        return None
    key, equals, value = text.removeprefix("export ").lstrip(" \t").partition("=")
    if not (equals and key.isascii() and key.isidentifier()):
        raise ValueError(_complaint(text, key, has_value=bool(equals)))
    value = _value(value)
    bad = next((character for character in value if not character.isprintable() and character != "\t"), "")
    if bad:
        raise ValueError(
            f"the value of {key} contains the character {go_quote(bad)}, which ENV cannot contain"
        )
    return key, value


def _complaint(text: str, key: str, *, has_value: bool) -> str:
    """Return what is wrong with a line that is not a pair."""
    if not has_value:
        return f"{go_quote(text[:200])} is not KEY=VALUE; comments start with #"
    if key != key.rstrip(" \t"):
        return f"remove the spaces around = in {go_quote(key[:200])}"
    return f"{go_quote(key[:200])} is not a name; names have the letters A to Z, digits and _"


def _value(text: str) -> str:
    if text[:1] in {" ", "\t"}:
        raise ValueError(f"remove the space after =, or quote the value: {go_quote(text)}")
    if text[:1] == "'":
        value, quote, rest = text[1:].partition("'")
        _check_end(quote, rest, "'")
        return value
    if text[:1] == '"':
        return _quoted(text)
    for at, character in enumerate(text):
        if character == "#" and at and text[at - 1] in " \t":
            return text[:at].rstrip(" \t")
    return text


def _quoted(text: str) -> str:
    out: list[str] = []
    at = 1
    while at < len(text) and text[at] != '"':
        character = text[at]
        if character == "\\":
            at += 1
            character = ESCAPES.get(text[at : at + 1], "")
            if not character:
                raise ValueError(
                    f'unknown escape \\{text[at : at + 1]}; in double quotes write \\", \\\\ or \\t'
                )
        out.append(character)
        at += 1
    _check_end(text[at : at + 1], text[at + 1 :], '"')
    return "".join(out)


def _check_end(quote: str, rest: str, expected: str) -> None:
    if not quote:
        raise ValueError(f"the closing {expected} is missing; a value cannot span lines")
    after = rest.lstrip(" \t")
    if after and not (after.startswith("#") and after != rest):
        raise ValueError(f"unexpected text after the closing quote: {go_quote(after)}")


def literal(value: str, escape: str) -> str:
    """Return ``value`` as a quoted word of ENV, LABEL or ARG that expands to just that."""
    for character in (escape, '"', "$"):
        value = value.replace(character, escape + character)
    return f'"{value}"'
