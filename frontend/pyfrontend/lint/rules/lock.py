"""Rules about Dockerfile.lock, for builds that use one."""

from __future__ import annotations

from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyfrontend.lint.facts import LockUse
    from pyfrontend.span import Span

#: Names that one finding lists.
LISTED = 10


@rule(
    "NotLocked",
    "What a Dockerfile takes from elsewhere should have an entry in its lock",
    facts.lock_used,
    advisory=True,
    page="",
)
def not_locked(lock: LockUse) -> Iterator[Finding]:
    """Report the references without an entry; ``lock.command`` adds them."""
    if lock.missing:
        first = {reference: _place(span) for reference, span in reversed(lock.missing)}
        names = [f"{reference} ({first[reference]})" for reference, _ in lock.missing]
        yield Finding(f"not in {lock.name}: {_listed(names)}; add it with {lock.command}", lock.missing[0][1])


@rule("LockUnused", "An entry of a lock should be used", facts.lock_used, advisory=True, page="")
def lock_unused(lock: LockUse) -> Iterator[Finding]:
    """Report the entries that no reference needed."""
    if lock.unused:
        names = [reference for reference, _ in lock.unused]
        yield Finding(f"{lock.name} has entries that nothing here uses: {_listed(names)}", lock.unused[0][1])


@rule("LockCopied", "A lock should not be copied into an image", facts.lock_used, advisory=True, page="")
def lock_copied(lock: LockUse) -> Iterator[Finding]:
    """Report the COPY that takes the lock into an image."""
    if lock.copied:
        text = f"this copies {lock.name}, so refreshing it spoils the cache; add it to .dockerignore"
        yield Finding(text, lock.copied)


@rule(
    "FrontendNotLocked",
    "A frozen lock should go with a frontend pinned by digest",
    facts.lock_used,
    advisory=True,
    page="",
)
def frontend_not_locked(lock: LockUse) -> Iterator[Finding]:
    """Report a frozen lock under a syntax line without a digest."""
    if lock.frontend_is_open:
        text = "the lock is frozen and the frontend is not: add @sha256:... to its name on the syntax line"
        yield Finding(text, lock.syntax)


def _place(span: Span) -> str:
    """Return a line as people write it, with the file where that is not the main one."""
    return f"{span.file.name}:{span.start}" if span.file.named_by else f"line {span.start}"


def _listed(names: Iterable[str]) -> str:
    unique: Sequence[str] = list(dict.fromkeys(names))
    rest = f" and {len(unique) - LISTED} more" if len(unique) > LISTED else ""
    return ", ".join(unique[:LISTED]) + rest
