"""Recognizing the extended language: a line in, whether it needs `pyfrontend.extend` out.

docker/dockerfile rejects every token of the extended language, so a file without them is never rewritten.
This module is part of every build; `pyfrontend.extend` is loaded only for extended lines.
"""

from __future__ import annotations

from pyfrontend.golang.strings import to_upper
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.grammars import split_instruction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from pyfrontend.syntax.declare import Instruction, Line
else:
    Protocol = object

#: The one keyword that is ours alone.
INCLUDE = "INCLUDE"
#: Flags that are ours, by keyword.
FLAGS = {
    "RUN": frozenset(("if", "no-cache", "report", "requires")),
    "COPY": frozenset(("if", "if-exists")),
    "ADD": frozenset(("if", "if-exists")),
    "ENV": frozenset(("file", "if")),
    "LABEL": frozenset(("file", "if")),
}
NO_FLAGS: frozenset[str] = frozenset()
#: How the name of a file, instead of a stage, begins.
FILE = "./"


class Macro(Protocol):
    """An instruction of a plugin that stands for others."""

    def expand(self, line: Line) -> str:
        """Return the text that ``line`` stands for; raises `DockerfileError` without a span."""


class LineFlag(Protocol):
    """A flag of a plugin on a built-in instruction."""

    @property
    def is_repeated(self) -> bool:
        """Tell whether it may be given several times."""

    def apply(self, rest: str, value: str | None) -> str:
        """Return what becomes of ``rest``, the text after the flags; raises `DockerfileError`."""


class Language(NamedTuple):
    """What a Dockerfile may be written in: the built-in instructions, and what plugins bring.

    - ``instructions`` by keyword: the built-in ones, those of plugins, and a class for each macro
    - ``macros`` by keyword, and ``flags`` by keyword and name: what plugins add to the extended language
    - ``own`` are the keywords of plugins, macros or not; ``rules`` the names of their rules
    """

    instructions: Mapping[str, type[Instruction]]
    macros: Mapping[str, Macro] = {}
    flags: Mapping[str, Mapping[str, LineFlag]] = {}
    own: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()

    def extends(self, keyword: str, flags: tuple[str, ...], rest: str) -> bool:
        """Tell whether plugins have to rewrite a line: its ``keyword`` in capitals, flags and words."""
        if keyword == "ONBUILD":
            inner, inner_flags, _ = split_instruction(rest, "\\")
            return to_upper(inner) in self.own or self._has_flag(to_upper(inner), inner_flags)
        return keyword in self.macros or (bool(flags) and self._has_flag(keyword, flags))

    def _has_flag(self, keyword: str, flags: tuple[str, ...]) -> bool:
        own = self.flags.get(keyword)
        return own is not None and any(flag[2:].partition("=")[0] in own for flag in flags)


#: That of a build without plugins.
BUILT_IN = Language(REGISTRY)


def has_extended_flag(keyword: str, flags: tuple[str, ...]) -> bool:
    """Tell whether one of ``flags`` (``--name=value``) of the instruction ``keyword`` is an extension."""
    ours = FLAGS.get(keyword, NO_FLAGS)
    for flag in flags:
        name, _, value = flag[2:].partition("=")
        if name in ours:
            return True
        if name == "from" and keyword == "COPY" and is_extended_stage(value):
            return True
        if name == "mount" and keyword == "RUN" and is_extended_stage(mount_stage(value)):
            return True
    return False


def is_extended_stage(name: str) -> bool:
    """Tell whether the name of a stage holds a variable, or is that of a file."""
    return name.startswith(FILE) or "$" in name


def mount_stage(mount: str) -> str:
    """Return the value of ``from`` in the text of a mount; empty if there is none."""
    for field in mount.split(","):
        name, _, value = field.strip('"').partition("=")
        if name.lower() == "from":
            return value
    return ""


def is_extended(keyword: str, flags: tuple[str, ...], rest: str) -> bool:
    """Tell whether a line uses the extended language: its ``keyword`` in capitals, flags and words."""
    if keyword == "FROM":
        return rest.startswith(FILE)
    if keyword == "ONBUILD":
        inner, inner_flags, _ = split_instruction(rest, "\\")
        return inner.upper() == INCLUDE or has_extended_flag(inner.upper(), inner_flags)
    return keyword == INCLUDE or (bool(flags) and has_extended_flag(keyword, flags))
