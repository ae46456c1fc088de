"""Nearest names: a word and the words that it could have been in, a suggestion out."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A spelling further away than this is no suggestion (features.md ERR-006).
MAX_DISTANCE = 2


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return `` (did you mean X?)`` for the option nearest to ``word``, or an empty text (see `nearest`)."""
    best = nearest(word, options)
    return f" (did you mean {best}?)" if best else ""


def nearest(word: str, options: Iterable[str]) -> str:
    """Return the option nearest to ``word``, or an empty text where none is near.

    The first of the nearest wins, and an exact match gives nothing (features.md ERR-006, ERR-007).
    """
    best, limit = "", MAX_DISTANCE
    size, letters = len(word), _letters(word)
    for option in options:
        if option == word:
            return ""
        # One edit changes the length by one and the set of letters by two at most: cheap tests first,
        # since a file may have thousands of undefined names and thousands of variables.
        if (
            limit
            and abs(len(option) - size) <= limit
            and (_letters(option) ^ letters).bit_count() <= 2 * limit
        ):
            distance = _distance(word, option, limit)
            if distance <= limit:
                best, limit = option, distance - 1
    return best


@cache
def _letters(word: str) -> int:
    """Return the letters of ``word`` as a set of bits; some letters share one."""
    mask = 0
    for letter in word:
        mask |= 1 << (ord(letter) & 63)
    return mask


def _distance(left: str, right: str, limit: int) -> int:
    """Return the Levenshtein distance of two words, or anything above ``limit`` where it is larger."""
    left, right = _without_common_ends(left, right)
    if not left or not right:
        return len(left) + len(right)
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
        if min(row) > limit:
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
