"""What a function asks for: its parameters in, the words and flags of a line out.

Positional parameters are words, and keyword-only ones are flags, whose defaults say the kind: a boolean makes
a switch, a tuple a flag that may be repeated, anything else one text; a flag without a default must be given.
`inspect` would say as much, and cost a build 8 ms.
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.fields import Field, read_flags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from pyfrontend.syntax.declare import Line

#: The keyword-only parameter that gets the heredocs of the line.
HEREDOCS = "heredocs"
#: Marks a flag that has no default.
REQUIRED = object()


class Signature(NamedTuple):
    """The least and the greatest number of words, None for any; flags by name; those that must be given.

    ``heredocs`` says that it wants those of the line.
    """

    least: int
    most: int | None
    flags: Mapping[str, Field]
    required: tuple[str, ...]
    heredocs: bool

    def arguments(self, keyword: str, line: Line) -> tuple[tuple[str, ...], dict[str, Any]]:
        """Return what a function with this signature is called with for ``line``.

        Raises `DockerfileError` for unknown and missing flags, and for too few or too many words.
        """
        named = read_flags(self.flags, line.flags) if line.flags else {}
        named.pop("flags", None)
        for name in self.required:
            if name.replace("-", "_") not in named:
                raise DockerfileError(f"{keyword} needs --{name}=VALUE", code="MissingFlag", flag=name)
        self._check_count(keyword, len(line.words))
        if self.heredocs:
            named[HEREDOCS] = line.heredocs
        return line.words, named

    def _check_count(self, keyword: str, count: int) -> None:
        if self.least <= count and (self.most is None or count <= self.most):
            return
        bound = "exactly" if self.least == self.most else "at least" if count < self.least else "at most"
        wanted = self.most if bound == "at most" else self.least
        many = "no arguments" if not wanted else "one argument" if wanted == 1 else f"{wanted} arguments"
        if not wanted:
            bound, many = "takes", "no arguments"
            raise DockerfileError(f"{keyword} {bound} {many}", code="WrongArgumentCount")
        raise DockerfileError(f"{keyword} requires {bound} {many}", code="WrongArgumentCount")


def signature(function: Callable[..., object], flags: Mapping[str, object] | None = None) -> Signature:
    """Return what ``function`` asks for; ``flags`` stand in for those that its parameters declare.

    Raises TypeError for what is no plain function, and for one that does not take these flags.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        raise TypeError(f"{function!r} is no function that is written with def")
    names = code.co_varnames
    positional = names[: code.co_argcount]
    named = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    defaults = getattr(function, "__kwdefaults__", None) or {}
    least = len(positional) - len(getattr(function, "__defaults__", None) or ())
    many = bool(code.co_flags & 0x04)  # *words
    any_flag = bool(code.co_flags & 0x08)  # **flags
    if any_flag and flags is None:
        raise TypeError(
            f"{function.__name__} takes flags of any name: write each as an argument behind the *"
        )
    missing = None if any_flag else next((name for name in flags or () if name not in named), None)
    if missing is not None:
        raise TypeError(f"{function.__name__} has no argument {missing} behind the *")
    declared = {name: defaults.get(name, REQUIRED) for name in named if name != HEREDOCS}
    if flags is not None:
        declared = dict(flags)
    return Signature(
        least,
        None if many else len(positional),
        flag_fields(declared),
        tuple(name.replace("_", "-") for name, default in declared.items() if default is REQUIRED),
        HEREDOCS in named,
    )


def flag_fields(defaults: Mapping[str, object]) -> dict[str, Field]:
    """Return flags by their names on a line: dashes stand for underscores."""
    fields = {}
    for parameter, default in defaults.items():
        name = parameter.replace("_", "-")
        # No flag at all is None for many a function; for `Field` it would be a switch.
        kind = default if isinstance(default, (bool, tuple)) else ""
        field = Field(flag=name, default=kind, required=False, expand=False, many=isinstance(default, tuple))
        field.name = parameter
        fields[name] = field
    return fields
