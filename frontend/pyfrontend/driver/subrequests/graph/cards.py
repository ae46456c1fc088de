"""The boxes of an SVG picture: the content of a card in, its size and its SVG elements out.

All text is in a fixed-width font, so that its width is known without a font file.  Lengths are in pixels.
"""

from __future__ import annotations

from unicodedata import combining, east_asian_width

from pyfrontend.driver.subrequests.graph.labels import (
    NOTE,
    QUIET,
    STEP,
    Line,
    badge_text,
    badges,
    location,
    source_lines,
    stage_lines,
    stage_title,
)
from pyfrontend.driver.subrequests.graph.layout import Size, lay_out
from pyfrontend.driver.subrequests.graph.look import SKIPPED, STAGE, TARGET, source_class
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyfrontend.driver.subrequests.graph.labels import Badge
    from pyfrontend.driver.subrequests.graph.layout import Layout, Point
    from pyfrontend.driver.subrequests.graph.view import Link, SourceBox, StageBox, View

#: Sizes of type: names of stages, text, tags and badges.
NAME, TEXT, SMALL = 13.0, 11.0, 10.0
#: Width of a sign in common fixed-width fonts, by size of type: none of them is wider.
SIGN = 0.603
LINE = 16.0
PAD = 12.0
HEADER = 30.0
BADGE, BADGE_GAP, ICON = 17.0, 6.0, 12.0
#: Badges make a card no wider than this.
MOST_BADGE_ROW = 300.0
LEAST_WIDTH = 110.0
#: Drawn in a field of 10 by 10.
ICONS = {
    "secret": "M6.5 3.5a2.5 2.5 0 1 0-1.2 2.1l3.7 3.7M7.3 7.6l1.2-1.2",
    "ssh": "M1 2.2l3 2.8-3 2.8M5.2 8.4h4",
    "cache": "M1.5 2.6c0-2 7-2 7 0v4.8c0 2-7 2-7 0zM1.5 2.6c0 2 7 2 7 0M1.5 5c0 2 7 2 7 0",
}
#: Scripts that fixed-width fonts have, and signs such as dashes and arrows.
COMMON = (range(0x590), range(0x2000, 0x2E80))
LINE_CLASSES = {QUIET: "quiet", NOTE: "note"}


class Card(NamedTuple):
    """A stage with a header, or a source without one; ``tip`` is shown where the pointer rests."""

    title: str
    tag: str
    lines: Sequence[Line]
    badges: Sequence[Badge]
    classes: str
    has_header: bool
    tip: str

    @property
    def badge_rows(self) -> list[list[Badge]]:
        """The badges, by row."""
        return list(
            _rows(self.badges, max([MOST_BADGE_ROW, *(width(line.text, TEXT) for line in self.lines)]))
        )

    @property
    def size(self) -> Size:
        """The size that everything fits in."""
        tag = width(self.tag, SMALL) + PAD if self.tag else 0
        texts = [width(line.text, TEXT) for line in self.lines]
        title = width(self.title, NAME if self.has_header else TEXT)
        texts += [sum(map(_badge_width, row)) + BADGE_GAP * (len(row) - 1) for row in self.badge_rows]
        inner = max(title + tag, *texts, LEAST_WIDTH - 2 * PAD)
        wide = round(inner + 2 * PAD)
        rows = len(self.badge_rows)
        below = LINE * len(self.lines) + BADGE * rows + BADGE_GAP * max(rows - 1, 0)
        if not self.has_header:
            return Size(wide, LINE + below + PAD)
        gap = BADGE_GAP if rows and self.lines else 0
        return Size(wide, HEADER + (PAD + below + gap + (PAD / 4 if rows else 0) if below else 0))


def make_cards(view: View) -> dict[str, Card]:
    """Return a card for each box of ``view``, by id."""
    cards = {box.id: _source_card(box) for box in view.sources}
    return cards | {box.id: _stage_card(box, view) for box in view.stages}


def lay_out_cards(cards: Mapping[str, Card], links: Iterable[Link]) -> Layout:
    """Return the layout of ``cards``."""
    sizes = {id_: card.size for id_, card in cards.items()}
    return lay_out(sizes, [(link.source, link.target, link.kind) for link in links])


def _stage_card(box: StageBox, view: View) -> Card:
    state = TARGET if box.is_target else "" if box.is_reached else SKIPPED
    return Card(
        stage_title(box),
        state,
        stage_lines(box, view),
        badges(box.stages),
        state or STAGE,
        True,
        location(box),
    )


def _source_card(box: SourceBox) -> Card:
    title, *others = source_lines(box)
    classes = f"{source_class(box.kind)}{'' if box.is_reached else ' skipped'}"
    return Card(title, "", [Line(NOTE, text) for text in others], (), classes, False, "")


def paint(card: Card, x: float, y: float) -> Iterator[str]:
    """Yield the elements of ``card`` with its upper left corner at ``x`` and ``y``."""
    size = card.size
    yield f'<g class="{card.classes}" transform="translate({x:.1f} {y:.1f})">'
    if card.tip:
        yield f"<title>{xml(card.tip)}</title>"
    yield f'<rect class="card" width="{size.width:g}" height="{size.height:g}" rx="7"/>'
    if card.has_header:
        yield _header(size)
        yield text_element((PAD, 19.5), card.title, "name")
        if card.tag:
            yield text_element((size.width - PAD - width(card.tag, SMALL), 19), card.tag, "tag")
        position = HEADER + PAD / 2
    else:
        yield text_element((PAD, PAD / 2 + 11.5), card.title, "first")
        position = PAD / 2 + LINE
    for line in card.lines:
        yield _line(line, position + 11.5)
        position += LINE
    position += BADGE_GAP if card.lines else 2
    for row in card.badge_rows:
        yield from _badges(row, position)
        position += BADGE + BADGE_GAP
    yield "</g>"


def _header(size: Size) -> str:
    """Return the background of the header, square below where something follows."""
    if size.height <= HEADER:
        wide = f"{size.width - 1:g}"
        return f'<rect class="head" x=".5" y=".5" width="{wide}" height="{HEADER - 1:g}" rx="6.5"/>'
    corners = f"V7a6.5 6.5 0 0 1 6.5-6.5H{size.width - 7:g}a6.5 6.5 0 0 1 6.5 6.5V{HEADER:g}"
    return f'<path class="head" d="M.5 {HEADER:g}{corners}z"/>'


def _line(line: Line, y: float) -> str:
    word, space, rest = line.text.partition(" ")
    if line.kind == STEP and word:
        return text_element((PAD, y), rest, "", word=word + space)
    return text_element((PAD, y), line.text, LINE_CLASSES.get(line.kind, ""))


def _badges(row: Iterable[Badge], y: float) -> Iterator[str]:
    x = PAD
    for badge in row:
        yield from _badge(badge, x, y)
        x += _badge_width(badge) + BADGE_GAP


def _badge(badge: Badge, x: float, y: float) -> Iterator[str]:
    icon = ICONS.get(badge.kind, "")
    yield f'<g class="badge" transform="translate({x:.1f} {y:.1f})">'
    yield f'<rect width="{_badge_width(badge):.1f}" height="{BADGE:g}" rx="{BADGE / 2:g}"/>'
    if icon:
        yield f'<path d="{icon}" transform="translate(6 3.5)"/>'
    yield text_element((BADGE_GAP + (ICON + 2 if icon else 2), 12), badge_text(badge), "")
    yield "</g>"


def _badge_width(badge: Badge) -> float:
    return width(badge_text(badge), SMALL) + 2 * BADGE_GAP + (ICON + 2 if badge.kind in ICONS else 2)


def _rows(badges: Iterable[Badge], room: float) -> Iterator[list[Badge]]:
    row: list[Badge] = []
    used = 0.0
    for badge in badges:
        wide = _badge_width(badge)
        if row and used + wide > room:
            yield row
            row, used = [], 0.0
        row.append(badge)
        used += wide + BADGE_GAP
    if row:
        yield row


def text_element(place: Point, text: str, classes: str, *, word: str = "") -> str:
    """Return a line of text, ``word`` before it in another color."""
    x, y = place
    marked = f'<tspan class="word">{xml(word)}</tspan>' if word else ""
    class_ = f' class="{classes}"' if classes else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{class_}>{marked}{xml(text)}</text>'


def width(text: str, size: float) -> float:
    """Return the width that ``text`` has at most."""
    if text.isascii():
        return len(text) * size * SIGN
    return size * SIGN * sum(map(_signs, text))


def _signs(sign: str) -> float:
    """Return how many common signs one of any script is wide: it may come from a font of another width."""
    if combining(sign):
        return 0
    if east_asian_width(sign) in {"W", "F"}:
        return 2.2
    return 1 if any(ord(sign) in signs for signs in COMMON) else 1.6


def xml(text: str) -> str:
    """Return ``text`` as XML text, spaces as they are."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    # Two spaces would become one.
    return text.replace("  ", "\u00a0\u00a0")
