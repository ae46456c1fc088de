"""Values from files: ``args=FILE`` on the syntax line, ``ENV --file=FILE``, ``LABEL --file=FILE``."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.paths import context_path
from pyfrontend.extend.text import split_rest, with_code
from pyfrontend.extend.valuefile import literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.extend.draft import Draft
    from pyfrontend.extend.site import Site
    from pyfrontend.extend.valuefile import Entry, ValueFiles
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line

#: Stands for the pairs of a file that is not read.
NO_PAIR = '_=""'
#: Arguments that no file sets: they belong to the platform, the network of the build and BuildKit itself.
RESERVED_PREFIXES = ("BUILDKIT_", "BUILDPLATFORM", "TARGETPLATFORM")
RESERVED = frozenset(
    f"{side}{part}"
    for side in ("BUILD", "TARGET")
    for part in ("OS", "OSVERSION", "ARCH", "VARIANT", "STAGE")
) | frozenset(("SOURCE_DATE_EPOCH", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"))


def read_defaults(site: Site, files: ValueFiles, place: Span | None) -> dict[str, Entry]:
    """Return the values that files on the syntax line give to ARGs; of equal keys the later file's.

    Raises `DockerfileError` at ``place``, the syntax line, for a file that is not there.
    """
    found: dict[str, Entry] = {}
    for name in site.value_files:
        try:
            found.update(files.read(context_path(name, "args"), "args"))
        except DockerfileError as error:
            raise error.at(*(error.spans or ([place] if place else []))) from None
    return {key: entry for key, entry in found.items() if not _is_reserved(key)}


def with_defaults(line: Line, defaults: Mapping[str, Entry], escape: str) -> Line:
    """Return an ARG with the values of ``defaults`` as its defaults; other lines as they are."""
    if not (line.cls and line.cls.keyword == "ARG"):
        return line
    words = list(line.arguments.words)
    for number, word in enumerate(words):
        key = word.partition("=")[0]
        if key in defaults:
            words[number] = f"{key}={literal(defaults[key].value, escape)}"
    if words == list(line.arguments.words):
        return line
    head, _ = split_rest(line)
    return with_code(line, head + " ".join(words), escape, line.extras)


def from_file(draft: Draft, value: str | None) -> None:
    """``--file=PATH``: the pairs of the file, in its order, before those of the line."""
    if not value:
        raise DockerfileError("missing a value on flag: --file", code="MissingFlagValue", flag="file")
    if draft.line.arguments.legacy:
        keyword = draft.line.keyword
        raise DockerfileError(
            f"--file goes with {keyword} KEY=VALUE, not with the form {keyword} KEY VALUE",
            code="LegacyKeyValue",
        )
    path = context_path(draft.scope.expand(value, "--file"), "--file")
    draft.finish = lambda draft: _add_pairs(draft, path)


def _add_pairs(draft: Draft, path: str) -> None:
    """Put the pairs of the file at ``path`` before those of the line.

    That of a line that is skipped is not read, and may be missing; an instruction needs a pair all the same.
    """
    if draft.skipped:
        draft.prefix = [] if draft.line.arguments.words else [NO_PAIR]
        return
    if draft.site.files.is_ignored(path):
        raise DockerfileError(
            f"--file={path} is excluded by the ignore file, but would end up in the image",
            code="IgnoredValueFile",
        )
    entries = draft.value_files.pairs(path)
    if not entries and not draft.line.arguments.words:
        raise DockerfileError(f"--file={path} contains no KEY=VALUE", code="InvalidValueFile")
    draft.prefix = [f"{key}={literal(entry.value, draft.escape)}" for key, entry in entries.items()]


def _is_reserved(key: str) -> bool:
    return key.startswith(RESERVED_PREFIXES) or key.upper() in RESERVED
