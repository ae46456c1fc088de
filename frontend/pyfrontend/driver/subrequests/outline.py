"""``frontend.outline``: the arguments, secrets and SSH agents that a target uses."""

from __future__ import annotations

from pyfrontend.display import source_line
from pyfrontend.driver.convert import Converter
from pyfrontend.driver.subrequests.document import table, texts
from pyfrontend.golang.json import base64_text, member
from pyfrontend.llb.json_view import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.lower.scope import ArgInfo, Need, Usage
    from pyfrontend.lower.stage import StageState
    from pyfrontend.span import Span


def respond(session: Session) -> Result:
    """Describe the target after a whole lowering, so that its errors show (SUB-003 to SUB-006)."""
    lowered = Converter(session, session.warnings.show, session.platform).lower(session.platform)
    target, origins = lowered.stage, lowered.lowering.request.dockerfile.origins
    declared = target.declared
    name, doc = (declared.name, source_line(declared.doc)) if declared else ("", "")
    stages = list(_in_order(target))
    arguments = [_with_origin(info, origins) for info in _arguments(stages)]
    secrets = _needs([stage.usage.secrets for stage in stages])
    agents = _needs([stage.usage.ssh for stage in stages])
    sources = Sources(session.loaded.file)
    document = {
        **member("name", name),
        **member("description", doc),
        **member("args", [_argument(info, sources) for info in arguments]),
        **member("secrets", [_need(name, need, sources) for name, need in secrets]),
        **member("ssh", [_need(name, need, sources) for name, need in agents]),
        "sources": [base64_text(file.data) for file in sources.files],
    }
    rewrites = session.guard.rewrites() if session.guard is not None else []
    document |= member("rewritten", [rewrite._asdict() for rewrite in rewrites])
    text = _heading(name, doc)
    if arguments:
        rows = [_row(info) for info in arguments]
        text += table([("BUILD ARG", "VALUE", "DESCRIPTION"), *rows], 3) + "\n"
    text += _need_table("SECRET", secrets) + _need_table("SSH", agents)
    if rewrites:
        text += table([("SOURCE", "TAKEN FROM", "POLICY"), *rewrites], 3) + "\n"
    return texts(document, text)


def _in_order(target: StageState) -> Iterator[StageState]:
    """Yield the target and what it needs: the base of a stage first, then the sources of its steps."""
    seen: set[StageState] = set()
    waiting = [target]
    while waiting:
        stage = waiting.pop()
        if stage not in seen:
            seen.add(stage)
            yield stage
            waiting += reversed([*([stage.base] if stage.base else []), *stage.needs])


def _arguments(stages: list[StageState]) -> list[ArgInfo]:
    """Return the arguments in use by line; of two with one name that of the stage nearest to the target."""
    found: dict[str, ArgInfo] = {}
    for stage in stages:
        for info in _used(stage.usage):
            found.setdefault(info.pair.key, info)
    return sorted(found.values(), key=lambda info: info.span.start)


def _with_origin(info: ArgInfo, origins: Mapping[str, Span]) -> ArgInfo:
    """Return ``info`` with a description that says which line of a file its value comes from, if one does.

    Programs read the value, and clients show nothing of the rest but the description.
    """
    span = origins.get(info.pair.key)
    if span is None:
        return info
    origin = f"({span.file.name}:{span.start})"
    return info._replace(pair=info.pair._replace(doc=f"{info.pair.doc} {origin}".strip()))


def _used(usage: Usage) -> Iterator[ArgInfo]:
    """Yield the arguments that a stage uses, those in the defaults of others too (SUB-004)."""
    seen: set[str] = set()
    waiting = list(reversed(usage.used))
    while waiting:
        name = waiting.pop()
        info = None if name in seen else usage.argument(name)
        seen.add(name)
        if info is not None:
            yield info
            waiting += sorted(info.needs)


def _needs(by_stage: list[dict[str, Need]]) -> list[tuple[str, Need]]:
    found: dict[str, Need] = {}
    for needs in by_stage:
        for name, need in needs.items():
            found.setdefault(name, need)
    return sorted(found.items(), key=lambda item: item[1].span.start)


def _row(info: ArgInfo) -> tuple[str, str, str]:
    """Return name, value and description as clients can print them: they take them from the document."""
    return source_line(info.pair.key), source_line(info.value), source_line(info.pair.doc)


def _argument(info: ArgInfo, sources: Sources) -> Mapping[str, Any]:
    name, value, doc = _row(info)
    return {
        "name": name,
        **member("description", doc),
        **member("value", value),
        **member("location", sources.location((info.span,))),
    }


def _need(name: str, need: Need, sources: Sources) -> Mapping[str, Any]:
    return {
        "name": source_line(name),
        **member("required", need.required),
        **member("location", sources.location((need.span,))),
    }


def _heading(name: str, doc: str) -> str:
    if not (name or doc):
        return ""
    rows = [("TARGET:", name or "(default)"), *([("DESCRIPTION:", doc)] if doc else [])]
    return table(rows, 1) + "\n"


def _need_table(title: str, needs: list[tuple[str, Need]]) -> str:
    if not needs:
        return ""
    rows = [(source_line(name), "true" if need.required else "") for name, need in needs]
    return table([(title, "REQUIRED"), *rows], 3) + "\n"
