"""What the drawings for documents share: edges of one kind between the same ends as one, and short labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.driver.subrequests.graph.model import IMAGE, NAMED
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.inputs import CONTEXT

if TYPE_CHECKING:
    from pyfrontend.driver.subrequests.graph.model import Drawing, DrawnStage, DrawnStep, Source

#: A picture is to be read at a glance: the text and the JSON document have everything.
MOST_STEPS = 10
MOST_PATHS = 3
MOST_TEXT = 60
MOST_DIGEST = len("sha256:") + 12


class Link(NamedTuple):
    """All edges of one ``kind`` from ``source`` to ``target``, with some of their paths."""

    source: str
    target: str
    kind: str
    paths: list[str]


def links(drawing: Drawing) -> list[Link]:
    """Return the edges of ``drawing`` in groups, in the order of their first ones."""
    grouped: dict[tuple[str, str, str], dict[str, None]] = {}
    for edge in drawing.edges:
        source = drawing.sources.get(edge.source)
        # A download is its own path.
        paths = [path for path in edge.paths if source is None or path != source.name]
        grouped.setdefault((edge.source, edge.target, edge.kind), {}).update(dict.fromkeys(paths))
    return [
        Link(start, end, kind, some(list(found), MOST_PATHS)) for (start, end, kind), found in grouped.items()
    ]


def label_lines(stage: DrawnStage) -> list[str]:
    """Return name and steps of ``stage``; of one that makes no step all instructions."""
    counted = [step for step in stage.steps if step.number] or stage.steps
    return [stage.name, *some([_line(step) for step in counted], MOST_STEPS)]


def short_name(source: Source) -> str:
    """Return the name of ``source`` for people, of its digest only so much as they compare."""
    name, at, digest = source.name.partition("@")
    return source.name if source.kind != IMAGE or not at else f"{name}@{digest[:MOST_DIGEST]}…"


def source_lines(source: Source) -> list[str]:
    """Return name and platform or place of ``source``."""
    if source.kind == IMAGE:
        return [short_name(source), source.platform]
    if source.kind == NAMED:
        return [f"named context {source.name}", _cut(source.detail)]
    if source.kind == CONTEXT:
        return ["build context", _cut(source.detail)]
    return [_cut(source.name)]


def shortened(text: str) -> str:
    """Return a RUN with only the types of its mounts, each once: the details would hide the command."""
    words = text.split(" ")
    mounts: dict[str, None] = {}
    position = 1
    while position < len(words) and words[position].startswith("--mount="):
        fields = dict(field.partition("=")[::2] for field in words[position][len("--mount=") :].split(","))
        mounts[f"--mount={fields.get('type', 'bind')}"] = None
        position += 1
    return " ".join((words[0], *mounts, *words[position:]))


def shown(step: DrawnStep) -> str:
    """Return the text of ``step`` for people."""
    text = shortened(step.text) if step.keyword == "RUN" else step.text
    return f"ONBUILD {text}" if step.triggered else text


def _line(step: DrawnStep) -> str:
    return _cut(shown(step))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"


def some(lines: list[str], most: int) -> list[str]:
    """Return ``lines``, or the first of them and how many there are besides."""
    if len(lines) <= most:
        return [_cut(line) for line in lines]
    return [*(_cut(line) for line in lines[: most - 1]), f"and {len(lines) - most + 1} more"]
