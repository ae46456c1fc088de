"""Paths of files that extensions read: what the user wrote in, a path of the context out."""

from __future__ import annotations

import posixpath

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean
from pyfrontend.golang.quote import go_quote
from pyfrontend.spelling import nearest, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.extend.site import Files


def context_path(text: str, asker: str) -> str:
    """Return ``text`` as a clean path relative to the context; ``asker`` is the flag or keyword that has it.

    Raises `DockerfileError` for an address, an absolute path, and one that leads out of the context.
    """
    if "://" in text or text.startswith("git@"):
        raise DockerfileError(
            f"{asker}: {go_quote(text)} is an address, not a file of the build context;"
            " give the repository as --build-context NAME=URL",
            code="AddressAsPath",
        )
    if "\0" in text or "\n" in text:
        raise DockerfileError(f"{asker}: {go_quote(text)} is not a path", code="InvalidPath")
    path = clean(text) if text else ""
    if not path or path == ".":
        raise DockerfileError(f"{asker} names no file", code="InvalidPath")
    if path.startswith("/"):
        raise DockerfileError(
            f"{asker}: {go_quote(text)} is absolute; write a path in the build context",
            code="PathOutsideContext",
        )
    if path == ".." or path.startswith("../"):
        raise DockerfileError(
            f"{asker}: {go_quote(text)} is outside the build context", code="PathOutsideContext"
        )
    return path


def missing(path: str, asker: str, files: Files) -> str:
    """Return the message for a missing file, with the nearest existing name."""
    directory, name = posixpath.split(path)
    near = nearest(name, files.names(directory))
    meant = suggestion(near and posixpath.join(directory, near))
    return f"{asker}: the build context has no file {go_quote(path)}{meant}"
