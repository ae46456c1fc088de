"""The environment of a state: an immutable mapping in insertion order, cheap to extend and to share."""

from __future__ import annotations

from _collections_abc import Mapping  # for `collections.abc`, `collections` would be loaded as a whole

from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.shared import MovingDict, SharedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import ItemsView, Iterator


#: Encoded environments of at most so many bytes are kept.  Of larger ones only blocks keep theirs: 1,000 ENV
#: and RUN in turn have 10 MB of them.
KEPT = 4096


class Env(Mapping[str, str]):
    """Variables in the order in which they were set; setting one again moves it to the end (LLB-007).

    A stage sets all variables of its image again when it starts, and there can be thousands of stages with
    thousands of variables.  So these are not copied: an environment has those of an image, below them what
    was set before and is not among them, and above them what was set since.
    """

    __slots__ = ("_below", "_encoded", "_image", "_own", "_updated")

    def __init__(self, entries: Mapping[str, str] | None = None) -> None:
        """Make an environment of ``entries``."""
        self._below: MovingDict[str] = MovingDict()
        self._image: SharedDict[str] = SharedDict()
        self._own: MovingDict[str] = MovingDict(entries)
        #: The last values of `update`, and its answer.
        self._updated: tuple[Mapping[str, str], Env] | None = None
        self._encoded: bytes | None = None

    def set(self, key: str, value: str) -> Env:
        """Return an environment in which ``key`` has ``value`` and comes last."""
        return self.covered({key: value})

    def covered(self, values: Mapping[str, str]) -> Env:
        """Return an environment in which ``values`` were set one after the other."""
        own = self._own.clone()
        own.update(values)
        return _made(self._below, self._image, own)

    def update(self, values: Mapping[str, str]) -> Env:
        """Return an environment in which ``values`` come last, in their order; the same one where they do.

        The ``values`` must not change afterwards.  Where they grew out of those of the last update
        (`SharedDict.origin`), it takes the time of what was set since.
        """
        if self._updated is None or self._updated[0] is not values:
            if isinstance(values, SharedDict) and values.origin is self._image.origin:
                made = self._grown(values)
            elif len(self) == len(values) and list(self.items()) == list(values.items()):
                made = self
            else:
                made = self._replaced(values if isinstance(values, SharedDict) else SharedDict(values))
            self._updated = values, made
        return self._updated[1]

    def _grown(self, values: SharedDict[str]) -> Env:
        """Return the answer to `update` for ``values`` that have all names of the last ones."""
        below = self._below
        more = {key: value for key, value in self._own.items() if key not in values}
        if more:
            below = below.clone()
            below.update(more)
        return _made(below, values, MovingDict())

    def _replaced(self, values: SharedDict[str]) -> Env:
        more = {key: value for key, value in self.items() if key not in values}
        return _made(MovingDict(more), values, MovingDict())

    def encoded(self) -> bytes:
        """Return the variables as the encoded ``env`` of a `pb.Meta`.

        Raises UnicodeEncodeError for text that is not UTF-8.
        """
        if self._encoded is not None:
            return self._encoded
        pieces = self._pieces()
        if pieces is None:
            self._encoded = _encode(self._flat())
            return self._encoded
        made = b"".join(pieces)
        if len(made) <= KEPT:
            self._encoded = made
        return made

    def _pieces(self) -> list[bytes] | None:
        """Return the encoding in pieces, most of which other environments share.

        None where a variable is in several of them, and only one counts.
        """
        parts = [part for part in (self._below, self._image, self._own) if part]
        if any(_overlap(one, other) for n, one in enumerate(parts) for other in parts[:n]):
            return None
        found: list[bytes] = []
        for part in parts:
            pieces = part.pieces()
            if pieces is None:
                return None
            blocks, recent = pieces
            for block in blocks:
                if block.encoded is None:
                    block.encoded = _encode(block)
                found.append(block.encoded)
            if recent:
                found.append(_encode(recent))
        return found

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override] # one kind
        """Return the value of ``key``, or ``default``."""
        for part in (self._own, self._image, self._below):
            found = part.get(key)
            if found is not None:
                return found
        return default

    def items(self) -> ItemsView[str, str]:
        """Return the pairs in order; takes time in proportion to their number."""
        return self._flat().items()

    def __getitem__(self, key: str) -> str:
        found = self.get(key)
        if found is None:
            raise KeyError(key)
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._own or key in self._image or key in self._below

    def __iter__(self) -> Iterator[str]:
        # Put together when the first name is asked for: a search for suggestions may have no work left.
        yield from self._flat()

    def __len__(self) -> int:
        return len(self._flat())

    def __repr__(self) -> str:
        return f"Env({self._flat()})"

    def _flat(self) -> dict[str, str]:
        found = dict(self._own.items())
        for part in (self._image, self._below):
            if part:
                older = dict(part.items())
                if not found.keys().isdisjoint(older):
                    older = {key: value for key, value in older.items() if key not in found}
                found = {**older, **found} if found else older
        return found


def _overlap(one: SharedDict[str], other: SharedDict[str]) -> bool:
    if len(one) > len(other):
        one, other = other, one
    return any(key in other for key in one)


def _encode(values: Mapping[str, str]) -> bytes:
    return pb.Meta(env=[f"{key}={value}" for key, value in values.items()]).SerializeToString()


def _made(below: MovingDict[str], image: SharedDict[str], own: MovingDict[str]) -> Env:
    made = Env.__new__(Env)
    made._below, made._image, made._own = below, image, own  # noqa: SLF001 - its own class
    made._updated = made._encoded = None  # noqa: SLF001 - its own class
    return made


#: No variables; what every state starts from.
EMPTY = Env()
