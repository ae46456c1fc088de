"""Dockerfile.lock in a build: loaded from the Dockerfile's directory, and the findings about it."""

from __future__ import annotations

import posixpath

from pyfrontend.dockerignore import Matcher
from pyfrontend.driver.contexts.files import TextFiles, context_folder, dockerfile_folder
from pyfrontend.errors import DockerfileError
from pyfrontend.extend.lockfile import REFRESH, SUFFIX, read_lock
from pyfrontend.extend.locking import Lock
from pyfrontend.extend.words import FROZEN, LOCK_ARGUMENT, OFF, lock_mode
from pyfrontend.lint import facts
from pyfrontend.syntax.directives import detect_syntax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.extend.words import Words
    from pyfrontend.lint.linter import Linter
    from pyfrontend.span import SourceFile, Span
    from pyfrontend.syntax.document import Dockerfile

#: Sources of a COPY that take all of the build context.
EVERYTHING = frozenset((".", "./", "/", "*", "./*"))


def lock_name(session: Session) -> str:
    """Return the name of the lock file, without a folder."""
    return posixpath.basename(session.loaded.file.name.rstrip("/")) + SUFFIX


def find_lock_file(session: Session) -> SourceFile | None:
    """Return the lock file next to the Dockerfile, else that in the root of the context, else None."""
    main = session.main
    beside = TextFiles(main, dockerfile_folder(main)).read(session.loaded.file.name + SUFFIX)
    return beside or TextFiles(main, context_folder(main)).read(lock_name(session))


def open_lock(session: Session, words: Words) -> Lock | None:
    """Return the lock of a build, None for one without.

    Raises `DockerfileError` for an unknown mode, a bad lock file, and one that is frozen but not there.
    """
    mode = lock_mode(words, session.options.args.get(LOCK_ARGUMENT))
    if mode == OFF:
        return None
    name = lock_name(session)
    file = find_lock_file(session)
    if file is None and mode == FROZEN:
        spans = [words.span] if words.span else []
        raise DockerfileError(
            f"there is no {name}, but the lock is frozen: write it with {REFRESH}", *spans, code="NoLock"
        )
    return Lock(mode, name, read_lock(file) if file else {}, context_names(session))


def context_names(session: Session) -> frozenset[str]:
    """Return the names that named contexts stand in for, whatever the platform."""
    return frozenset(key.partition("::")[0] for key in session.options.contexts.named)


def report_lock(session: Session, lock: Lock, document: Dockerfile, linter: Linter, words: Words) -> None:
    """Report how the Dockerfile uses its lock."""
    missing = [(use.key.reference, use.span) for use in lock.missing()]
    unused = [] if document.errors else [(key.reference, pin.span) for key, pin in lock.unused()]
    copied = _copies_all(document)
    if copied and ("/" in session.loaded.file.name or _is_ignored(session, lock.name)):
        copied = None
    is_open = lock.mode == FROZEN and not _is_pinned(session)
    use = facts.LockUse(lock.name, REFRESH, missing, unused, copied, is_open, words.span)
    linter.report(facts.lock_used, use)


def _is_pinned(session: Session) -> bool:
    """Tell whether the frontend is named with a digest."""
    syntax = detect_syntax(session.loaded.file)
    return "@sha256:" in f"{session.options.cmdline or ''} {syntax.ref if syntax else ''}"


def _copies_all(document: Dockerfile) -> Span | None:
    for line in document.lines:
        keyword = line.cls.keyword if line.cls else ""
        from_context = keyword in {"COPY", "ADD"} and not any(
            flag.startswith("--from") for flag in line.flags
        )
        if from_context and not EVERYTHING.isdisjoint(line.arguments.words[:-1]):
            return line.span
    return None


def _is_ignored(session: Session, name: str) -> bool:
    patterns = session.main.ignore_patterns()
    return bool(patterns) and Matcher(patterns).matches(name)
