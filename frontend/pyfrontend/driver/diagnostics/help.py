"""Help for errors: an error in, its cause and how to fix it out, found by the error's code and facts.

The error has the wording of the reference; the help is added after it, in our own words.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pyfrontend.driver.diagnostics import (
    flag_help,
    image_help,
    line_help,
    mount_help,
    scope_help,
    source_help,
    value_help,
)
from pyfrontend.driver.diagnostics.scene import Help, Scene, code_of
from pyfrontend.errors import BAD_IGNORE_PATTERN, EXPANDED, NO_BUILD_STAGE, UNKNOWN_INSTRUCTION
from pyfrontend.span import NOWHERE, Span
from pyfrontend.spelling import nearest
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.directives import MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyfrontend.errors import DockerfileError
    from pyfrontend.span import SourceFile


def explain(
    error: DockerfileError, ignore_file: Callable[[], SourceFile], contexts: Sequence[str] = ()
) -> int:
    """Fill in ``help`` and ``related`` of ``error``, as far as there is help for it.

    Return the last line whose errors only follow from this one, 0 for none.  ``ignore_file`` returns the
    ignore file of the main context, ``contexts`` are the names of the others.
    """
    find = HELP.get(error.code)
    if find is None or error.help or error.related:  # a trigger is not in the lines that help looks at
        return 0
    span = error.spans[0] if error.spans else error.fallback
    if EXPANDED in error.facts:
        error.help = _in_macro(error, ignore_file, contexts)
        error.related = [span] if error.help and span else []
        return 0
    lines = span.file.texts if span else []
    found = find(Scene(span or NOWHERE, error.facts, lines, ignore_file, contexts))
    if found is None:
        return 0
    error.help = found.text
    error.related = [found.span] if found.span else [span] if span else []
    if not error.spans:
        error.fallback = found.span or error.fallback
    return found.through


def _in_macro(error: DockerfileError, ignore_file: Callable[[], SourceFile], contexts: Sequence[str]) -> str:
    """Return the help for an error in what a macro stands for: its lines are looked at, not the user's."""
    lines = error.facts[EXPANDED].split("\n")
    scene = Scene(Span(NOWHERE.file, 1, len(lines)), error.facts, lines, ignore_file, contexts)
    found = HELP[error.code](scene)
    return found.text if found else ""


def explain_option(error: DockerfileError) -> None:
    """Fill in ``help`` of an error in the options of a build, which has no place in any file."""
    find = HELP.get(error.code)
    found = find(Scene(NOWHERE, error.facts, [], lambda: NOWHERE.file)) if find else None
    if found:
        error.help = found.text


def begins_the_file(span: Span) -> bool:
    """Tell whether nothing but comments is above ``span``."""
    return not code_of(span.file.texts[: span.start - 1])


def _heredoc(scene: Scene) -> Help:
    """Name the end that a heredoc has not, and the line that may be meant as one."""
    name, dash, begin = scene.facts["name"], scene.facts["dash"], int(scene.facts["begin"])
    words = {line.strip(): number for number, line in reversed([*enumerate(scene.lines[begin:], begin + 1)])}
    text = f"the heredoc ends at a line that contains only {name}"
    if name in words:
        tabs = "" if dash else f", or write <<-{name} to allow leading tabs"
        return Help(f"{text}: remove the spaces around this one{tabs}", scene.at(words[name]))
    single = [word for word in words if word and not re.search(r"\s", word)]
    meant = next((word for word in single if word.casefold() == name.casefold()), "") or nearest(name, single)
    return Help(f"{text} (is {meant} on this line a typo?)", scene.at(words[meant])) if meant else Help(text)


def _long_line(scene: Scene) -> Help:
    size, number = scene.facts["size"], int(scene.facts["line"])
    text = f"this line has {size} bytes, at most {MAX_LINE} are allowed: copy long data from a file"
    return Help(text, scene.at(number))


def _mode(scene: Scene) -> Help | None:
    mode = scene.facts["mode"]
    if mode[:1].isdigit():
        return None  # the error says what is wrong
    text = f"--chmod takes an octal mode such as 755 or a symbolic one such as u=rwX,go=rX, not {mode}"
    return Help(text, scene.span.narrowed(mode))


def _pair(scene: Scene) -> Help:
    """Say why a word of ENV, LABEL or ARG has no ``=`` in it."""
    word, code = scene.facts["word"], " ".join(scene.own)
    there = scene.span.narrowed(word)
    begun = (at for at, line in enumerate(scene.own) if at and re.match(rf"\s*{re.escape(word)}\s", line))
    swallowed = next(begun, 0) if word in REGISTRY else 0
    if swallowed:
        text = f"{word} is part of the line above: remove the continuation character at its end"
        return Help(text, scene.at(scene.span.start + swallowed))
    if "$(" in code:
        return Help(f"{scene.keyword} does not run commands: pass the output with --build-arg")
    if word.startswith("#"):
        return Help("put the comment on its own line", there)
    if re.search("[\u2018\u2019\u201c\u201d]", code):
        return Help("curly quotes are not quotes here: use \" or '", there)
    words = code.split()
    if any(
        (left[-1] == "=" and right.startswith(word)) or (right[0] == "=" and left.endswith(word))
        for left, right in pairwise(words)
    ):
        return Help("remove the spaces around =", there)
    return Help('quote a value that contains spaces: name="two words"', there)


def _ignore_pattern(scene: Scene) -> Help | None:
    """Find the line of a bad pattern, which the error does not name."""
    from pyfrontend.dockerignore import numbered_patterns

    file, bad = scene.ignore_file(), scene.facts.get("pattern", "")
    for number, pattern in numbered_patterns(file):
        if pattern == bad:
            text = f'the pattern "{pattern}" on line {number} of {file.name} is invalid'
            return Help(text, Span(file, number, number))
    return None


def _trigger(scene: Scene) -> Help:
    """Say what a trigger may be: it runs in a stage that another file has begun."""
    inner = (scene.words or [""])[0].upper()
    if inner == "ONBUILD":
        return Help(f"write ONBUILD once: {' '.join(scene.words)}")
    return Help(f"a trigger runs in the stage that starts from this image: write {inner} without ONBUILD")


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    UNKNOWN_INSTRUCTION: line_help.no_instruction,
    "UnterminatedHeredoc": _heredoc,
    "EmptyFile": lambda _scene: Help("begin with FROM IMAGE"),
    "InvalidTrigger": _trigger,
    "LineTooLong": _long_line,
    "MissingEquals": _pair,
    "InvalidMode": _mode,
    BAD_IGNORE_PATTERN: _ignore_pattern,
    NO_BUILD_STAGE: scope_help.before_from,
    **image_help.HELP,
    **scope_help.HELP,
    **flag_help.HELP,
    **mount_help.HELP,
    **source_help.HELP,
    **value_help.HELP,
}
