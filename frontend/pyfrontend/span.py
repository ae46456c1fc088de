"""Source spans: the lines that a text came from, and the file that they are in."""

from __future__ import annotations

from pyfrontend.record import NamedTuple


class Range(NamedTuple):
    """Lines ``start`` to ``end`` of a Dockerfile, counted from 1, both included (features.md LEX-013)."""

    start: int
    end: int


class SourceFile(NamedTuple):
    """A file as it was read: ``name`` as the user gave it and the raw ``data``."""

    name: str
    data: bytes
