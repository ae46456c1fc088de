"""Files in the extended language: a session and the lines that were read, the plain Dockerfile out."""

from __future__ import annotations

from pyfrontend.dockerignore import Matcher
from pyfrontend.driver.contexts.files import TextFiles, context_folder
from pyfrontend.driver.diagnostics.file_tree import main_tree
from pyfrontend.driver.locks import open_lock, report_lock
from pyfrontend.errors import DockerfileError, located
from pyfrontend.extend.rewrite import rewrite
from pyfrontend.extend.site import Site
from pyfrontend.extend.words import LOCK_ARGUMENT, OFF, lock_mode, read_words
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lower.scope import platform_args
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.syntax.directives import detect_check, detect_syntax
from pyfrontend.syntax.document import parse_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.contexts.main import MainContext
    from pyfrontend.driver.session import Session
    from pyfrontend.extend.locking import Lock
    from pyfrontend.extend.words import Words
    from pyfrontend.lint.linter import Linter
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.syntax.document import Dockerfile
    from pyfrontend.syntax.lines import Lines

SWITCHED_OFF = (
    "this image has extensions switched off (DOCKERFILE_FRONTEND_EXTENSIONS=off): remove the words from"
    " the syntax line, and the build argument BUILDKIT_DOCKERFILE_LOCK"
)


def plain_document(session: Session, read: Lines, platform: Platform | None, linter: Linter) -> Dockerfile:
    """Return the plain Dockerfile that the lines ``read`` stand for on ``platform``; errors are in it.

    Raises `DockerfileError` for bad words on the syntax line and a bad lock, `BridgeError` where no file
    can be read.
    """
    words = words_of(session)
    if not session.options.extensions:
        if words.value_files or lock_mode(words, session.options.args.get(LOCK_ARGUMENT)) != OFF:
            raise DockerfileError(SWITCHED_OFF, *([words.span] if words.span else []), code="ExtensionsOff")
        if not read.language.own and not read.language.flags:
            return parse_lines(session.loaded.file, read)
    lock = open_lock(session, words)
    document = rewritten(session, read, platform, words, lock)
    _add_checks(session, document, linter)
    if lock is not None:
        report_lock(session, lock, document, linter, words)
    return document


def words_of(session: Session) -> Words:
    """Return the words on the syntax line; raises `DockerfileError` for one that is unknown."""
    return read_words(session.options.cmdline or "", detect_syntax(session.loaded.file))


def rewritten(
    session: Session, read: Lines, platform: Platform | None, words: Words, lock: Lock | None
) -> Dockerfile:
    """Return the plain Dockerfile for ``platform``, with the references that ``lock`` pins."""
    site = Site(
        session.options.args,
        _builtin(session, read, platform),
        ContextFiles(session.main),
        words.value_files,
        session.options.target,
        extensions=session.options.extensions,
    )
    done = rewrite(read, site, words.span, lock)
    document = parse_lines(session.loaded.file, done.lines)
    document.extended, document.target = True, done.target
    document.uses, document.origins = done.uses, done.origins
    return document


def _add_checks(session: Session, document: Dockerfile, linter: Linter) -> None:
    """Apply the check directives of other files to their lines, in addition to that of the main file.

    Raises `DockerfileError` for options that cannot be read.
    """
    if session.options.check is not None:
        return
    for file in dict.fromkeys(line.span.file for line in document.lines):
        found = detect_check(file) if file is not document.file else None
        if found is not None:
            text, place = found
            with located(place):
                linter.files[file] = linter.config.merged(parse_check_config(text), errors=True)


#: Directories that are looked into for a name that a line may have meant.
MOST_DIRECTORIES = 20


class ContextFiles(TextFiles):
    """A `pyfrontend.extend.site.Files` of the main context."""

    def __init__(self, main: MainContext) -> None:
        """Read nothing yet."""
        super().__init__(main, context_folder(main))
        self._ignored: Matcher | None = None
        self._names: dict[str, list[str]] = {}

    def names(self, directory: str) -> list[str]:
        """Return the names in a directory of the context; none where it cannot be looked into.

        The daemon is asked for so many directories only: a file may have thousands of lines that name none.
        """
        if directory not in self._names and len(self._names) < MOST_DIRECTORIES:
            try:
                self._names[directory] = main_tree(self.main).names(directory)
            except (BridgeError, DockerfileError):
                self._names[directory] = []
        return self._names.get(directory, [])

    def is_ignored(self, path: str) -> bool:
        """Tell whether the ignore file hides ``path``."""
        if self._ignored is None:
            self._ignored = Matcher(self.main.ignore_patterns())
        return self._ignored.matches(path)


def _builtin(session: Session, read: Lines, platform: Platform | None) -> dict[str, str]:
    """Return the platform arguments of the build."""
    build = session.options.build_platforms
    target = platform or (build[0] if build else default_platform())
    bases = [line.arguments.words for line in read.lines if line.cls and line.cls.keyword == "FROM"]
    last = bases[-1][2].lower() if bases and len(bases[-1]) == 3 else ""
    stage = session.options.target or last
    return platform_args(build[0] if build else target, target, session.options.args, stage)
