"""Help for errors: an error in, its cause and how to fix it out, found by the error's code and facts.

The words of an error are those of the reference; the help stands behind them, in our words.
"""

from __future__ import annotations

import re
from itertools import pairwise

from pyfrontend.driver.diagnostics import flag_help, scope_help
from pyfrontend.driver.diagnostics.scene import Help, Scene, code_of
from pyfrontend.errors import BAD_IGNORE_PATTERN, NO_BUILD_STAGE, UNKNOWN_INSTRUCTION
from pyfrontend.span import NOWHERE, Span
from pyfrontend.spelling import nearest
from pyfrontend.syntax.directives import MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyfrontend.errors import DockerfileError
    from pyfrontend.span import SourceFile

#: The end of a line after which a shell goes on.
GOES_ON = re.compile(r"(?:&&|\|\|?|;|\()\s*$")
#: The directive that makes another character the escape.
GRAVE = re.compile(r"(?i)#\s*escape\s*=\s*`")
#: Beginnings of lines that are no instructions, and what to do about them.
STRANGE = {
    "//": "comments begin with #",
    "/*": "comments begin with #, on each of their lines",
    "--": "comments begin with #, and flags belong on the line of their instruction",
    "<<<<<<<": "this is an unresolved merge conflict of git",
}


def explain(
    error: DockerfileError, ignore_file: Callable[[], SourceFile], contexts: Sequence[str] = ()
) -> None:
    """Fill in ``help`` and ``related`` of ``error``, as far as there is help for it.

    ``ignore_file`` returns the ignore file of the main context, ``contexts`` are the names of the others.
    """
    find = HELP.get(error.code)
    if find is None or error.help or error.related:  # a trigger is not in the lines that help looks at
        return
    span = error.spans[0] if error.spans else error.fallback
    lines = span.file.data.decode("utf-8", "replace").split("\n") if span else []
    found = find(Scene(span or NOWHERE, error.facts, lines, ignore_file, contexts))
    if found is not None:
        error.help = found.text
        error.related = [found.span] if found.span else [span] if span else []
        if not error.spans:
            error.fallback = found.span or error.fallback


def begins_the_file(span: Span) -> bool:
    """Tell whether nothing but comments is above ``span``."""
    return not code_of(span.file.data.decode("utf-8", "replace").split("\n")[: span.start - 1])


def _heredoc(scene: Scene) -> Help:
    """Name the end that a heredoc has not, and the line that may be meant as one."""
    name, dash, begin = scene.facts["name"], scene.facts["dash"], int(scene.facts["begin"])
    words = {line.strip(): number for number, line in reversed([*enumerate(scene.lines[begin:], begin + 1)])}
    text = f"the heredoc ends at a line that has {name} on it and nothing else"
    if name in words:
        tabs = "" if dash else f", or write <<-{name} to allow leading tabs"
        return Help(f"{text}: remove the spaces around this one{tabs}", scene.at(words[name]))
    meant = nearest(name, [word for word in words if word and not re.search(r"\s", word)])
    return Help(f"{text} (is {meant} on this line a typo?)", scene.at(words[meant])) if meant else Help(text)


def _long_line(scene: Scene) -> Help:
    size, number = scene.facts["size"], int(scene.facts["line"])
    text = f"this line has {size} bytes, at most {MAX_LINE} are allowed: copy long data from a file"
    return Help(text, scene.at(number))


def _no_instruction(scene: Scene) -> Help | None:
    """Say what a line with an unknown word at its beginning may be."""
    word, above = scene.facts["word"], scene.above
    strange = next((text for mark, text in STRANGE.items() if word.startswith(mark)), "")
    if strange:
        return Help(strange)
    heredoc = _broken_heredoc(scene)
    if heredoc:
        return heredoc
    misspelt = bool(scene.facts.get("meant"))
    if not above:
        return None if misspelt else Help("a Dockerfile begins with FROM or ARG; is this a Dockerfile?")
    reason = _continuation(scene)
    if reason:
        return Help(reason)
    indented = not misspelt and scene.own[:1] and scene.own[0][:1] in (" ", "\t")
    follows = indented or GOES_ON.search(above[-1]) or word[:1] in "&|;)"
    return Help("is a line continuation missing at the end of the line above?") if follows else None


def _broken_heredoc(scene: Scene) -> Help | None:
    """Find a heredoc above the error whose name stands apart from its ``<<-``, so that it is none."""
    for number in range(min(scene.span.start, len(scene.lines)) - 1, 0, -1):
        found = re.search(r"<<-[ \t]+([\"']?)(\w+)\1", scene.lines[number - 1])
        if found and any(line.strip() == found[2] for line in scene.lines[number:]):
            text = f"remove the space after <<-: write <<-{found[2]}; this heredoc is not recognized as one"
            return Help(text, scene.at(number))
        if found or number < scene.span.start - 50:
            break
    return None


def _continuation(scene: Scene) -> str:
    """Say why the line above an error does not go on; empty where nothing shows it."""
    last = scene.above[-1].rstrip()
    found = (number for number, line in enumerate(scene.lines[:10], 1) if GRAVE.match(line))
    escape = next(found, 0)
    if escape and last.endswith("\\"):
        return f"line {escape} makes ` the continuation character, so the \\ above does not continue the line"
    if not escape and last.endswith("`"):
        return "the continuation character is \\, unless the file begins with # escape=`"
    if _leaves_quote_open(scene):
        return (
            "the quote that opens above does not reach into this line: continue the lines with \\,"
            " or use a heredoc (RUN <<EOF)"
        )
    return ""


def _leaves_quote_open(scene: Scene) -> bool:
    """Tell whether the instruction above has a quote that it does not close."""
    joined: list[str] = []
    for line in reversed(scene.above):
        if joined and not line.rstrip().endswith("\\"):
            break
        joined.append(line)
    text = re.sub(r"\\.", "", " ".join(reversed(joined)), flags=re.DOTALL)
    quote = ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
    return bool(quote)


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
    if word.startswith("#"):
        return Help("a comment needs a line of its own", there)
    if re.search("[\u2018\u2019\u201c\u201d]", code):
        return Help("typographic quotes do not quote: use \" or '", there)
    words = code.split()
    if any(
        (left[-1] == "=" and right.startswith(word)) or (right[0] == "=" and left.endswith(word))
        for left, right in pairwise(words)
    ):
        return Help("remove the spaces around =", there)
    return Help('quote a value that contains spaces: name="two words"', there)


def _image_name(scene: Scene) -> Help | None:
    name = scene.facts["name"]
    if name.startswith("../"):
        return Help(
            "an image, or a Dockerfile of the build context as ./path#stage: paths begin at its root, and may"
            " not lead out of it",
            scene.span.narrowed(name),
        )
    address = re.match(r"(?i)https?://(?:hub\.docker\.com/)?", name)
    if address is None:
        return scope_help.argument_in_from(scene) or _capitals(scene, name)
    return Help(
        f"the name of an image begins with its registry: remove {address[0]}", scene.span.narrowed(name)
    )


def _capitals(scene: Scene, name: str) -> Help | None:
    if name == name.lower() or "must be lowercase" in name:
        return None
    return Help(f"image names are in lower case: {name.lower()}", scene.span.narrowed(name))


def _duration(scene: Scene) -> Help | None:
    value = scene.facts["value"]
    if "$" in value:
        return Help(f"--interval, --timeout and the like take no variables: {value} stays as it is")
    if value[-1:] not in "0123456789":
        return None
    return Help(f"a duration needs a unit, as in {value}s", scene.span.narrowed(value))


def _ignore_pattern(scene: Scene) -> Help | None:
    """Find the line of a bad pattern, which the error does not name."""
    from pyfrontend.dockerignore import numbered_patterns

    file, bad = scene.ignore_file(), scene.facts.get("pattern", "")
    for number, pattern in numbered_patterns(file):
        if pattern == bad:
            text = f'the pattern "{pattern}" on line {number} of {file.name} is invalid'
            return Help(text, Span(file, number, number))
    return None


#: Code of an error to what finds the help for it.
HELP: dict[str, Callable[[Scene], Help | None]] = {
    UNKNOWN_INSTRUCTION: _no_instruction,
    "UnterminatedHeredoc": _heredoc,
    "LineTooLong": _long_line,
    "MissingEquals": _pair,
    "MissingMountTarget": lambda _scene: Help("the mount has no target: add target=/path"),
    "InvalidMode": _mode,
    "InvalidImageName": _image_name,
    "InvalidDuration": _duration,
    BAD_IGNORE_PATTERN: _ignore_pattern,
    NO_BUILD_STAGE: scope_help.before_from,
    **scope_help.HELP,
    **flag_help.HELP,
}
