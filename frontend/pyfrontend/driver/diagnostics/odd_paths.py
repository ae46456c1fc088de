"""Words that are not paths, and broken links: a path that was not found in, the reason out."""

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
#: Alternatives, which only a shell expands.
BRACES = re.compile(r"\{[^{},]*,[^{}]*\}")
DRIVE = re.compile(r"[A-Za-z]:")
#: So many words are looked at as parts of one path.
MOST_WORDS = 6
#: So many directories of a path are looked at for links.
DEEPEST = 16


def no_path(path: str, sources: Sequence[str]) -> str:
    """Say what ``path`` was meant as if it is not a path; empty if it may be one.

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
    if BRACES.search(path):
        return f"the braces in {path} are not expanded, since there is no shell: write out each path"
    return ""


def escaped(path: str, code: str) -> str:
    """Say that ``path`` has lost the backslashes with which it is written in ``code``; else nothing."""
    if "\\" not in code or "[" in code:
        return ""
    for word in code.split():
        if "\\" in word[:-1] and word.replace("\\", "").lstrip("/") == path:
            if DRIVE.match(word):
                return f"a source is a path within the build context, not one of your machine such as {word}"
            return f"\\ is the escape character here: write {word.replace(chr(92), '/')}"
    return ""


def spaced(sources: Sequence[str], tree: Tree) -> str:
    """Say that several ``sources`` together are one path with spaces in ``tree``; else nothing."""
    for first in range(min(len(sources), MOST_WORDS)):
        for end in range(first + 2, min(len(sources), MOST_WORDS) + 1):
            whole = " ".join(sources[first:end])
            if tree.entry(whole):
                return f'write a path that contains spaces in a JSON array: ["{whole}", ...]'
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
