"""Why a COPY found nothing: the daemon's error in, the same error with the reason and a way out.

The daemon only says that a path is not there.  Whether an ignore pattern hides it, and what is there
instead, can be seen here, at the price of a look into the context that only a failing build pays.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from frontend.driver.nearest import is_there, suggestion
from frontend.gateway.errors import BridgeError
from frontend.ignore import Matcher, numbered_patterns
from frontend.source import DockerfileError

if TYPE_CHECKING:
    from frontend.driver.context import MainContext
    from frontend.lower.target import Lowered

#: A path that is not there, and the first directory of a path with wildcards that is not.
MISSING = re.compile(r'"/([^"]+)": not found$|(?:^|: )lstat /(.+): no such file or directory$')

#: A word such as ``["a"``, its quotes gone, as a pattern of what to send: an array without a comma, perhaps.
BROKEN_ARRAY = re.compile(r"invalid includepatterns: \[(?:.* )?\[.*syntax error in pattern$")


def explained(error: BridgeError, main: MainContext, lowered: Lowered) -> BridgeError:
    """Return ``error`` with the reason why a path is missing; as it is where that is not the mistake."""
    found = MISSING.search(error.message)
    source = _source_of(found[1] or found[2], lowered) if found else ""
    reason = source and (_no_path(source) or _hidden_by(source, main) or _not_there(source, main))
    if BROKEN_ARRAY.search(error.message):
        reason = "if this is to be a JSON array, its words take double quotes, and commas between them"
    return BridgeError(error.code, f"{error.message}: {reason}", error.details) if reason else error


def _source_of(path: str, lowered: Lowered) -> str:
    """Return what was to be copied from the context where ``path`` is not there; empty where nothing was."""
    stages = lowered.lowering.graph.stages
    sources = sorted({posixpath.normpath(source)[1:] for stage in stages for source in stage.context_paths})
    if path in sources:
        return path
    return next((source for source in sources if source.startswith(f"{path}/")), "")


def _no_path(path: str) -> str:
    """Say what ``path`` was meant as if that is no path; empty where it may be one."""
    if path.startswith("--"):
        return f"{path} is taken for a path: flags stand before all paths"
    if re.match(r"-[a-z]+=", path):
        return f"{path} is taken for a path: a flag begins with two dashes, -{path}"
    return "# is taken for a path: a comment takes a line of its own" if path == "#" else ""


def _hidden_by(path: str, main: MainContext) -> str:
    """Name the ignore pattern that hides ``path`` and its line; empty where none does."""
    name, data = main.ignore_file()
    last = ""
    for number, pattern in numbered_patterns(data):
        excludes = not pattern.startswith("!")
        if Matcher([pattern.removeprefix("!")]).matches(path):
            last = f'it is hidden by the pattern "{pattern}" in line {number} of {name}' if excludes else ""
    return last


def _not_there(path: str, main: MainContext) -> str:
    reason = f"the build context has no {path}"
    try:
        return "" if is_there(path, main) else reason + suggestion(path, main)
    except (BridgeError, DockerfileError):
        return reason  # what is there instead cannot be seen; the reason still stands
