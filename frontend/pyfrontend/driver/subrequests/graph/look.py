"""Colors of all pictures, for light and dark pages: kinds of sources and links in, classes and colors out."""

from __future__ import annotations

import re

from pyfrontend.driver.subrequests.graph.model import FROM, IMAGE, MOUNT, NAMED, OF_STAGE, REQUIRES
from pyfrontend.driver.subrequests.graph.view import REST
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.inputs import CONTEXT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Class by the kind of a source; downloads and repositories are one class.
SOURCE_CLASSES = {IMAGE: "image", CONTEXT: "context", NAMED: "named", REST: "rest"}
DOWNLOAD = "download"
#: Classes of links; OTHER is for files from outside the Dockerfile, and along a GATE go none.
BASE, FILES, MOUNTED, OTHER, GATE = "from", "copy", "mount", "other", "gate"
LINK_CLASSES = {FROM: BASE, MOUNT: MOUNTED, REQUIRES: GATE}
STAGE, TARGET, SKIPPED = "stage", "target", "skipped"


class Paint(NamedTuple):
    """Background and line of a box; a link has no background."""

    fill: str
    line: str


class Palette(NamedTuple):
    """All colors of a page: texts by how much they matter, boxes and links by class."""

    page: Paint
    strong: str
    text: str
    weak: str
    keyword: str
    faded: str
    header: str
    stage: Paint
    target: Paint
    boxes: Mapping[str, Paint]
    links: Mapping[str, str]


LIGHT = Palette(
    page=Paint("#fff", "#d1d9e0"),
    strong="#1f2328",
    text="#3d444d",
    weak="#656d76",
    keyword="#0550ae",
    faded="#d1d9e0",
    header="#f3f5f7",
    stage=Paint("#fff", "#afb8c1"),
    target=Paint("#dafbe1", "#1a7f37"),
    boxes={
        "image": Paint("#ddf4ff", "#54aeff"),
        "context": Paint("#fff8c5", "#d4a72c"),
        "named": Paint("#fff1e5", "#e16f24"),
        DOWNLOAD: Paint("#fbefff", "#c297ff"),
        "rest": Paint("#fff", "#afb8c1"),
    },
    links={BASE: "#59636e", FILES: "#0969da", MOUNTED: "#8250df", OTHER: "#9a6700", GATE: "#cf222e"},
)
DARK = Palette(
    page=Paint("#0d1117", "#30363d"),
    strong="#f0f6fc",
    text="#c9d1d9",
    weak="#8b949e",
    keyword="#79c0ff",
    faded="#3d444d",
    header="#21262d",
    stage=Paint("#161b22", "#484f58"),
    target=Paint("#12351d", "#3fb950"),
    boxes={
        "image": Paint("#0c2d4d", "#1f6feb"),
        "context": Paint("#332a07", "#9e6a03"),
        "named": Paint("#3d2209", "#bd561d"),
        DOWNLOAD: Paint("#2b1a47", "#8957e5"),
        "rest": Paint("#0d1117", "#484f58"),
    },
    links={BASE: "#8b949e", FILES: "#58a6ff", MOUNTED: "#a371f7", OTHER: "#d29922", GATE: "#f85149"},
)
#: Links that show on light and on dark pages, where a language has no colors for each.
ANY_PAGE = {BASE: "#7d8590", FILES: "#2f81f7", MOUNTED: "#a371f7", OTHER: "#bf8700", GATE: "#e5534b"}
#: What classes of SVG pictures begin with, so that they are not those of a page around.
PREFIX = "pyf-"
#: The selectors of a rule.
SELECTORS = re.compile(r"^[a-z.][^{]*", re.MULTILINE)
#: What does not depend on the page.
SHAPES = """\
text{font:11px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;\
text-rendering:geometricPrecision}
.name{font-size:13px;font-weight:600}
.tag,.badge text{font-size:10px}
.word{font-weight:600}
.badge path,.way{fill:none}
.way{stroke-width:1.5}
.way.from{stroke-width:2.5}
.way.mount{stroke-dasharray:5 3}
.way.gate{stroke-dasharray:1 3}
.target .card{stroke-width:2}
.skipped .card{stroke-dasharray:4 3}
.rest .card{stroke-dasharray:2 3}
.skipped{opacity:.6}
"""


def source_class(kind: str) -> str:
    """Return the class of a source."""
    return SOURCE_CLASSES.get(kind, DOWNLOAD)


def link_class(kind: str) -> str:
    """Return the class of a link."""
    return LINK_CLASSES.get(kind) or (FILES if kind.endswith(OF_STAGE) else OTHER)


def style_sheet(scope: str) -> str:
    """Return the style sheet of an SVG picture, which follows the page or the reader's system to dark.

    It applies to what is below an element of the class ``scope``; classes there begin with `PREFIX`.
    """
    light, dark = ("\n".join(_rules(palette)) for palette in (LIGHT, DARK))
    style = f"{SHAPES}{light}\n@media (prefers-color-scheme:dark){{\n{dark}\n}}\n"

    def scoped(found: re.Match[str]) -> str:
        own = found[0].replace(".", f".{PREFIX}")
        return ",".join(f".{scope} {selector}" for selector in own.split(","))

    return SELECTORS.sub(scoped, style)


def _rules(palette: Palette) -> Iterator[str]:
    yield f"text{{fill:{palette.text}}}"
    yield f".name,.first{{fill:{palette.strong}}}"
    yield f".tag,.quiet,.note,.title{{fill:{palette.weak}}}"
    yield f".word{{fill:{palette.keyword}}}"
    yield f".page{{fill:{palette.page.fill};stroke:{palette.page.line}}}"
    yield f".card{{fill:{palette.stage.fill};stroke:{palette.stage.line}}}"
    yield f".head{{fill:{palette.header}}}"
    yield f".target .card{{stroke:{palette.target.line}}}"
    yield f".target .head{{fill:{palette.target.fill}}}"
    yield f".target .tag{{fill:{palette.target.line}}}"
    yield f".badge rect{{fill:{palette.header};stroke:{palette.page.line}}}"
    yield f".badge path{{stroke:{palette.weak}}}"
    for name, paint in palette.boxes.items():
        yield f".{name} .card{{fill:{paint.fill};stroke:{paint.line}}}"
    for name, color in palette.links.items():
        yield f".way.{name}{{stroke:{color}}}"
        yield f".tip.{name}{{fill:{color}}}"
    yield f".faded path.way{{stroke:{palette.faded}}}"
    yield f".faded path.tip{{fill:{palette.faded}}}"
