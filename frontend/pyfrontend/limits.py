"""Limits of one build: what a hostile or broken input can cost at most (docs/limits.md has the same table).

Each name says what is limited; what happens beyond it is said where the limit is used.  Limits that the
language itself has, such as the length of a line, stand where they are read.
"""

from __future__ import annotations

#: Characters of a name; nothing is suggested for longer ones.
SUGGESTED_NAME = 255
#: Names looked at and characters compared to find suggestions for variables; later ones get none.
SUGGESTION_WORK = 4_000_000
