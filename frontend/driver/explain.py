"""Why a COPY found nothing: the daemon's error in, the same error with the reason and a way out.

The daemon only says that a path is not there.  Whether an ignore pattern hides it, and what is there
instead, can be seen here, at the price of a look into the context that only a failing build pays.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from frontend.driver.context import CONTEXT, internal
from frontend.gateway.errors import BridgeError
from frontend.ignore import Matcher, read_patterns
from frontend.llb import caps
from frontend.llb.marshal import marshal
from frontend.llb.ops import Output, Source
from frontend.source import DockerfileError, did_you_mean
from frontend.values import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from frontend.driver.context import MainContext
    from frontend.gateway.results import Ref
    from frontend.lower.target import Lowered

MISSING = re.compile(r'"/([^"]+)": not found$')
#: How much of a context is looked at for a name like the missing one.
MOST_DIRECTORIES = 200


def explained(error: BridgeError, main: MainContext, lowered: Lowered) -> BridgeError:
    """Return ``error`` with the reason why a path is missing; as it is where that is not the mistake."""
    found = MISSING.search(error.message)
    if not found or not _is_from_context(found[1], lowered):
        return error
    reason = _hidden_by(found[1], main) or _not_there(found[1], main)
    return BridgeError(error.code, f"{error.message}: {reason}", error.details)


def _is_from_context(path: str, lowered: Lowered) -> bool:
    return any(f"/{path}" in stage.context_paths for stage in lowered.lowering.graph.stages)


def _hidden_by(path: str, main: MainContext) -> str:
    """Name the ignore pattern that hides ``path`` and its line; empty where none does."""
    name, data = main.ignore_file()
    last = ""
    for number, line in enumerate(data.split(b"\n"), 1):
        for pattern in read_patterns(line):
            excludes = not pattern.startswith("!")
            if Matcher([pattern.removeprefix("!")]).matches(path):
                last = (
                    f'it is hidden by the pattern "{pattern}" in line {number} of {name}' if excludes else ""
                )
    return last


def _not_there(path: str, main: MainContext) -> str:
    reason = f"the build context has no {path}"
    try:
        return reason + _nearest(path, main)
    except (BridgeError, DockerfileError):
        return reason  # what is there instead cannot be seen; the reason still stands


def _nearest(path: str, main: MainContext) -> str:
    """Return a suggestion: a name like it in the same directory, else the same name in another one."""
    directory, name = posixpath.split(path)
    near = _list(main, [posixpath.join(directory, pattern) for pattern in _like(name)], directory)
    hint = did_you_mean(path, near)
    if hint:
        return hint
    elsewhere = _list(main, [f"**/{name}"], "")
    same = [other for other in elsewhere if posixpath.basename(other) == name]
    return f" (did you mean {min(same, key=lambda other: (other.count('/'), other))}?)" if same else ""


def _like(name: str) -> Iterable[str]:
    """Yield patterns for names that are a slip of the hand away: their beginning or their end is right."""
    first = name[0]
    yield f"[{first.lower()}{first.upper()}]*" if first.isalpha() else f"{first}*"
    if len(name) > 3:
        yield f"*{name[-2:]}"


def _list(main: MainContext, patterns: Sequence[str], below: str) -> list[str]:
    """Return the paths in the context that match ``patterns``; what is inside of matches is not sent."""
    inside = [f"{pattern}/*" for pattern in patterns]
    attrs = {
        "local.includepattern": json_text(list(patterns)),
        "local.excludepatterns": json_text([*main.ignore_patterns(), *inside]),
        "local.sharedkeyhint": f"{CONTEXT}-nearest",
    }
    session = main.session_of(CONTEXT)
    attrs |= {"local.session": session} if session else {"local.unique": main.request.unique}
    source = Source(
        f"local://{CONTEXT}", attrs, caps=(caps.SOURCE_LOCAL,), meta=internal("look for the path")
    )
    definition = marshal(Output(source), caps=main.bridge.llb_caps)
    ref = main.bridge.solve(definition).single_ref()
    return _walk(main, ref, below) if ref else []


def _walk(main: MainContext, ref: Ref, below: str) -> list[str]:
    found: list[str] = []
    directories = [below]
    for directory in directories:  # grows while it is walked
        for entry in main.bridge.read_dir(ref, directory or "/"):
            path = posixpath.join(directory, entry.name)
            found.append(path)
            if entry.is_dir and len(directories) < MOST_DIRECTORIES:
                directories.append(path)
    return found
