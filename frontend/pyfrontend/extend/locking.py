"""Applying the lock: lines in, the same lines with digests from the lock file in their references out.

It processes everything that a line takes from elsewhere, in order: images of FROM, COPY and mounts, downloads
and repositories of ADD.  Stages, named contexts, scratch and references with a digest are left unchanged.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.flagtext import edit_flags, map_stages
from pyfrontend.extend.lockfile import GIT, HTTP, IMAGE, REFRESH, Key, Pin
from pyfrontend.extend.text import split_rest, with_code
from pyfrontend.extend.words import FROZEN
from pyfrontend.giturl import parse_git_ref
from pyfrontend.golang.strings import to_lower
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.declare import Extras
from pyfrontend.syntax.inputs import SCRATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from pyfrontend.extend.statics import Statics
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line

HEX = frozenset("0123456789abcdef")


class Use(NamedTuple):
    """A reference of the Dockerfile that a lock can hold, and the line that has it."""

    key: Key
    span: Span


class Lock:
    """The entries of a lock file in one of the modes; ``uses`` are the references met so far.

    ``contexts`` are the names of named contexts, which stand in for images and are never locked.
    """

    def __init__(self, mode: str, name: str, pins: Mapping[Key, Pin], contexts: AbstractSet[str]) -> None:
        """Begin with no line read; ``name`` is what errors call the file."""
        self.mode = mode
        self.name = name
        self.pins = pins
        self.uses: list[Use] = []
        self._contexts = contexts
        self._stages: AbstractSet[str] = frozenset()

    def line(self, line: Line, scope: Statics, stages: AbstractSet[str]) -> Line:
        """Return ``line`` with the digests of the lock; one that a frozen lock refuses carries the error.

        ``stages`` are names of stages that the ``scope`` does not know, those of other files.
        """
        self._stages = stages
        keyword = line.cls.keyword if line.cls else ""
        if line.extras and line.extras.error:
            return line
        try:
            if keyword == "FROM":
                return self._from(line, scope)
            if keyword == "ADD":
                return self._add(line, scope)
            if line.flags and keyword in {"COPY", "RUN"}:
                code = map_stages(line, lambda name: self._image(name, scope, line.span), scope.escape)
                return line if code == line.code else with_code(line, code, scope.escape)
        except DockerfileError as error:
            return line._replace(extras=Extras(line.code, error=error))
        return line

    def _from(self, line: Line, scope: Statics) -> Line:
        words = line.arguments.words
        if not words:
            return line
        try:
            name = scope.outer().expand(words[0], "FROM")
        except DockerfileError:
            return line  # lowering reports it
        pinned = self._image(name, scope, line.span)
        if pinned == name:
            return line
        head, _ = split_rest(line)
        return with_code(line, head + " ".join([pinned, *words[1:]]), scope.escape)

    def _image(self, name: str, scope: Statics, place: Span) -> str:
        """Return ``name`` with the digest of its entry, or as it is where no lock is for it."""
        stage = to_lower(name)
        if not name or stage in scope.stages or stage in self._stages or name == SCRATCH or name.isdecimal():
            return name
        try:
            reference = tag_name_only(parse_normalized(name))
        except ValueError:
            return name
        if reference.digest or reference.familiar().removesuffix(":latest") in self._contexts:
            return name
        digest = self._pin(Key(IMAGE, str(reference)), place)
        return f"{reference.familiar()}@{digest}" if digest else name

    def _add(self, line: Line, scope: Statics) -> Line:
        if any(flag.startswith("--checksum") for flag in line.flags):
            return line
        sources = line.arguments.words[:-1]
        keys = [key for word in sources if (key := _remote(word, scope))]
        digests = [digest for key in keys if (digest := self._pin(key, line.span))]
        if not digests:
            return line
        if len(sources) != 1:
            raise DockerfileError(
                f"{self.name} locks {keys[0].reference}, so this ADD cannot have another source:"
                " write one ADD for each",
                code="LockedSources",
            )
        start = edit_flags(line.code, scope.escape, lambda flag: flag)
        head = start[: len(start) - len(line.rest)] if line.rest else start
        return with_code(line, f"{head}--checksum={digests[0]} {line.rest}", scope.escape)

    def _pin(self, key: Key, place: Span) -> str:
        """Return the digest for ``key``, an empty text for one without an entry."""
        self.uses.append(Use(key, place))
        pin = self.pins.get(key)
        if pin is None and self.mode == FROZEN:
            raise DockerfileError(
                f"{key.reference} is not in {self.name}, which is frozen; add it with {REFRESH}",
                code="LockEntryMissing",
            )
        return pin.digest if pin else ""

    def missing(self) -> list[Use]:
        """Return the references without an entry, in file order."""
        return [use for use in self.uses if use.key not in self.pins]

    def unused(self) -> list[tuple[Key, Pin]]:
        """Return the entries that no reference needed."""
        used = {use.key for use in self.uses}
        return [(key, pin) for key, pin in self.pins.items() if key not in used]


def _remote(word: str, scope: Statics) -> Key | None:
    """Return the key of a download or repository; None for anything else, and for what is not known yet."""
    try:
        source = scope.expand(word, "ADD") if "$" in word else word
        ref = parse_git_ref(source)
    except (DockerfileError, ValueError):
        return None
    if ref is not None and not ref.indistinguishable_from_local:
        pinned = ref.checksum or (len(ref.ref) in {40, 64} and HEX.issuperset(ref.ref))
        return None if pinned else Key(GIT, source)
    return Key(HTTP, source) if source.startswith(("http://", "https://")) else None
