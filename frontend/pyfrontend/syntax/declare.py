"""Declarations of instructions: one class contains everything known about an instruction before lowering.

Its fields are words or flags, expandable or not; `Instruction.read` checks a `Line` and returns the values of
the fields, `Instruction.inputs` returns what it takes files from.  The parser, the spelling hints, the linter
and variable expansion use these declarations, so that a new instruction or flag is declared only once.  These
are not dataclasses: that module and its generated code would cost every build more than 10 ms of startup.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import SPACE, to_lower
from pyfrontend.record import NamedTuple
from pyfrontend.span import NOWHERE, Span
from pyfrontend.syntax.fields import Field, flag, read_flags, word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

    from pyfrontend.syntax.fields import Fields
    from pyfrontend.syntax.heredocs import Heredoc
    from pyfrontend.syntax.inputs import Input

    #: (keyword in capitals, text after the flags, escape character) to words.
    Grammar = Callable[[str, str, str], "Arguments"]

    C = TypeVar("C", bound="type[Instruction]")
    N = TypeVar("N", bound="Instruction")
else:

    def dataclass_transform(**_: object) -> Callable[[C], C]:
        """Return a decorator that changes nothing; only type checkers read it."""
        return lambda cls: cls


#: Every built-in instruction by its keyword in capitals.
REGISTRY: dict[str, type[Instruction]] = {}
#: What is said to plugins that declare instructions as the built-in ones are declared.
OLD_WAY = (
    "this declares built-in instructions. In a plugin write `from pyfrontend.api import instruction`, and in"
    " place of `lower.register` a method `lower(self, stage)` of the class (docs/plugins.md)"
)


class Arguments(NamedTuple):
    """The words of an instruction as its grammar cuts them, and in which of the forms they were written."""

    words: tuple[str, ...] = ()
    json: bool = False
    legacy: bool = False


class Extras(NamedTuple):
    """What an extended line says beyond the plain one that stands for it.

    ``written`` is the line as the user wrote it.  A ``skipped`` line is parsed and linted, and then left
    out, and so is a ``gate``, which has no command.  ``requires`` are pairs: the name of a stage in the plain
    file, and as the user wrote it.  ``reports`` are the values of that flag, ``no_cache`` makes the step run
    every time; ``error`` is what is wrong with the extension itself.  ``macro`` is the one that has made the
    line, empty for one that the user wrote.
    """

    written: str = ""
    skipped: bool = False
    gate: bool = False
    requires: tuple[tuple[str, str], ...] = ()
    reports: tuple[str, ...] = ()
    no_cache: bool = False
    error: DockerfileError | None = None
    macro: str = ""

    def with_requires(self, rename: Callable[[str], str]) -> Extras:
        """Return the same with each stage that is required under the name that ``rename`` gives it."""
        return self._replace(requires=tuple([(rename(name), written) for name, written in self.requires]))


class Line(NamedTuple):
    """One instruction as text: keyword as written, flags without quotes, the rest and its words.

    ``code`` is the logical line before any of this; ``comments`` are those above it; ``cls`` is the
    declaration of the keyword, None for an unknown one.  ``extras`` is what a line of the extended
    language says beyond this plain one, None for a line that is as the user wrote it.
    """

    keyword: str
    flags: tuple[str, ...]
    rest: str
    heredocs: tuple[Heredoc, ...]
    comments: tuple[str, ...]
    code: str
    span: Span
    arguments: Arguments
    cls: type[Instruction] | None
    extras: Extras | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments after the flags."""
        return self.arguments.words

    def command(self) -> Fields:
        """Return the fields ``args`` and ``shell`` of a command, which is shell form unless it is JSON."""
        return {"args": self.arguments.words, "shell": not self.arguments.json}


class _Plan(NamedTuple):
    """The evaluated declaration of a class; read whenever one of its instances is created."""

    words: tuple[Field, ...]
    flags: Mapping[str, Field]
    expandable: tuple[str, ...]
    readable: tuple[Field, ...]
    defaults: Mapping[str, object]
    names: frozenset[str]


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(word, flag))
def _declare(cls: C) -> C:
    """Read the fields of ``cls`` and of its base classes into its plan."""
    words, flags = list(getattr(cls, "plan", _BARE).words), dict(getattr(cls, "plan", _BARE).flags)
    for name, field in list(vars(cls).items()):
        if not isinstance(field, Field):
            continue
        if any(name in vars(base) for base in cls.__mro__[1:]):
            raise TypeError(f"{cls.__name__}.{name}: every instruction has something of this name")
        delattr(cls, name)
        field.name = name
        if field.flag is None:
            words.append(field)
        else:
            flags[field.flag or name.replace("_", "-")] = field
    fields = [*flags.values(), *words]
    cls.plan = _Plan(
        tuple(words),
        flags,
        # Flags first, as the reference does: an unset variable in --chown is reported before one in a path.
        tuple(field.name for field in fields if field.expand),
        tuple(field for field in fields if field.read is not None),
        {**_BASE_DEFAULTS, **{field.name: field.default for field in fields if not field.required}},
        frozenset((*_BASE_DEFAULTS, *(field.name for field in fields))),
    )
    return cls


_BARE = _Plan((), {}, (), (), {}, frozenset())
_BASE_DEFAULTS: dict[str, object] = {
    "written": "",
    "code": "",
    "span": NOWHERE,
    "comments": (),
    "flags": (),
    "extras": None,
}


@_declare
class Instruction:
    """One Dockerfile statement, unchangeable; subclasses declare its arguments.

    ``keyword`` in capitals, ``written`` as typed; ``code`` is the statement's text on one line; ``span``
    its lines, heredoc bodies included; ``comments`` stand above it; ``flags`` are the names of used flags;
    ``extras`` is what its line says in the extended language.
    """

    keyword: ClassVar[str] = ""
    grammar: ClassVar[Grammar | None] = None
    heredocs_allowed: ClassVar[bool] = False
    is_step: ClassVar[bool] = False
    #: What lowers an instruction of a plugin; for built-in ones see `pyfrontend.lower.dispatch`.
    lowering: ClassVar[Callable[[Any, Any], None] | None] = None
    plan: ClassVar[_Plan] = _BARE

    written: str = ""
    code: str = ""
    span: Span = NOWHERE
    comments: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    extras: Extras | None = None

    if not TYPE_CHECKING:  # type checkers derive the parameters from the declaration

        def __init__(self, **values: object) -> None:
            own = self.__dict__
            own.update(self.plan.defaults)
            own.update(values)
            if len(own) != len(self.plan.names) or own.keys() != self.plan.names:
                wrong = ", ".join(sorted(own.keys() ^ self.plan.names))
                raise TypeError(f"{type(self).__name__}: missing or unknown: {wrong}")

    @classmethod
    def read(cls, line: Line) -> Fields:
        """Return the fields that the words and flags of ``line`` set; raises DockerfileError without a span.

        One word for each declared one, and all that are left for one that takes many.  Instructions whose
        words need more than counting have their own method.
        """
        given, wanted = list(line.words), cls.plan.words
        many = [field.many for field in wanted]
        if True in many:
            if len(given) < len(wanted):
                raise cls.too_few(len(wanted))
            first, rest = many.index(True), len(wanted) - many.index(True) - 1
            end = len(given) - rest
            given[first:end] = [tuple(given[first:end])]  # type: ignore[list-item]  # the field is a tuple
        elif len(given) != len(wanted):
            count = "one argument" if len(wanted) == 1 else f"{len(wanted)} arguments"
            raise DockerfileError(f"{cls.keyword} requires exactly {count}", code="WrongArgumentCount")
        return cls.read_flags(line) | {f.name: value for f, value in zip(wanted, given, strict=True)}

    @classmethod
    def read_flags(cls, line: Line) -> Fields:
        """Return the fields that the flags of ``line`` set, as text, and under ``flags`` their names.

        Raises DockerfileError for unknown, repeated and malformed flags (TOK-003 to TOK-008).
        """
        return read_flags(cls.plan.flags, line.flags) if line.flags else {}

    @classmethod
    def too_few(cls, count: int = 1) -> DockerfileError:
        """Return the error for a line with fewer than ``count`` words."""
        many = "one argument" if count == 1 else f"{count} arguments"
        return DockerfileError(f"{cls.keyword} requires at least {many}", code="WrongArgumentCount")

    @classmethod
    def of(cls, line: Line) -> Self:
        """Return the instruction that ``line`` is; raises DockerfileError as `read` does."""
        values = cls.read(line)
        for field in cls.plan.readable:
            if field.name in values:
                values[field.name] = field.value(values[field.name])
        return cls(
            written=line.keyword,
            code=line.code.strip(SPACE),
            span=line.span,
            comments=line.comments,
            extras=line.extras,
            **values,
        )

    def at(self, place: Span) -> Self:
        """Return the instruction located at ``place``, as a trigger is at the FROM that sets it off."""
        return replace(self, span=place)

    def inputs(self) -> Iterable[Input]:
        """Return what this takes files from, in the order of its arguments; most take none."""
        return ()

    def entitlements(self) -> tuple[str, ...]:
        """Return what the user must allow for this step to run, as in ``--allow``."""
        return ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed; use replace()")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((type(self), self.span, self.code))

    def __repr__(self) -> str:
        fields = (*self.plan.words, *self.plan.flags.values())
        names = [*_BASE_DEFAULTS, *(field.name for field in fields)]
        changed = {name: getattr(self, name) for name in names}
        for name, default in self.plan.defaults.items():
            if changed[name] == default:
                del changed[name]
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in changed.items())})"


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(word, flag))
def instruction(
    keyword: str, grammar: Grammar, *, heredocs: bool = False, step: bool = False
) -> Callable[[C], C]:
    """Declare the class below as the built-in instruction ``keyword`` (in capitals).

    ``grammar`` cuts its text into arguments (see `pyfrontend.syntax.grammars`); ``heredocs`` lets ``<<EOF``
    attach files to it; a ``step`` counts in the ``[i/n]`` of the progress, as a subclass of one does.
    """

    def register(cls: C) -> C:
        if not cls.__module__.startswith("pyfrontend."):
            raise TypeError(f"{cls.__name__}: {OLD_WAY}")
        REGISTRY[keyword] = declare(cls, keyword, grammar, heredocs=heredocs, step=step)
        return cls

    return register


def declare(cls: C, keyword: str, grammar: Grammar, *, heredocs: bool = False, step: bool = False) -> C:
    """Read the declaration of ``cls`` as the instruction ``keyword``, and return it; register nothing."""
    _declare(cls)
    cls.keyword = keyword
    cls.grammar = staticmethod(grammar)
    cls.heredocs_allowed = heredocs
    cls.is_step = cls.is_step or step
    return cls


def declaration(
    written: str, instructions: Mapping[str, type[Instruction]] = REGISTRY
) -> type[Instruction] | None:
    """Return the class that declares a keyword, in whatever case it is written (TOK-023)."""
    found = instructions.get(written)
    if found is None:
        lowered = to_lower(written)
        found = instructions.get(lowered.upper()) if lowered.isascii() else None
    return found


def replace(node: N, **changes: object) -> N:
    """Return a copy of ``node`` with the given fields changed."""
    return type(node)(**{**node.__dict__, **changes})


def expand_fields(node: N, expand: Callable[[str], str]) -> N:
    """Return ``node`` with ``expand`` applied to every expandable text, flags before words.

    In a tuple every member is expanded; of a pair both key and value (VAR-018, VAR-019).
    """
    names = node.plan.expandable
    if not names:
        return node
    return replace(node, **{name: _expanded(node.__dict__[name], expand) for name in names})


def _expanded(value: Any, expand: Callable[[str], str]) -> Any:
    """Expand a text, or a tuple of texts or of pairs."""
    if isinstance(value, str):
        return expand(value)
    return tuple(
        expand(member) if isinstance(member, str) else member._make(map(expand, member)) for member in value
    )


def doc_comments(comments: tuple[str, ...]) -> Mapping[str, str]:
    """Return by name what ``comments`` say of it: the first that begins with the name (INS-005, FROM-031).

    A name with a space in it has no comment: only one in quotes could.
    """
    docs: dict[str, str] = {}
    for comment in comments:
        name, space, text = comment.partition(" ")
        if space and name:
            docs.setdefault(name, text)
    return docs
