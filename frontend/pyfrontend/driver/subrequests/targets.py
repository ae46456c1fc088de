"""``frontend.targets``: the stages of a Dockerfile as written, without expansion or lookups."""

from __future__ import annotations

from pyfrontend.display import source_line
from pyfrontend.driver.convert import parse
from pyfrontend.driver.subrequests.document import table, texts
from pyfrontend.golang.json import base64_text, member
from pyfrontend.lint.linter import Linter
from pyfrontend.lint.registry import CheckConfig
from pyfrontend.llb.json_view import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.syntax.document import Stage


def respond(session: Session) -> Result:
    """List all stages, the last of which is the default (SUB-007, SUB-016)."""
    stages = parse(session, Linter(CheckConfig()), session.platform).stages
    sources = Sources(session.loaded.file)
    targets = [_target(stage, sources, is_default=stage is stages[-1]) for stage in stages]
    document = {"targets": targets or None, "sources": [base64_text(file.data) for file in sources.files]}
    rows = [_row(stage, is_default=stage is stages[-1]) for stage in stages]
    return texts(document, table([("TARGET", "DESCRIPTION"), *rows], 1))


def _target(stage: Stage, sources: Sources, *, is_default: bool) -> dict[str, Any]:
    return {
        **member("name", stage.name),
        **member("default", is_default),
        **member("description", source_line(stage.doc)),
        **member("base", source_line(stage.source.image)),
        **member("platform", source_line(stage.source.platform)),
        **member("location", sources.location((stage.span,))),
    }


def _row(stage: Stage, *, is_default: bool) -> tuple[str, str]:
    name = stage.name
    if is_default:
        name = f"{name} (default)" if name else "(default)"
    return name, source_line(stage.doc)
