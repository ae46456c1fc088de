"""Dictionaries that grow out of each other and share what they have in common.

A stage inherits labels, ports, variables and arguments from the one below it.  With copies, a file of 64 kB
could have thousands of stages with thousands of entries each.
"""

from __future__ import annotations

from _collections_abc import Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator
    from typing import TypeVar

    V = TypeVar("V")
else:
    V = object


#: Entries that a dictionary keeps of its own before they join its block: a copy copies at most so many, and
#: adding an entry copies the block once in so many additions.
RECENT = 48


class SharedDict(Mapping[str, V]):
    """A dictionary in the order in which keys were first set; `clone` costs the same however long it is."""

    __slots__ = ("_block", "_recent")

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        """Begin with ``entries``."""
        #: Shared with other dictionaries, so never changed.
        self._block: dict[str, V] = dict(entries or {})
        self._recent: dict[str, V] = {}

    def clone(self) -> SharedDict[V]:
        """Return a dictionary with the same entries; changes of one do not show in the other."""
        twin: SharedDict[V] = SharedDict()
        twin._block, twin._recent = self._block, self._recent.copy()
        return twin

    def update(self, entries: Mapping[str, V]) -> None:
        """Set ``entries``; a key that is there keeps its place."""
        self._recent.update(entries)
        if len(self._recent) > RECENT:
            self._block, self._recent = {**self._block, **self._recent}, {}

    def __setitem__(self, key: str, value: V) -> None:
        self.update({key: value})

    def get(self, key: str, default: V | None = None) -> V | None:  # type: ignore[override] # one kind
        """Return the value of ``key``, or ``default``."""
        return self._recent[key] if key in self._recent else self._block.get(key, default)

    def items(self) -> ItemsView[str, V]:
        """Return the pairs in order; takes time in proportion to their number."""
        return self._flat().items()

    def __getitem__(self, key: str) -> V:
        return self._recent[key] if key in self._recent else self._block[key]

    def __contains__(self, key: object) -> bool:
        return key in self._recent or key in self._block

    def __iter__(self) -> Iterator[str]:
        return iter(self._flat())

    def __len__(self) -> int:
        return len(self._block) + sum(key not in self._block for key in self._recent)

    def __bool__(self) -> bool:
        return bool(self._block or self._recent)

    def __repr__(self) -> str:
        return f"SharedDict({self._flat()})"

    def _flat(self) -> dict[str, V]:
        return {**self._block, **self._recent} if self._recent else self._block
