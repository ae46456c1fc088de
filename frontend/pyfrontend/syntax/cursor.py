"""A position in a word, from which characters and names are read one after the other."""

from __future__ import annotations

from pyfrontend.golang.strings import name_end

SPECIAL_PARAMETERS = "@*#?-$!0"
UNREADABLE = "\ufffd"


class Cursor:
    """Reads ``word`` from ``pos`` on."""

    __slots__ = ("pos", "word")

    def __init__(self, word: str) -> None:
        """Begin at the first character."""
        self.word = word
        self.pos = 0

    def peek(self) -> str:
        """Return the next character, an empty text at the end of the word."""
        return self.word[self.pos : self.pos + 1]

    def take(self) -> str:
        """Take one character; at the end of the word it is the one that stands for an unreadable one."""
        character = self.peek()
        self.pos += len(character)
        return character or UNREADABLE

    def name(self) -> str:
        """Read a name: ``1*digit / special parameter / *(letter / digit / "_")``."""
        word, start = self.word, self.pos
        pos, end = start, len(word)
        if pos < end and word[pos].isdecimal():
            while pos < end and word[pos].isdecimal():
                pos += 1
        elif pos < end and word[pos] in SPECIAL_PARAMETERS:
            pos += 1
        else:
            pos = name_end(word, pos)
        self.pos = pos
        return word[start:pos]
