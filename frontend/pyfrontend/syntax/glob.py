"""Shell patterns of ``${x#p}``, ``${x%p}`` and ``${x/p/r}``: ``*``, ``?`` and escapes, no brackets.

A value and a pattern in, the trimmed or changed value out; errors are `ValueError` (VAR-008).  Neither
wildcard matches a line break.  A pattern is a sequence of pieces separated by stars, and matching each piece
as early as possible is always correct, so that atomic groups limit the cost to length times pattern.
"""

from __future__ import annotations

import re

from pyfrontend import limits
from pyfrontend.golang.strings import name_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ESCAPABLE = "*?\\"
#: Characters of a pattern that are compared in the time in which one character of a value is copied.
SPEED = 32


def work(value: str, pattern: str) -> int:
    """Return what it takes to match ``pattern`` with ``value``, in characters copied.

    Raises `ValueError` where that is more than a whole build may take.
    """
    needed = len(value) * (1 + len(pattern) // SPEED)
    if needed > limits.BUILD_TEXT:
        raise ValueError("the pattern is too long for a value of this length")
    return needed


def trim(value: str, pattern: str, operator: str) -> str:
    """Remove the prefix (``#``) or suffix (``%``) that matches ``pattern``: the longest if it starts doubled.

    ``pattern`` is the whole text after the first operator sign; raises `ValueError` for a bad escape.
    """
    longest = pattern.startswith(operator)
    pattern = pattern[longest:]
    if operator == "#":
        return _without_prefix(value, pattern, longest=longest)
    # The shortest suffix is the shortest prefix of the reversed text.
    return _without_prefix(value[::-1], _reversed(pattern), longest=longest)[::-1]


def replace(value: str, pattern: str, replacement: str, *, everywhere: bool) -> str:
    """Replace the first match of ``pattern``, or every one; there ``$`` starts a template as in Go.

    Raises `ValueError` for a bad escape in the pattern, and for a result beyond `limits.EXPANDED_WORD`.
    """
    pieces = _pieces(pattern)
    if not everywhere:
        found = next(_matches(value, pieces), None)
        return value if found is None else value[: found[0]] + replacement + value[found[1] :]
    literals = _template(replacement)
    parts: list[str] = []
    done = size = 0
    fixed = sum(map(len, literals))
    for start, end in _matches(value, pieces):
        size += fixed + (end - start) * (len(literals) - 1)
        if size > limits.EXPANDED_WORD:
            raise ValueError(f"the result is longer than {limits.EXPANDED_WORD >> 20} MiB")
        parts += (value[done:start], value[start:end].join(literals))
        done = end
    return "".join((*parts, value[done:]))


def _without_prefix(value: str, pattern: str, *, longest: bool) -> str:
    match = re.compile(_expression(_pieces(pattern), longest=longest)).match(value)
    return value[match.end() :] if match else value


def _pieces(pattern: str) -> list[str]:
    """Translate the parts of the pattern between its stars into regular expressions."""
    pieces: list[str] = []
    parts: list[str] = []
    characters = iter(pattern.removeprefix("\ufeff"))
    for character in characters:
        if character == "*":
            pieces.append("".join(parts))
            parts = []
        elif character == "?":
            parts.append(".")
        elif character == "\\":
            parts.append(_escaped(next(characters, "\ufffd"), pattern))
        else:
            parts.append(re.escape(character))
    return [*pieces, "".join(parts)]


def _escaped(character: str, pattern: str) -> str:
    if character not in ESCAPABLE and character not in "}/":
        raise ValueError(f"invalid pattern ({pattern}) in substitution: invalid escape '\\{character}'")
    return re.escape(character)


def _expression(pieces: list[str], *, longest: bool = True) -> str:
    """Join the pieces so that a match never has to try a second place for any but the last."""
    if len(pieces) == 1:
        return pieces[0]
    first, *middle, last = pieces
    early = "".join(f"(?>.*?{piece})" for piece in middle)
    return f"{first}{early}.*{'' if longest else '?'}{last}"


def _matches(value: str, pieces: list[str]) -> Iterator[tuple[int, int]]:
    """Yield where the matches are: leftmost, longest, and no empty one right after another match."""
    first = re.compile(pieces[0])
    rest = re.compile(_expression(["", *pieces[1:]])) if len(pieces) > 1 else None
    pos = last = 0
    while pos <= len(value) and (found := _search(value, pos, first, rest)):
        start, end = found
        if end > last or start == 0:
            yield found
        last = end
        pos = end if end > pos else pos + 1


def _search(
    value: str, pos: int, first: re.Pattern[str], rest: re.Pattern[str] | None
) -> tuple[int, int] | None:
    """Find the next match of the ``first`` piece, and after a star of the ``rest``."""
    while head := first.search(value, pos):
        tail = rest.match(value, head.end()) if rest else head
        if tail:
            return head.start(), tail.end()
        # The star got stuck before this line end, and so it would from any later start on the line.
        line_end = value.find("\n", head.end())
        if line_end < 0:
            break
        pos = line_end + 1 - (head.end() - head.start())
    return None


def _reversed(pattern: str) -> str:
    """Reverse the pattern, but leave each backslash before the character it escapes."""
    tokens, pos = [], 0
    while pos < len(pattern):
        width = 2 if pattern[pos] == "\\" else 1
        tokens.append(pattern[pos : pos + width])
        pos += width
    return "".join(reversed(tokens))


def _template(text: str) -> list[str]:
    """Split a replacement at ``$0``, the match; other ``$name`` are empty and ``$$`` is ``$``."""
    literals: list[str] = []
    current: list[str] = []
    pos = 0
    while (dollar := text.find("$", pos)) >= 0:
        current.append(text[pos:dollar])
        brace = text.startswith("{", dollar + 1)
        start = dollar + 1 + brace
        end = name_end(text, start)
        if end == start or (brace and not text.startswith("}", end)):
            current.append("$")
            pos = dollar + 1 + text.startswith("$", dollar + 1)
            continue
        pos = end + brace
        if text[start:end] == "0":
            literals.append("".join(current))
            current = []
    return [*literals, "".join((*current, text[pos:]))]
