"""Layers of a drawing: boxes and links in; out, a layer for each box, below the boxes that it takes from.

Layered drawing after Sugiyama, Tagawa and Toda: layers, bends where a link passes through a layer, and sweeps
over the layers that move each box towards the middle of its neighbors.  Independent of Dockerfiles.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from pyfrontend import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    #: Source, target and kind of a link; those of one source and kind share their bends.
    LinkKey = tuple[str, str, str]

#: Sweeps over all layers: more of them hardly find better orders.
SWEEPS = 8
#: Layers that a box looks at for room one after the other.
LOOKED_AT = 50
BEND = "bend"


class Node:
    """A box, or the bend of a link that passes a layer; ``breadth`` is along the layer, ``depth`` across."""

    __slots__ = ("after", "before", "breadth", "center", "depth", "id", "layer", "rank")

    def __init__(self, id_: str, breadth: float, depth: float = 0) -> None:
        """Make a node without neighbors."""
        self.id = id_
        self.breadth = breadth
        self.depth = depth
        self.layer = 0
        #: Place among the nodes of the layer, from 0.
        self.rank = 0
        #: Middle of the node along the layer.
        self.center = 0.0
        self.before: list[Node] = []
        self.after: list[Node] = []

    @property
    def is_bend(self) -> bool:
        """Whether this is not a box."""
        return self.id == BEND


class Layers:
    """All nodes by layer, and by link the nodes that it leads along."""

    def __init__(self, boxes: Sequence[Node], links: Iterable[LinkKey], breadth: float) -> None:
        """Put ``boxes`` into layers of at most ``breadth``, larger boxes into separate layers.

        Links from far away pass many layers: where they would have more than `limits.GRAPH_BENDS`, the layers
        are broader.
        """
        by_id = {box.id: box for box in boxes}
        links = list(links)
        for source, target, _ in links:
            by_id[source].after.append(by_id[target])
            by_id[target].before.append(by_id[source])
        _assign(boxes, breadth)
        most = sum(box.breadth for box in boxes)
        while breadth < most and _bends(links, by_id) > limits.GRAPH_BENDS:
            breadth *= 2
            _assign(boxes, breadth)
        self.rows: list[list[Node]] = [[] for _ in range(max((box.layer for box in boxes), default=0) + 1)]
        for box in boxes:
            self.rows[box.layer].append(box)
            box.before, box.after = [], []
        self.ways: dict[LinkKey, list[Node]] = {}
        #: The bends of each source and kind, from layer to layer.
        self.bends: dict[tuple[str, str], list[Node]] = {}
        joined: set[tuple[int, int]] = set()
        for link in links:
            self.ways[link] = way = self._way(link, by_id)
            for start, end in pairwise(way):
                if (id(start), id(end)) not in joined:
                    joined.add((id(start), id(end)))
                    start.after.append(end)
                    end.before.append(start)
        _arrange(self.rows)

    def _way(self, link: LinkKey, by_id: dict[str, Node]) -> list[Node]:
        """Return the nodes from one end of ``link`` to the other, with bends in the layers between."""
        source, target, kind = link
        first, last = by_id[source], by_id[target]
        bends = self.bends.setdefault((source, kind), [])
        for layer in range(first.layer + 1 + len(bends), last.layer):
            bend = Node(BEND, 0)
            bend.layer = layer
            bends.append(bend)
            self.rows[layer].append(bend)
        return [first, *bends[: last.layer - first.layer - 1], last]


def _bends(links: Iterable[LinkKey], by_id: Mapping[str, Node]) -> int:
    """Return how many layers links pass; those of one source and kind pass them together."""
    last: dict[tuple[str, str], int] = {}
    for source, target, kind in links:
        last[source, kind] = max(last.get((source, kind), 0), by_id[target].layer)
    return sum(layer - by_id[source].layer - 1 for (source, _), layer in last.items())


def closing_links(ids: Iterable[str], links: Iterable[LinkKey]) -> set[LinkKey]:
    """Return links without which the others form no cycle; empty if there is no cycle."""
    leaving: dict[str, list[LinkKey]] = {id_: [] for id_ in ids}
    for link in links:
        leaving[link[0]].append(link)
    closing: set[LinkKey] = set()
    done: set[str] = set()
    for start, first in leaving.items():
        path = {start: iter(first)} if start not in done else {}
        while path:
            box = next(reversed(path))
            for link in path[box]:
                if link[1] in path:
                    closing.add(link)
                elif link[1] not in done:
                    path[link[1]] = iter(leaving[link[1]])
                    break
            else:
                done.add(box)
                del path[box]
    return closing


def _assign(boxes: Sequence[Node], breadth: float) -> None:
    """Give each box the first layer with room below what it takes from; sources go above their users."""
    room = _Room(breadth)
    for box in boxes:
        box.layer = 0
    for box in _topological(boxes):
        if box.before:
            box.layer = room.take(box, max(source.layer for source in box.before) + 1, 1)
    for box in boxes:
        if not box.before:
            box.layer = room.take(box, min((user.layer for user in box.after), default=1) - 1, -1)
    kept = {layer: row for row, layer in enumerate(sorted({box.layer for box in boxes}))}
    for box in boxes:
        box.layer = kept[box.layer]


class _Room:
    """How much of each layer is taken."""

    __slots__ = ("breadth", "ends", "used")

    def __init__(self, breadth: float) -> None:
        """Begin with layers that are empty."""
        self.breadth = breadth
        self.used: dict[int, float] = {}
        #: By first layer and direction: where the last box that looked at many layers found room.
        self.ends: dict[tuple[int, int], int] = {}

    def take(self, box: Node, first: int, step: int) -> int:
        """Return the first of the layer ``first`` and those beyond it that has room, and take the room.

        Of thousands of boxes with the same first layer the later ones look at the first layers, and then
        go on from where others have found room.
        """
        layer, left = first, LOOKED_AT
        while self.used.get(layer) and self.used[layer] + box.breadth > self.breadth:
            layer += step
            left -= 1
            if not left:
                layer = self.ends.get((first, step), layer)
        if left <= 0:
            self.ends[first, step] = layer
        self.used[layer] = self.used.get(layer, 0) + box.breadth
        return layer


def _topological(boxes: Sequence[Node]) -> Iterator[Node]:
    waiting = {box.id: len(box.before) for box in boxes}
    ready = deque(box for box in boxes if not box.before)
    while ready:
        box = ready.popleft()
        yield box
        for user in box.after:
            waiting[user.id] -= 1
            if not waiting[user.id]:
                ready.append(user)


def _arrange(rows: list[list[Node]]) -> None:
    """Order the nodes of each layer so that few links cross."""
    _number(rows)
    best, fewest = [list(row) for row in rows], _crossings(rows)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        order = rows if sweep % 2 == 0 else rows[::-1]
        for beside, row in pairwise(order):
            _sort_beside(row, beside, downward=sweep % 2 == 0)
        count = _crossings(rows)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    rows[:] = best
    _number(rows)


def _sort_beside(row: list[Node], beside: Sequence[Node], *, downward: bool) -> None:
    """Sort ``row`` by the middle of neighbors in the adjacent layer ``beside``; others stay."""
    scale = len(beside) / len(row)
    places = {}
    for node in row:
        ranks = [neighbor.rank for neighbor in (node.before if downward else node.after)]
        places[node] = sum(ranks) / len(ranks) if ranks else node.rank * scale
    row.sort(key=places.__getitem__)
    _number([row])


def _number(rows: Iterable[list[Node]]) -> None:
    for row in rows:
        for rank, node in enumerate(row):
            node.rank = rank


def _crossings(rows: Sequence[Sequence[Node]]) -> int:
    """Return how many links cross: those between two layers are counted with a binary indexed tree."""
    count = 0
    for row, below in pairwise(rows):
        tree = [0] * (len(below) + 1)
        seen = 0
        for node in row:
            ranks = sorted(target.rank for target in node.after)
            for rank in ranks:
                count += seen - _sum_to(tree, rank + 1)
            for rank in ranks:
                seen += 1
                _add(tree, rank + 1)
    return count


def _sum_to(tree: list[int], position: int) -> int:
    total = 0
    while position:
        total += tree[position]
        position &= position - 1
    return total


def _add(tree: list[int], position: int) -> None:
    while position < len(tree):
        tree[position] += 1
        position += position & -position
