"""The visible part of a drawing: a `Drawing` and a `Choice` in, boxes and links between them out.

All renderers draw a `View`.  A box is one stage or one source or, in an overview, several similar ones.
"""

from __future__ import annotations

from collections import deque

from pyfrontend.driver.subrequests.graph.choice import OVERVIEW, STEPS
from pyfrontend.driver.subrequests.graph.model import Source
from pyfrontend.driver.subrequests.graph.similar import group_similar
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyfrontend.driver.subrequests.graph.choice import Choice
    from pyfrontend.driver.subrequests.graph.model import Drawing, DrawnStage

#: Without a choice, steps are drawn up to this many stages, above it an overview.
MOST_WITH_STEPS = 12
#: So many similar stages or sources become one box of an overview.
LEAST_SIMILAR = 4
#: The source that represents the stages for which there is no room.
REST = "rest"


class StageBox(NamedTuple):
    """One stage, or several similar ones; ``id`` is that of the first."""

    id: str
    stages: tuple[DrawnStage, ...]
    is_reached: bool
    is_target: bool


class SourceBox(NamedTuple):
    """One source, or several similar ones of one kind; ``id`` is that of the first."""

    id: str
    sources: tuple[Source, ...]
    is_reached: bool

    @property
    def kind(self) -> str:
        """The kind of all its sources."""
        return self.sources[0].kind


class Link(NamedTuple):
    """All edges of one kind from one box to another."""

    source: str
    target: str
    kind: str
    is_reached: bool


class Limit(NamedTuple):
    """How many boxes of stages and links a picture takes at most."""

    boxes: int
    links: int


class View(NamedTuple):
    """What is shown: ``hidden`` stages are not needed by the target, ``left_out`` ones found no place."""

    drawing: Drawing
    detail: str
    has_legend: bool
    stages: list[StageBox]
    sources: list[SourceBox]
    links: list[Link]
    hidden: int
    left_out: int

    @property
    def target_name(self) -> str:
        """The name of the target stage."""
        return next(stage.name for stage in self.drawing.stages if stage.id == self.drawing.target)


def make_view(drawing: Drawing, choice: Choice, limit: Limit | None = None) -> View:
    """Return what ``choice`` shows of ``drawing``; beyond ``limit``, the stages nearest to the target."""
    stages = [stage for stage in drawing.stages if stage.reached or not choice.only_needed]
    detail = choice.detail or (STEPS if len(stages) <= MOST_WITH_STEPS else OVERVIEW)
    parts = _Parts(drawing, stages)
    groups = parts.groups(LEAST_SIMILAR) if detail == OVERVIEW else [[id_] for id_ in parts.nodes]
    boxes, sources, links = parts.boxes(groups)
    if limit is not None and (len(boxes) > limit.boxes or len(links) > limit.links):
        boxes, sources, links = _limited(boxes, sources, links, limit)
    left_out = len(stages) - sum(len(box.stages) for box in boxes)
    hidden = len(drawing.stages) - len(stages)
    return View(drawing, detail, choice.has_legend, boxes, sources, links, hidden, left_out)


class _Parts:
    """The stages that are shown, with the sources and edges that lead to them."""

    def __init__(self, drawing: Drawing, stages: Sequence[DrawnStage]) -> None:
        self.target = drawing.target
        self.reached = drawing.reached_ids()
        self.stages = {stage.id: stage for stage in stages}
        self.edges = [edge for edge in drawing.edges if edge.target in self.stages]
        used = {edge.source for edge in self.edges}
        self.sources = {id_: source for id_, source in drawing.sources.items() if id_ in used}
        self.nodes = (*self.sources, *self.stages)

    def groups(self, least: int) -> list[list[str]]:
        """Return all nodes in the order of their first ones, ``least`` or more similar ones together."""
        labels: dict[str, object] = {
            id_: (source.kind, source.platform, id_ in self.reached) for id_, source in self.sources.items()
        }
        for id_, stage in self.stages.items():
            labels[id_] = (stage.platform, stage.reached, id_ == self.target)
        links = dict.fromkeys((edge.source, edge.target, edge.kind) for edge in self.edges)
        large = [group for group in group_similar(labels, links) if len(group) >= least]
        group_of = {member: group for group in large for member in group}
        return [group for id_ in self.nodes if (group := group_of.get(id_, [id_]))[0] == id_]

    def boxes(self, groups: Sequence[list[str]]) -> tuple[list[StageBox], list[SourceBox], list[Link]]:
        """Return a box for each group, and the links between them, each once."""
        stages, sources, box_of = [], [], {}
        for group in groups:
            first = group[0]
            box_of.update(dict.fromkeys(group, first))
            is_reached = first in self.reached
            if first in self.stages:
                members = tuple(self.stages[member] for member in group)
                stages.append(StageBox(first, members, is_reached, first == self.target))
            else:
                sources.append(SourceBox(first, tuple(self.sources[member] for member in group), is_reached))
        links = dict.fromkeys(
            Link(box_of[edge.source], box_of[edge.target], edge.kind, edge.target in self.reached)
            for edge in self.edges
        )
        return stages, sources, list(links)


def _limited(
    boxes: list[StageBox], sources: list[SourceBox], links: list[Link], limit: Limit
) -> tuple[list[StageBox], list[SourceBox], list[Link]]:
    """Return as many boxes, nearest to the target, as fit with their links; the target always does."""
    order = _by_distance(boxes, links)
    most = min(limit.boxes, len(boxes))
    while True:
        kept = set(order[:most])
        left_out = sum(len(box.stages) for box in boxes if box.id not in kept)
        near_sources, near_links = _with_rest(kept, sources, links, left_out)
        if len(near_links) <= limit.links or most == 1:
            return [box for box in boxes if box.id in kept], near_sources, near_links
        most = max(most // 2, 1)


def _by_distance(boxes: Sequence[StageBox], links: Iterable[Link]) -> list[str]:
    """Return the ids of all boxes: first those that the target needs, by distance, then by line."""
    needs: dict[str, list[str]] = {box.id: [] for box in boxes}
    for link in links:
        if link.source in needs:
            needs[link.target].append(link.source)
    order = dict.fromkeys(box.id for box in boxes if box.is_target)
    waiting = deque(order)
    while waiting:
        for source in needs[waiting.popleft()]:
            if source not in order:
                order[source] = None
                waiting.append(source)
    order.update(dict.fromkeys(needs))
    return list(order)


def _with_rest(
    kept: set[str], sources: Sequence[SourceBox], links: Iterable[Link], left_out: int
) -> tuple[list[SourceBox], list[Link]]:
    """Return sources and links of the boxes in ``kept``; one more source stands for the other stages."""
    shown = kept | {source.id for source in sources}
    links = [
        link if link.source in shown else link._replace(source=REST) for link in links if link.target in kept
    ]
    links = list(dict.fromkeys(links))
    used = {link.source for link in links}
    rest = Source(REST, REST, f"{left_out} more stages")
    is_reached = any(link.is_reached for link in links if link.source == REST)
    all_sources = [*sources, SourceBox(REST, (rest,), is_reached)]
    return [source for source in all_sources if source.id in used], links
