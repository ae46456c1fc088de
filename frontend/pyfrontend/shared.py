"""Dictionaries derived from each other, which share their common entries.

A stage inherits labels, ports, variables and arguments from the one below it.  With copies, a file of 64 kB
could have thousands of stages with thousands of entries each.
"""

from __future__ import annotations

from _collections_abc import Mapping  # for `collections.abc`, `collections` would be loaded as a whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator
    from typing import Self, TypeVar

    V = TypeVar("V")
else:
    V = object


#: Entries that a dictionary keeps itself before they become a block: a copy copies at most this many.
RECENT = 48


class Block(dict[str, V]):
    """Entries that dictionaries share, never changed once they are here, and how they are encoded."""

    __slots__ = ("encoded",)

    def __init__(self, entries: Mapping[str, V]) -> None:
        """Take ``entries``, which nobody has encoded yet."""
        super().__init__(entries)
        self.encoded: bytes | None = None


class SharedDict(Mapping[str, V]):
    """A dictionary in the order in which keys were first set; `clone` costs the same however long it is.

    Entries are in blocks that clones share, the oldest and largest first: an entry is copied once each time
    that its block doubles, and a look-up asks a handful of blocks.
    """

    __slots__ = ("_blocks", "_recent", "_size", "origin")

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        """Begin with ``entries``."""
        self._blocks: tuple[Block[V], ...] = (Block(dict(entries.items())),) if entries else ()
        self._recent: dict[str, V] = {}
        self._size = len(entries) if entries else 0
        #: What all have in common that grow out of one dictionary.
        self.origin = object()

    def clone(self) -> Self:
        """Return a dictionary with the same entries; changes of one do not show in the other."""
        twin = type(self).__new__(type(self))
        twin._blocks, twin._recent = self._blocks, self._recent.copy()  # noqa: SLF001 - its own class
        twin._size, twin.origin = self._size, self.origin  # noqa: SLF001 - its own class
        return twin

    def update(self, entries: Mapping[str, V]) -> None:
        """Set ``entries``; a key that is there keeps its place."""
        for key, value in entries.items():
            self[key] = value

    def __setitem__(self, key: str, value: V) -> None:
        self._size += key not in self
        self._recent[key] = value
        if len(self._recent) > RECENT:
            self._settle()

    def _settle(self) -> None:
        """Make a block of the recent entries, joined with earlier blocks that are not larger."""
        made, blocks = self._recent, self._blocks
        while blocks and len(blocks[-1]) <= len(made):
            made, blocks = self._joined(blocks[-1], made), blocks[:-1]
        self._blocks, self._recent = (*blocks, Block(made)), {}

    @staticmethod
    def _joined(older: dict[str, V], newer: dict[str, V]) -> dict[str, V]:
        return {**older, **newer}

    def get(self, key: str, default: V | None = None) -> V | None:  # type: ignore[override] # one kind
        """Return the value of ``key``, or ``default``."""
        if key in self._recent:
            return self._recent[key]
        for block in reversed(self._blocks):
            if key in block:
                return block[key]
        return default

    def items(self) -> ItemsView[str, V]:
        """Return the pairs in order; takes time in proportion to their number."""
        return self._flat().items()

    def pieces(self) -> tuple[tuple[Block[V], ...], dict[str, V]] | None:
        """Return the blocks and the entries after them, in order; None where a key is in several of them."""
        if sum(map(len, self._blocks)) + len(self._recent) != self._size:
            return None
        return self._blocks, self._recent

    def __getitem__(self, key: str) -> V:
        if key in self._recent:
            return self._recent[key]
        for block in reversed(self._blocks):
            if key in block:
                return block[key]
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        return key in self._recent or any(key in block for block in self._blocks)

    def __iter__(self) -> Iterator[str]:
        return iter(self._flat())

    def __len__(self) -> int:
        return self._size

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._flat()})"

    def _flat(self) -> dict[str, V]:
        if not self._blocks:
            return self._recent.copy()
        if len(self._blocks) == 1 and not self._recent:
            return self._blocks[0]
        # The newest first, so that the large old block is copied once.
        made = self._recent
        for block in reversed(self._blocks):
            made = self._joined(block, made)
        return made


class MovingDict(SharedDict[V]):
    """The same in the order in which keys were last set: one that is set again moves to the end."""

    __slots__ = ()

    def __setitem__(self, key: str, value: V) -> None:
        if key in self._recent:
            del self._recent[key]
            self._recent[key] = value
        else:
            super().__setitem__(key, value)

    @staticmethod
    def _joined(older: dict[str, V], newer: dict[str, V]) -> dict[str, V]:
        if newer.keys().isdisjoint(older):
            return {**older, **newer}
        return {**{key: value for key, value in older.items() if key not in newer}, **newer}
