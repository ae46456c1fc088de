"""The stage graph as pictures, drawn for real: SVG and Mermaid in Chromium, DOT by Graphviz."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from driver.graph.browser import MERMAID, Box, browse, missing, need, need_browser
from driver.graph.samples import (
    DIAMOND,
    HOSTILE,
    LONG,
    ONE,
    STRANGE,
    WIDE,
    chain,
    graph,
    pairs,
    services,
    tangle,
)

from pyfrontend.driver.subrequests.graph.mermaid import JOINER, THIN, _escaped

if TYPE_CHECKING:
    from driver.conftest import Asker
    from driver.graph.browser import Picture

#: A browser takes long on a busy machine.
pytestmark = pytest.mark.timeout(600)
#: Name, Dockerfile, and options of the call.
SAMPLES = [
    ("one", ONE, "+legend"),
    ("diamond", DIAMOND, ""),
    ("diamond in full", DIAMOND, "+full+legend"),
    ("long commands and scripts", LONG, ""),
    ("long commands and scripts in full", LONG, "+full"),
    ("strange texts", STRANGE, "+legend"),
    ("strange texts in full", STRANGE, "+full"),
    ("hostile texts in full", HOSTILE, "+full"),
    ("other widths", WIDE, "+full"),
    ("50 services", services(50), ""),
    ("each of 50 services", services(50), "+stages"),
    ("25 pairs", pairs(25), "+stages+legend"),
    ("a chain of 51", chain(51), ""),
    ("a tangle of 51", tangle(51), ""),
    ("a tangle of 20 with steps", tangle(20, 2), "+steps"),
]
IDS = [name for name, _, _ in SAMPLES]


def draw(ask: Asker, form: str) -> list[str]:
    return [graph(ask, dockerfile, form + options).text for _, dockerfile, options in SAMPLES]


@pytest.fixture(scope="module")
def asker() -> Asker:
    from driver.conftest import Asker  # noqa: PLC0415 - the fixture of tests lives only as long as one

    return Asker()


@pytest.fixture(scope="module")
def svg_pictures(asker: Asker) -> dict[str, Picture]:
    need_browser()
    return dict(zip(IDS, browse("svg", draw(asker, "graph-svg")), strict=True))


#: What pages have for themselves; Bootstrap takes the height from cards.
PAGE = """\
.card{height:auto;fill:red;stroke:red}
.name,.title,.note,.tag,.badge text,text{font-size:30px;fill:red}
.way,.tip,.head,.page{stroke:red;fill:red}
"""


def test_pictures_in_one_page_leave_one_another_as_they_are(asker: Asker) -> None:
    need_browser()
    one, other = (graph(asker, text, "graph-svg+legend").text for text in (ONE, DIAMOND))
    alone = [browse("svg", [text])[0].paints for text in (one, other)]
    # Of another release, with other colors.
    strange = re.sub("#[0-9a-f]{3,6}", "lime", one.replace(":11px", ":22px"))
    first, second, third = browse("svg", [one, other, strange.replace("pyf-", "pyf-z-")], style=PAGE)
    assert [first.paints, second.paints] == alone
    assert "rgb(0, 255, 0)" in third.paints[0]


SCRIPTS = sorted(MERMAID.glob("mermaid-*.js"))


@pytest.fixture(scope="module", params=SCRIPTS or [Path("none")], ids=lambda script: script.stem)
def mermaid(request: pytest.FixtureRequest) -> Path:
    """A version of Mermaid."""
    need_browser()
    script: Path = request.param
    if not script.exists():
        missing("PYFRONTEND_MERMAID names no folder with mermaid-*.js; hack/test fetches it")
    return script


@pytest.fixture(scope="module")
def mermaid_pictures(mermaid: Path, asker: Asker) -> dict[str, Picture]:
    return dict(zip(IDS, browse("mermaid", draw(asker, "graph-mermaid"), mermaid), strict=True))


@pytest.mark.parametrize("name", IDS)
def test_no_text_of_an_svg_picture_is_cut_or_covered(svg_pictures: dict[str, Picture], name: str) -> None:
    picture = svg_pictures[name]
    assert picture.boxes
    assert list(picture.faults()) == []


@pytest.mark.parametrize("name", IDS)
def test_no_link_of_an_svg_picture_runs_through_a_box(svg_pictures: dict[str, Picture], name: str) -> None:
    assert list(svg_pictures[name].crossed()) == []


@pytest.mark.parametrize("name", IDS)
def test_no_text_of_a_mermaid_picture_is_wrapped_cut_or_covered(
    mermaid_pictures: dict[str, Picture], name: str
) -> None:
    picture = mermaid_pictures[name]
    assert picture.boxes
    assert list(picture.faults()) == []


#: What versions of Mermaid take for their own, or for Markdown, in spite of its own escapes.
TAKEN_AMISS = [
    "RUN a `b` c `d`",
    "ADD https://example.com/a_b_c?x=1&y=~z www.example.com a@b.com",
    "RUN ~~x~~ ~y~",
    "[a](b) ![x](y)",
    "*.go *.mod /lists/* && a*b*c",
    "**/*.py a**b",
    "__init__.py _x_",
    r"\n \t \\ \* \_",
    "- item",
    "1. foo",
    "# head",
    "a | b",
    "--- x",
    "<b> &lt; &amp; &#35; &quot;",
    "$a $$b$$ $$",
    "fa:fa-car fab:fa-x",
    "@{ shape: x } :::x",
    "end default graph style",
    "%%{init: {}}%%",
]


def test_mermaid_shows_texts_as_they_are_written(mermaid: Path) -> None:
    pictures = [f'flowchart TB\n  a["<b>name</b><br/>{_escaped(text)}"]\n' for text in TAKEN_AMISS]
    shown = ["".join(text.text for text in picture.texts) for picture in browse("mermaid", pictures, mermaid)]
    assert [without_signs(text).removeprefix("name") for text in shown] == TAKEN_AMISS


def without_signs(text: str) -> str:
    return text.replace(JOINER, "").replace(THIN, "")


def test_strange_texts_are_shown_as_they_are(
    svg_pictures: dict[str, Picture], mermaid_pictures: dict[str, Picture]
) -> None:
    for pictures in (svg_pictures, mermaid_pictures):
        texts = [text.text for text in pictures["strange texts in full"].texts]
        shown = " ".join(without_signs(" ".join(texts)).split())
        assert (
            'echo "<b>&amp;\\" | {[()]} `#; %% <script>alert(1)</script> \\n \\l -->| ]]> --><!-- *a* _b_'
            in shown
        )


def test_control_characters_are_shown_as_escapes(
    svg_pictures: dict[str, Picture], mermaid_pictures: dict[str, Picture]
) -> None:
    for pictures in (svg_pictures, mermaid_pictures):
        texts = [text.text for text in pictures["hostile texts in full"].texts]
        shown = " ".join(without_signs(" ".join(texts)).split())
        assert r"\x1b[31m red \u202e \x07" in shown
        assert r"indented \x1b[2J" in shown


@pytest.fixture(scope="module")
def dot_pictures(asker: Asker) -> dict[str, Any]:
    need("dot")
    texts = draw(asker, "graph-dot")
    return {name: json.loads(dot(text, "json")) for name, text in zip(IDS, texts, strict=True)}


def dot(text: str, form: str) -> bytes:
    return subprocess.run(["dot", f"-T{form}"], input=text.encode(), capture_output=True, check=True).stdout


@pytest.mark.parametrize("name", IDS)
def test_no_boxes_of_a_dot_picture_are_on_each_other(dot_pictures: dict[str, Any], name: str) -> None:
    boxes = []
    for item in dot_pictures[name]["objects"]:
        x, y = map(float, item["pos"].split(","))
        width, height = 72 * float(item["width"]), 72 * float(item["height"])
        boxes.append(Box(x - width / 2, y - height / 2, width, height))
    assert [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])] == []


@pytest.mark.parametrize("name", IDS)
def test_dot_pictures_are_not_wide(dot_pictures: dict[str, Any], name: str) -> None:
    _, _, width, _ = map(float, dot_pictures[name]["bb"].split(","))
    assert width <= (2500 if name.startswith("a tangle") else 1000)
