"""The static scope: what is known about a variable before anything runs, line by line.

Values come from build arguments, files of values, defaults of ARG and the platform; never from an ENV,
a command or an image (law L4 of the extended language).
"""

from __future__ import annotations

import re

from pyfrontend.errors import TOO_MUCH_TEXT, DockerfileError
from pyfrontend.golang.strings import to_lower
from pyfrontend.limits import Meter
from pyfrontend.record import NamedTuple
from pyfrontend.shared import SharedDict
from pyfrontend.spelling import Speller
from pyfrontend.syntax.expand import expand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.span import Span
    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.expand import Expanded

#: A variable that stands without a default: ``$X`` or ``${X}``.
NO_DEFAULT = re.compile(r"\$(?:(\w+|[^\w{])|\{([^{}]*)\})")


class Variable(NamedTuple):
    """What a scope knows of one name: its ``value``, None for one without.

    ``blocked`` says why no value can be known before the build runs; empty for an ARG whose value is.
    """

    value: str | None
    blocked: str = ""


class Budget(NamedTuple):
    """What the scopes of all files may still cost: text that they expand, names compared for suggestions."""

    meter: Meter
    speller: Speller


class Statics:
    """The scope at one line of a Dockerfile; `note` moves it after a line."""

    def __init__(
        self,
        builtin: Mapping[str, str],
        overrides: Mapping[str, str],
        escape: str,
        inherited: Mapping[str, str] | None = None,
        budget: Budget | None = None,
    ) -> None:
        """Begin above the first line; ``builtin`` are the platform arguments, ``overrides`` win over all.

        ``inherited`` are the global arguments of the file that names this one: they win over defaults.
        """
        self.budget = budget or Budget(Meter(), Speller())
        self.builtin = builtin
        self.overrides = overrides
        self.inherited = inherited or {}
        self.escape = escape
        self.globals: dict[str, Variable] = {name: Variable(value) for name, value in builtin.items()}
        #: What the lines of each stage have set, with what they have from its base.
        self.stages: dict[str, SharedDict[Variable]] = {}
        self.stage: SharedDict[Variable] | None = None
        #: The names that lines asked for since whoever walks over them has last taken note.
        self.asked: dict[str, None] = {}

    def inner(self) -> Statics:
        """Return the scope above the first line of a file that a line of this one names."""
        handed = {name: value for name in self.globals if (value := self.handed_over(name)) is not None}
        return Statics(self.builtin, self.overrides, self.escape, handed, self.budget)

    def outer(self) -> Statics:
        """Return the scope of FROM lines: the global arguments, and nothing of a stage."""
        scope = Statics(self.builtin, self.overrides, self.escape, budget=self.budget)
        scope.globals = self.globals
        return scope

    def handed_over(self, name: str) -> str | None:
        """Return the value of the global argument ``name`` for files that this one names; None for none."""
        variable = None if name in self.builtin else self.globals.get(name)
        return variable.value if variable else None

    def get(self, name: str) -> str | None:
        """Return the value of ``name``, or None if it has none: what `pyfrontend.syntax.expand` asks for."""
        found = self.find(name)
        return found.value if found else None

    def find(self, name: str) -> Variable | None:
        """Return what is known of ``name`` at the current line, None for a name that nothing declares."""
        found = None if self.stage is None else self.stage.get(name)
        return found or self.globals.get(name)

    def _hint(self, name: str) -> str:
        """Return a suggestion: the nearest of the names known at the current line, those set last first."""
        # Putting the names together is work too.
        speller = self.budget.speller
        if speller.left <= 0:
            return ""
        return speller.did_you_mean(name, [*reversed([*(self.stage or ())]), *self.globals])

    def known(self, name: str, asker: str) -> Variable:
        """Return what is known of ``name``, for ``asker``, the flag that needs it.

        Raises `DockerfileError` for a name that nothing declares above, or that only an ENV sets.
        """
        self.asked[name] = None
        found = self.find(name)
        if found is None:
            raise DockerfileError(
                f"{asker}: no ARG {name} is declared above this line{self._hint(name)}",
                code="UndeclaredArgument",
            )
        if found.blocked:
            raise DockerfileError(f"{asker}: {found.blocked}: {asker} can only use ARG", code="NotStatic")
        return found

    def expand(self, word: str, asker: str) -> str:
        """Return ``word`` with its variables replaced; raises `DockerfileError` as `known` does."""
        found = self._expanded(word)
        self.asked.update(dict.fromkeys((*found.used, *found.unset)))
        for name in (*found.used, *found.unset):
            variable = self.find(name)
            if variable and variable.blocked:
                raise DockerfileError(
                    f"{asker}: {variable.blocked}: {asker} can only use ARG", code="NotStatic"
                )
        # A name with a default, as in ${X:-y}, may well be declared nowhere.
        needed = {name[1] or name[2] for name in NO_DEFAULT.finditer(word)} if found.unset else ()
        for name in found.unset:
            if name in needed:
                raise DockerfileError(
                    f"{asker}: {name} has no value here: {self._remedy(name)}", code="ArgumentWithoutValue"
                )
        return found.text

    def _remedy(self, name: str) -> str:
        if self.find(name) is not None:
            return f"give ARG {name} a default, or pass --build-arg {name}=VALUE"
        return f"declare it with ARG {name} above this line{self._hint(name)}"

    def _expanded(self, word: str) -> Expanded:
        """Expand ``word``, and count what that costs; raises `DockerfileError` once it is too much."""
        return expand(word, self, escape=self.escape, meter=self.budget.meter)  # type: ignore[arg-type]  # `get` is all it asks for

    def variables(self, word: str) -> list[str]:
        """Return the names of the variables in ``word``."""
        found = self._expanded(word)
        return [*found.used, *found.unset]

    def note(self, line: Line) -> None:
        """Take the names that ``line`` declares or sets; what is wrong with it is left for the parser.

        Raises `DockerfileError` once the values have become too much text.
        """
        keyword = line.cls.keyword if line.cls else ""
        words = line.arguments.words
        if keyword == "FROM" and words:
            self._begin(words)
        elif keyword == "ARG":
            for word in words:
                self._declare(word)
        elif keyword == "ENV" and self.stage is not None:
            for name in words[::2]:
                blocked = f"{name} is set by ENV in line {line.span.start}"
                self.stage[name] = Variable(None, blocked)

    def _begin(self, words: tuple[str, ...]) -> None:
        self.stage = None
        try:
            base = to_lower(self._expanded(words[0]).text)
        except DockerfileError:
            base = ""
        self.stage = self.stages[base].clone() if base in self.stages else SharedDict()
        if len(words) == 3:
            self.stages[to_lower(words[2])] = self.stage

    def _declare(self, word: str) -> None:
        """Take one word of ARG: a build argument wins over the default, that over the global value."""
        name, equals, default = word.partition("=")
        in_stage = self.stage is not None
        variable = Variable(None)
        found = None if self.stage is None else self.stage.get(name)
        if found and found.blocked.startswith(f"{name} is set by ENV"):
            return  # at run time the ENV wins
        if name in self.overrides:
            variable = Variable(self.overrides[name])
        elif not in_stage and name in self.inherited:
            variable = Variable(self.inherited[name])
        elif equals:
            variable = self._default(name, default)
        elif in_stage and name in self.globals:
            variable = self.globals[name]
        elif not in_stage and name in self.globals:
            return  # a bare ARG changes nothing that is known
        if self.stage is None:
            self.globals[name] = variable
        else:
            self.stage[name] = variable

    def _default(self, name: str, default: str) -> Variable:
        try:
            found = self._expanded(default)
        except DockerfileError as error:
            if error.code == TOO_MUCH_TEXT:
                raise
            return Variable(None)  # the parser or lowering reports it at this line
        for other in (*found.used, *found.unset):
            variable = self.find(other)
            if variable and variable.blocked:
                return Variable(None, f"the default of {name} uses {other}, and {variable.blocked}")
        return Variable(found.text)


def where(span: Span) -> str:
    """Return a place as people write it: ``versions.env:3``."""
    return f"{span.file.name}:{span.start}"
