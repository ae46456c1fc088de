"""What is in a build context in place of a path that is not: the path in, a suggestion out.

Every look is a solve of its own that transfers names near the one that is looked for, and no more.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from frontend.driver.context import CONTEXT, internal
from frontend.gateway.errors import BridgeError
from frontend.llb import caps
from frontend.llb.marshal import marshal
from frontend.llb.ops import Output, Source
from frontend.source import nearest
from frontend.values import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from frontend.driver.context import MainContext
    from frontend.gateway.results import Ref

#: How much of a context is looked at for a name like the missing one, and how deep.
MOST_DIRECTORIES, DEEPEST = 200, 16


def is_there(path: str, main: MainContext) -> bool:
    """Tell whether the context has ``path``: then something else has no such path."""
    return path in _list(main, [path], "")


def suggestion(path: str, main: MainContext) -> str:
    """Return `` (did you mean X?)`` for the path in the context that is nearest, or an empty text.

    That is ``path`` with the names put right that are a slip of the hand, else a file of the same name
    in another directory.
    """
    found = _put_right(path, main) or _elsewhere(posixpath.basename(path), main)
    return f" (did you mean {found}?)" if found and found != path else ""


def _put_right(path: str, main: MainContext) -> str:
    """Walk down ``path`` and replace each name that is not there by the nearest one that is."""
    there, names = "", path.split("/")
    for position, name in enumerate(names[:DEEPEST]):
        if _is_pattern(name):
            rest = "/".join(names[position:])
            right = "" if posixpath.join(there, rest) != path else _ending(name, there, main)
            return posixpath.join(there, right or rest)
        near = [posixpath.basename(other) for other in _list(main, [*_like(name, there)], there)]
        found = _nearest_name(name, near)
        if not found:
            return ""
        there = posixpath.join(there, found)
    return there


def _nearest_name(name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    same = (other for other in names if other.casefold() == name.casefold())
    return next(same, "") or nearest(name, names)


def _ending(pattern: str, directory: str, main: MainContext) -> str:
    """Return ``pattern`` with an ending that files of ``directory`` have; empty where none is like it."""
    stem, ending = posixpath.splitext(pattern)
    found = {
        posixpath.splitext(other)[1] for other in _list(main, [posixpath.join(directory, "*")], directory)
    }
    best = nearest(ending, sorted(found)) if ending else ""
    return stem + best if best else ""


def _elsewhere(name: str, main: MainContext) -> str:
    """Return the path of that ``name`` which is nearest to the root of the context, or an empty text."""
    same = [other for other in _list(main, [f"**/{name}"], "") if posixpath.basename(other) == name]
    return min(same, key=lambda other: (other.count("/"), other), default="")


def _is_pattern(name: str) -> bool:
    return any(mark in name for mark in "*?[")


def _like(name: str, directory: str) -> Iterable[str]:
    """Yield patterns for ``name`` and those a slip away from it: their beginning or their end is right."""
    first = name[0]
    yield posixpath.join(directory, f"[{first.lower()}{first.upper()}]*" if first.isalpha() else f"{first}*")
    if len(name) > 3:
        yield posixpath.join(directory, f"*{name[-2:]}")


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
    try:
        return _walk(main, ref, below) if ref else []
    except BridgeError as error:
        if error.is_not_found:
            return []  # not even the directory is there
        raise


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
