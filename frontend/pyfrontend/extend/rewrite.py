"""Rewriting: the lines of a file and a `Site` in, the plain lines that they stand for out.

It passes over the lines once, in file order, and maintains the static scope.  Errors in single lines are not
raised: they are stored in the extras of the line, and reported in file order with the errors of plain lines.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError, located
from pyfrontend.extend import values
from pyfrontend.extend.draft import Draft
from pyfrontend.extend.flagtext import map_stages
from pyfrontend.extend.loader import Loader
from pyfrontend.extend.macros import Expansions
from pyfrontend.extend.plugflags import without_plugged
from pyfrontend.extend.runflags import FLAG_READERS
from pyfrontend.extend.stagefiles import StageFiles, Walked
from pyfrontend.extend.statics import Statics
from pyfrontend.extend.text import with_code, wrong
from pyfrontend.extend.valuefile import ValueFiles
from pyfrontend.golang.strings import to_lower
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.extended import FILE, INCLUDE, is_extended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyfrontend.extend.draft import FlagReader
    from pyfrontend.extend.locking import Lock
    from pyfrontend.extend.site import Site
    from pyfrontend.extend.valuefile import Entry
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.extended import Macro
    from pyfrontend.syntax.lines import Lines

NO_READERS: dict[str, FlagReader] = {}


class Rewritten(NamedTuple):
    """The plain ``lines`` of a build, and its ``target`` as these lines call it.

    ``uses`` are the names that extensions asked for, by the FROM of their stage, None for those above the
    first.  ``origins`` are the lines of files that give ARGs their values, by name.
    """

    lines: Lines
    target: str
    uses: Mapping[Span | None, Iterable[str]]
    origins: Mapping[str, Span]


def rewrite(lines: Lines, site: Site, syntax: Span | None = None, lock: Lock | None = None) -> Rewritten:
    """Return the plain lines that stand for ``lines`` on the platform of ``site``, pinned by ``lock``.

    Raises `DockerfileError`, at the ``syntax`` line, for a file of values that cannot be read, and for a
    target in a file that is not there.
    """
    value_files = ValueFiles(site.files)
    defaults = values.read_defaults(site, value_files, syntax)
    loader = Loader(site.files, lines.escape, lines.language)
    scope = Statics(site.builtin, site.args, lines.escape)

    def walked(inner: Statics, found: list[Line]) -> Walked:
        other = Walk(inner, common)
        other.run(found)
        return Walked(other.arguments, other.stages, inner)

    stage_files = StageFiles(loader, _stage_names(lines.lines), walked)
    expansions = Expansions(lines.language, lines.escape)
    common = Common(scope, site, defaults, stage_files, value_files, lock, {}, expansions)
    walk = Walk(scope, common)
    walk.run(lines.lines)
    target = ",".join(walk.target(name) for name in site.target.split(","))
    plain = [*walk.arguments, *stage_files.lines, *walk.renumbered()]
    origins = {name: entry.span for name, entry in defaults.items() if name not in site.args}
    read = lines._replace(lines=plain, errors=[*lines.errors, *loader.errors])
    return Rewritten(read, target, common.uses, origins)


def _stage_names(lines: list[Line]) -> set[str]:
    words = [line.arguments.words for line in lines if line.cls and line.cls.keyword == "FROM"]
    return {to_lower(found[2]) for found in words if len(found) == 3}


class Common(NamedTuple):
    """What the walks over all files of a build share; ``main`` is the scope of the main file."""

    main: Statics
    site: Site
    defaults: dict[str, Entry]
    stage_files: StageFiles
    value_files: ValueFiles
    lock: Lock | None
    uses: dict[Span | None, dict[str, None]]
    expansions: Expansions


class Walk:
    """One pass over the lines of one Dockerfile and the fragments that it includes.

    ``arguments`` are its lines above the first FROM, ``stages`` those from there on.
    """

    def __init__(self, scope: Statics, common: Common) -> None:
        """Begin above the first line."""
        self.scope = scope
        self.main, self.site, self.defaults, self.stage_files, self.value_files = common[:5]
        self.lock, self.uses, self.expansions = common[5:]
        self.loader = self.stage_files.loader
        self.arguments: list[Line] = []
        self.stages: list[Line] = []
        #: The FROM of the current stage.
        self.begin: Span | None = None

    def run(self, lines: list[Line], *, fragment: bool = False) -> None:
        """Take ``lines``; those of a ``fragment`` may hold no FROM."""
        for line in lines:
            macro = self.expansions.find(line)
            if macro is not None:
                self._expand(macro, line, fragment=fragment)
            elif line.cls is None and line.keyword.upper() == INCLUDE and self.site.extensions:
                self._include(line, fragment=fragment or bool(self.stages))
            elif fragment and line.cls and line.cls.keyword == "FROM":
                self._take(wrong(line, _from_in_fragment()))
            else:
                self._take(self._plain(line))

    def _take(self, line: Line) -> None:
        if self.lock and not (line.extras and line.extras.skipped):
            line = self.lock.line(line, self.scope, self.stage_files.names)
        with located(line.span):
            self.scope.note(line)
        begins = line.cls is not None and line.cls.keyword == "FROM"
        (self.stages if self.stages or begins else self.arguments).append(line)
        if begins:
            self.begin = line.span
        if self.scope.asked:
            self.uses.setdefault(self.begin, {}).update(self.scope.asked)
            self.scope.asked.clear()

    def _plain(self, line: Line) -> Line:
        if self.defaults:
            line = values.with_defaults(line, self.defaults, self.scope.escape)
        keyword, language = line.cls.keyword if line.cls else "", self.expansions.language
        plugged = language.extends(keyword, line.flags, line.rest)
        if plugged and keyword != "ONBUILD":
            try:
                line = without_plugged(line, language.flags[keyword], self.scope.escape)
            except DockerfileError as error:
                return wrong(line, error)
        elif not plugged and not (self.site.extensions and is_extended(keyword, line.flags, line.rest)):
            return line
        if keyword == "ONBUILD":
            return wrong(line, _in_trigger())
        readers = FLAG_READERS.get(keyword, NO_READERS) if self.site.extensions else NO_READERS

        def stage_name(word: str, asker: str) -> str:
            return self.stage_name(word, asker, line.span)

        draft = Draft(
            line,
            self.scope,
            self.site,
            value_files=self.value_files,
            readers=readers,
            stage_name=stage_name,
        )
        return draft.plain()

    def _expand(self, macro: Macro, line: Line, *, fragment: bool) -> None:
        """Take the lines that the macro in ``line`` stands for in its place."""
        try:
            with self.expansions.expanded(macro, line) as lines:
                self.run(lines, fragment=fragment)
        except DockerfileError as error:
            self._take(wrong(line, error))

    def stage_name(self, word: str, asker: str, place: Span) -> str:
        """Return the name in the plain file of the stage that the user calls ``word`` at ``place``."""
        if not self.site.extensions:
            return word
        name = self.scope.expand(word, asker) if "$" in word else word
        if not name:
            raise DockerfileError(
                f"{asker}={word} is empty here: give {word} a value", code="ArgumentWithoutValue"
            )
        return self.stage_files.stage(name, self.scope, self.main, place) if name.startswith(FILE) else name

    def target(self, name: str) -> str:
        """Return the name of a target in the plain file."""
        if name.startswith(FILE):
            return self.stage_files.stage(name, self.scope, self.main, None)
        return str(int(name) + self.stage_files.count) if name.isascii() and name.isdecimal() else name

    def _include(self, line: Line, *, fragment: bool) -> None:
        """Take the lines of the file that ``line`` includes in its place."""
        try:
            _check_include(line)
            path = self.scope.expand(line.rest, INCLUDE) if "$" in line.rest else line.rest
            with self.loader.loaded(path, INCLUDE, line.span) as lines:
                self.run(lines, fragment=fragment)
        except DockerfileError as error:
            self._take(wrong(line, error))

    def renumbered(self) -> list[Line]:
        """Return the lines of the stages, with the numbers that stages have in the plain file."""
        shift = self.stage_files.count
        return [self._shifted(line, shift) for line in self.stages] if shift else self.stages

    def _shifted(self, line: Line, shift: int) -> Line:
        def number(name: str) -> str:
            return str(int(name) + shift) if name.isascii() and name.isdecimal() else name

        code = map_stages(line, number, self.scope.escape)
        extras = line.extras
        if extras and extras.requires:
            extras = extras.with_requires(number)
        if code == line.code and extras == line.extras:
            return line
        return with_code(line, code, self.scope.escape, extras)


def _check_include(line: Line) -> None:
    """Raise for what people write in an INCLUDE in addition to its path."""
    if line.flags:
        flag = line.flags[0].partition("=")[0]
        raise DockerfileError(f"{INCLUDE} takes a path and no flags: remove {flag}", code="IncludeFlag")
    if line.rest[:1] in {'"', "'", "["}:
        bare = line.rest.strip("[]\"' ")
        raise DockerfileError(f"{INCLUDE} takes a plain path: write {INCLUDE} {bare}", code="QuotedPath")
    if " #" in line.rest:
        raise DockerfileError(
            f"{INCLUDE} takes only a path: put the comment on its own line", code="TrailingComment"
        )


def _from_in_fragment() -> DockerfileError:
    return DockerfileError(
        "FROM in a file that is included inside a stage: include it above the first FROM, or name its stage"
        " with FROM ./path#stage",
        code="StageInIncludedFile",
    )


def _in_trigger() -> DockerfileError:
    return DockerfileError(
        "ONBUILD cannot hold an extension: triggers run in builds of other files, possibly with other"
        " frontends",
        code="InvalidTrigger",
    )
