"""Rules about text that does not mean what it looks like; the reference has no such rules."""

from __future__ import annotations

import re

from pyfrontend.lint import facts
from pyfrontend.lint.config import config_of_comments
from pyfrontend.lint.registry import STRICT, Finding, rule
from pyfrontend.span import Span
from pyfrontend.spelling import nearest
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.directives import KEYS
from pyfrontend.syntax.grammars import load_json
from pyfrontend.syntax.instructions import (
    Add,
    Cmd,
    Copy,
    Entrypoint,
    Healthcheck,
    Onbuild,
    Run,
    Stopsignal,
    User,
    Volume,
    Workdir,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyfrontend.syntax.declare import Line
    from pyfrontend.syntax.document import Dockerfile

#: Instructions that take a JSON array, with what they make of a text that is none.
ARRAYS = {
    Run: "a shell runs it as is",
    Cmd: "a shell runs it as is",
    Entrypoint: "a shell runs it as is",
    Healthcheck: "a shell runs it as is",
    Volume: "its words are the names of the volumes",
    Copy: "its words are the paths",
    Add: "its words are the paths",
}
#: Instructions that take one word, and no array.
WORDS = (User, Workdir, Stopsignal)
#: Texts of so many characters are looked at.
LONGEST = 4096
QUOTES = "\"'\u2018\u2019\u201c\u201d"
#: An array begins with a quote, or has several words with commas between them.  A shell's test has a space
#: after its bracket, and no comma after its first word.
ARRAY = re.compile(rf"\[(?:[{QUOTES}]|\s*[{QUOTES}][^{QUOTES}]*[{QUOTES}]\s*,)")
#: Words in quotes with commas between them, or braces around: an array without its brackets.
LIST = re.compile(r'\{?\s*"[^"]*"\s*,\s*"[^"]*"')
#: An array without quotes, which only a list of paths can be.
BARE_ARRAY = re.compile(r"\[[\w./$-]+(?:,\s*[\w./$-]+)*\]\s*$")
#: An array of several paths without commas between them.
SPACED = re.compile(rf"\[\s*[{QUOTES}][^,]*\]\s*$")
DIRECTIVE = re.compile(r"\s*(#|//)\s*([A-Za-z]+)\s*=\s*(\S.*)")
#: The first line, as it looks without an equals sign.
UNEQUAL = re.compile(r"#\s*(syntax|escape|check)\s*(?::|\s)\s*(\S+)", re.IGNORECASE)
#: Options of a check directive, and what follows a space in them.
CUT_OFF = re.compile(r"\s*#\s*check\s*=\s*(\S+)\s+(\S.*)", re.IGNORECASE)
#: Rules that a comment above the first instruction may well be about.
OF_FROM = frozenset((
    "ConsistentInstructionCasing", "FromAsCasing", "FromPlatformFlagConstDisallowed",
    "InvalidBaseImagePlatform", "InvalidDefaultArgInFrom", "InvalidDefinitionDescription",
    "RedundantTargetPlatform", "ReservedStageName", "SecretsUsedInArgOrEnv", "StageNameCasing",
    "UndefinedArgInFrom", "UnknownPlatform",
))  # fmt: skip

#: Names of what ShellCheck finds, which the command line runs.
SHELLCHECK = re.compile(r"SC\d{4}")


@rule(
    "BrokenJsonArray",
    "JSON arrays should be valid, otherwise they are plain text",
    facts.array_broken,
    advisory=True,
    page="",
)
def broken_json_array(line: Line) -> Iterator[Finding]:
    """Report what looks like a JSON array in an instruction that takes one, and is none."""
    text = line.rest[:LONGEST].strip()
    cls = line.cls
    if cls is Onbuild:
        keyword, _, text = text.partition(" ")
        cls, text = REGISTRY.get(keyword.upper()), text.strip()
    if cls is Healthcheck:
        text = text[3:].strip() if text[:3].upper() == "CMD" else ""
    if cls in WORDS and ARRAY.match(f"{text},"):
        word = re.sub(r"[\[\]\"',]", " ", text).split() or [""]
        yield Finding(f"{line.keyword} does not take a JSON array: write {line.keyword} {word[0]}")
    if cls not in ARRAYS:
        return
    if ARRAY.match(text) or (cls is Volume and (BARE_ARRAY.match(text) or SPACED.match(text))):
        if not is_array(text):  # in a trigger it may be one
            yield Finding(f"this is not valid JSON ({_reason(text)}), so {ARRAYS[cls]}")
    elif cls in (Cmd, Entrypoint) and LIST.match(text):
        yield Finding(f"this is not valid JSON (an array needs [ ]), so {ARRAYS[cls]}")


#: What is wrong with an array, by how it looks; the first that matches counts.
REASONS = (
    (re.compile(r".*[\u2018\u2019\u201c\u201d]", re.DOTALL), 'curly quotes are not quotes here: use "'),
    (re.compile(r"[^]]*$"), "the ] is missing"),
    (re.compile(r".*\][^]]*\S[^]]*$", re.DOTALL), "nothing may follow the ]"),
    (re.compile(r"\[\s*'|[^\"]*$"), "strings need double quotes"),
    (re.compile(r".*,\s*\]\s*$", re.DOTALL), "there is a comma before the ]"),
    (re.compile(r'.*"\s+"', re.DOTALL), "a comma is missing between two words"),
    (re.compile(r'.*\\(?!["\\/bfnrtu])', re.DOTALL), "a backslash must be doubled"),
)


def is_array(text: str) -> bool:
    """Tell whether ``text`` is JSON."""
    try:
        load_json(text)
    except ValueError:
        return False
    return True


def _reason(text: str) -> str:
    found = (reason for pattern, reason in REASONS if pattern.match(text))
    return next(found, "strings need double quotes, and commas between them")


@rule(
    "HeredocLineEndings",
    "The lines of a heredoc should end with LF",
    facts.heredoc_has_returns,
    advisory=True,
    page="",
)
def heredoc_line_endings(line: Line) -> Iterator[Finding]:
    """Report a heredoc with CR LF: the shell takes the CR for part of each command."""
    if any("\r\n" in heredoc.content for heredoc in line.heredocs):
        yield Finding(
            "the lines of this heredoc end with CR LF, and the CR becomes part of each line:"
            " save the file with LF"
        )


@rule(
    "IgnoredDirective",
    "Directives should be the first lines of the file",
    facts.directives_in_doubt,
    advisory=True,
    page="",
)
def ignored_directive(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Report comments above the first instruction that look like directives, and have no effect."""
    directive = True
    for number, text in _head(dockerfile):
        found = DIRECTIVE.match(text)
        key = found[2].lower() if found else ""
        place = Span(dockerfile.file, number, number)
        if directive and found and key in KEYS:
            yield from (Finding(wrong, place) for wrong in _cut_off(text))
            continue
        first, directive = directive, False
        if key in KEYS and not first:
            effect = _effect(dockerfile, number, text) if key == "check" else "has no effect"
            if effect:
                yield Finding(
                    f"this {key} directive {effect}: move it to the top of the file, above other comments"
                    " and empty lines",
                    place,
                )
        elif first and found and (meant := nearest(key, KEYS)):
            yield Finding(f"there is no directive {found[2]} (did you mean {meant}?)", place)
        elif first and (unequal := UNEQUAL.match(text)) and _is_value(*unequal.groups()):
            yield Finding(f"this is a comment, not a directive: write # {unequal[1]}={unequal[2]}", place)


def _is_value(key: str, value: str) -> bool:
    """Tell whether ``value`` looks like one of the directive ``key``, and not like a word of a sentence."""
    marks = {"syntax": "/:", "escape": "`\\", "check": "="}[key.lower()]
    return any(mark in value for mark in marks)


def _cut_off(text: str) -> Iterator[str]:
    """Yield what is wrong with a check directive whose options continue after a space."""
    found = CUT_OFF.match(text)
    if found and (
        found[1][-1] in ",;" or found[2][0] in ",;" or re.match(r"[A-Z]\w+[a-z]\b|error=", found[2])
    ):
        yield f"the options end at the first space, so {found[2]!r} has no effect: remove the space"


def _effect(dockerfile: Dockerfile, number: int, text: str) -> str:
    """Say what a check directive below other lines does; empty where that may be what was meant."""
    if not _reaches(dockerfile, number):
        return "has no effect"
    names = re.search(r"skip\s*=\s*([\w,]+)", text)
    if names and OF_FROM.issuperset(names[1].split(",")):
        return ""
    return "applies to the next instruction only"


def _head(dockerfile: Dockerfile) -> Iterator[tuple[int, str]]:
    """Yield the lines above the first instruction, with their numbers."""
    end = dockerfile.lines[0].span.start if dockerfile.lines else 0
    lines = dockerfile.file.data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split("\n", end)
    for number, text in enumerate(lines[: max(end - 1, 0)], 1):
        if not (number == 1 and text.startswith("#!")):
            yield number, text.rstrip("\r")


def _reaches(dockerfile: Dockerfile, number: int) -> bool:
    """Tell whether the comment on line ``number`` is one of those right above the first instruction."""
    line = dockerfile.lines[0]
    return line.span.start - number <= len(line.comments) and config_of_comments(line.comments) is not None


@rule(
    "UnknownRule",
    "Check options should name existing rules",
    facts.directives_in_doubt,
    advisory=True,
    page="",
)
def unknown_rule(dockerfile: Dockerfile) -> Iterator[Finding]:
    """Report names in check options that no rule has."""
    from pyfrontend.lint.rules import all_rules

    known: Iterable[str] = {*all_rules(strict=False), "all", STRICT, *dockerfile.language.rules}
    text = dockerfile.file.data.decode("utf-8", "replace")
    for number, line in enumerate(text.split("\n"), 1):
        found = re.match(r"\s*#\s*check\s*=\s*(\S+)", line)
        for option in found[1].split(";") if found else ():
            key, _, names = option.partition("=")
            for name in names.split(",") if key in ("skip", "experimental") else ():
                if "=" in name:
                    place = Span(dockerfile.file, number, number)
                    yield Finding(f"options are separated by ;, not by a comma: write ;{name}", place)
                    continue
                if SHELLCHECK.fullmatch(name):
                    continue
                if name and name not in known:
                    known = {*known, *all_rules()}  # strict rules are loaded for nothing else here
                if name and name not in known:
                    meant = _like(name, known)
                    hint = f" (did you mean {meant}?)" if meant else ""
                    yield Finding(f"no rule is called {name}{hint}", Span(dockerfile.file, number, number))


def _like(name: str, known: Iterable[str]) -> str:
    names = list(known)
    same = next((other for other in names if other.lower() == name.lower()), "")
    return same or nearest(name, names)
