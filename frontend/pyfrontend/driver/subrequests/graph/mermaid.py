"""The stage graph in the Mermaid language, which code hosts render as a picture."""

from __future__ import annotations

import re

from pyfrontend.driver.subrequests.graph.cards import lay_out_cards, make_cards
from pyfrontend.driver.subrequests.graph.choice import DETAILS
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
    ANY_PAGE,
    BASE,
    GATE,
    LIGHT,
    MOUNTED,
    SKIPPED,
    STAGE,
    TARGET,
    link_class,
    source_class,
)
from pyfrontend.driver.subrequests.graph.view import Limit, make_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.driver.subrequests.graph.choice import Choice
    from pyfrontend.driver.subrequests.graph.layout import Layout
    from pyfrontend.driver.subrequests.graph.look import Paint
    from pyfrontend.driver.subrequests.graph.model import Drawing
    from pyfrontend.driver.subrequests.graph.view import SourceBox, StageBox, View

#: Mermaid refuses 500 links or 50,000 characters unless the page says otherwise.
LIMIT = Limit(boxes=150, links=450)
MOST_TEXT = 48_000
REDUCED = "Mermaid takes no more than 50,000 characters, so there is less detail than was chosen"
#: What would end a text or begin markup; Mermaid takes numbers of characters instead.
SPECIAL = frozenset('"#<>&{}[]()|`\\;%\u2060\u200a\u00a0')
#: What some versions take for Markdown, an escape, a formula or an icon even if it is escaped so.  Nearly
#: invisible characters next to it prevent that: word joiners or, for stars, where these do not help, thin
#: spaces.
JOINER, THIN, SPACE = "\u2060", "\u200a", "\u00a0"
DEFUSED = (
    (re.compile(r"\\|\$(?=\$)|\bfa[bklrs]?:(?=fa-)"), rf"\g<0>{JOINER}"),
    (re.compile(r"_+"), rf"{JOINER}\g<0>{JOINER}"),
    (re.compile(r"\*+"), rf"{THIN}\g<0>{THIN}"),
)
#: Long lines are not wrapped: they have their length already, and would break inside of flags.
CONFIG = '%%{init: {"flowchart": {"wrappingWidth": 2000}}}%%'
#: Shapes by class; a stage is a plain box.
SHAPES = {"image": ("([", "])"), "context": ("[/", "/]"), "named": ("[/", "/]"), "download": ("[[", "]]")}
BOX = ("[", "]")
FADED = "#7d8590,opacity:0.35"


def render(drawing: Drawing, choice: Choice) -> str:
    """Return the drawing as a Mermaid flowchart, with less in it where Mermaid would refuse it."""
    details = list(DETAILS)
    limit = LIMIT
    notes: list[str] = []
    while True:
        view = make_view(drawing, choice, limit)
        text = _flowchart(view, notes)
        level = details.index(view.detail)
        if len(text) <= MOST_TEXT or (limit.boxes == 1 and not level):
            return text
        if level:
            notes = [REDUCED]
            choice = choice._replace(detail=details[level - 1])
        else:
            limit = limit._replace(boxes=max(limit.boxes // 2, 1))


def _flowchart(view: View, notes: list[str]) -> str:
    layout = lay_out_cards(make_cards(view), view.links)
    names = {box.id: f"source{number}" for number, box in enumerate(view.sources)}
    names |= {box.id: f"stage{box.stages[0].index}" for box in view.stages}
    lines = [f"%% {_escaped(text)}" for text in (headline(view), *not_shown(view), *notes)]
    lines += [f"  {names[box.id]}{_source(box)}" for box in view.sources]
    lines += [f"  {names[box.id]}{_stage(box, view)}" for box in view.stages]
    lines += [f"  {line}" for line in (*_links(view, names, layout), *_classes())]
    return "\n".join([CONFIG, f"flowchart {'TB' if layout.is_downward else 'LR'}", *lines]) + "\n"


def _source(box: SourceBox) -> str:
    name = source_class(box.kind)
    left, right = SHAPES.get(name, BOX)
    lines = "<br/>".join(map(_escaped, source_lines(box)))
    return f'{left}"{lines}"{right}:::{name if box.is_reached else SKIPPED}'


def _stage(box: StageBox, view: View) -> str:
    lines = [_escaped(line.text) for line in stage_lines(box, view)]
    lines += [f"<i>{_escaped(badge_text(badge))}</i>" for badge in badges(box.stages)]
    name = SKIPPED if not box.is_reached else TARGET if box.is_target else STAGE
    return f'["{"<br/>".join([f"<b>{_escaped(stage_title(box))}</b>", *lines])}"]:::{name}'


def _links(view: View, names: dict[str, str], layout: Layout) -> Iterator[str]:
    """Yield the arrows, as long as in our own layout, then the legend, then the colors of all arrows."""
    colors = []
    for link in view.links:
        length = layout.layers[link.target] - layout.layers[link.source]
        yield f"{names[link.source]} {_arrow(link_class(link.kind), length)} {names[link.target]}"
        colors.append(ANY_PAGE[link_class(link.kind)] if link.is_reached else FADED)
    entries = list(legend(view))
    if entries:
        yield from _legend(entries)
        # Below everything: links would run across it.
        yield f"{names[view.drawing.target]} ~~~ legend"
    colors += [ANY_PAGE[entry.key] for entry in entries if entry.kind == LINK]
    for color in dict.fromkeys(colors):
        numbers = (str(number) for number, other in enumerate(colors) if other == color)
        yield f"linkStyle {','.join(numbers)} stroke:{color}"


def _arrow(name: str, length: int) -> str:
    """Return an arrow of the class ``name`` across ``length`` layers."""
    if name == BASE:
        return "=" * (length + 1) + ">"
    if name in {MOUNTED, GATE}:
        return f"-{'.' * length}->"
    return "-" * (length + 1) + ">"


def _legend(entries: list[Entry]) -> Iterator[str]:
    yield "subgraph legend"
    yield "  direction LR"
    for number, entry in enumerate(entries):
        text = f'legend{number}["{_escaped(entry.text)}"]'
        if entry.kind == LINK:
            yield f"  legend{number}from[ ]:::{STAGE} {_arrow(entry.key, 1)} {text}:::note"
        else:
            yield f"  {text}:::{source_class(entry.key) if entry.kind == SOURCE else entry.key}"
    yield "end"
    yield f"style legend fill:none,stroke:{LIGHT.faded}"


def _classes() -> Iterator[str]:
    for name, paint in (*LIGHT.boxes.items(), (STAGE, LIGHT.stage), (TARGET, LIGHT.target)):
        yield f"classDef {name} {_colors(paint)}"
    faded = LIGHT.stage._replace(line=LIGHT.faded)
    yield f"classDef {SKIPPED} {_colors(faded, LIGHT.weak)},stroke-dasharray:4 4"
    yield "classDef note fill:none,stroke:none"


def _colors(paint: Paint, text: str = LIGHT.strong) -> str:
    # Dark pages have light text, but these boxes stay light.
    return f"fill:{paint.fill},stroke:{paint.line},color:{text},text-align:left,white-space:nowrap"


def _escaped(text: str) -> str:
    """Return ``text`` for a label: nothing that Mermaid would read as its own, and two spaces as two."""
    text = text.replace("  ", SPACE * 2)
    for pattern, replacement in DEFUSED:
        text = pattern.sub(replacement, text)
    return "".join(f"#{ord(sign)};" if sign in SPECIAL else sign for sign in text)
