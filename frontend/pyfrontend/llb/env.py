"""The environment of a state: an immutable mapping in insertion order, cheap to extend and to encode."""

from __future__ import annotations

from _collections_abc import Mapping  # for `collections.abc`, `collections` would be loaded as a whole

from pyfrontend.pb import ops_pb2 as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator

#: Entries that an environment keeps of its own before they join its block.  Adding one entry copies at
#: most so many, and a block is copied once in so many additions: 5,000 ENV lines stay linear in practice.
RECENT = 48


class Env(Mapping[str, str]):
    """Variables in the order in which they were set; setting one again moves it to the end (LLB-007).

    Environments that grow out of each other share a block of older entries, and its encoding.
    """

    __slots__ = ("_block", "_recent", "_updated")

    def __init__(self, entries: Mapping[str, str] | None = None) -> None:
        """Make an environment of ``entries``."""
        self._block = _Block(dict(entries or {}))
        self._recent: dict[str, str] = {}
        #: The last values of `update`, and its answer.
        self._updated: tuple[Mapping[str, str], Env] | None = None

    def set(self, key: str, value: str) -> Env:
        """Return an environment in which ``key`` has ``value`` and comes last."""
        made = Env()
        recent = self._recent.copy()
        recent.pop(key, None)
        recent[key] = value
        made._block, made._recent = self._block, recent
        if len(recent) > RECENT:
            made._block, made._recent = _Block(made._flat()), {}
        return made

    def covered(self, values: Mapping[str, str]) -> Env:
        """Return an environment to look into, with ``values`` in place of or beside its own."""
        made = Env()
        made._block, made._recent = self._block, {**self._recent, **values}
        return made

    def update(self, values: Mapping[str, str]) -> Env:
        """Return an environment in which ``values`` come last, in their order; the same one where they do."""
        # Stages that inherit a long environment set all of it again: that must not cost a copy each.
        if self._updated is None or self._updated[0] is not values:
            self._updated = values, self._update(values)
        return self._updated[1]

    def _update(self, values: Mapping[str, str]) -> Env:
        if len(self) == len(values) and list(self.items()) == list(values.items()):
            return self
        if len(values) <= RECENT // 2:
            made = self
            for key, value in values.items():
                made = made.set(key, value)
            return made
        flat = self._flat()
        return Env({**{key: value for key, value in flat.items() if key not in values}, **values})

    def encoded(self) -> bytes:
        """Return the variables as the encoded ``env`` of a `pb.Meta`.

        Raises UnicodeEncodeError for text that is not UTF-8.
        """
        # Only blocks keep theirs: 5,000 ENV and RUN in turn have 250 MB of encoded environments.
        return self._block.encoded_without(self._recent) + _encode(self._recent)

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override] # one kind
        """Return the value of ``key``, or ``default``."""
        found = self._recent.get(key)
        return found if found is not None else self._block.values.get(key, default)

    def items(self) -> ItemsView[str, str]:
        """Return the pairs in order; takes time in proportion to their number."""
        return self._flat().items()

    def __getitem__(self, key: str) -> str:
        found = self._recent.get(key)
        return found if found is not None else self._block.values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._recent or key in self._block.values

    def __iter__(self) -> Iterator[str]:
        return iter(self._flat())

    def __len__(self) -> int:
        return len(self._block.values) + sum(key not in self._block.values for key in self._recent)

    def __repr__(self) -> str:
        return f"Env({self._flat()})"

    def _flat(self) -> dict[str, str]:
        recent, older = self._recent, self._block.values
        if not recent:
            return older
        if recent.keys().isdisjoint(older):
            return {**older, **recent}
        return {**{key: value for key, value in older.items() if key not in recent}, **recent}


class _Block:
    """Entries that many environments share; never changed once made."""

    __slots__ = ("_encoded", "_pieces", "values")

    def __init__(self, values: dict[str, str]) -> None:
        self.values = values
        self._encoded: bytes | None = None
        self._pieces: dict[str, bytes] | None = None

    def encoded_without(self, hidden: Mapping[str, str]) -> bytes:
        """Return the encoded entries but those that ``hidden`` replaces."""
        if hidden and not hidden.keys().isdisjoint(self.values):
            if self._pieces is None:
                self._pieces = {key: _encode({key: value}) for key, value in self.values.items()}
            return b"".join([piece for key, piece in self._pieces.items() if key not in hidden])
        if self._encoded is None:
            self._encoded = _encode(self.values)
        return self._encoded


def _encode(values: Mapping[str, str]) -> bytes:
    return pb.Meta(env=[f"{key}={value}" for key, value in values.items()]).SerializeToString()


#: No variables; what every state starts from.
EMPTY = Env()
