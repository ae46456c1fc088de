"""The arguments of an instruction: how a class declares them, and the values of its flags."""

from __future__ import annotations

from pyfrontend.errors import UNKNOWN_FLAG, DockerfileError
from pyfrontend.golang.strings import to_lower
from pyfrontend.spelling import nearest, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    #: (name of the flag, its text) to its value; raises DockerfileError.
    Reader = Callable[[str, str], Any]
    #: Values of the fields of an instruction, by name.
    Fields = dict[str, Any]


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
    """Declare ``--name=value``; the default's type decides the kind of flag.

    A boolean or None makes a switch, a tuple makes it repeatable, anything else takes one text.
    Without ``name`` the field's own name is used, with dashes for underscores.  ``read`` makes the value of
    the field from the flag's name and text, once the words of the line have been checked.
    """
    many = isinstance(default, tuple)
    return Field(flag=name, default=default, required=False, expand=expand, many=many, read=read)


def read_flags(declared: Mapping[str, Field], given: Sequence[str]) -> Fields:
    """Return the fields that the flags ``given`` set, as text, and under ``flags`` the names of those flags.

    Raises DockerfileError for unknown, repeated and malformed flags (TOK-003 to TOK-008).
    """
    found: Fields = {}
    used: dict[str, None] = {}
    for text in given:
        name, equals, value = text[2:].partition("=")
        field = declared.get(name)
        if field is None:
            raise unknown_flag(name, declared)
        if name in used and not field.many:
            raise DockerfileError(f"duplicate flag specified: --{name}", code="DuplicateFlag", flag=name)
        used[name] = None
        if field.default is None or isinstance(field.default, bool):
            found[field.name] = _switch(name, value, given=bool(equals))
        elif not equals:
            raise DockerfileError(f"missing a value on flag: --{name}", code="MissingFlagValue", flag=name)
        elif field.many:
            found.setdefault(field.name, []).append(value)
        else:
            found[field.name] = value
    return {
        "flags": tuple(used),
        **{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()},
    }


def unknown_flag(name: str, declared: Iterable[str]) -> DockerfileError:
    """Return the error for a flag that is none of the ``declared`` ones."""
    known = tuple(declared)
    meant = nearest(name, known)
    message = f"unknown flag: --{name}{suggestion(meant)}"
    return DockerfileError(message, code=UNKNOWN_FLAG, flag=name, meant=meant, known=" ".join(known))


def _switch(name: str, value: str, *, given: bool) -> bool:
    """Read the value of a boolean flag: none at all means yes, after ``=`` it must be a boolean."""
    if given and not value:
        raise DockerfileError(f"missing a value on flag: --{name}", code="MissingFlagValue", flag=name)
    lowered = to_lower(value)
    if lowered not in {"", "true", "false"}:
        raise DockerfileError(
            f"expecting boolean value for flag --{name}, not: {value}",
            code="InvalidFlagValue",
            flag=name,
            value=value,
        )
    return lowered != "false"
