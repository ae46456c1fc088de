"""The stage graph in Mermaid's language, which the pages of code hosts show as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.driver.subrequests.graph.grouping import Link, label_lines, links, source_lines
from pyfrontend.driver.subrequests.graph.model import COPY_FROM, FROM, MOUNT

if TYPE_CHECKING:
    from pyfrontend.driver.subrequests.graph.model import Drawing, DrawnStage, Source

#: What would end a text or begin markup; Mermaid takes numbers of characters instead.
SPECIAL = frozenset('"#<>&{}[]()|`\\;')
ARROWS = {FROM: "==>", COPY_FROM: "-->", MOUNT: "-.->"}
#: Shapes by the kind of a source; the others are like a download.
SHAPES = {"image": ("([", "])"), "context": ("[/", "/]"), "named-context": ("[/", "/]")}
CLASSES = """\
  classDef stage text-align:left
  classDef target stroke-width:4px
  classDef skipped stroke-dasharray:4 4,opacity:0.6
"""


def render(drawing: Drawing) -> str:
    """Return the drawing as a Mermaid flowchart."""
    reached = drawing.reached_ids()
    names = _names(drawing)
    lines = ["flowchart TB"]
    lines += [f"  {names[source.id]}{_shape(source)}" for source in drawing.sources.values()]
    lines += [f"  {names[stage.id]}{_box(stage)}" for stage in drawing.stages]
    lines += [f"  {_arrow(link, names)}" for link in links(drawing)]
    lines += CLASSES.splitlines()
    lines += _class("stage", [names[stage.id] for stage in drawing.stages])
    lines += _class("target", [names[drawing.target]])
    lines += _class("skipped", [name for id_, name in names.items() if id_ not in reached])
    return "\n".join(lines) + "\n"


def _names(drawing: Drawing) -> dict[str, str]:
    """Return names that need no quotes: ``stage0``, ``source0`` and so on."""
    names = {source: f"source{number}" for number, source in enumerate(drawing.sources)}
    return names | {stage.id: f"stage{stage.index}" for stage in drawing.stages}


def _class(name: str, members: list[str]) -> list[str]:
    return [f"  class {','.join(members)} {name}"] if members else []


def _shape(source: Source) -> str:
    left, right = SHAPES.get(source.kind, ("[[", "]]"))
    return f"{left}{_text(source_lines(source))}{right}"


def _box(stage: DrawnStage) -> str:
    heading, *steps = label_lines(stage)
    return f'["<b>{_escaped(heading)}</b>' + "".join(f"<br/>{_escaped(line)}" for line in steps) + '"]'


def _arrow(link: Link, names: dict[str, str]) -> str:
    arrow = ARROWS.get(link.kind, "-->")
    return f"{names[link.source]} {arrow}|{_text([link.kind, *link.paths])}| {names[link.target]}"


def _text(lines: list[str]) -> str:
    return '"' + "<br/>".join(map(_escaped, lines)) + '"'


def _escaped(text: str) -> str:
    return "".join(f"#{ord(sign)};" if sign in SPECIAL else sign for sign in text)
