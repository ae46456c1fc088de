"""The stage graph for a terminal: stages from top to bottom, and lanes that connect them."""

from __future__ import annotations

import re
from itertools import groupby

from pyfrontend.display import one_line
from pyfrontend.driver.subrequests.document import table
from pyfrontend.driver.subrequests.graph.choice import FULL, STEPS
from pyfrontend.driver.subrequests.graph.labels import (
    DOTS,
    MOST_NAMES,
    full_texts,
    headline,
    listed,
    location,
    marked,
    not_shown,
    short_name,
    with_mount_types,
    wrapped,
)
from pyfrontend.driver.subrequests.graph.lanes import Lanes
from pyfrontend.driver.subrequests.graph.model import FROM, IMAGE, MOUNT, NAMED, REQUIRES
from pyfrontend.driver.subrequests.graph.view import make_view
from pyfrontend.syntax.inputs import CONTEXT, GIT, HTTP, SCRATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyfrontend.driver.subrequests.graph.choice import Choice
    from pyfrontend.driver.subrequests.graph.model import Drawing, DrawnStage, DrawnStep, Edge
    from pyfrontend.driver.subrequests.graph.view import SourceBox, StageBox, View

#: Columns of a drawing; with many lanes it may be wider, to keep `LEAST_TEXT`.
WIDTH = 110
LEAST_TEXT = 80
#: Stage names are aligned up to this length.
MOST_NAME = 24
#: Lines of one instruction where nothing is cut.
MOST_LINES = 1000
#: Places that a stage takes files from, named in its heading.
MOST_PLACES = 4
STEP_NUMBER = re.compile(r"\s*(\d+/ *\d+ )")
TARGET, NEEDED, SKIPPED = "◉", "●", "○"
ORDER = (IMAGE, CONTEXT, NAMED, HTTP, GIT)
MOUNTS = ("secret", "ssh", "cache")
LEGEND = """\
│  leads from a stage to the last stage that takes files from it; ├ ┤ branch off, ╰ ╯ end it, ─│─ passes it
2/4  number of the step in the progress of a build; instructions without a number make no step
◂  where the files of a step come from; "(mount)" where they are mounted, not copied
↵  line break of a script"""


def render(drawing: Drawing, choice: Choice) -> str:
    """Return the drawing as text, with a list of what comes from outside below it."""
    view = make_view(drawing, choice)
    picture = _Picture(view)
    parts = [headline(view), picture.text(), _outside(view), _signs(view), "\n".join(not_shown(view))]
    if view.has_legend:
        parts.insert(-1, LEGEND)
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def _signs(view: View) -> str:
    signs = [f"{TARGET} target", f"{NEEDED} needed"]
    if any(not box.is_reached for box in view.stages):
        signs.append(f"{SKIPPED} skipped")
    return "   ".join(signs)


class _Picture:
    """Draws the boxes of a view, each with what it takes from others."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.has_steps = view.detail in {STEPS, FULL}
        self.rows = {box.id: number for number, box in enumerate(view.stages)}
        self.sources = {box.id: box for box in view.sources}
        self.titles = {box.id: _names(box) for box in view.stages}
        self.edges: dict[str, list[Edge]] = {}
        if self.has_steps:
            for edge in view.drawing.edges:
                self.edges.setdefault(edge.target, []).append(edge)
        self.places: dict[str, dict[str, dict[str, None]]] = {box.id: {} for box in view.stages}
        self.needs: dict[str, list[int]] = {box.id: [] for box in view.stages}
        for link in view.links:
            self.places[link.target].setdefault(link.kind, {})[link.source] = None
            if link.source in self.rows:
                self.needs[link.target].append(self.rows[link.source])
        self.name_width = min(max(len(title) for title in self.titles.values()), MOST_NAME)

    def text(self) -> str:
        """Return all boxes; without steps the sources of a stage stand in its heading."""
        rows = list(self._rows())
        gutter = max(len(signs) for signs, _, _ in rows) + 2
        width = max(WIDTH - gutter, LEAST_TEXT)
        lines = []
        for signs, text, note in rows:
            if self.view.detail == FULL and not note:
                below = "".join("│" if sign in "│├┤┼" else " " for sign in signs)
                number = STEP_NUMBER.match(text)
                indent = " " * len(number[1]) if number else ""
                first, *others = wrapped(text, width, MOST_LINES, indent) or [""]
                lines.append(f"{signs:<{gutter}}{first}")
                lines += [f"{below:<{gutter}}{line}" for line in others]
            else:
                lines.append(f"{signs:<{gutter}}{_fitted(one_line(text), one_line(note), width)}")
        return "\n".join(line.rstrip() for line in lines)

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        """Yield the lines as three parts: lanes, text that may be cut, and what follows it."""
        lanes = Lanes(list(self.needs.values()))
        for row, box in enumerate(self.view.stages):
            bases = (self.rows[id_] for id_ in self.places[box.id].get(FROM, ()) if id_ in self.rows)
            if row and self.has_steps:
                yield lanes.between(), "", ""
            yield lanes.row(row, _bullet(box), next(bases, -1)), self._heading(box), _note(box)
            if self.has_steps:
                for body, note in self._body(box.stages[0]):
                    yield lanes.between(), body, note

    def _heading(self, box: StageBox) -> str:
        by_kind = self.places[box.id]
        first = self._places(by_kind[FROM]) if FROM in by_kind else SCRATCH
        parts = [f"{FROM} {first}"]
        kinds = [REQUIRES] if self.has_steps else by_kind
        parts += [
            f"{kind} {self._places(by_kind[kind])}" for kind in kinds if kind in by_kind and kind != FROM
        ]
        return f"{self.titles[box.id]:<{self.name_width}}  {' · '.join(parts)}"

    def _places(self, ids: Iterable[str]) -> str:
        return listed([self._place(id_) for id_ in ids], MOST_PLACES)

    def _place(self, id_: str) -> str:
        box = self.sources.get(id_)
        if box is None:
            return self.titles[id_] if id_ in self.titles else self.view.drawing.sources[id_].name
        return _source_name(box)

    def _body(self, stage: DrawnStage) -> Iterator[tuple[str, str]]:
        """Yield the steps of a stage; those that the progress does not count share lines."""
        if stage.doc:
            yield f"  # {stage.doc}", ""
        sources: dict[int, list[Edge]] = {}
        for edge in self.edges.get(stage.id, ()):
            sources.setdefault(edge.step, []).append(edge)
        digits = len(str(stage.total))
        indent = " " * (2 * digits + 4)
        for is_counted, group in groupby(enumerate(stage.steps), key=_has_own_line):
            if not is_counted and self.view.detail == STEPS:
                yield indent + " · ".join(_shown(step) for _, step in group), ""
                continue
            for index, step in group:
                number = f"  {step.number:>{digits}}/{stage.total} " if step.number else indent
                origins = self._origins(sources.get(index, ()))
                if self.view.detail == STEPS:
                    yield number + _shown(step), origins
                else:
                    yield from self._full(step, number, indent, origins)

    def _full(self, step: DrawnStep, number: str, indent: str, origins: str) -> Iterator[tuple[str, str]]:
        """Yield an instruction uncut."""
        first, *others = full_texts(step)
        yield number + first + origins, ""
        for line in others:
            yield indent + line, ""

    def _origins(self, edges: Iterable[Edge]) -> str:
        places = {
            f"{self._place(edge.source)}{' (mount)' if edge.kind == MOUNT else ''}": None for edge in edges
        }
        return f"  ◂ {', '.join(places)}" if places else ""


def _has_own_line(item: tuple[int, DrawnStep]) -> bool:
    _, step = item
    return step.skipped or bool(step.number)


def _names(box: StageBox) -> str:
    """Return the name of a stage, or those of a group as far as they help."""
    first, last = box.stages[0].name, box.stages[-1].name
    return first if len(box.stages) == 1 else f"{first} {DOTS} {last}"


def _bullet(box: StageBox) -> str:
    if box.is_target:
        return TARGET
    return NEEDED if box.is_reached else SKIPPED


def _note(box: StageBox) -> str:
    """Return what follows the heading: where the stage is in the file."""
    count = f"{len(box.stages)} stages, " if len(box.stages) > 1 else ""
    return f"  {count}{location(box)}{'' if box.is_reached else ', skipped'}"


def _source_name(box: SourceBox) -> str:
    """Return what a source is called in the picture."""
    source = box.sources[0]
    if len(box.sources) > 1:
        return f"{_source_name(box._replace(sources=(source,)))} {DOTS} ({len(box.sources)})"
    match source.kind:
        case "image":
            return f"{short_name(source)} ({source.platform})"
        case "named-context":
            return f"named context {source.name}"
        case _:
            return {HTTP: "download", GIT: "git repository"}.get(source.kind, source.name)


def _shown(step: DrawnStep) -> str:
    return marked(step, with_mount_types(step.text))


def _fitted(text: str, note: str, width: int) -> str:
    """Return ``text`` and ``note`` in ``width`` columns, the text cut where it must be."""
    room = max(width - len(note), LEAST_TEXT // 2)
    return (text if len(text) <= room else text[: room - 1] + DOTS) + note


def _outside(view: View) -> str:
    """Return a table of images, contexts, downloads and mounts with the stages that use them."""
    users: dict[str, dict[str, None]] = {box.id: {} for box in view.sources}
    names = {box.id: _names(box) for box in view.stages}
    for link in view.links:
        if link.source in users:
            users[link.source][names[link.target]] = None
    rows = [
        (
            box.kind.replace("-", " "),
            listed([short_name(source) for source in box.sources], MOST_NAMES),
            ", ".join(filter(None, (box.sources[0].platform, box.sources[0].detail))),
            listed(list(users[box.id]), MOST_NAMES),
        )
        for box in sorted(view.sources, key=lambda box: ORDER.index(box.kind))
    ]
    rows += _mounts(view.stages)
    if not rows:
        return ""
    safe = [tuple(map(one_line, row)) for row in rows]
    return table([("SOURCE", "NAME", "PLATFORM / LOCATION", "USED BY"), *safe], 3)


def _mounts(boxes: Iterable[StageBox]) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each secret, ssh agent and cache."""
    users: dict[tuple[str, str], dict[str, None]] = {}
    targets: dict[tuple[str, str], dict[str, None]] = {}
    for box in boxes:
        for mount in (mount for stage in box.stages for step in stage.steps for mount in step.mounts):
            key = (mount.kind, mount.id)
            users.setdefault(key, {})[_names(box)] = None
            if mount.target and mount.target != mount.id:
                targets.setdefault(key, {})[mount.target] = None
    for key in sorted(users, key=lambda key: MOUNTS.index(key[0])):
        places = listed(list(targets.get(key, ())), MOST_PLACES)
        yield *key, places, listed(list(users[key]), MOST_NAMES)
