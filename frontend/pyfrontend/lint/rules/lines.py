"""Rules about lines that look like one thing and are another; the reference has no such rules."""

from __future__ import annotations

import re

from pyfrontend.lint import facts
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.span import Span
from pyfrontend.syntax.instructions import Add, Copy, Healthcheck

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.syntax.declare import Line

#: A flag with one dash, or with one that a word processor made of two.
FLAG = re.compile("(?:-(?!-)|[\u2013\u2014\u2212]+)([a-z-]+)=?")
#: Flags of HEALTHCHECK that hardly any program has as well.
OF_HEALTHCHECK = ("--interval=", "--start-period=", "--start-interval=")
#: A whole command that changes nothing but its own shell, and what keeps the change.
DIRECTORY = re.compile(r"cd\s+([^\s;&|<>()$`]+)\s*$")
VARIABLE = re.compile(r"export\s+(\w+=[^\s;&|<>()`]+)\s*$")
#: An instruction at the beginning of a line.
INSTRUCTION = re.compile(
    r"(RUN|COPY|ADD|ENV|CMD|WORKDIR|ENTRYPOINT|EXPOSE|FROM|USER|LABEL|ARG|VOLUME|HEALTHCHECK)\s+\S"
)


@rule(
    "MisplacedFlag",
    "Flags should begin with two dashes",
    facts.flag_looks_off,
    advisory=True,
    page="",
)
def misplaced_flag(line: Line) -> Iterator[Finding]:
    """Report a word that is nearly a flag of the instruction, or stands where it is an argument instead."""
    if line.cls in (Copy, Add) and not line.arguments.json:
        late = next((word for word in line.words if _names_flag(word, line)), "")
        if late:
            yield Finding(f"{late} is a path here: flags must come before the paths")
    if line.cls is Healthcheck:
        late = next((word for word in line.rest.split() if word.startswith(OF_HEALTHCHECK)), "")
        if late:
            yield Finding(f"{late} is part of the command: flags must come before CMD")
    found = FLAG.match(line.rest)
    if found and line.cls is not None and found[1] in line.cls.plan.flags:
        word = line.rest.split("=")[0].split()[0]
        yield Finding(f"{word} is not a flag here: write --{found[1]}")


def _names_flag(word: str, line: Line) -> bool:
    name = word.partition("=")[0]
    return name[:2] == "--" and line.cls is not None and name[2:] in line.cls.plan.flags


@rule(
    "NoLastingEffect",
    "A RUN should change more than its own shell",
    facts.effect_may_be_lost,
    advisory=True,
    page="",
)
def no_lasting_effect(line: Line) -> Iterator[Finding]:
    """Report a RUN that only changes the directory or a variable of its shell, which ends with it."""
    if line.keyword.upper() != "RUN":
        return
    directory, variable = DIRECTORY.match(line.rest), VARIABLE.match(line.rest)
    if directory and directory[1] != ".":
        yield Finding(f"the next instruction starts in the old directory again: write WORKDIR {directory[1]}")
    elif variable:
        yield Finding(f"the variable is gone after this instruction: write ENV {variable[1]}")


@rule(
    "SwallowedInstruction",
    "A line that ends with a backslash should not be followed by an instruction",
    facts.keyword_within,
    advisory=True,
    page="",
)
def swallowed_instruction(line: Line) -> Iterator[Finding]:
    """Report an instruction that is a part of the one above, which a backslash continues."""
    file, start = line.span.file, line.span.start
    lines = line.span.texts
    for above, (number, text) in zip(lines, enumerate(lines[1:], start + 1), strict=False):
        found = INSTRUCTION.match(text)
        if found and above.rstrip()[-1:] in ("\\", "`"):
            fix = f"remove the {above.rstrip()[-1]} at the end of line {number - 1}"
            place = Span(file, number, number)
            yield Finding(f"{found[1]} is part of the {line.keyword} above: {fix}", place)
            return
