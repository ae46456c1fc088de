"""Paths that are no paths, and links that lead nowhere: a path that was not found in, the reason out."""

from __future__ import annotations

import posixpath
import re

from pyfrontend.golang.paths import join

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.driver.diagnostics.file_tree import Tree

#: What only a shell understands.
OPERATORS = frozenset(("&&", "||", "|", ";", ">", ">>", "<", "2>", "&"))
#: Dashes of flags as they are not written: one, or a long one that a word processor made of two.
DASHES = re.compile("(-|[\u2013\u2014\u2212]+)([a-z]+=)")
#: So many directories of a path are looked at for links.
DEEPEST = 16


def no_path(path: str, sources: Sequence[str]) -> str:
    """Say what ``path`` was meant as if that is no path; empty where it may be one.

    ``sources`` are all paths of the instruction: what follows a comment or an operator is missing as well,
    and may be what the daemon saw first.
    """
    if "#" in sources:
        return "# was parsed as a path: comments must be on their own line"
    operator = next((source for source in sources if source in OPERATORS), "")
    if operator:
        return f"{operator} was parsed as a path: only RUN has a shell"
    if path.startswith("--"):
        return f"{path} was parsed as a path: flags must come before the paths"
    dashes = DASHES.match(path)
    if dashes:
        return f"{path} was parsed as a path: flags begin with two dashes, --{path[dashes.end(1) :]}"
    return ""


def broken_link(path: str, tree: Tree) -> str:
    """Say that ``path``, or a directory above it, is a link to what ``tree`` does not have; empty for others.

    Links are followed within the tree: an absolute one, or one that leads up and out, begins at its root.
    """
    parts = path.split("/")[:DEEPEST]
    for count in range(1, len(parts) + 1):
        part = "/".join(parts[:count])
        found = tree.entry(part)
        if found is None or not found.link:
            continue
        target = join("/", posixpath.join(posixpath.dirname(part), found.link)).lstrip("/")
        if target and tree.entry(target) is None:
            outside = not tree.root and found.link.startswith(("/", "../"))
            inside = " (links out of it are not followed)" if outside else ""
            return f"{tree.root}{part} is a link to {found.link}, which {tree.title} does not have{inside}"
    return ""
