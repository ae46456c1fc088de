"""White space, letter case and identifiers as defined in Go."""

from __future__ import annotations

#: What Go calls white space; `str.isspace` also counts the separators U+001C to U+001F.
SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def trim_space(text: str) -> str:
    """Return ``text`` without the white space (as Go sees it) around it."""
    return text.strip(SPACE)


def to_lower(text: str) -> str:
    """Return ``text`` in lower case as Go's ``ToLower``: one by one, a Turkish capital I as a plain i.

    A byte that is no UTF-8 becomes U+FFFD.
    """
    return text.lower() if text.isascii() else "".join(map(_small, scrub(text)))


def to_upper(text: str) -> str:
    """Return ``text`` in capitals as Go's ``ToUpper``: letter by letter, what has no capital stays as it is.

    A byte that is no UTF-8 becomes U+FFFD.
    """
    return text.upper() if text.isascii() else "".join(map(_capital, scrub(text)))


def scrub(text: str) -> str:
    """Return ``text`` with U+FFFD for every byte that is no UTF-8, as walking it by letters gives in Go."""
    try:
        text.encode()
    except UnicodeEncodeError:
        pass
    else:
        return text
    return "".join(["\ufffd" if "\ud800" <= character <= "\udfff" else character for character in text])


def name_end(text: str, pos: int) -> int:
    """Return where the letters, digits and underscores that start at ``pos`` end."""
    end = len(text)
    while pos < end and ((character := text[pos]) == "_" or character.isalpha() or character.isdecimal()):
        pos += 1
    return pos


def _small(letter: str) -> str:
    # The capital I with a dot is the one letter of which Python makes two.
    return "i" if letter == "\u0130" else letter.lower()


def _capital(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 else letter
