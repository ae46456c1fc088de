"""The legend of a picture: a `View` in, an entry for each symbol that occurs in it out."""

from __future__ import annotations

from pyfrontend.driver.subrequests.graph.look import (
    BASE,
    FILES,
    GATE,
    MOUNTED,
    OTHER,
    SKIPPED,
    TARGET,
    link_class,
)
from pyfrontend.driver.subrequests.graph.model import IMAGE, NAMED
from pyfrontend.driver.subrequests.graph.view import REST
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.inputs import CONTEXT, GIT, HTTP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.driver.subrequests.graph.view import View

#: What an entry shows a sample of.
LINK, SOURCE, STAGE = "link", "source", "stage"
LINKS = {
    BASE: "FROM: starts from it",
    FILES: "COPY --from: copies files",
    MOUNTED: "RUN --mount: mounts files",
    OTHER: "COPY, ADD: adds files",
    GATE: "RUN --requires: has to succeed",
}
SOURCES = {
    IMAGE: "image",
    CONTEXT: "build context",
    NAMED: "named context",
    HTTP: "download",
    GIT: "Git repository",
    REST: "stages left out",
}


class Entry(NamedTuple):
    """A sample of ``kind`` and its meaning; ``key`` is the class of a link or stage, the kind of a source."""

    kind: str
    key: str
    text: str


def legend(view: View) -> Iterator[Entry]:
    """Yield an entry for each sign, if the view is to have a legend."""
    if not view.has_legend:
        return
    classes = {link_class(link.kind) for link in view.links}
    yield from (Entry(LINK, name, text) for name, text in LINKS.items() if name in classes)
    found = {box.kind for box in view.sources}
    yield from (Entry(SOURCE, kind, text) for kind, text in SOURCES.items() if kind in found)
    yield Entry(STAGE, TARGET, "target")
    if any(not box.is_reached for box in view.stages):
        yield Entry(STAGE, SKIPPED, "skipped: not needed by the target")
