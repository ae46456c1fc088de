"""Help for lines that do not start with an instruction: an error in its context in, a fix out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyfrontend.driver.diagnostics.scene import Help, Scene
from pyfrontend.spelling import nearest
from pyfrontend.syntax.declare import REGISTRY
from pyfrontend.syntax.extended import INCLUDE

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The end of a line after which a shell continues on the next line.
GOES_ON = re.compile(r"(?:&&|\|\|?|;|\()\s*$")
#: The directive that makes another character the escape.
GRAVE = re.compile(r"(?i)#\s*escape\s*=\s*`")
#: A heredoc, and an instruction that takes none.
HEREDOC = re.compile(r"<<(-?)([ \t]*)([\"']?)(\w+)\3")
TAKES_NONE = re.compile(r"(?i)\s*(?!RUN\b|COPY\b|ADD\b|ONBUILD\b)([a-z]+)\s.*<<")
#: An instruction, and what follows it instead of a space.
JOINED = re.compile(r"([A-Za-z]+)[=:,]")
#: A comment after the end of a line that should have continued.
BEHIND = re.compile(r"\\\s+(#.*)$")
#: So many lines above an error are searched for the heredoc that it may be a part of.
REACH = 50
#: Beginnings of lines that are not instructions, and what to do about them.
STRANGE = {
    "//": "comments begin with #",
    "/*": "comments begin with #, on each of their lines",
    "--": "comments begin with #, and flags belong on the line of their instruction",
    "<<<<<<<": "this is an unresolved merge conflict of git",
}
#: Commands of a shell, and what a Dockerfile has in their place: most are run by RUN.
INSTEAD = {
    "cd": "WORKDIR",
    "export": "ENV",
    "command": "CMD",
    "image": "FROM",
    "port": "EXPOSE",
}
COMMANDS = frozenset((
    "apk", "apt", "apt-get", "bash", "cargo", "chmod", "chown", "cp", "curl", "dnf", "echo", "git", "go",
    "ln", "make", "mkdir", "mv", "npm", "pip", "pip3", "python", "python3", "rm", "sed", "sh", "sudo", "tar",
    "touch", "unzip", "useradd", "wget", "yarn", "yum",
))  # fmt: skip
#: Characters that look like a space, or like nothing, and are neither.
ODD_SPACE = re.compile("[\u00a0\u2000-\u200b\u202f\u2060\u3000\ufeff]")


def no_instruction(scene: Scene) -> Help | None:
    """Say what a line with an unknown word at its beginning may be."""
    word, above = scene.facts["word"], scene.above
    strange = next((text for mark, text in STRANGE.items() if word.startswith(mark)), "")
    if strange:
        return Help(strange)
    found = _odd_word(scene) or _broken_heredoc(scene)
    if found:
        return found
    misspelt = bool(scene.facts.get("meant"))
    if not above:
        return None if misspelt else Help("a Dockerfile begins with FROM or ARG; is this a Dockerfile?")
    return _continuation(scene) or _loose_line(scene, misspelt=misspelt)


def _odd_word(scene: Scene) -> Help | None:
    """Say what is wrong with the word itself: invisible signs, or a sign after an instruction."""
    word = scene.facts["word"]
    if "\ufeff" in word:
        return Help("this line contains a byte order mark, which is invisible: remove it")
    if ODD_SPACE.search(word):
        return Help(
            "this line contains a no-break space, or another special one: replace it with a plain space"
        )
    joined = JOINED.match(word)
    if joined is None or joined[1].upper() not in REGISTRY:
        return None
    rest = scene.code.strip()[joined.end() :].strip()
    return Help(f"write {joined[1].upper()} {rest}".rstrip())


def _loose_line(scene: Scene, *, misspelt: bool) -> Help | None:
    """Say what the line may be by itself, or that it continues the one above."""
    word, above = scene.facts["word"], scene.above
    question = Help("is a line continuation missing at the end of the line above?")
    if GOES_ON.search(above[-1]) or word[:1] in "&|;)":
        return question
    lower = word.lower()
    rest = scene.code.strip().partition(" ")[2]
    if lower in INSTEAD:
        return Help(f"write {INSTEAD[lower]} {rest}".rstrip())
    if misspelt:
        return Help(f"write RUN {word} {rest}".rstrip()) if lower in COMMANDS else None
    if scene.own[:1] and scene.own[0][:1] in (" ", "\t"):
        return question
    if lower in COMMANDS:
        return Help(f"write RUN {word} {rest}".rstrip())
    return Help(f"did you mean {INCLUDE}?") if nearest(word.upper(), (INCLUDE,)) else None


def _broken_heredoc(scene: Scene) -> Help | None:
    """Find a heredoc above the error that is none: its name stands apart, or its instruction takes none."""
    for number in _lines_above(scene):
        line = scene.lines[number - 1]
        found = HEREDOC.search(line)
        if found is None:
            continue
        dash, space, _, name = found.groups()
        end = next((at for at in range(number, len(scene.lines)) if scene.lines[at].strip() == name), -1) + 1
        if not end:
            return None
        if dash and space:
            text = f"remove the space after <<-: write <<-{name}; this heredoc is not recognized as one"
            return Help(text, scene.at(number), end)
        none = TAKES_NONE.match(line)
        if none:
            text = (
                f"{none[1].upper()} does not take a heredoc: copy the text to a file with COPY <<{name} /path"
            )
            return Help(text, scene.at(number), end)
        return None
    return None


def _lines_above(scene: Scene) -> Iterator[int]:
    """Yield the numbers of the lines above the error, nearest first."""
    start = min(scene.span.start, len(scene.lines) + 1) - 1
    yield from range(start, max(start - REACH, 0), -1)


def _continuation(scene: Scene) -> Help | None:
    """Say why the line above an error does not go on; None where nothing shows it."""
    last = scene.above[-1].rstrip()
    found = (number for number, line in enumerate(scene.lines[:10], 1) if GRAVE.match(line))
    escape = next(found, 0)
    if escape and last.endswith("\\"):
        return Help(
            f"line {escape} makes ` the continuation character, so the \\ above does not continue the line"
        )
    if not escape and last.endswith("`"):
        return Help("the continuation character is \\, unless the file begins with # escape=`")
    behind = BEHIND.search(last)
    if behind:
        return Help(f"nothing may follow the \\ that continues a line: remove {behind[1]} above")
    quote = _open_quote(scene)
    if not quote:
        return None
    text = (
        "the quote opened above does not continue onto this line: continue the lines with \\,"
        " or use a heredoc (RUN <<EOF)"
    )
    closing = (
        at for at, line in enumerate(scene.lines[scene.span.start - 1 :], scene.span.start) if quote in line
    )
    return Help(text, None, next(closing, 0))


def _open_quote(scene: Scene) -> str:
    """Return the quote that the instruction above opens and does not close; empty if there is none."""
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
    return quote
