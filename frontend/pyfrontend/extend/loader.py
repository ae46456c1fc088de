"""Other files that make up a Dockerfile: the path in a line in, the lines of that file out, within limits."""

from __future__ import annotations

from contextlib import contextmanager

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.paths import context_path, missing
from pyfrontend.extend.statics import where
from pyfrontend.limits import (
    DOCKERFILE_BYTES,
    DOCKERFILE_DEPTH,
    DOCKERFILE_INCLUSIONS,
    DOCKERFILE_REPEATED_BYTES,
    DOCKERFILES,
)
from pyfrontend.span import SourceFile
from pyfrontend.syntax.lines import read_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.extend.site import Files
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.extended import Language

ESCAPE_NAMES = {"\\": "a backslash", "`": "a backtick"}


class Loader:
    """Reads the files that lines name; ``errors`` are those in the text of these files."""

    def __init__(self, files: Files, escape: str, language: Language) -> None:
        """Read nothing yet; all files must have the ``escape`` character of the main one."""
        self.files = files
        self.escape = escape
        self.language = language
        self.errors: list[DockerfileError] = []
        self.seen: set[str] = set()
        self._inclusions = 0
        self._bytes = self._repeated = 0
        #: The files that are being read, the outermost first, with the line that names each.
        self._open: list[tuple[str, Span | None]] = []

    @contextmanager
    def loaded(self, text: str, asker: str, place: Span | None) -> Iterator[list[Line]]:
        """Read the file ``text``, which the line at ``place`` names after ``asker``, for the block.

        Raises `DockerfileError` for a path that is none, a file that is not there, too many files, and a
        file that leads to itself.
        """
        path = context_path(text, asker)
        repeated = path in self.seen
        self._check_bounds(path, asker, place)
        found = self.files.read(path)
        if found is None:
            raise DockerfileError(missing(path, asker, self.files), code="FileNotFound")
        self._count(found.data, asker, repeated=repeated)
        file = SourceFile(found.name, found.data, found.language, found.definition, place)
        if not found.data.strip():
            raise DockerfileError(f"{asker}: {path} is empty", code="EmptyFile")
        read = read_lines(file, self.language)
        self.errors += read.errors
        if read.escape != self.escape:
            raise DockerfileError(
                f"{asker}: the escape character of {path} is {ESCAPE_NAMES[read.escape]}, that of the main"
                f" file {ESCAPE_NAMES[self.escape]}; begin {path} with the line # escape={self.escape}",
                code="EscapeMismatch",
            )
        self._open.append((path, place))
        try:
            yield read.lines
        finally:
            self._open.pop()

    def _count(self, data: bytes, asker: str, *, repeated: bool) -> None:
        self._bytes += len(data)
        if self._bytes > DOCKERFILE_BYTES:
            raise DockerfileError(
                f"{asker}: the files named so far are larger than {DOCKERFILE_BYTES} bytes",
                code="TooManyFiles",
            )
        self._repeated += repeated and len(data)
        if self._repeated > DOCKERFILE_REPEATED_BYTES:
            raise DockerfileError(
                f"{asker}: files that are referenced more than once add up to more than"
                f" {DOCKERFILE_REPEATED_BYTES} bytes; move those lines to a stage that others are based on",
                code="TooManyFiles",
            )

    def _check_bounds(self, path: str, asker: str, place: Span | None) -> None:
        names = [name for name, _ in self._open]
        if path in names:
            chain = [where(at) for _, at in self._open[names.index(path) :] if at] + (
                [where(place)] if place else []
            )
            raise DockerfileError(
                f"{asker}: {path} leads back to itself: {' -> '.join(chain)}", code="CircularInclude"
            )
        if len(self._open) == DOCKERFILE_DEPTH:
            raise DockerfileError(
                f"{asker}: files are nested more than {DOCKERFILE_DEPTH} levels deep",
                code="TooManyFiles",
            )
        self._inclusions += 1
        self.seen.add(path)
        if len(self.seen) > DOCKERFILES:
            raise DockerfileError(f"{asker}: more than {DOCKERFILES} files", code="TooManyFiles")
        if self._inclusions > DOCKERFILE_INCLUSIONS:
            raise DockerfileError(
                f"{asker}: files are referenced more than {DOCKERFILE_INCLUSIONS} times", code="TooManyFiles"
            )
