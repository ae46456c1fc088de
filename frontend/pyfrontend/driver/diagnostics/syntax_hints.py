"""Ways out of mistakes whose error names none: the file and the error in, a finding out.

The error of a build stays the reference's, word for word; the way out comes as a warning beside it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.lint.linter import Finding
from pyfrontend.lint.rules import Rule
from pyfrontend.record import NamedTuple
from pyfrontend.span import Span
from pyfrontend.spelling import nearest
from pyfrontend.syntax.directives import MAX_LINE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.errors import DockerfileError
    from pyfrontend.span import SourceFile

HINT = Rule("Hint", "A way out of the mistake that the build stopped at", str, page="")

#: Where a heredoc begins: with or without the dash, and its name.
HEREDOC = re.compile(r"<<(-?)([\"']?)(\w+)\2")
#: The end of a line after which a shell goes on.
GOES_ON = re.compile(r"(?:&&|\|\|?|;|\()\s*$")
#: Beginnings of lines that are no instructions, and what their writers want to know.
STRANGE = {
    "//": "comments begin with #",
    "/*": "comments begin with #, each of their lines",
    "--": "comments begin with #, and flags stand in the line of their instruction",
    "<<<<<<<": "git left a conflict here that waits to be resolved",
}


class Scene(NamedTuple):
    """A mistake in its surroundings: its first line, its own lines, and those of the whole file."""

    start: int
    own: list[str]
    lines: list[str]


class Tip(NamedTuple):
    """What is told, and the line that it is about; 0 stands for all lines of the mistake."""

    text: str
    line: int = 0


def hint(file: SourceFile, error: DockerfileError) -> Finding | None:
    """Return a way out of ``error``, None where there is none to tell."""
    lines = file.data.decode("utf-8", "replace").split("\n")
    place = error.spans[0] if error.spans else error.fallback
    if place is None:
        return None
    scene = Scene(place.start, lines[place.start - 1 : place.end], lines)
    for pattern, find in HINTS:
        found = re.search(pattern, error.message)
        if found:
            tip = find(found, scene)
            return tip and Finding(HINT, tip.text, (Span(file, tip.line, tip.line) if tip.line else place,))
    return None


def begins_the_file(file: SourceFile, place: Span) -> bool:
    """Tell whether nothing but comments is above ``place``."""
    return not _code(file.data.decode("utf-8", "replace").split("\n")[: place.start - 1])


def _code(lines: list[str]) -> list[str]:
    return [line for line in lines if line.strip() and line.lstrip()[:1] != "#"]


def _heredoc(_found: re.Match[str], scene: Scene) -> Tip | None:
    """Name the heredoc that has no end, and the line that may be meant as one."""
    rest = list(enumerate(scene.own[1:], scene.start + 1))
    for dash, _, name in HEREDOC.findall(scene.own[0]):
        ends = [number for number, line in rest if (line.lstrip("\t") if dash else line).rstrip("\r") == name]
        if not ends:
            return _missing_end(name, bool(dash), rest)
        rest = [(number, line) for number, line in rest if number > ends[0]]
    return None


def _missing_end(name: str, dash: bool, rest: list[tuple[int, str]]) -> Tip:  # noqa: FBT001 - <<- or <<
    alone = f"this heredoc ends with a line that is {name} and nothing else"
    words = {line.strip(): number for number, line in reversed(rest)}
    if name in words:
        way = "" if dash else f" (<<-{name} allows for tabs before it)"
        return Tip(f"{alone}, without blanks around it{way}", words[name])
    meant = nearest(name, [word for word in words if word and not re.search(r"\s", word)])
    return Tip(f"{alone} (did you mean that by {meant}?)", words[meant]) if meant else Tip(alone)


def _long_line(_found: re.Match[str], scene: Scene) -> Tip | None:
    for number, line in enumerate(scene.lines, 1):
        size = len(line.encode())
        if size > MAX_LINE:
            return Tip(f"this line has {size} bytes; what is so long is better copied from a file", number)
    return None


def _no_instruction(found: re.Match[str], scene: Scene) -> Tip | None:
    """Tell what a line with an unknown word at its beginning may be."""
    above = _code(scene.lines[: scene.start - 1])
    strange = next((text for mark, text in STRANGE.items() if found[1].startswith(mark)), "")
    if strange:
        return Tip(strange)
    spelling = bool(found[2])  # the error knows an instruction that may be meant
    if not above:
        return None if spelling else Tip("a Dockerfile begins with FROM or ARG; is this one?")
    indented = not spelling and scene.own[0][:1] in (" ", "\t")
    follows = indented or GOES_ON.search(above[-1]) or found[1][:1] in "&|;)"
    return Tip("is a line continuation missing at the end of the line above?") if follows else None


def _mount_target(_found: re.Match[str], scene: Scene) -> Tip | None:
    code = " ".join(scene.own)
    has_target = re.search(r"[=,\"](?:target|dst|destination)=", code, re.IGNORECASE)
    return None if has_target else Tip("a mount says where it is to appear: --mount=...,target=/path")


def _mode(_found: re.Match[str], scene: Scene) -> Tip | None:
    given = re.search(r"--chmod=(\S+)", " ".join(scene.own))
    return given and Tip(f"--chmod takes a mode such as 755 or u=rwX,go=rX, and {given[1]} is neither")


def _pair(found: re.Match[str], scene: Scene) -> Tip | None:
    """Say why a word of ENV, LABEL or ARG has no ``=`` in it."""
    word, code = found[1], " ".join(scene.own)
    if word.startswith("#"):
        return Tip("a comment takes a line of its own")
    if re.search("[\u2018\u2019\u201c\u201d]", code):
        return Tip("typographic quotes hold no words together: \" and ' do")
    if re.search(rf"=\s+{re.escape(word)}|{re.escape(word)}\s+=", code):
        return Tip("no blanks around =")
    return Tip('a value with blanks in it takes quotes: name="two words"')


def _reference(found: re.Match[str], _scene: Scene) -> Tip | None:
    address = re.match(r"(?i)https?://(?:hub\.docker\.com/)?", found[1])
    return address and Tip(f"the name of an image begins with its registry, without {address[0]}")


#: Part of an error's message, and what finds the way out. The first that matches is asked.
HINTS: tuple[tuple[str, Callable[[re.Match[str], Scene], Tip | None]], ...] = (
    (r"^unterminated heredoc$", _heredoc),
    (r"^dockerfile line greater than max allowed size", _long_line),
    (r"unknown instruction: (\S+)( \(did you mean \S+\?\))?$", _no_instruction),
    (r'^invalid mount target "/"$', _mount_target),
    (r"^invalid syntax$", _mode),
    (r'^Syntax error - can\'t find = in "(.*?)"\. Must', _pair),
    (r'^failed to parse stage name "(.*)": invalid reference format', _reference),
    (r'missing unit in duration "', lambda _found, _scene: Tip("a duration has a unit, as in 30s or 1m30s")),
)
