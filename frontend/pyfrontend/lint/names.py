"""What lint rules think of names: secrets, reserved stage names, casing. Pure functions on text."""

from __future__ import annotations

#: Stage names that mean something else already (LINT-016).
RESERVED_STAGES = frozenset(("context", "scratch"))

#: Words that make a name look like it holds a secret, and words that speak against it (LINT-026).
SECRET_WORDS = frozenset(
    "apikey auth credential credentials key password pword passwd secret token".split()  # noqa: SIM905 - reads as a list of words
)
HARMLESS_WORDS = frozenset(("public", "file", "version"))


def is_secret_name(key: str) -> bool:
    """Tell whether the words of ``key``, joined by underscores, speak of a secret (LINT-026)."""
    # The reference compares as a case-insensitive pattern does, which folds the long s as well.
    words = key.lower().replace("\u017f", "s").split("_")
    return not SECRET_WORDS.isdisjoint(words) and HARMLESS_WORDS.isdisjoint(words)


def is_one_case(word: str) -> bool:
    """Tell whether ``word`` is all lower-case or all upper-case."""
    return word in (word.lower(), word.upper())
