"""Pictures as a browser shows them: SVG documents or Mermaid texts go in, where everything is comes out."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import tempfile
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Folder with a ``mermaid-VERSION.js`` for each version to try; hack/test fills it.
MERMAID = Path(os.environ.get("PYFRONTEND_MERMAID", "/nonexistent"))
REQUIRED = os.environ.get("PYFRONTEND_PICTURE_TESTS") == "required"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--virtual-time-budget=60000", "--dump-dom"),
)


class Box(NamedTuple):
    """A rectangle, in pixels."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, other: Box, slack: float = 0.75) -> bool:
        """Whether ``other`` is inside, up to rounding."""
        return (
            self.x - slack <= other.x
            and self.y - slack <= other.y
            and other.x + other.width <= self.x + self.width + slack
            and other.y + other.height <= self.y + self.height + slack
        )

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area worth mentioning."""
        return (
            self.x + self.width - 1 > other.x
            and other.x + other.width - 1 > self.x
            and self.y + self.height - 1 > other.y
            and other.y + other.height - 1 > self.y
        )

    def contains(self, point: Sequence[float]) -> bool:
        """Whether ``point`` is inside, its border left out."""
        x, y = point
        return self.x + 2 < x < self.x + self.width - 2 and self.y + 2 < y < self.y + self.height - 2


class Text(NamedTuple):
    """A piece of text, and on how many lines it is."""

    text: str
    lines: int
    box: Box


class Picture(NamedTuple):
    """What a browser made of a picture: boxes with their texts, all texts, points along all links, styles."""

    box: Box
    boxes: list[tuple[Box, list[Text]]]
    texts: list[Text]
    ways: list[list[list[float]]]
    paints: list[str]

    def faults(self) -> Iterator[str]:
        """Yield what a reader would call broken."""
        for text in self.texts:
            if text.lines != 1:
                yield f"on {text.lines} lines: {text.text}"
            if not self.box.holds(text.box):
                yield f"beyond the edge: {text.text}"
        for box, texts in self.boxes:
            yield from (f"beyond its box: {text.text}" for text in texts if not box.holds(text.box))
            yield from (
                f"on each other: {one.text}, {other.text}"
                for one, other in combinations(texts, 2)
                if one.box.overlaps(other.box)
            )
        for (box, texts), (other, more) in combinations(self.boxes, 2):
            if box.overlaps(other):
                yield f"boxes on each other: {texts[0].text}, {more[0].text}"

    def crossed(self) -> Iterator[str]:
        """Yield boxes that a link runs through."""
        for box, texts in self.boxes:
            if any(box.contains(point) for way in self.ways for point in way):
                yield texts[0].text


def browse(
    kind: str, pictures: Sequence[str], script: Path | None = None, *, style: str = ""
) -> list[Picture]:
    """Have Chromium draw ``pictures``, all in one page; raises for one that it cannot draw."""
    here = Path(__file__).parent
    data = json.dumps({"kind": kind, "pictures": pictures}).replace("<", "\\u003c")
    page = (
        f'<!doctype html><meta charset="utf-8"><style>{style}</style><body>'
        + (f'<script src="{script.as_uri()}"></script>' if script else "")
        + f'<script id="input" type="application/json">{data}</script><pre id="output"></pre>'
        + f"<script>{(here / 'measure.js').read_text()}</script>"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "page.html")
        file.write_text(page)
        command = ["chromium", *FLAGS, f"--user-data-dir={folder}/user", file.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=True)
    output = done.stdout.partition('<pre id="output">')[2].partition("</pre>")[0]
    assert output, done.stderr[-2000:]
    return [_picture(found) for found in json.loads(html.unescape(output))]


def _picture(found: dict[str, Any]) -> Picture:
    assert "error" not in found, found["error"]
    boxes = [(Box(*box["box"]), [_text(text) for text in box["texts"]]) for box in found["boxes"]]
    texts = [_text(text) for text in found["texts"]]
    return Picture(Box(*found["box"]), boxes, texts, found["ways"], found["paints"])


def _text(found: dict[str, Any]) -> Text:
    return Text(found["text"], found["lines"], Box(*found["box"]))


def need_browser() -> None:
    """Skip the test where no pictures are to be drawn in a browser: that takes half a minute."""
    if "PYFRONTEND_MERMAID" not in os.environ:
        missing("pictures are drawn in a browser by hack/test, which sets PYFRONTEND_MERMAID")
    need("chromium")


def need(program: str) -> None:
    """Skip the test where ``program`` is missing, unless hack/test says that nothing is."""
    if shutil.which(program) is None:
        missing(f"{program} is not installed; hack/test installs it")


def missing(reason: str) -> None:
    """Skip the test, or fail it where nothing may be missing."""
    if REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
