"""Splitting of expanded text into words: pieces of text with marks in, words out."""

from __future__ import annotations

from pyfrontend.golang.strings import SPACE


def split(pieces: list[str], marks: list[tuple[int, bool]]) -> list[str]:
    """Split the text of ``pieces`` at white space and return the words that are not empty.

    A mark says up to which piece it goes and whether white space splits there; an end below 0 drops
    what the current word has so far (VAR-016).
    """
    words: list[str] = []
    current: list[str] = []
    start = 0
    for end, splits in marks:
        if end < 0:
            current.clear()
            continue
        text = "".join(pieces[start:end])
        start = end
        if not splits:
            current.append(text)
            continue
        first, *rest = _fields(text)
        current.append(first)
        for part in rest:
            words.append("".join(current))
            current = [part]
    words.append("".join(current))
    return [word for word in words if word]


def _fields(text: str) -> list[str]:
    """Split ``text`` at every single white space character; runs of them give empty parts."""
    for space in SPACE[1:] if not text.isascii() else SPACE[1:6]:
        text = text.replace(space, "\t")
    return text.split("\t")
