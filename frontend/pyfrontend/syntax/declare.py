"""How an instruction is declared: a class whose fields say word or flag, and expandable or not.

The parser, the spelling hints, the lint and the variable expansion all read these declarations, so that
a new instruction or flag is told once.  This is no dataclass: the dataclasses module and its generated
code would cost every build's start more than 10 ms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, dataclass_transform

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import to_lower, to_upper
from pyfrontend.record import NamedTuple
from pyfrontend.span import NOWHERE, Span
from pyfrontend.spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pyfrontend.syntax.inputs import Input

    #: (keyword in capitals, text after the flags, escape character) to words.
    Grammar = Callable[[str, str, str], "Arguments"]
    #: (name of the flag, its text) to its value; raises DockerfileError.
    Reader = Callable[[str, str], Any]

C = TypeVar("C", bound="type[Instruction]")
N = TypeVar("N", bound="Instruction")

#: Every declared instruction by its keyword in capitals; plugins enter by the same decorator.
REGISTRY: dict[str, type[Instruction]] = {}


class Arguments(NamedTuple):
    """The words of an instruction as its grammar cuts them, and in which of the forms they were written."""

    words: tuple[str, ...] = ()
    json: bool = False
    legacy: bool = False


class Extras(NamedTuple):
    """What an extended line says beyond the plain one that stands for it.

    ``written`` is the line as the user wrote it.  A ``skipped`` line is parsed and linted, and then left
    out, and so is a ``gate``, which has no command.  ``requires`` and ``reports`` are the values of these
    flags, ``no_cache`` makes the step run every time; ``error`` is what is wrong with the extension itself.
    """

    written: str = ""
    skipped: bool = False
    gate: bool = False
    requires: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    no_cache: bool = False
    error: DockerfileError | None = None


class Field:
    """One declared argument of an instruction; ``flag`` is its option name, or empty for a word."""

    __slots__ = ("default", "expand", "flag", "many", "name", "read", "required")

    def __init__(  # noqa: PLR0913 - what can be said of an argument
        self,
        *,
        flag: str | None,
        default: object,
        required: bool,
        expand: bool,
        many: bool,
        read: Reader | None = None,
    ) -> None:
        """Keep what `word` or `flag` said; `instruction` adds the name."""
        self.name = ""
        self.flag = flag
        self.default = default
        self.required = required
        self.expand = expand
        self.many = many
        self.read = read

    def value(self, given: Any) -> Any:
        """Return what the text of a flag, or a tuple of texts, is read as; raises DockerfileError."""
        name, read = self.flag or self.name.replace("_", "-"), self.read
        if read is None:
            return given
        return tuple([read(name, text) for text in given]) if self.many else read(name, given)


def word(*, expand: bool = False, many: bool = False) -> Any:
    """Declare a positional argument, or a fact about the form in which the arguments were written.

    ``many`` takes a tuple of arguments, ``expand`` lets variables in.
    """
    return Field(flag=None, default=None, required=True, expand=expand, many=many)


def flag(*, default: object, name: str = "", expand: bool = False, read: Reader | None = None) -> Any:
    """Declare ``--name=value``; the default's type tells the kind of flag.

    A boolean or None makes a switch, a tuple makes it repeatable, anything else takes one text.
    Without ``name`` the field's own name is used, with dashes for underscores.  ``read`` makes the value of
    the field from the flag's name and text, once the words of the line have been checked.
    """
    many = isinstance(default, tuple)
    return Field(flag=name, default=default, required=False, expand=expand, many=many, read=read)


class _Plan(NamedTuple):
    """What the declaration of a class comes to; read whenever one of its instances is made."""

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
        # Flags first, as the reference does: an unset variable in --chown is told before one in a path.
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
    """Declare the class below as the instruction ``keyword`` (in capitals).

    ``grammar`` cuts its text into arguments (see `pyfrontend.syntax.grammars`); ``heredocs`` lets ``<<EOF``
    attach files to it; a ``step`` counts in the ``[i/n]`` of the progress, as a subclass of one does.
    """

    def register(cls: C) -> C:
        cls.keyword = keyword
        cls.grammar = staticmethod(grammar)
        cls.heredocs_allowed = heredocs
        cls.is_step = cls.is_step or step
        REGISTRY[keyword] = _declare(cls)
        return cls

    return register


def declaration(written: str) -> type[Instruction] | None:
    """Return the class that declares a keyword, in whatever case it is written (TOK-023)."""
    found = REGISTRY.get(written)
    if found is None:
        lowered = to_lower(written)
        found = REGISTRY.get(lowered.upper()) if lowered.isascii() else None
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


def read_flags(cls: type[Instruction], given: Sequence[str]) -> dict[str, Any]:
    """Return the fields that the flags of a line set, and under ``flags`` the names of those flags.

    Raises DockerfileError for unknown, repeated and malformed flags (TOK-003 to TOK-008).
    """
    if not given:
        return {}
    found: dict[str, Any] = {}
    used: dict[str, None] = {}
    for text in given:
        name, equals, value = text[2:].partition("=")
        field = cls.plan.flags.get(name)
        if field is None:
            raise DockerfileError(
                f"unknown flag: --{name}{did_you_mean(name, cls.plan.flags)}", code="UnknownFlag"
            )
        if name in used and not field.many:
            raise DockerfileError(f"duplicate flag specified: --{name}", code="DuplicateFlag")
        used[name] = None
        if field.default is None or isinstance(field.default, bool):
            found[field.name] = _switch(name, value, given=bool(equals))
        elif not equals:
            raise DockerfileError(f"missing a value on flag: --{name}", code="MissingFlagValue")
        elif field.many:
            found.setdefault(field.name, []).append(value)
        else:
            found[field.name] = value
    return {
        "flags": tuple(used),
        **{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()},
    }


def _switch(name: str, value: str, *, given: bool) -> bool:
    """Read the value of a boolean flag: none at all means yes, after ``=`` it must be a boolean."""
    if given and not value:
        raise DockerfileError(f"missing a value on flag: --{name}", code="MissingFlagValue")
    lowered = to_lower(value)
    if lowered not in {"", "true", "false"}:
        raise DockerfileError(
            f"expecting boolean value for flag --{name}, not: {value}", code="InvalidFlagValue"
        )
    return lowered != "false"


def nearest_keyword(written: str, keywords: Iterable[str]) -> str:
    """Return the one of ``keywords`` that an unknown one is nearest to, in the case it was typed (ERR-009).

    Of equally near keywords the one with the same letters is meant: two letters change places easily.
    """
    if written != to_upper(written) or written == to_lower(written):
        written, keywords = to_lower(written), [keyword.lower() for keyword in keywords]
    letters = sorted(written)
    return nearest(written, sorted(keywords, key=lambda keyword: sorted(keyword) != letters))
