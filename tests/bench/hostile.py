"""Inputs that want to hurt: the name of a series and a size in bytes in, a build out.

Each grows in step with its size, and asks for something whose cost might not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOTHING: Mapping[str, str] = {}


class Hostile(NamedTuple):
    """A build: its Dockerfile, what is beside it, and what the client sends."""

    text: str
    ignore: str = ""
    arguments: Mapping[str, str] = NOTHING


def _filled(size: int, line: str, start: str = "FROM scratch\n", end: str = "") -> str:
    """Return ``start`` and lines with their numbers in place of ``{n}``, of so many bytes together."""
    lines, left, number = [start], size - len(start) - len(end), 0
    while left > 0:
        made = line.replace("{n}", str(number)).replace("{m}", str(max(number - 1, 0)))
        lines.append(made)
        left -= len(made)
        number += 1
    return "".join(lines) + end


def _repeated(start: str, unit: str, end: str = "\n") -> Callable[[int], Hostile]:
    return lambda size: Hostile(start + unit * max((size - len(start) - len(end)) // len(unit), 1) + end)


def _lines(line: str, start: str = "FROM scratch\n", end: str = "") -> Callable[[int], Hostile]:
    return lambda size: Hostile(_filled(size, line, start, end))


def near_names(size: int) -> Hostile:
    """Two names that differ in one letter."""
    name = "ab" * (size // 4)
    return Hostile(f"FROM scratch AS {name}\nFROM scratch\nCOPY --from={name[:-1]}c / /\n")


def many_near_names(size: int) -> Hostile:
    """Stages, and as many copies from names that are nearly theirs."""
    count = size // 60
    stages = "".join(f"FROM scratch AS stagename{n}\n" for n in range(count))
    return Hostile(stages + "".join(f"COPY --from=stagenema{n} / /\n" for n in range(count)))


def misspelt_arguments(size: int) -> Hostile:
    """Arguments of the client that are nearly those of the file."""
    count = size // 40
    declared = "".join(f"ARG ARGUMENT{n}\n" for n in range(count))
    return Hostile(f"FROM scratch\n{declared}", "", {f"ARGUMNET{n}": "x" for n in range(count)})


def patterns_and_copies(size: int) -> Hostile:
    """Patterns with wildcards, and as many sources."""
    ignore = _filled(size // 2, "dir{n}/**/*.o\n!dir{n}/keep*\n", "")
    return Hostile(_filled(size // 2, "COPY dir{n}/sub/file{n} /x\n"), ignore)


def one_long_pattern(size: int) -> Hostile:
    """One pattern of nothing but wildcards."""
    return Hostile(f"FROM scratch\nCOPY {'a' * (size // 2)} /\n", "*a" * (size // 4) + "b\n")


def doubled_values(size: int) -> Hostile:
    """Every value is twice the one before it."""
    return Hostile(_filled(size, "ENV A{n}=$A{m}$A{m}\n", "FROM scratch\nENV A0=xxxxxxxxxxxxxxxx\n"))


def long_value_patterns(size: int) -> Hostile:
    """A long value that patterns are matched with."""
    value = "a" * (size // 2)
    start = f"FROM scratch\nENV A={value}\n"
    return Hostile(_filled(size, "ENV B=${A##*a*a*a*a*b} C=${A%%b*a*a*a} D=${A//a*a?a*b/c}\n", start))


def out_of_scope(size: int) -> Hostile:
    """One command with all the names that only arguments above the first FROM have."""
    count = size // 20
    start = "".join(f"ARG V{n}\n" for n in range(count))
    return Hostile(f"{start}FROM scratch\nRUN {' '.join(f'$V{n}' for n in range(count))}\n")


def exec_form(size: int) -> Hostile:
    """Commands in exec form that name variables of the stage."""
    start = _filled(size // 2, "ENV V{n}=x\n")
    words = ", ".join(f'"$V{n}"' for n in range(size // 24))
    return Hostile(f'{start}CMD ["program", {words}]\n')


def required(size: int) -> Hostile:
    """Stages, and a step that requires all of them."""
    count = min(size // 40, 5_000)
    stages = "".join(f"FROM scratch AS s{n}\nRUN x\n" for n in range(count))
    return Hostile(f"{stages}FROM scratch\nRUN --requires={','.join(f's{n}' for n in range(count))} x\n")


def undeclared(size: int) -> Hostile:
    """Conditions with names that are nearly those of arguments."""
    start = _filled(size // 2, "ARG ARGUMENT{n}\n")
    return Hostile(start + _filled(size // 2, "RUN --if=ARGUMNET{n} x\n", ""))


def used_in_heredocs(size: int) -> Hostile:
    """A long line, and files with a variable that nobody has set."""
    start = f"FROM scratch\nUSER {'u' * min(size // 2, 60_000)}\n"
    return Hostile(start + _filled(size // 2, "COPY <<E /x\n$A{n}\nE\n", ""))


def brackets(size: int) -> Hostile:
    """A command that fails, full of what the words of BuildKit's errors begin with."""
    unit = '[ [ lstat /: "/a": invalid includepatterns: [ '
    return Hostile(f"FROM busybox\nRUN : '{unit * (size // len(unit))}'; exit 3\n")


def circle(size: int) -> Hostile:
    """Stages that copy from each other in a circle."""
    count = size // 50
    lines = "".join(f"FROM scratch AS s{n}\nCOPY --from=s{(n + 1) % count} / /\n" for n in range(count))
    return Hostile(lines)


SERIES: dict[str, Callable[[int], Hostile]] = {
    "near names": near_names,
    "many near names": many_near_names,
    "misspelt arguments": misspelt_arguments,
    "patterns and copies": patterns_and_copies,
    "one long pattern": one_long_pattern,
    "doubled values": doubled_values,
    "patterns of values": long_value_patterns,
    "out of scope": out_of_scope,
    "exec form": exec_form,
    "exec forms": lambda size: Hostile(
        _filled(size // 2, "ENV V{n}=x\n") + _filled(size // 2, 'CMD ["$V{n}"]\n', "")
    ),
    "required stages": required,
    "undeclared names": undeclared,
    "variables of heredocs": used_in_heredocs,
    "undefined names of many": lambda size: Hostile(
        _filled(size // 2, "ENV V{n}=x\n") + _filled(size // 2, "COPY <<E /x\n$A\nE\n", "")
    ),
    "variables of one heredoc": _lines("$A{n}\n", "FROM scratch\nCOPY <<E /x\n", "E\n"),
    "swallowed instructions": _lines("RUN a{n} \\\nRUN b\n"),
    "network of the host": _lines("RUN --network=host x{n}\n"),
    "arguments of stages": _lines("FROM s{m} AS s{n}\nARG A{n}=b\nENV B{n}=c\n", "FROM scratch AS s0\n"),
    "conditions of stages": _lines("FROM s{m} AS s{n}\nRUN --if=A x\n", "FROM scratch AS s0\nARG A\n"),
    "brackets": brackets,
    "circle": circle,
    "long unknown instruction": _repeated("FROM scratch\nRU", "N"),
    "unknown instructions": _lines("RUNN{n} x\n"),
    "short lines": _repeated("FROM scratch\n", "x\n"),
    "comments": _repeated("FROM scratch\n", "#\n", "RUN x\n"),
    "empty lines": _repeated("FROM scratch\n", "\n", "RUN x\n"),
    "open heredoc": _repeated("FROM scratch\nRUN <<EOF\n", "EOG\n"),
    "open heredoc, long name": lambda size: Hostile(
        f"FROM scratch\nRUN <<{'E' * (size // 2)}\n{'E' * (size // 2 - 1)}\n"
    ),
    "heredocs": _lines("RUN <<E{n}\nx\nE{n}\n"),
    "open heredocs": _lines("RUN <<E{n}\n"),
    "heredocs of one RUN": lambda size: Hostile(
        "FROM scratch\nRUN "
        + " ".join(f"<<E{n}" for n in range(size // 14))
        + "\n"
        + "".join(f"x\nE{n}\n" for n in range(size // 14))
    ),
    "spaced heredocs": _lines("RUN <<- EOF{n}\nx\nEOF{n}\n"),
    "nested expansion": lambda size: Hostile(
        "FROM scratch\nENV A=" + "${A:-" * (size // 6) + "}" * (size // 6) + "\n"
    ),
    "open expansion": _repeated("FROM scratch\nENV A=", "${A:-"),
    "quoted expansion": _repeated('FROM scratch\nENV A="', "$A$", '"\n'),
    "defaults of arguments": _lines("ARG A{n}=$A{m}$A{m}\n", "ARG A0=xxxxxxxxxxxxxxxx\n", "FROM scratch\n"),
    "flags": _lines(" --mount=type=cache,target=/c{n}", "FROM scratch\nRUN", " x\n"),
    "flags of COPY": _lines(" --exclude=e{n}", "FROM scratch\nCOPY", " x /\n"),
    "wrong flags": _lines(" --frmo{n}=x", "FROM scratch\nCOPY", " x /\n"),
    "short flags": _repeated("FROM scratch\nRUN", " --x", " x\n"),
    "fields of a mount": _lines(",target=/c{n}", "FROM scratch\nRUN --mount=type=cache", " x\n"),
    "unknown fields of a mount": _repeated("FROM scratch\nRUN --mount=type=cache", ",a=b", " x\n"),
    "stages": _lines("FROM scratch\n", ""),
    "named stages": _lines("FROM scratch AS s{n}\nRUN x\n", ""),
    "stage chain": _lines("FROM s{m} AS s{n}\nENV A{n}=b\n", "FROM scratch AS s0\n"),
    "images": _lines("FROM image{n} AS s{n}\n", ""),
    "needed images": _lines("COPY --from=image{n} / /\n"),
    "copies": _lines("COPY a /\n"),
    "copies from all": lambda size: Hostile(
        "".join(f"FROM scratch AS s{n}\n" for n in range(size // 44))
        + "".join(f"COPY --from=s{n} a /\n" for n in range(size // 44))
    ),
    "sources of one COPY": _lines(" f{n}", "FROM scratch\nCOPY", " /d/\n"),
    "long source": _repeated("FROM scratch\nCOPY ", "a/../", " /d/\n"),
    "parents": _lines(" a/./f{n}", "FROM scratch\nCOPY --parents", " /d/\n"),
    "missing equals": _repeated("FROM scratch\nENV a=1", " ", "b c= d\n"),
    "equals signs": _repeated("FROM scratch\nENV A=b ", "= ", "\n"),
    "spaces and a word": _repeated("FROM scratch\nENV x=y a", " a", "\n"),
    "spaces before =": _repeated("FROM scratch\nENV a=b b", " ", "=c\n"),
    "old ENV": _lines("ENV a{n} b\n"),
    "old labels": _lines("LABEL a b\n"),
    "one long ENV": _lines(" V{n}=x", "FROM scratch\nENV"),
    "ENV and RUN": _lines("ENV V{n}=x\nRUN x\n"),
    "open array": _repeated("FROM scratch\nCMD [", '"a", ', "\n"),
    "broken array": _repeated("FROM scratch\nCMD [", '"a" ', "]\n"),
    "open arrays": _repeated("FROM scratch\n", 'CMD ["\n'),
    "shell": _repeated("FROM scratch\nSHELL ", "a ", "\n"),
    "nested array": _repeated("FROM scratch\nCMD ", "[", "\n"),
    "array of arrays": lambda size: Hostile(f"FROM scratch\nCMD {'[' * (size // 2)}{']' * (size // 2)}\n"),
    "ports": _lines("EXPOSE {n}\n"),
    "port ranges": _repeated("FROM scratch\n", "EXPOSE 1-65535\n"),
    "port ranges in one line": _repeated("FROM scratch\nEXPOSE", " 1-65535"),
    "triggers": _repeated("FROM scratch AS a\n", "ONBUILD RUN x\n", "FROM a\n"),
    "triggers that copy": _lines("ONBUILD COPY --from=image{n} a b\n", "FROM scratch AS a\n", "FROM a\n"),
    "trigger of triggers": _repeated("FROM scratch\n", "ONBUILD ", "RUN x\n"),
    "continued lines": _repeated("FROM scratch\nRUN x", " \\\n", "x\n"),
    "continued comments": _repeated("FROM scratch\nRUN x \\\n", "#\n", "x\n"),
    "backslashes": _repeated("FROM scratch\nRUN ", "\\", "\n"),
    "quotes": _repeated("FROM scratch\nRUN ", "\"'", "\n"),
    "quotes of ENV": _repeated("FROM scratch\nENV A=", '"\'"', "\n"),
    "open quotes": _lines('RUN echo "x\n'),
    "undefined names": _lines("ENV X=$ABCDE{n}\n", "FROM scratch\nENV ABCDF=x\n"),
    "undefined names of one line": _lines("$ABCDE{n}", "FROM scratch\nENV ABCDF=x\nENV X="),
    "undefined names in commands": _lines("RUN $ABCDE{n}\n", "FROM scratch\nENV ABCDF=x\n"),
    "checks": _repeated("FROM scratch\n", "# check=skip=NoSuch,StageNameCasin\n"),
    "check list": _repeated("# check=skip=", "StageNameCasin,", "\nFROM scratch\n"),
    "long directive": _repeated("# escap", "e", "=`\nFROM scratch\n"),
    "directives": _repeated("", "# escpe=x\n", "FROM scratch\n"),
    "address as image": _repeated("FROM https://", "a", "\n"),
    "long image": _repeated("FROM ", "a/", "a\n"),
    "dashes in an image": _repeated("FROM a", "-", "\n"),
    "underscores in an image": _repeated("FROM a", "_", "/b\n"),
    "colons in an image": _repeated("FROM a", ":a", "\n"),
    "image with variables": _repeated("FROM ", "$A", "\n"),
    "image with many variables": _lines("$A{n}", "FROM ", "\n"),
    "platform": _repeated("FROM --platform=linux/", "a", " scratch\n"),
    "platform with slashes": _repeated("FROM --platform=linux", "/a", " scratch\n"),
    "duration": _repeated("FROM scratch\nHEALTHCHECK --interval=", "1h", " CMD x\n"),
    "mode": _repeated("FROM scratch\nCOPY --chmod=u+r", ",u+r", " a /\n"),
    "owner": _repeated("FROM scratch\nCOPY --chown=", "1:", " a /\n"),
    "addresses": _lines("ADD https://h.invalid/f{n} /\n"),
    "repositories": _lines("ADD https://github.com/o/r{n}.git#a /\n"),
    "long address": _repeated("FROM scratch\nADD https://h.invalid/", "%20", " /\n"),
    "ssh address": _repeated("FROM scratch\nADD git@", "a.", ":b /\n"),
    "directories": _lines("WORKDIR a\n"),
    "long directory": _repeated("FROM scratch\nWORKDIR ", "../a/"),
    "volumes": _lines(" v{n}", "FROM scratch\nVOLUME"),
    "secrets": _lines("RUN --mount=type=secret,id=s{n} x\n"),
    "descriptions": _repeated("FROM scratch\n", "# A is\nARG A\n"),
    "arguments": _lines("ARG A{n}\n"),
    "carriage returns": _repeated("FROM scratch\n", "\r", "RUN x\n"),
    "only carriage returns": _repeated("FROM scratch", "\rRUN x", "\n"),
    "letters that are no UTF-8": _repeated("FROM scratch\nRUN ", "\udcff", "\n"),
    "control characters": _repeated("FROM scratch\nRUN ", "\x1b", "\n"),
    "stars": _repeated("FROM scratch\nRUN ", "*_", "\n"),
    "two spaces": _repeated("FROM scratch\nRUN a", " ", "b\n"),
    "words": _repeated("FROM scratch\nRUN ", "a ", "\n"),
    "a long word": _repeated("FROM scratch\nRUN ", "a", "\n"),
    "conditions": _lines("RUN --if=$A x\n", "FROM scratch\nARG A=1\n"),
    "values of arguments": _lines(
        "ARG A{n}=$A{m}$A{m}\n", "FROM scratch\nARG A0=xxxxxxxxxxxxxxxx\n", "RUN --if=$A1 x\n"
    ),
    "variables in --from": _lines("COPY --from=$A{n} a /\n", "ARG A=x\nFROM scratch\n"),
    "includes": _repeated("FROM scratch\n", "INCLUDE a\n"),
    "stage files": _lines("FROM ./a#b{n}\n", ""),
    "hidden value files": lambda size: Hostile(
        _filled(size // 2, "ENV --file=v{n}.env\n"), _filled(size // 2, "v{n}*.env\n", "")
    ),
    "braces": _repeated("FROM scratch\nCOPY {", ",a", " /x/\n"),
    "value files": _repeated("FROM scratch\n", "ENV --file=a\n"),
    "no-cache": _repeated("FROM scratch\n", "RUN --no-cache x\n"),
    "merge conflict": _repeated("FROM scratch\n", "<<<<<<< x\n"),
}

#: The series that a run measures unless others are asked for: one for each kind of cost.
USUAL = (
    "near names", "many near names", "misspelt arguments", "open heredocs", "patterns and copies",
    "one long pattern", "nested expansion", "doubled values", "brackets", "flags", "flags of COPY",
    "comments", "short lines", "named stages", "needed images", "triggers",
)  # fmt: skip
