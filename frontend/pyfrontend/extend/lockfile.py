"""Dockerfile.lock: its text in, entries by kind and reference out; and back.

entry = ("image" / "git" / "http") SPACE reference SPACE digest, one a line, sorted; ``#`` begins a comment
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.quote import go_quote
from pyfrontend.limits import LOCK_BYTES, LOCK_ENTRIES
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.record import NamedTuple
from pyfrontend.span import Span
from pyfrontend.spelling import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.span import SourceFile

SUFFIX = ".lock"
REFRESH = "docker buildx build --call=lock -o . ."
HEADER = f"# Dockerfile.lock of pyfrontend. Commit it. Refresh: {REFRESH}"
VERSION = "version 1"
IMAGE, GIT, HTTP = "image", "git", "http"
#: Lengths of the hexadecimal digests of each kind: git names commits by SHA-1 or SHA-256.
LENGTHS = {IMAGE: (64,), GIT: (40, 64), HTTP: (64,)}
#: What git writes around the sides of a conflict.
MERGE_MARKS = ("<<<<<<<", "=======", ">>>>>>>")
HEX = frozenset("0123456789abcdef")


class Key(NamedTuple):
    """What an entry is for: its ``kind`` and the reference as the Dockerfile means it."""

    kind: str
    reference: str


class Pin(NamedTuple):
    """What a reference is locked to, and the line that says so; None for one that was found just now."""

    digest: str
    span: Span | None = None


def read_lock(file: SourceFile) -> dict[Key, Pin]:
    """Return the entries of a lock file; raises `DockerfileError` at the line that is wrong."""
    if len(file.data) > LOCK_BYTES:
        raise DockerfileError(
            f"{file.name} is larger than {LOCK_BYTES} bytes", Span(file, 1, 1), code="InvalidLockFile"
        )
    text = file.data.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    rows = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not rows:
        raise DockerfileError(
            f"{file.name} is empty; write it with {REFRESH}", Span(file, 1, 1), code="InvalidLockFile"
        )
    first, version = rows[0]
    if version != VERSION:
        raise DockerfileError(_foreign(file.name, version), Span(file, first, first), code="InvalidLockFile")
    if len(rows) - 1 > LOCK_ENTRIES:
        raise DockerfileError(
            f"{file.name} has more than {LOCK_ENTRIES} entries",
            Span(file, first, first),
            code="InvalidLockFile",
        )
    entries: dict[Key, Pin] = {}
    for number, line in rows[1:]:
        span = Span(file, number, number)
        key, digest = _entry(file.name, line, span)
        if key in entries:
            earlier = entries[key].span
            raise DockerfileError(
                f"{file.name} has two entries for {key.kind} {key.reference}:"
                f" keep one, or refresh the file with {REFRESH}",
                *([earlier] if earlier else []),
                span,
                code="InvalidLockFile",
            )
        entries[key] = Pin(digest, span)
    return entries


def lock_text(entries: Mapping[Key, Pin]) -> str:
    """Return the text of a lock file with ``entries``, sorted."""
    rows = sorted(f"{kind} {reference} {pin.digest}" for (kind, reference), pin in entries.items())
    return "".join(f"{row}\n" for row in (HEADER, VERSION, *rows))


def _foreign(name: str, line: str) -> str:
    keyword, _, number = line.partition(" ")
    if keyword == "version" and number.isdecimal():
        return f"{name} has {go_quote(line)}; this frontend reads {VERSION}"
    if line.startswith(MERGE_MARKS):
        return f"{name} begins with {go_quote(line[:60])}: resolve the merge conflict"
    return (
        f"{name} is not a lock file of pyfrontend: it begins with {go_quote(line[:60])}, not with {VERSION}"
    )


def _entry(name: str, line: str, span: Span) -> tuple[Key, str]:
    words = line.split()
    if words[0] not in LENGTHS:
        merged = line.startswith(MERGE_MARKS)
        hint = ": resolve the merge conflict" if merged else did_you_mean(words[0], LENGTHS)
        raise DockerfileError(
            f"{name}: unknown entry {go_quote(line[:60])}{hint}", span, code="InvalidLockFile"
        )
    if len(words) != 3:
        raise DockerfileError(
            f"{name}: an entry is {words[0]} REFERENCE DIGEST, not {go_quote(line[:200])}",
            span,
            code="InvalidLockFile",
        )
    kind, reference, digest = words
    _check_digest(name, kind, digest, span)
    if kind == IMAGE:
        _check_image(name, reference, span)
    return Key(kind, reference), digest


def _check_image(name: str, reference: str, span: Span) -> None:
    """Raise for an image that is not called as a lookup calls it: nothing would ever match it."""
    try:
        whole = str(tag_name_only(parse_normalized(reference))).partition("@")[0]
    except ValueError as error:
        raise DockerfileError(
            f"{name}: {go_quote(reference[:200])}: {error}", span, code="InvalidLockFile"
        ) from None
    if whole != reference:
        raise DockerfileError(
            f"{name}: write the whole name of the image, {whole} in place of {reference[:200]}",
            span,
            code="InvalidLockFile",
        )


def _check_digest(name: str, kind: str, digest: str, span: Span) -> None:
    text = digest if kind == GIT else digest.removeprefix("sha256:")
    well_formed = len(text) in LENGTHS[kind] and HEX.issuperset(text)
    if not well_formed or (kind != GIT and text == digest):
        wanted = (
            "a commit of 40 or 64 hexadecimal digits" if kind == GIT else "sha256: and 64 hexadecimal digits"
        )
        raise DockerfileError(
            f"{name}: {go_quote(digest[:100])} is not a digest; write {wanted}", span, code="InvalidLockFile"
        )
