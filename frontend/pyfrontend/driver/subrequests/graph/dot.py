"""The stage graph in the Graphviz language; ``dot -Tsvg`` turns it into a picture."""

from __future__ import annotations

from pyfrontend.driver.subrequests.graph.cards import lay_out_cards, make_cards
from pyfrontend.driver.subrequests.graph.labels import (
    badge_text,
    badges,
    headline,
    not_shown,
    source_lines,
    stage_lines,
    stage_title,
)
from pyfrontend.driver.subrequests.graph.legend import LINK, SOURCE, Entry, legend
from pyfrontend.driver.subrequests.graph.look import (
    BASE,
    GATE,
    LIGHT,
    MOUNTED,
    SKIPPED,
    Paint,
    link_class,
    source_class,
)
from pyfrontend.driver.subrequests.graph.view import Limit, make_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.driver.subrequests.graph.choice import Choice
    from pyfrontend.driver.subrequests.graph.model import Drawing
    from pyfrontend.driver.subrequests.graph.view import Link, SourceBox, StageBox, View

#: Graphviz takes minutes for much more.
LIMIT = Limit(boxes=150, links=1000)
FONT = 'fontname="Helvetica,Arial,sans-serif"'
#: Width and dashes of links by class.
STROKES = {BASE: ", penwidth=2.5", MOUNTED: ", style=dashed", GATE: ", style=dotted"}
SKIPPED_LOOK = 'style="rounded,dashed", color="gray60", fontcolor="gray50"'


def render(drawing: Drawing, choice: Choice) -> str:
    """Return the drawing as a directed graph."""
    view = make_view(drawing, choice, LIMIT)
    layout = lay_out_cards(make_cards(view), view.links)
    lines = [
        f"rankdir={'TB' if layout.is_downward else 'LR'}, nodesep=0.3, ranksep=0.45",
        f"label={_label([headline(view), *not_shown(view)])}, labelloc=t, labeljust=l, {FONT}, fontsize=10",
    ]
    lines = [f"graph [{line}]" for line in lines]
    lines.append(
        f'node [shape=box, style="rounded,filled", {FONT}, fontsize=10, margin="0.13,0.08", height=0]'
    )
    lines.append("edge [arrowsize=0.7]")
    lines += [_source(box) for box in view.sources]
    lines += [_stage(box, view) for box in view.stages]
    for link in view.links:
        lines.append(_link(link, layout.layers[link.target] - layout.layers[link.source]))
    lines += _legend(view)
    return "digraph Dockerfile {\n" + "".join(f"  {line};\n" for line in lines) + "}\n"


def _source(box: SourceBox) -> str:
    look = _look(LIGHT.boxes[source_class(box.kind)]) if box.is_reached else SKIPPED_LOOK
    return f"{_name(box.id)} [label={_label(source_lines(box))}, {look}]"


def _stage(box: StageBox, view: View) -> str:
    rows = f'<b><font point-size="12">{_markup(stage_title(box))}</font></b>'
    small = [_markup(line.text) for line in stage_lines(box, view)]
    small += [f"<i>{_markup(badge_text(badge))}</i>" for badge in badges(box.stages)]
    if small:
        rows += "<br/>" + "".join(f'{line}<br align="left"/>' for line in small)
    look = _look(LIGHT.target if box.is_target else LIGHT.stage) if box.is_reached else SKIPPED_LOOK
    return f"{_name(box.id)} [label=<{rows}>, {look}]"


def _look(paint: Paint) -> str:
    return f'fillcolor="{_long(paint.fill)}", color="{_long(paint.line)}"'


def _long(color: str) -> str:
    """Return a color in six digits: Graphviz knows no short ones."""
    return "#" + "".join(2 * digit for digit in color[1:]) if len(color) == 4 else color


def _link(link: Link, layers: int) -> str:
    """Return an edge over as many ranks as in our own layout, which keeps the picture narrow."""
    name = link_class(link.kind)
    color = LIGHT.links[name] if link.is_reached else LIGHT.faded
    length = f", minlen={layers}" if layers > 1 else ""
    ends = f"{_name(link.source)} -> {_name(link.target)}"
    return f'{ends} [tooltip={_label([link.kind])}, color="{color}"{STROKES.get(name, "")}{length}]'


def _legend(view: View) -> Iterator[str]:
    rows = "".join(
        f'<tr>{_sample(entry)}<td align="left">{_markup(entry.text)}</td></tr>' for entry in legend(view)
    )
    if rows:
        table = f'<table border="0" cellspacing="3" cellpadding="2">{rows}</table>'
        yield f"legend [shape=plain, style=solid, label=<{table}>]"


def _sample(entry: Entry) -> str:
    """Return the cell that shows what an entry of the legend explains."""
    if entry.kind == LINK:
        arrow = {BASE: "<b>→</b>", MOUNTED: "⇢", GATE: "⇢"}.get(entry.key, "→")
        return f'<td><font color="{LIGHT.links[entry.key]}">{arrow}</font></td>'
    if entry.key == SKIPPED:
        return '<td border="1" color="gray60" width="24" style="dashed"></td>'
    paint = LIGHT.boxes[source_class(entry.key)] if entry.kind == SOURCE else LIGHT.target
    return f'<td border="1" color="{paint.line}" bgcolor="{_long(paint.fill)}" width="24"></td>'


def _label(lines: list[str]) -> str:
    """Return a string of Graphviz as it is shown: lines to the left if there are several."""
    ends = "\\l" if len(lines) > 1 else ""
    # Graphviz reads entities of HTML in labels, but not in names.
    return '"' + "".join(_escaped(line.replace("&", "&amp;")) + ends for line in lines) + '"'


def _name(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _markup(text: str) -> str:
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(sign, name)
    return text
