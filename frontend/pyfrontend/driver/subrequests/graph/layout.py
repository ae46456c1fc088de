"""The positions in a picture: sizes of boxes and links between them in, coordinates out.

The time is roughly proportional to the number of boxes and bends.  Lengths are in pixels.
"""

from __future__ import annotations

from math import inf

from pyfrontend import limits
from pyfrontend.driver.subrequests.graph.layers import Layers, Node, closing_links
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyfrontend.driver.subrequests.graph.layers import LinkKey

    #: A point, and a way from one to the next: the first piece is straight, the second a curve, and so on.
    Point = tuple[float, float]
    Way = list[Point]

#: A picture that is wider is shown smaller by most pages.
PAGE = 960
#: Free room between two neighbors of a layer, by how many of them are links that pass; and between layers.
GAPS = (26, 18, 12)
LAYER_GAP, MOST_LAYER_GAP, SWING = 46, 120, 0.06
SWEEPS = 24
#: How hard links pull, by how many of their ends are bends: those through several layers should be straight.
PULLS = (1, 3, 12)
#: Links that meet at a side of a box end this far from each other, up to so many of them.
PORT_GAP, MOST_PORTS = 18, 7


class Size(NamedTuple):
    """Width and height of a box."""

    width: float
    height: float


class Layout(NamedTuple):
    """Size of the picture, upper left corners of the boxes, ways of the links; layers count from 0."""

    width: float
    height: float
    corners: dict[str, Point]
    ways: dict[LinkKey, Way]
    layers: dict[str, int]
    is_downward: bool
    back: frozenset[LinkKey] = frozenset()


def lay_out(sizes: Mapping[str, Size], links: Sequence[LinkKey]) -> Layout:
    """Return the layout, downward or to the right, that a page shows larger.

    A link that closes a cycle leads back: its way is that of a link the other way round, and it is one of
    ``back``.  A link from a box to itself has no way.
    """
    closing = closing_links(sizes, links)
    if not closing:
        return _narrower(sizes, links)
    turned = {(source, target, kind): (target, source, kind) for source, target, kind in closing}
    onward = dict.fromkeys(turned.get(link, link) for link in links if link[0] != link[1])
    layout = _narrower(sizes, list(onward))
    ways = {link: layout.ways[turned.get(link, link)] for link in links if link[0] != link[1]}
    return layout._replace(ways=ways, back=frozenset(closing.intersection(ways)))


def _narrower(sizes: Mapping[str, Size], links: Sequence[LinkKey]) -> Layout:
    down = _lay_out(sizes, links, is_downward=True)
    if down.width <= PAGE:
        return down
    right = _lay_out(sizes, links, is_downward=False)
    return right if right.width < down.width else down


def _lay_out(sizes: Mapping[str, Size], links: Sequence[LinkKey], *, is_downward: bool) -> Layout:
    boxes = [
        Node(id_, size.width, size.height) if is_downward else Node(id_, size.height, size.width)
        for id_, size in sizes.items()
    ]
    layers = Layers(boxes, links, PAGE if is_downward else float("inf"))
    _place(layers.rows)
    _straighten(layers)
    bands = _bands(layers.rows)
    ports = _ports(layers.ways)
    corners = {box.id: (box.center - box.breadth / 2, _top(box, bands)) for box in boxes}
    ways = {link: _way(link, nodes, bands, ports) for link, nodes in layers.ways.items()}
    breadth = max((box.center + box.breadth / 2 for row in layers.rows for box in row), default=0)
    depth = bands[-1][1]
    rows = {box.id: box.layer for box in boxes}
    if is_downward:
        return Layout(breadth, depth, corners, ways, rows, is_downward)
    return Layout(
        depth,
        breadth,
        {id_: (y, x) for id_, (x, y) in corners.items()},
        {link: [(y, x) for x, y in way] for link, way in ways.items()},
        rows,
        is_downward,
    )


def _bands(rows: Sequence[Sequence[Node]]) -> list[tuple[float, float]]:
    """Return where each layer begins and ends; links that swing widely have more room between layers."""
    bands = []
    start = 0.0
    for row in rows:
        end = start + max((node.depth for node in row), default=0)
        bands.append((start, end))
        swing = max((abs(node.center - other.center) for node in row for other in node.after), default=0)
        start = end + min(LAYER_GAP + swing * SWING, MOST_LAYER_GAP)
    return bands


def _top(box: Node, bands: Sequence[tuple[float, float]]) -> float:
    """Return where ``box`` begins: with its layer, or so that it ends with it where nothing leads to it."""
    start, end = bands[box.layer]
    return start if box.before else end - box.depth


def _place(rows: Sequence[Sequence[Node]]) -> None:
    """Find a center for each node: near its neighbors, and apart from the others of its layer."""
    for row in rows:
        position = 0.0
        for number, node in enumerate(row):
            position += _distance(row[number - 1], node) if number else 0
            node.center = position
    sweeps = max(min(SWEEPS, limits.GRAPH_WORK // max(sum(map(len, rows)), 1)), 2)
    for sweep in range(sweeps):
        downward = sweep % 2 == 0
        is_last = sweep >= sweeps // 3
        for row in rows if downward else reversed(rows):
            _settle(row, use_before=downward or is_last, use_after=not downward or is_last)


def _straighten(layers: Layers) -> None:
    """Put bends that follow each other into one line, as far as their neighbors leave room."""
    for bends in layers.bends.values():
        line: list[Node] = []
        low, high = 0.0, 0.0
        for bend in bends:
            least, most = _room(bend, layers.rows[bend.layer])
            if line and max(low, least) <= min(high, most):
                low, high = max(low, least), min(high, most)
            else:
                _align(line, low, high)
                line, low, high = [], least, most
            line.append(bend)
        _align(line, low, high)
    left = min((node.center - node.breadth / 2 for row in layers.rows for node in row), default=0)
    for row in layers.rows:
        for node in row:
            node.center -= left


def _room(node: Node, row: Sequence[Node]) -> tuple[float, float]:
    """Return how far ``node`` may move in its row to either side."""
    last = len(row) - 1
    least = row[node.rank - 1].center + _distance(row[node.rank - 1], node) if node.rank else -inf
    most = row[node.rank + 1].center - _distance(node, row[node.rank + 1]) if node.rank < last else inf
    return least, most


def _align(line: Sequence[Node], low: float, high: float) -> None:
    if line:
        middle = sum(node.center for node in line) / len(line)
        for node in line:
            node.center = min(max(middle, low), high)


def _distance(left: Node, right: Node) -> float:
    """Return the minimum distance between the middles of two adjacent nodes."""
    return (left.breadth + right.breadth) / 2 + GAPS[left.is_bend + right.is_bend]


def _settle(row: Sequence[Node], *, use_before: bool, use_after: bool) -> None:
    """Move the nodes of ``row`` as near to their neighbors as they can stand, in their order.

    That is least squares with a least distance between neighbors in the row: pooling those that come too
    close (pool adjacent violators) finds the best places in one pass.
    """
    pools: list[tuple[float, float, int]] = []
    offset = 0.0
    offsets = []
    for number, node in enumerate(row):
        offset += _distance(row[number - 1], node) if number else 0
        offsets.append(offset)
        goal, weight = _goal(node, use_before=use_before, use_after=use_after)
        goal, count = goal - offset, 1
        while pools and pools[-1][0] > goal:
            other, other_weight, other_count = pools.pop()
            goal = (goal * weight + other * other_weight) / (weight + other_weight)
            weight += other_weight
            count += other_count
        pools.append((goal, weight, count))
    places = (place for place, _, count in pools for _ in range(count))
    for node, place, shift in zip(row, places, offsets, strict=True):
        node.center = place + shift


def _goal(node: Node, *, use_before: bool, use_after: bool) -> tuple[float, float]:
    """Return where the neighbors of ``node`` would have it, and how hard they pull."""
    total, pull = 0.0, 0.0
    neighbors = (*(node.before if use_before else ()), *(node.after if use_after else ()))
    for neighbor in neighbors:
        strength = PULLS[node.is_bend + neighbor.is_bend]
        total += strength * neighbor.center
        pull += strength
    return (total / pull, pull) if pull else (node.center, 0.1)


def _ports(ways: Mapping[LinkKey, Sequence[Node]]) -> dict[tuple[str, str], float]:
    """Return how far from the middle of a box its links end: by kind, for arriving ones also by source."""
    arriving: dict[Node, list[tuple[float, str]]] = {}
    leaving: dict[Node, dict[str, list[float]]] = {}
    for (source, _, kind), nodes in ways.items():
        arriving.setdefault(nodes[-1], []).append((nodes[-2].center, f"{kind}\0{source}"))
        leaving.setdefault(nodes[0], {}).setdefault(kind, []).append(nodes[1].center)
    ports: dict[tuple[str, str], float] = {}
    for box, ends in arriving.items():
        if len(ends) > MOST_PORTS:  # they come in together
            ports.update({(box.id, name): 0 for _, name in ends})
        else:
            _spread(ports, box, [name for _, name in sorted(ends)])
    for box, kinds in leaving.items():
        order = sorted(kinds, key=lambda kind: sum(kinds[kind]) / len(kinds[kind]))
        _spread(ports, box, order)
    return ports


def _spread(ports: dict[tuple[str, str], float], box: Node, names: Iterable[str]) -> None:
    names = list(names)
    gap = min(PORT_GAP, box.breadth * 0.7 / max(len(names) - 1, 1))
    for number, name in enumerate(names):
        ports[box.id, name] = (number - (len(names) - 1) / 2) * gap


def _way(
    link: LinkKey,
    nodes: Sequence[Node],
    bands: Sequence[tuple[float, float]],
    ports: Mapping[tuple[str, str], float],
) -> Way:
    """Return the points of a link: straight through the layers, curved between them."""
    source, target, kind = link
    start = nodes[0].center + ports[source, kind]
    points = [(start, _top(nodes[0], bands) + nodes[0].depth), (start, bands[nodes[0].layer][1])]
    for bend in nodes[1:-1]:
        top, bottom = bands[bend.layer]
        points += [(bend.center, top), (bend.center, bottom)]
    end = nodes[-1].center + ports[target, f"{kind}\0{source}"]
    return [*points, (end, bands[nodes[-1].layer][0])]
