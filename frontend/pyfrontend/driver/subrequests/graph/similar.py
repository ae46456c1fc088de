"""Nodes of a graph that have the same role: nodes and links in, groups of similar nodes out.

Two nodes are similar if they have the same label and are linked in the same way to the same nodes or to
similar ones, such as fifty services with a common base that all end up in one image.  Independent of
Dockerfiles.
"""

from __future__ import annotations

from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    #: Source, target and kind of a link.
    Link = tuple[str, str, str]
    Neighbors = dict[str, list[tuple[str, str]]]

#: Two passes settle what Dockerfiles look like; a graph that needs more than this is not grouped.
MOST_PASSES = 10


def group_similar(labels: Mapping[str, Hashable], links: Iterable[Link]) -> list[list[str]]:
    """Return the nodes in groups, all in the order of ``labels``; takes linear time.

    A group never holds two nodes of which one leads to the other, so groups form no cycles.
    """
    before: Neighbors = {node: [] for node in labels}
    after: Neighbors = {node: [] for node in labels}
    for source, target, kind in links:
        before[target].append((kind, source))
        after[source].append((kind, target))
    order = topological_order(before, after)
    classes = _settle(_by_depth(labels, order, before), order, before, after)
    groups: dict[int, list[str]] = {}
    for node in labels:
        groups.setdefault(classes[node], []).append(node)
    return list(groups.values())


def topological_order(before: Neighbors, after: Neighbors) -> list[str]:
    """Return all nodes, each after those before it."""
    waiting = {node: len(neighbors) for node, neighbors in before.items()}
    ready = deque(node for node, count in waiting.items() if not count)
    order = []
    while ready:
        node = ready.popleft()
        order.append(node)
        for _, follower in after[node]:
            waiting[follower] -= 1
            if not waiting[follower]:
                ready.append(follower)
    return order


def _by_depth(labels: Mapping[str, Hashable], order: Sequence[str], before: Neighbors) -> dict[str, int]:
    """Return first classes: by label, and by the longest way that leads to the node."""
    depths: dict[str, int] = {}
    numbers: dict[Hashable, int] = {}
    classes = {}
    for node in order:
        depths[node] = max((depths[source] + 1 for _, source in before[node]), default=0)
        classes[node] = numbers.setdefault((labels[node], depths[node]), len(numbers))
    return classes


def _settle(
    classes: dict[str, int], order: Sequence[str], before: Neighbors, after: Neighbors
) -> dict[str, int]:
    """Split classes whose members have neighbors of different classes, until no class does."""
    count = len(set(classes.values()))
    for _ in range(MOST_PASSES):
        for nodes, neighbors in ((order, before), (order[::-1], after)):
            classes = _refine(classes, nodes, neighbors)
        if len(set(classes.values())) == count:
            return classes
        count = len(set(classes.values()))
    return {node: number for number, node in enumerate(order)}


def _refine(classes: dict[str, int], order: Sequence[str], neighbors: Neighbors) -> dict[str, int]:
    numbers: dict[Hashable, int] = {}
    refined: dict[str, int] = {}
    for node in order:
        around = frozenset((kind, refined[neighbor]) for kind, neighbor in neighbors[node])
        refined[node] = numbers.setdefault((classes[node], around), len(numbers))
    return refined
