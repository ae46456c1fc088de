"""File trees that a build copies from, for inspection after a failure.

A `Tree` tells which files exist.  Looking costs solves or calls to the daemon, only in builds that fail.
"""

from __future__ import annotations

import posixpath
from functools import cached_property

from pyfrontend.dockerignore import Matcher, numbered_patterns
from pyfrontend.driver.contexts.base import CONTEXT, IGNORE_FILE, internal, patterns_of, solved
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.golang.json import json_text
from pyfrontend.llb import caps
from pyfrontend.llb.ops import Output, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Protocol

    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import DirEntry, Ref
    from pyfrontend.span import SourceFile
else:
    Protocol = object

#: How many directories of a tree are looked at for a name.
MOST_DIRECTORIES = 200
#: Where nobody puts what a build makes; of an image these are most of its directories.
SYSTEM = frozenset((
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32",
    "proc", "run", "sbin", "sys", "usr", "var",
))  # fmt: skip


class Tree(Protocol):
    """Files under one root; paths have no slash before them.  Looking raises `BridgeError`."""

    #: What people call it, and what stands before its paths.
    title: str
    root: str

    def entry(self, path: str) -> DirEntry | None:
        """Return what ``path`` is, None where it is not there."""

    def like(self, name: str, directory: str) -> list[str]:
        """Return names in ``directory``, those that resemble ``name`` at least."""

    def names(self, directory: str) -> list[str]:
        """Return all names in ``directory``."""

    def everywhere(self, name: str, path: str) -> list[str]:
        """Return paths that end in ``name``, where one would look for ``path``."""

    def hidden_by(self, path: str) -> str:
        """Name the ignore pattern that hides ``path`` and its line; empty where none does."""


class ClientTree:
    """A directory of the client: ``local`` is its name in the session, ``key`` what the daemon keeps it by.

    Every lookup is a separate solve, which transfers only names near the one that is searched for.
    """

    root = ""

    def __init__(
        self,
        main: MainContext,
        local: str,
        key: str,
        title: str,
        ignore_file: Callable[[], SourceFile],
    ) -> None:
        """Look at nothing yet; ``ignore_file`` returns the one in effect."""
        self.main = main
        self.local = local
        self.key = key
        self.title = title
        self.ignore_file = ignore_file

    def entry(self, path: str) -> DirEntry | None:
        """Look for ``path``."""
        return dict(self._find([path])).get(path)

    def like(self, name: str, directory: str) -> list[str]:
        """Look for names with the same beginning or end."""
        return self._names(list(_alike(name, directory)), directory)

    def names(self, directory: str) -> list[str]:
        """Look at all of ``directory``."""
        return self._names([posixpath.join(directory, "*")], directory)

    def everywhere(self, name: str, path: str) -> list[str]:  # noqa: ARG002 - the client looks fast enough
        """Look through all of it."""
        return self._list([f"**/{name}"])

    def hidden_by(self, path: str) -> str:
        """Look for the last pattern that matches, and whether there is anything for it to hide."""
        file = self.ignore_file()
        patterns = list(numbered_patterns(file))
        last = Matcher([pattern for _, pattern in patterns]).deciding(path)
        number, pattern = patterns[last] if last >= 0 else (0, "!")
        if pattern.startswith("!") or not self._is_there(path):
            return ""
        return f"excluded by {file.name} line {number}: {pattern}"

    def _is_there(self, path: str) -> bool:
        """Tell whether ``path`` is there, hidden or not; yes where that cannot be seen."""
        try:
            found = self._list([path], hidden=True)
        except BridgeError:
            return True
        return bool(found) if any(mark in path for mark in "*?[") else path in found

    def _names(self, patterns: Sequence[str], directory: str) -> list[str]:
        return [posixpath.basename(path) for path, _ in self._find(patterns, directory)]

    def _list(self, patterns: Sequence[str], *, hidden: bool = False) -> list[str]:
        return [path for path, _ in self._find(patterns, hidden=hidden)]

    def _find(
        self, patterns: Sequence[str], below: str = "", *, hidden: bool = False
    ) -> list[tuple[str, DirEntry]]:
        """Return the paths that match ``patterns``, those that are ``hidden`` too if that is asked for.

        What is inside of matches is not sent.
        """
        main = self.main
        inside = [f"{pattern}/*" for pattern in patterns]
        ignored = [] if hidden else patterns_of(self.ignore_file())
        attrs = {
            "local.includepattern": json_text(list(patterns)),
            "local.excludepatterns": json_text([*ignored, *inside]),
            "local.sharedkeyhint": f"{self.key}-{'hidden' if hidden else 'nearest'}",
        }
        session = main.options.session_of(self.local)
        attrs |= {"local.session": session} if session else {"local.unique": main.options.unique}
        source = Source(
            f"local://{self.local}", attrs, caps=(caps.SOURCE_LOCAL,), meta=internal("look for the path")
        )
        ref = solved(main.bridge, Output(source))
        try:
            return list(_walk(main.bridge, ref, [below])) if ref else []
        except BridgeError as error:
            if error.is_not_found:
                return []  # not even the directory is there
            raise


class SolvedTree:
    """What a stage, an image or a remote context has: the daemon holds all of it already."""

    root = "/"

    def __init__(self, bridge: BridgeProtocol, output: Output | None, title: str) -> None:
        """Look into ``output``, at the first question."""
        self.bridge = bridge
        self.output = output
        self.title = title

    @cached_property
    def ref(self) -> Ref | None:
        """What the daemon holds."""
        return solved(self.bridge, self.output)

    def entry(self, path: str) -> DirEntry | None:
        """Look into its directory."""
        name = posixpath.basename(path)
        return next((one for one in self._entries(posixpath.dirname(path)) if one.name == name), None)

    def like(self, name: str, directory: str) -> list[str]:  # noqa: ARG002 - all are at hand
        """Return all: they are at hand."""
        return self.names(directory)

    def names(self, directory: str) -> list[str]:
        """Look at all of ``directory``."""
        return [entry.name for entry in self._entries(directory)]

    def everywhere(self, name: str, path: str) -> list[str]:
        """Look below the directory that ``path`` begins with, else wherever builds put things."""
        top = path.partition("/")[0]
        directories = [entry.name for entry in self._entries("") if entry.is_dir]
        near = [top] if top in directories else [entry for entry in directories if entry not in SYSTEM]
        if self.ref is None:
            return []
        return [found for found, _ in _walk(self.bridge, self.ref, near) if posixpath.basename(found) == name]

    def hidden_by(self, path: str) -> str:  # noqa: ARG002 - ignore files are for directories of the client
        """Return nothing: ignore files are for directories of the client."""
        return ""

    def _entries(self, directory: str) -> list[DirEntry]:
        try:
            return self.bridge.read_dir(self.ref, directory or "/") if self.ref else []
        except BridgeError:
            return []  # no directory


def main_tree(main: MainContext) -> Tree:
    """Return the main build context."""
    title = "the build context"
    if main.remote.context is not None:
        tree = SolvedTree(main.bridge, main.remote.context, title)
        tree.root = ""
        return tree
    return ClientTree(main, CONTEXT, CONTEXT, title, main.ignore_file)


def named_tree(main: MainContext, local: str) -> Tree:
    """Return the directory of the client that is the named context ``local``."""
    key = f"context:{local}"

    def ignore_file() -> SourceFile:
        meta = internal(f"load {IGNORE_FILE} of the context {local}")
        file = main.read_ignore_file(local, key, meta)
        file.name = f"{IGNORE_FILE} of {local}"
        return file

    return ClientTree(main, local, key, f"the named context {local}", ignore_file)


def _alike(name: str, directory: str) -> Iterable[str]:
    """Yield patterns for ``name`` and those a slip away from it: their beginning or their end is right."""
    first = name[0]
    yield posixpath.join(directory, f"[{first.lower()}{first.upper()}]*" if first.isalpha() else f"{first}*")
    if len(name) > 3:
        yield posixpath.join(directory, f"*{name[-2:]}")


def _walk(bridge: BridgeProtocol, ref: Ref, starts: Sequence[str]) -> Iterator[tuple[str, DirEntry]]:
    """Yield the paths below the directories ``starts`` with what they are, those near to them first."""
    directories = list(starts)
    for directory in directories:  # grows while it is walked
        for entry in bridge.read_dir(ref, directory or "/"):
            path = posixpath.join(directory, entry.name)
            yield path, entry
            if entry.is_dir and len(directories) < MOST_DIRECTORIES:
                directories.append(path)
