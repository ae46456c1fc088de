"""The stage graph as an SVG picture for light and dark pages, without Graphviz."""

from __future__ import annotations

import re
from hashlib import sha256

from pyfrontend.driver.subrequests.graph.cards import (
    TEXT,
    lay_out_cards,
    make_cards,
    paint,
    text_element,
    width,
    xml,
)
from pyfrontend.driver.subrequests.graph.labels import headline, not_shown
from pyfrontend.driver.subrequests.graph.legend import LINK, SOURCE, Entry, legend
from pyfrontend.driver.subrequests.graph.look import PREFIX, link_class, source_class, style_sheet
from pyfrontend.driver.subrequests.graph.view import Limit, make_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyfrontend.driver.subrequests.graph.choice import Choice
    from pyfrontend.driver.subrequests.graph.layout import Layout, Way
    from pyfrontend.driver.subrequests.graph.model import Drawing
    from pyfrontend.driver.subrequests.graph.view import Link, View

#: A larger picture would be unreadable and slow to lay out.
LIMIT = Limit(boxes=150, links=1000)
MARGIN = 20.0
HEADLINE = 44.0
NOTE_LINE, LEGEND_LINE = 18.0, 22.0
#: How long the tip of an arrow is, and how much of it the line leaves free.
TIP, FREE = 8, 6
SAMPLE, LEGEND_GAP, FOOTER_GAP = 38.0, 24.0, 18.0
#: No picture is narrower than an entry of the legend.
LEAST_WIDTH = 320.0
#: The classes of an element; texts have their quotes escaped, so this is in no text.
CLASSES = re.compile(r'(?<= class=")[^"]+')


def render(drawing: Drawing, choice: Choice) -> str:
    """Return the drawing as an SVG document."""
    view = make_view(drawing, choice, LIMIT)
    cards = make_cards(view)
    layout = lay_out_cards(cards, view.links)
    # What the target needs is drawn on top of what it does not.
    links = sorted(view.links, key=lambda link: link.is_reached)
    body = [part for link in links for part in _link(link, layout)]
    body += [part for id_, card in cards.items() for part in paint(card, *layout.corners[id_])]
    return _document(view, layout, body)


def _document(view: View, layout: Layout, body: list[str]) -> str:
    title = headline(view)
    notes = not_shown(view)
    inner = max(layout.width, LEAST_WIDTH, *(width(text, TEXT) for text in (title, *notes)))
    footer, footer_height = _footer(legend(view), notes, inner)
    wide, high = round(inner + 2 * MARGIN), round(HEADLINE + layout.height + footer_height + MARGIN)
    root = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
        f' role="img" aria-label="{xml(title)}">'
    )
    shapes = [
        f'<rect class="page" x=".5" y=".5" width="{wide - 1}" height="{high - 1}" rx="10"/>',
        text_element((MARGIN, 26), title, "title"),
        *_group(MARGIN + (inner - layout.width) / 2, HEADLINE, body),
        *_group(MARGIN, HEADLINE + layout.height, footer),
    ]
    return _scoped(root, "\n".join(shapes))


def _scoped(root: str, shapes: str) -> str:
    """Return the document with a style sheet and classes that touch nothing else of a page, nor it them.

    A page may contain other pictures, and its own classes such as "card".  The name of the scope comes
    from the content, so that the same graph is always the same text.
    """
    scope = f"{PREFIX}{sha256(f'{root}{shapes}'.encode(errors='surrogatepass')).hexdigest()[:8]}"
    shapes = CLASSES.sub(lambda found: " ".join(PREFIX + name for name in found[0].split()), shapes)
    style = f"<style>\n{style_sheet(scope)}</style>"
    return f'{root.removesuffix(">")} class="{scope}">\n{style}\n{shapes}\n</svg>\n'


def _group(x: float, y: float, elements: Iterable[str]) -> Iterator[str]:
    yield f'<g transform="translate({x:.1f} {y:.1f})">'
    yield from elements
    yield "</g>"


def _footer(entries: Iterable[Entry], notes: Sequence[str], room: float) -> tuple[list[str], float]:
    """Return the legend in rows, the notes below it, and how high all that is."""
    elements: list[str] = []
    x, y = 0.0, FOOTER_GAP
    for entry in entries:
        wide = SAMPLE + width(entry.text, TEXT)
        if x and x + wide > room:
            x, y = 0.0, y + LEGEND_LINE
        elements += _group(x, y, _sample(entry))
        x += wide + LEGEND_GAP
    y += LEGEND_LINE if elements else 0
    for note in notes:
        elements.append(text_element((0, y + 12), note, "note"))
        y += NOTE_LINE
    return elements, y if elements else 0


def _sample(entry: Entry) -> Iterator[str]:
    """Yield an entry of the legend: a piece of a line or a small box, and its text."""
    if entry.kind == LINK:
        kind = entry.key
        yield f'<path class="way {kind}" d="M0 8h24"/><path class="tip {kind}" d="M30 8l-8-4v8z"/>'
    else:
        classes = source_class(entry.key) if entry.kind == SOURCE else entry.key
        yield f'<g class="{classes}"><rect class="card" y="2" width="30" height="12" rx="3"/></g>'
    yield text_element((SAMPLE, 12), entry.text, "note")


def _link(link: Link, layout: Layout) -> Iterator[str]:
    key = (link.source, link.target, link.kind)
    way = layout.ways.get(key)
    if not way:
        return
    kind = link_class(link.kind)
    is_back = key in layout.back
    x, y = way[0 if is_back else -1]
    size = TIP if is_back else -TIP
    tip = f"l-4{size: d}h8z" if layout.is_downward else f"l{size}-4v8z"
    yield "<g>" if link.is_reached else '<g class="faded">'
    yield f"<title>{xml(link.kind)}</title>"
    line = _path(way, 0 if is_back else FREE, is_downward=layout.is_downward)
    yield f'<path class="way {kind}" d="{line}"/>'
    yield f'<path class="tip {kind}" d="M{x:.1f} {y:.1f}{tip}"/>'
    yield "</g>"


def _path(way: Way, free: float, *, is_downward: bool) -> str:
    """Return a way as path data, but for the last ``free`` pixels, which the tip of the arrow covers."""
    first, *others = way
    last_x, last_y = others.pop()
    others.append((last_x, last_y - free) if is_downward else (last_x - free, last_y))
    data = f"M{first[0]:.1f} {first[1]:.1f}"
    x, y = first
    for number, (next_x, next_y) in enumerate(others):
        if number % 2 == 0:
            data += f"L{next_x:.1f} {next_y:.1f}"
        elif is_downward:
            middle = (y + next_y) / 2
            data += f"C{x:.1f} {middle:.1f} {next_x:.1f} {middle:.1f} {next_x:.1f} {next_y:.1f}"
        else:
            middle = (x + next_x) / 2
            data += f"C{middle:.1f} {y:.1f} {middle:.1f} {next_y:.1f} {next_x:.1f} {next_y:.1f}"
        x, y = next_x, next_y
    return data
