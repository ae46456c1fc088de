"""The stage graph in the language of Graphviz: ``dot -Tsvg`` makes a picture of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.driver.subrequests.graph.grouping import Link, label_lines, links, source_lines
from pyfrontend.driver.subrequests.graph.model import COPY_FROM, FROM, MOUNT

if TYPE_CHECKING:
    from pyfrontend.driver.subrequests.graph.model import Drawing, DrawnStage, Source

HEAD = """\
digraph Dockerfile {
  rankdir=TB;
  node [fontname="Helvetica,Arial,sans-serif", fontsize=11, margin="0.16,0.1"];
  node [shape=box, style="rounded,filled", fillcolor="white"];
  edge [fontname="Helvetica,Arial,sans-serif", fontsize=9];
"""
#: Shape and colour by the kind of a source; the others are like a download.
SOURCES = {
    "image": 'shape=box3d, style=filled, fillcolor="#dbeafe"',
    "context": 'shape=folder, style=filled, fillcolor="#fef3c7"',
    "named-context": 'shape=folder, style=filled, fillcolor="#fde68a"',
}
DOWNLOAD = 'shape=note, style=filled, fillcolor="#ede9fe"'
SKIPPED = 'color="gray60", fontcolor="gray50", style="rounded,dashed"'
TARGET = 'penwidth=3, fillcolor="#dcfce7"'
EDGES = {FROM: "penwidth=2", COPY_FROM: "style=solid", MOUNT: "style=dashed"}
OTHER_EDGE = "style=solid, arrowhead=empty"


def render(drawing: Drawing) -> str:
    """Return the drawing as a directed graph."""
    reached = drawing.reached_ids()
    lines = [_source(source, is_reached=source.id in reached) for source in drawing.sources.values()]
    lines += [_stage(stage, is_target=stage.id == drawing.target) for stage in drawing.stages]
    lines += [_edge(link, is_reached=link.target in reached) for link in links(drawing)]
    return HEAD + "".join(f"  {line};\n" for line in lines) + "}\n"


def _source(source: Source, *, is_reached: bool) -> str:
    look = SOURCES.get(source.kind, DOWNLOAD)
    faded = "" if is_reached else ', color="gray60", fontcolor="gray50", fillcolor="white"'
    return f"{_quoted([source.id])} [label={_quoted(source_lines(source))}, {look}{faded}]"


def _stage(stage: DrawnStage, *, is_target: bool) -> str:
    heading, *steps = label_lines(stage)
    rows = f"<b>{_markup(heading)}</b>"
    if steps:
        small = "".join(f'{_markup(line)}<br align="left"/>' for line in steps)
        rows += f'<br/><font point-size="9">{small}</font>'
    look = f", {TARGET}" if is_target else "" if stage.reached else f", {SKIPPED}"
    return f"{_quoted([stage.id])} [label=<{rows}>{look}]"


def _edge(link: Link, *, is_reached: bool) -> str:
    look = EDGES.get(link.kind, OTHER_EDGE)
    faded = "" if is_reached else ', color="gray60", fontcolor="gray50"'
    # Graphviz puts the text right at the line: blanks keep it off.
    label = _quoted([f"  {line}  " for line in (link.kind, *link.paths)])
    return f"{_quoted([link.source])} -> {_quoted([link.target])} [label={label}, {look}{faded}]"


def _quoted(lines: list[str]) -> str:
    """Return a string of Graphviz: lines centred, and nothing in them that it would interpret."""
    plain = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(plain) + '"'


def _markup(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, name)
    return text
