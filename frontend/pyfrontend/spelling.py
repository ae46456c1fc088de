"""Spelling suggestions: a word and the possible words in, the closest one out."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.memo import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: A spelling further away than this is not suggested (ERR-006).
MAX_DISTANCE = 2


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the option nearest to ``word``, or an empty text (see `nearest`)."""
    return suggestion(nearest(word, options))


def nearest(word: str, options: Iterable[str]) -> str:
    """Return the option nearest to ``word``, or an empty text where none is near or ``word`` is too long.

    The first of the nearest wins, and an exact match gives nothing (ERR-006, ERR-007).
    """
    return _search(word, options)[0]


class Speller:
    """Suggestions for any number of words; they end once finding them has cost too much work."""

    __slots__ = ("left",)

    def __init__(self, work: int = 0) -> None:
        """Begin with so many names and characters to look at, or `limits.SUGGESTION_WORK` of them."""
        self.left = work or limits.SUGGESTION_WORK

    def did_you_mean(self, word: str, options: Iterable[str]) -> str:
        """Return what the function of this name does, or an empty text once the work is used up."""
        return suggestion(self.nearest(word, options))

    def nearest(self, word: str, options: Iterable[str]) -> str:
        """Return what the function of this name does, or an empty text once the work is used up."""
        if self.left <= 0:
            return ""
        found, work = _search(word, options)
        self.left -= work
        return found


def suggestion(name: str) -> str:
    """Return `` (did you mean X?)`` for the name X, or an empty text for none."""
    return f" (did you mean {name}?)" if name else ""


def _search(word: str, options: Iterable[str]) -> tuple[str, int]:
    """Return the option nearest to ``word``, and how many options and characters were looked at."""
    size = len(word)
    if size > limits.SUGGESTED_NAME:
        return "", 0
    best, limit, work, letters = "", MAX_DISTANCE, 0, _letters(word)
    for option in options:
        work += 1
        if option == word:
            return "", work
        # One edit changes the length by one and the set of letters by two at most: cheap tests first,
        # since a file may have thousands of undefined names and thousands of variables.
        if (
            limit
            and abs(len(option) - size) <= limit
            and (_letters(option) ^ letters).bit_count() <= 2 * limit
        ):
            work += (2 * limit + 1) * size
            distance = _distance(word, option, limit)
            if distance <= limit:
                best, limit = option, distance - 1
    return best, work


@cache
def _letters(word: str) -> int:
    """Return the letters of ``word`` as a set of bits; some letters share one."""
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return mask


def _distance(left: str, right: str, limit: int) -> int:
    """Return the Levenshtein distance of two words, or anything above ``limit`` where it is larger.

    Of the matrix only the band is computed in which ``limit`` can still be met: its width is twice that.
    """
    left, right = _without_common_ends(left, right)
    if not left or not right:
        return len(left) + len(right)
    # Right of the band stands the first row, whose numbers there are above the limit.
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, 1):
        start, end = max(1, i - limit), min(len(right), i + limit)
        corner, row[start - 1] = row[start - 1], i if start == 1 else limit + 1
        for j in range(start, end + 1):
            corner, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, corner + (letter != right[j - 1])),
            )
        if min(row[start - 1 : end + 1]) > limit:
            return limit + 1
    return row[-1]


def _without_common_ends(left: str, right: str) -> tuple[str, str]:
    start, end = 0, min(len(left), len(right))
    while start < end and left[start] == right[start]:
        start += 1
    left, right, end, stop = left[start:], right[start:], end - start, 0
    while stop < end and left[-1 - stop] == right[-1 - stop]:
        stop += 1
    return left[: len(left) - stop], right[: len(right) - stop]
