"""What rewriting may know about a build: its arguments, its platform, and the files of the context."""

from __future__ import annotations

from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from pyfrontend.span import SourceFile
else:
    Protocol = object


class Files(Protocol):
    """Text files of the build context, by their path in it."""

    def read(self, path: str) -> SourceFile | None:
        """Return the file at ``path`` (relative, clean), or None if there is none."""

    def names(self, directory: str) -> list[str]:
        """Return the names in ``directory`` for suggestions; empty where it cannot be read."""

    def is_ignored(self, path: str) -> bool:
        """Tell whether the ignore file hides ``path``."""


class Site(NamedTuple):
    """One platform of one build.

    ``args`` are the build arguments and ``builtin`` the platform arguments, by name; ``value_files`` are
    the files that the syntax line names, ``target`` is the stage to build, empty for the last.  Without
    ``extensions`` only what plugins bring is rewritten.
    """

    args: Mapping[str, str]
    builtin: Mapping[str, str]
    files: Files
    value_files: tuple[str, ...] = ()
    target: str = ""
    extensions: bool = True
