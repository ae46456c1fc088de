"""Stages of other files: ``./path#stage`` in, the name that the stage has in the plain file out.

The file is a separate Dockerfile.  Its stages are inserted above those of the main file, with names composed
of path and stage; its global arguments are replaced with their values.
"""

from __future__ import annotations

from itertools import islice
from re import sub

from pyfrontend.errors import NO_BUILD_STAGE, DockerfileError
from pyfrontend.extend.flagtext import edit_flags, map_stages
from pyfrontend.extend.paths import context_path
from pyfrontend.extend.text import split_rest, with_code
from pyfrontend.extend.valuefile import literal
from pyfrontend.golang.quote import go_quote
from pyfrontend.golang.strings import to_lower
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.declare import Extras

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.extend.loader import Loader
    from pyfrontend.extend.statics import Statics
    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line

FROM = "FROM"
#: So many names of stages are listed in an error.
MOST_NAMES = 20


class Walked(NamedTuple):
    """A file after its walk: its lines above the first FROM, those from there on, the scope after them."""

    arguments: list[Line]
    stages: list[Line]
    scope: Statics


class Unit(NamedTuple):
    """The ``size`` stages of one file under one set of global arguments.

    ``names`` holds their names in the plain file, by name and index in this one.
    """

    path: str
    names: dict[str, str]
    size: int

    def find(self, stage: str) -> str | None:
        """Return the name of ``stage`` (a name, an index, or empty for the last) in the plain file."""
        return self.names.get(to_lower(stage) if stage else str(self.size - 1))


class StageFiles:
    """The files whose stages a build uses; ``lines`` are those stages, ``count`` their number."""

    def __init__(
        self, loader: Loader, taken: set[str], walk: Callable[[Statics, list[Line]], Walked]
    ) -> None:
        """Begin with no file; ``taken`` are the stage names of the main file, ``walk`` walks another one."""
        self.loader = loader
        self.lines: list[Line] = []
        self.count = 0
        #: The names of these stages in the plain file.
        self.names: set[str] = set()
        self._taken = taken
        self._walk = walk
        self._units: dict[tuple[object, ...], Unit] = {}
        #: The same by path and scope: within a stage the arguments that are handed over no longer change.
        self._seen: dict[tuple[str, Statics], Unit] = {}
        #: The names of the global arguments of each file that was read.
        self._declared: dict[str, tuple[str, ...]] = {}

    def stage(self, text: str, scope: Statics, main: Statics, place: Span | None) -> str:
        """Return the name in the plain file of the stage ``text``, which a line at ``place`` names.

        ``scope`` is that of the file with this line, ``main`` that of the main file.
        Raises `DockerfileError` for a file or stage that is not there.
        """
        written, _, stage = text.partition("#")
        path = context_path(written, text)
        unit = self._seen.get((path, scope)) or self._unit(path, text, scope, main, place)
        if scope.stage is not None:
            self._seen[path, scope] = unit
        found = unit.find(stage)
        if found is None:
            near = scope.budget.speller.did_you_mean(stage, unit.names)
            names = [name for name in islice(unit.names, 2 * MOST_NAMES) if not name.isdecimal()][:MOST_NAMES]
            more = ", .." if len(unit.names) > 2 * MOST_NAMES else ""
            raise DockerfileError(
                f"{path} has no stage {go_quote(stage)}{near};"
                f" its stages: {', '.join(names) or 'none with a name'}{more}",
                code="UnknownStage",
            )
        return found

    def _unit(self, path: str, text: str, scope: Statics, main: Statics, place: Span | None) -> Unit:
        declared = self._declared.get(path)
        if declared is not None and (known := self._units.get(self._key(path, declared, scope))):
            return known
        with self.loader.loaded(path, text, place) as lines:
            walked = self._walk(scope.inner(), lines)
        declared = tuple(
            name for line in walked.arguments if _is(line, "ARG") for name in _argument_names(line)
        )
        self._declared[path] = declared
        key = self._key(path, declared, scope)
        if key not in self._units:
            self._units[key] = self._add(path, walked, main)
        return self._units[key]

    @staticmethod
    def _key(path: str, declared: tuple[str, ...], scope: Statics) -> tuple[object, ...]:
        """Return what distinguishes two uses of a file: its path and the values handed over to it."""
        return (path, *((name, scope.handed_over(name)) for name in declared))

    def _add(self, path: str, walked: Walked, main: Statics) -> Unit:
        """Put the stages of a file that was walked over into the plain file."""
        self.lines += [
            _misplaced(line)
            for line in walked.arguments
            if not _is(line, "ARG") or (line.extras and line.extras.error)
        ]
        unit = Unit(path, {}, sum(_is(line, FROM) for line in walked.stages))
        if not unit.size:
            raise DockerfileError(
                f"{path} has no stage: dockerfile contains no stages to build", code="NoStages"
            )
        rename = _Renaming(unit, walked.scope, main)
        index = 0
        renamed: list[Line] = []
        for line in walked.stages:
            renamed.append(rename.line(line, self._new_name(path, line, index) if _is(line, FROM) else ""))
            if _is(line, FROM):
                rename.enter(line, index)
                index += 1
        self.lines += map(rename.gates, renamed)
        self.count += unit.size
        return unit

    def _new_name(self, path: str, line: Line, index: int) -> str:
        words = line.arguments.words
        stage = words[2] if len(words) == 3 else str(index)
        plain = sub("[^a-z0-9]", "-", f"f-{path}-{stage}".lower())
        name, number = plain, 1
        while name in self._taken:
            number += 1
            name = f"{plain}-{number}"
        self._taken.add(name)
        self.names.add(name)
        return name


class _Renaming:
    """Gives the stages of one file, and what refers to them, the names of the plain file."""

    def __init__(self, unit: Unit, scope: Statics, main: Statics) -> None:
        self.unit = unit
        self.scope = scope
        self.main = main
        self.last = ""

    def enter(self, line: Line, index: int) -> None:
        """Let later lines refer to the stage that ``line`` has begun."""
        words = line.arguments.words
        self.unit.names[str(index)] = self.last
        if len(words) == 3:
            self.unit.names[to_lower(words[2])] = self.last

    def line(self, line: Line, new_name: str) -> Line:
        """Return ``line`` as it stands in the plain file."""
        if line.extras and line.extras.error:
            return line
        try:
            return self._renamed(line, new_name)
        except DockerfileError as error:
            return line._replace(extras=Extras(line.code, error=error))

    def _renamed(self, line: Line, new_name: str) -> Line:
        escape = self.scope.escape
        if new_name:
            self.last = new_name
            return self._from(line, new_name)
        if _is(line, "ARG"):
            return self._argument(line)
        code = map_stages(line, self._name, escape)
        return line if code == line.code else with_code(line, code, escape, line.extras)

    def gates(self, line: Line) -> Line:
        """Return ``line`` with the stages that it requires renamed: later ones too, so all must be known."""
        extras = line.extras
        return line._replace(extras=extras.with_requires(self._name)) if extras and extras.requires else line

    def _name(self, name: str) -> str:
        """Return the name in the plain file of what a line of this file calls ``name``."""
        return self.unit.names.get(to_lower(name), name)

    def _from(self, line: Line, new_name: str) -> Line:
        """Return a FROM with its words expanded, since the global arguments of its file are gone."""
        scope = self.scope.outer()
        image = scope.expand(line.arguments.words[0], FROM)
        code = edit_flags(line.code, scope.escape, lambda flag: self._platform(flag, scope))
        head, _ = split_rest(with_code(line, code, scope.escape, None))
        as_keyword = "AS" if line.keyword.isupper() else "as"
        code = f"{head}{self._name(image) or literal('', scope.escape)} {as_keyword} {new_name}"
        return with_code(line, code, scope.escape, line.extras)

    def _platform(self, flag: str, scope: Statics) -> str:
        """Return ``--platform`` expanded, unless its variables are the same in every file."""
        name, _, value = flag.partition("=")
        if "$" not in value or all(word in scope.builtin for word in scope.variables(value)):
            return flag
        return f"{name}={scope.expand(value, name)}"

    def _argument(self, line: Line) -> Line:
        """Return an ARG of a stage; a bare one gets its global value where the main file has another one."""
        words = [self._with_value(word) for word in line.arguments.words]
        if words == list(line.arguments.words):
            return line
        head, _ = split_rest(line)
        return with_code(line, head + " ".join(words), self.scope.escape, line.extras)

    def _with_value(self, word: str) -> str:
        if "=" in word or word in self.scope.overrides:
            return word
        own, main = self.scope.globals.get(word), self.main.globals.get(word)
        value = own.value if own else None
        if value == (main.value if main else None):
            return word
        return f"{word}={literal(value or '', self.scope.escape)}"


def _is(line: Line, keyword: str) -> bool:
    return line.cls is not None and line.cls.keyword == keyword


def _argument_names(line: Line) -> list[str]:
    return [word.partition("=")[0] for word in line.arguments.words]


def _misplaced(line: Line) -> Line:
    """Return a line above the first FROM of a file that has no place there, with the error that says so."""
    if line.extras and line.extras.error:
        return line
    error = DockerfileError("no build stage in current context", code=NO_BUILD_STAGE)
    return line._replace(extras=Extras(line.code, error=error))
