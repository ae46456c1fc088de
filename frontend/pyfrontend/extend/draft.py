"""One extended line during rewriting: its flags are read one after the other, and a plain line comes out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.flagtext import edit_flags, map_mount
from pyfrontend.extend.text import split_rest, with_code
from pyfrontend.syntax.declare import Extras
from pyfrontend.syntax.extended import is_extended_stage, mount_stage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyfrontend.extend.site import Site
    from pyfrontend.extend.statics import Statics
    from pyfrontend.extend.valuefile import ValueFiles
    from pyfrontend.syntax.declare import Line

    #: Takes the line under way and the value of a flag, None for a flag without one.
    FlagReader = Callable[["Draft", str | None], None]

#: Flags that may be repeated.
REPEATED = frozenset(("report", "requires"))


class Draft:
    """An extended line, and what its flags have made of it so far.

    ``stage_name`` turns what the user wrote for a stage into the name that it has in the plain file.
    """

    __slots__ = (
        "escape", "finish", "line", "no_cache", "prefix", "readers", "reports", "requires", "rest",
        "scope", "seen", "site", "skipped", "stage_name", "value_files",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - all that a flag may ask
        self,
        line: Line,
        scope: Statics,
        site: Site,
        *,
        value_files: ValueFiles,
        readers: Mapping[str, FlagReader],
        stage_name: Callable[[str, str], str],
    ) -> None:
        """Begin with the line as written; ``readers`` read those of its flags that are extensions."""
        self.readers = readers
        self.line = line
        self.scope = scope
        self.site = site
        self.value_files = value_files
        self.escape = scope.escape
        self.stage_name = stage_name
        self.skipped = self.no_cache = False
        self.reports: list[str] = []
        self.requires: list[tuple[str, str]] = []
        #: What a flag leaves to be done when all are read, and it is known whether the line is there.
        self.finish: Callable[[Draft], None] | None = None
        #: Words to put before those of the line.
        self.prefix: list[str] = []
        #: The words of the line, if a flag changed them.
        self.rest: str | None = None
        self.seen: set[str] = set()

    def plain(self) -> Line:
        """Return the plain line; one that is wrong in its extensions carries the error."""
        try:
            code = edit_flags(self.line.code, self.escape, self._edit)
            line = with_code(self.line, code, self.escape, None)
            if self.finish:
                self.finish(self)
            if line.cls and line.cls.keyword == "FROM":
                base, *others = line.arguments.words
                self.rest = " ".join([self.stage_name(base, "FROM"), *others])
            line = self._with_words(line)
            return line._replace(extras=self._extras(line))
        except DockerfileError as error:
            return self.line._replace(extras=Extras(self._written, error=error, macro=self._macro))

    def _with_words(self, line: Line) -> Line:
        """Return the line with the words that its flags leave."""
        if not self.prefix and self.rest is None:
            return line
        head, rest = split_rest(line)
        words = rest if self.rest is None else self.rest
        return with_code(
            line, head + " ".join([*self.prefix, *([words] if words else [])]), self.escape, None
        )

    @property
    def _macro(self) -> str:
        return self.line.extras.macro if self.line.extras else ""

    @property
    def _written(self) -> str:
        return self.line.extras.written if self.line.extras else self.line.code

    def _extras(self, line: Line) -> Extras:
        if not line.rest and (self.requires or self.reports):
            self._check_gate(line)
        return Extras(
            self._written,
            skipped=self.skipped,
            gate=bool(self.requires) and not line.rest,
            requires=tuple(self.requires),
            reports=tuple(self.reports),
            no_cache=self.no_cache,
            macro=self._macro,
        )

    def _check_gate(self, line: Line) -> None:
        """Raise for flags of a RUN without a command that only a command has a use for."""
        others = [flag.partition("=")[0] for flag in line.flags]
        others += ["--report"] * bool(self.reports) + ["--no-cache"] * self.no_cache
        if others:
            raise DockerfileError(
                f"{others[0]} needs a command: RUN without one takes --requires and --if only",
                code="MissingCommand",
            )

    def _edit(self, flag: str) -> str | None:
        """Return what a flag is in the plain line, None for one that is not there."""
        keyword = self.line.cls.keyword if self.line.cls else ""
        name, equals, value = flag[2:].partition("=")
        reader = self.readers.get(name)
        if reader is not None:
            if name in self.seen and name not in REPEATED:
                raise DockerfileError(f"duplicate flag specified: --{name}", code="DuplicateFlag", flag=name)
            self.seen.add(name)
            reader(self, value if equals else None)
            return None
        if name == "from" and keyword == "COPY":
            return f"--from={self.stage_name(value, '--from')}"
        if name == "mount" and keyword == "RUN" and is_extended_stage(mount_stage(value)):
            return f"--mount={map_mount(value, lambda stage: self.stage_name(stage, 'from'))}"
        return flag
