"""``frontend.graph`` and its forms: the stage graph as text, Mermaid, DOT or SVG, with a JSON document.

The document is described in ``docs/graph.md``.
"""

from __future__ import annotations

from importlib import import_module

from pyfrontend.driver.subrequests.document import texts
from pyfrontend.driver.subrequests.graph.choice import PLUS, read_choice
from pyfrontend.driver.subrequests.graph.model import draw
from pyfrontend.golang.json import member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.driver.subrequests.graph.model import (
        Drawing,
        DrawnMount,
        DrawnStage,
        DrawnStep,
        Edge,
        Source,
    )
    from pyfrontend.gateway.results import Result

#: Module with ``render(drawing, choice) -> str`` for each request.
RENDERERS = {
    "frontend.graph": "text",
    "frontend.graph-mermaid": "mermaid",
    "frontend.graph-dot": "dot",
    "frontend.graph-svg": "svg",
}


def respond(session: Session) -> Result:
    """Draw the stages, what the target needs of them, and where all files come from.

    The words after the name of the request choose what the picture shows; the document has everything.
    """
    name, *words = str(session.options.request_id).split(PLUS)
    choice = read_choice(words, is_target_given=bool(session.options.target))
    drawing = draw(session)
    renderer = import_module(f"{__package__}.{RENDERERS[name]}")
    picture = renderer.render(drawing, choice)
    return texts(_document(drawing), picture)


def _document(drawing: Drawing) -> dict[str, Any]:
    reached = drawing.reached_ids()
    return {
        "filename": drawing.filename,
        "platform": drawing.platform,
        **member("platforms", drawing.platforms),
        "target": drawing.target,
        "stages": [_stage(stage) for stage in drawing.stages],
        "sources": [_source(source, is_reached=source.id in reached) for source in drawing.sources.values()],
        "edges": [_edge(edge, is_reached=edge.target in reached) for edge in drawing.edges],
    }


def _stage(stage: DrawnStage) -> dict[str, Any]:
    return {
        "id": stage.id,
        "index": stage.index,
        "name": stage.name,
        **member("description", stage.doc),
        "line": stage.line,
        **member("file", stage.file),
        "platform": stage.platform,
        "from": stage.origin,
        "reached": stage.reached,
        "steps": [_step(step) for step in stage.steps],
    }


def _step(step: DrawnStep) -> dict[str, Any]:
    return {
        **member("number", step.number),
        "instruction": step.keyword,
        "text": step.text,
        "line": step.line,
        **member("file", step.file),
        **member("triggered", step.triggered),
        **member("skipped", step.skipped),
        **member("script", "\n".join(step.script or ())),
        **member("mounts", [_mount(mount) for mount in step.mounts]),
        **member("reports", list(step.reports)),
    }


def _mount(mount: DrawnMount) -> dict[str, str]:
    return {"kind": mount.kind, "id": mount.id, **member("target", mount.target)}


def _source(source: Source, *, is_reached: bool) -> dict[str, Any]:
    return {
        "id": source.id,
        "kind": source.kind,
        "name": source.name,
        **member("platform", source.platform),
        **member("detail", source.detail),
        "reached": is_reached,
    }


def _edge(edge: Edge, *, is_reached: bool) -> dict[str, Any]:
    return {
        "from": edge.source,
        "to": edge.target,
        "kind": edge.kind,
        **({} if edge.step < 0 else {"step": edge.step}),
        "line": edge.line,
        **member("paths", list(edge.paths)),
        "reached": is_reached,
    }
