"""The stage graph for a terminal: stages from top to bottom, lanes beside them for what they hand on."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pyfrontend.driver.subrequests.document import table
from pyfrontend.driver.subrequests.graph.grouping import short_name, shown, some
from pyfrontend.driver.subrequests.graph.lanes import Lanes
from pyfrontend.driver.subrequests.graph.model import FROM, IMAGE, MOUNT, NAMED
from pyfrontend.lower.plan import SCRATCH
from pyfrontend.syntax.inputs import CONTEXT, GIT, HTTP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyfrontend.driver.subrequests.graph.model import Drawing, DrawnStage, Edge, Source

#: Columns of a drawing; text beside many lanes may take it further to keep `LEAST_TEXT`.
WIDTH = 110
LEAST_TEXT = 80
#: Stage names are aligned up to this length.
MOST_NAME = 24
#: Stages named in the list of sources for each of them.
MOST_USERS = 6
#: From this many stages on, the drawing begins with an overview without steps.
OVERVIEW_FROM = 9
TARGET, NEEDED, SKIPPED = "◉", "●", "○"


def render(drawing: Drawing) -> str:
    """Return the drawing as text, with a list of what lies outside below it."""
    parts = [_title(drawing)]
    picture = _Picture(drawing)
    if len(drawing.stages) >= OVERVIEW_FROM:
        parts += [picture.text(detailed=False), "Steps"]
    parts += [picture.text(detailed=True), _outside(drawing, picture), _legend(drawing)]
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def _title(drawing: Drawing) -> str:
    total = len(drawing.stages)
    needed = sum(stage.reached for stage in drawing.stages)
    target = next(stage for stage in drawing.stages if stage.id == drawing.target)
    more = f" (first of {len(drawing.platforms)} platforms)" if len(drawing.platforms) > 1 else ""
    return (
        f"{drawing.filename}: target {target.name} for {drawing.platform}{more}"
        f" needs {needed} of {total} stage{'s' if total != 1 else ''}"
    )


def _legend(drawing: Drawing) -> str:
    signs = [f"{TARGET} target", f"{NEEDED} needed"]
    if any(not stage.reached for stage in drawing.stages):
        signs.append(f"{SKIPPED} skipped")
    return "   ".join(signs)


class _Picture:
    """Draws the same stages with or without their steps."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.names = {stage.id: stage.name for stage in drawing.stages}
        self.edges: dict[str, list[Edge]] = {stage.id: [] for stage in drawing.stages}
        for edge in drawing.edges:
            self.edges[edge.target].append(edge)
        self.name_width = min(max(len(stage.name) for stage in drawing.stages), MOST_NAME)

    def text(self, *, detailed: bool) -> str:
        """Return all stages; without steps the sources of a stage stand in its heading."""
        rows = list(self._rows(detailed=detailed))
        gutter = max(len(signs) for signs, _, _ in rows) + 2
        width = max(WIDTH - gutter, LEAST_TEXT)
        lines = (f"{signs:<{gutter}}{_fitted(text, note, width)}".rstrip() for signs, text, note in rows)
        return "\n".join(lines)

    def _rows(self, *, detailed: bool) -> Iterator[tuple[str, str, str]]:
        """Yield the lines as three parts: lanes, text that may be cut, and what stands behind it."""
        lanes = Lanes([_numbers(edge.source for edge in edges) for edges in self.edges.values()])
        for stage in self.drawing.stages:
            origin = next(iter(_numbers([stage.origin])), -1)
            if stage.index:
                yield lanes.between(), "", ""
            text = f"{stage.name:<{self.name_width}}  {self._from(stage)}"
            if not detailed:
                text += "".join(f" · {part}" for part in self._summary(stage))
            yield lanes.row(stage.index, self._bullet(stage), origin), text, self._note(stage)
            if detailed:
                for body, note in self._body(stage):
                    yield lanes.between(), body, note

    def _bullet(self, stage: DrawnStage) -> str:
        if stage.id == self.drawing.target:
            return TARGET
        return NEEDED if stage.reached else SKIPPED

    def _note(self, stage: DrawnStage) -> str:
        return f"  line {stage.line}" + ("" if stage.reached else ", skipped")

    def _from(self, stage: DrawnStage) -> str:
        if stage.origin == SCRATCH:
            return f"FROM {SCRATCH}"
        source = self.drawing.sources.get(stage.origin)
        if source is None:
            return f"FROM {self.names[stage.origin]}"
        return f"FROM {self.source_name(source)}"

    def source_name(self, source: Source) -> str:
        """Return what a source is called in the picture."""
        match source.kind:
            case "image":
                return f"{short_name(source)} ({source.platform})"
            case "named-context":
                return f"named context {source.name}"
            case _:
                return {HTTP: "download", GIT: "git repository"}.get(source.kind, source.name)

    def _place(self, edge: Edge) -> str:
        source = self.drawing.sources.get(edge.source)
        return self.names[edge.source] if source is None else self.source_name(source)

    def _summary(self, stage: DrawnStage) -> Iterator[str]:
        """Yield kinds of edges with where they come from, FROM left out."""
        by_kind: dict[str, dict[str, None]] = {}
        for edge in self.edges[stage.id]:
            if edge.kind != FROM:
                by_kind.setdefault(edge.kind, {})[self._place(edge)] = None
        for kind, places in by_kind.items():
            yield f"{kind} {', '.join(places)}"

    def _body(self, stage: DrawnStage) -> Iterator[tuple[str, str]]:
        """Yield the steps of a stage; those that the progress does not count share lines."""
        if stage.doc:
            yield f"  # {stage.doc}", ""
        sources: dict[int, list[Edge]] = {}
        for edge in self.edges[stage.id]:
            sources.setdefault(edge.step, []).append(edge)
        digits = len(str(stage.total))
        indent = " " * (2 * digits + 4)
        for is_counted, group in groupby(enumerate(stage.steps), key=lambda item: bool(item[1].number)):
            if not is_counted:
                yield indent + " · ".join(shown(step) for _, step in group), ""
                continue
            for index, step in group:
                number = f"  {step.number:>{digits}}/{stage.total} "
                yield number + shown(step), self._origins(sources.get(index, ()))

    def _origins(self, edges: Iterable[Edge]) -> str:
        places = {f"{self._place(edge)}{' (mount)' if edge.kind == MOUNT else ''}": None for edge in edges}
        return f"  ◂ {', '.join(places)}" if places else ""


def _numbers(ids: Iterable[str]) -> list[int]:
    """Return the positions of the stages among ``ids``."""
    return [int(number) for kind, _, number in (id_.partition(":") for id_ in ids) if kind == "stage"]


def _fitted(text: str, note: str, width: int) -> str:
    """Return ``text`` and ``note`` in ``width`` columns, the text cut where it must be."""
    room = max(width - len(note), LEAST_TEXT // 2)
    return (text if len(text) <= room else text[: room - 1] + "…") + note


def _outside(drawing: Drawing, picture: _Picture) -> str:
    """Return a table of images, contexts and downloads with the stages that use them."""
    users: dict[str, dict[str, None]] = {}
    for edge in drawing.edges:
        users.setdefault(edge.source, {})[picture.names[edge.target]] = None
    order = (IMAGE, CONTEXT, NAMED, HTTP, GIT)
    rows = [
        (
            source.kind.replace("-", " "),
            short_name(source),
            source.platform or source.detail,
            ", ".join(some(list(users[source.id]), MOST_USERS)),
        )
        for source in sorted(drawing.sources.values(), key=lambda source: order.index(source.kind))
    ]
    if not rows:
        return ""
    return table([("SOURCE", "NAME", "PLATFORM, PLACE", "USED BY"), *rows], 3)
