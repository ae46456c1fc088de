"""Flags of plugins on built-in instructions: a line that has some in, the line that they make of it out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.flagtext import cut_flags, edit_flags
from pyfrontend.extend.text import split_rest, with_code

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.extended import LineFlag


def without_plugged(line: Line, flags: Mapping[str, LineFlag], escape: str) -> Line:
    """Return ``line`` with what ``flags`` make of it; their own flags may be in what they return.

    Raises `DockerfileError` for a flag that is given twice or leads to itself, and for what a plugin says is
    wrong.
    """
    done: set[str] = set()
    while found := _Found(line, flags, escape).values:
        again = next((name for name, _ in found if name in done), None)
        if again is not None:
            raise DockerfileError(f"--{again} leads back to itself", code="CircularMacro")
        done.update(name for name, _ in found)
        line = _changed(line, flags, escape, found)
    return line


class _Found:
    """The flags of plugins on a line, with their values."""

    def __init__(self, line: Line, flags: Mapping[str, LineFlag], escape: str) -> None:
        self.flags = flags
        self.values: list[tuple[str, str | None]] = []
        if any(flag[2:].partition("=")[0] in flags for flag in line.flags):
            edit_flags(line.code, escape, self._note)

    def _note(self, flag: str) -> str:
        name, equals, value = flag[2:].partition("=")
        if name in self.flags:
            if not self.flags[name].is_repeated and any(name == other for other, _ in self.values):
                raise DockerfileError(f"duplicate flag specified: --{name}", code="DuplicateFlag", flag=name)
            self.values.append((name, value if equals else None))
        return flag


def _changed(
    line: Line, flags: Mapping[str, LineFlag], escape: str, found: list[tuple[str, str | None]]
) -> Line:
    code = edit_flags(line.code, escape, lambda flag: None if flag[2:].partition("=")[0] in flags else flag)
    head, rest = split_rest(with_code(line, code, escape))
    added = ""
    for name, value in found:
        # The next one gets the words alone: no order of flags makes words of what is a flag.
        more, rest = cut_flags(flags[name].apply(rest, value), escape)
        added += more
    rest = added + rest
    try:
        return with_code(line, head + rest, escape)
    except DockerfileError as error:
        names = ", ".join(f"--{name}" for name, _ in found)
        raise error.wrapped(f"what {names} makes of this line") from error
