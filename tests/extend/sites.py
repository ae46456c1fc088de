"""A site without an engine: files and values by name."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from pyfrontend.extend.plain import plain_text
from pyfrontend.extend.rewrite import Rewritten, rewrite
from pyfrontend.extend.site import Site
from pyfrontend.span import SourceFile
from pyfrontend.syntax.lines import read_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

BUILTIN = {"BUILDPLATFORM": "linux/amd64", "TARGETARCH": "amd64", "TARGETOS": "linux"}


class FileTable:
    """A `pyfrontend.extend.site.Files` of given texts; those in ``hidden/`` are ignored."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def read(self, path: str) -> SourceFile | None:
        return SourceFile(path, self.texts[path].encode()) if path in self.texts else None

    def names(self, directory: str) -> list[str]:
        return [posixpath.basename(path) for path in self.texts if posixpath.dirname(path) == directory]

    def is_ignored(self, path: str) -> bool:
        return path.startswith("hidden/")


def rewritten(
    text: str,
    files: Mapping[str, str] | None = None,
    *,
    args: Mapping[str, str] | None = None,
    value_files: tuple[str, ...] = (),
    target: str = "",
) -> Rewritten:
    """Rewrite a text for linux/amd64."""
    read = read_lines(SourceFile("Dockerfile", text.encode()))
    return rewrite(read, Site(args or {}, BUILTIN, FileTable(files or {}), value_files, target))


def plain(text: str, files: Mapping[str, str] | None = None, **options: object) -> str:
    """Return the plain text of ``text``."""
    found = rewritten(text, files, **options)  # type: ignore[arg-type] # handed on as they come
    assert [error(line) for line in found.lines.lines if error(line)] == []
    return plain_text(SourceFile("Dockerfile", text.encode()), found.lines.lines, found.lines.escape).decode()


def error(line: object) -> str:
    """Return what is wrong with the extension of a line, or an empty text."""
    extras = getattr(line, "extras", None)
    return extras.error.message if extras and extras.error else ""
