"""What a file tree contains instead of a missing path: the path in, a suggestion out."""

from __future__ import annotations

import posixpath

from pyfrontend.spelling import nearest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.driver.diagnostics.file_tree import Tree

#: How deep a path is put right.
DEEPEST = 16


def suggestion(path: str, tree: Tree) -> str:
    """Return `` (did you mean X?)`` for the path in ``tree`` that is nearest, or an empty text.

    That is ``path`` with the names put right that are a slip of the hand, else a file of the same name
    in another directory.
    """
    found = _put_right(path, tree) or _elsewhere(path, tree)
    return f" (did you mean {tree.root}{found}?)" if found and found != path else ""


def _put_right(path: str, tree: Tree) -> str:
    """Walk down ``path`` and replace each name that is not there by the nearest one that is."""
    there, names = "", path.split("/")
    for position, name in enumerate(names[:DEEPEST]):
        if _is_pattern(name):
            rest = "/".join(names[position:])
            right = "" if posixpath.join(there, rest) != path else _ending(name, there, tree)
            return posixpath.join(there, right or rest)
        found = _nearest_name(name, tree.like(name, there))
        if not found:
            return ""
        there = posixpath.join(there, found)
    return there


def _nearest_name(name: str, names: Sequence[str]) -> str:
    if name in names:
        return name
    same = (other for other in names if other.casefold() == name.casefold())
    return next(same, "") or nearest(name, names)


def _ending(pattern: str, directory: str, tree: Tree) -> str:
    """Return ``pattern`` with an ending that files of ``directory`` have; empty where none is like it."""
    stem, ending = posixpath.splitext(pattern)
    found = {posixpath.splitext(other)[1] for other in tree.names(directory)}
    best = nearest(ending, sorted(found)) if ending else ""
    return stem + best if best else ""


def _elsewhere(path: str, tree: Tree) -> str:
    """Return the path with the name of ``path`` that is nearest to the root of ``tree``, or an empty text."""
    name = posixpath.basename(path)
    same = [other for other in tree.everywhere(name, path) if posixpath.basename(other) == name]
    return min(same, key=lambda other: (other.count("/"), other), default="")


def _is_pattern(name: str) -> bool:
    return any(mark in name for mark in "*?[")
