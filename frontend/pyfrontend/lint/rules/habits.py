"""Rules about habits from shells and other languages that mean something else in a Dockerfile."""

from __future__ import annotations

import re

from pyfrontend.lint import facts
from pyfrontend.lint.checks import OPERATORS
from pyfrontend.lint.registry import Finding, rule
from pyfrontend.span import Span
from pyfrontend.syntax.instructions import (
    Add,
    Arg,
    Cmd,
    Copy,
    Entrypoint,
    Env,
    Label,
    Run,
    Shell,
    Volume,
    Workdir,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from pyfrontend.syntax.declare import Instruction, Line

#: Instructions with a command.
COMMANDS = (Cmd, Entrypoint, Run)
#: A command that is quoted as a whole.
QUOTED = re.compile(r"""["']([^"']+ [^"']*)["']""")
#: A whole value that is the output of a command.
SUBSTITUTION = re.compile(r'"?(\$\([^()]*\)|`[^`]+`)"?')
#: Programs that no entry point takes as an argument.
PROGRAMS = frozenset((
    "bash", "bun", "bundle", "deno", "dotnet", "flask", "go", "gunicorn", "java", "nginx", "node",
    "npm", "npx", "php", "pnpm", "python", "python3", "rails", "ruby", "sh", "uvicorn", "yarn",
))  # fmt: skip
#: Programs for which the operators of a shell may be arguments.
SHELLS = frozenset(("sh", "bash", "ash", "dash", "ksh", "zsh", "busybox", "cmd", "powershell", "pwsh", "env"))
#: Shells that take a script after -c.
SCRIPTED = frozenset(("sh", "bash", "ash", "dash", "ksh", "zsh"))
#: Alternatives, which only a shell expands.
BRACES = re.compile(r"(?<!\$)\{[^{}$,]*,[^{}$]*\}")
#: A directory of the host and one of the container, as for docker run -v.
MAPPING = re.compile(r"(?!\w:[/\\])[^:]*:/")
#: A variable in the text of a heredoc, in which a backslash keeps the dollar sign.
VARIABLE = re.compile(r"(?<!\\)\$(?:(\w+)|\{(\w+)\})")
#: The directive that makes a backtick the escape.
GRAVE = re.compile(rb"(?im)^#\s*escape\s*=\s*`")


@rule(
    "CommandInValue",
    "The value of a variable or a label cannot be the output of a command",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def command_in_value(line: Line) -> Iterator[Finding]:
    """Report a value of ENV, ARG or LABEL that is ``$(command)``; a part of one may be for a shell to run."""
    if line.cls not in (Env, Arg, Label) or GRAVE.search(line.span.file.data[:500]):
        return
    values = (word.partition("=")[2] for word in line.words) if line.cls is Arg else line.words[1::2]
    found = next(filter(None, map(SUBSTITUTION.fullmatch, values)), None)
    if found:
        yield Finding(
            f"{line.keyword} does not run commands, so {found[1]} is kept as is:"
            " pass the value with --build-arg"
        )


@rule(
    "StrayPunctuation",
    "Names and values should have no commas, semicolons or colons around them",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def stray_punctuation(line: Line) -> Iterator[Finding]:
    """Report punctuation between pairs or words, which becomes a part of them."""
    words, keyword = line.words, line.keyword
    if line.cls is Arg and "#" in words:
        yield Finding("# does not begin a comment here: put the comment on its own line")
        return
    if line.cls in (Env, Label) and line.arguments.legacy:
        key, value = words
        if key[-1:] == ":":
            yield Finding(f"the name {key} includes the colon: write {keyword} {key[:-1]}={value.strip()}")
        return
    if line.cls not in (Env, Label, Volume) or line.arguments.json or line.rest[:1] == "[":
        return
    parts = words[:-1] if line.cls is Volume else words[1:-1:2]
    odd = next((word for word in parts if len(word) > 1 and word[-1] in ",;"), "")
    if odd:
        yield Finding(f"the {odd[-1]} is part of {odd}: {keyword} separates words with spaces only")


@rule(
    "TildeInPath",
    "Paths should not begin with a tilde",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def tilde_in_path(line: Line) -> Iterator[Finding]:
    """Report a path that begins with ``~``, which only a shell replaces."""
    if line.cls in (Workdir, Copy, Add):
        word = next((word for word in line.words if word == "~" or word.startswith("~/")), "")
        if word:
            yield Finding(f"~ is not expanded in {word}: write the path of the home directory, such as /root")


@rule(
    "BackgroundCommand",
    "The command of a container should stay in the foreground",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def background_command(line: Line) -> Iterator[Finding]:
    """Report a CMD or ENTRYPOINT that ends with ``&``: the shell ends at once, and the container with it."""
    if line.keyword.upper() in ("CMD", "ENTRYPOINT") and re.search(r"[^&]&$", line.rest.rstrip()):
        yield Finding("the shell exits at once, and the container with it: remove the & at the end")


@rule(
    "ExecFormOneWord",
    "Each word of a command in exec form should be an element of the array",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def exec_form_one_word(line: Line) -> Iterator[Finding]:
    """Report an array with a whole command as its only member, which then is the name of the program.

    The words of CMD may be arguments for the ENTRYPOINT of the base image.
    """
    keyword = line.keyword.upper()
    if keyword not in ("CMD", "ENTRYPOINT", "RUN") or len(line.words) != 1:
        return
    command = line.words[0]
    if not line.arguments.json:
        quoted = QUOTED.fullmatch(command.strip())
        command = quoted[1] if quoted and quoted[1].split()[0] in PROGRAMS else ""
    program, *rest = command.split() or [""]
    odd = not re.search(r"[/\\]", program) or any(word.startswith("-") for word in rest)
    if rest and (program in PROGRAMS if keyword == "CMD" else odd):
        array = ", ".join(f'"{word}"' for word in (program, *rest))
        yield Finding(f'there is no program called "{command}": write {line.keyword} [{array}]')


@rule(
    "ExecFormOperator",
    "Commands in exec form should not contain shell operators",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def exec_form_operator(line: Line) -> Iterator[Finding]:
    """Report an operator among the members of an array: it is an argument like all others."""
    words = line.words
    if line.cls not in COMMANDS or not line.arguments.json or not words:
        return
    if words[0].rpartition("/")[2] in SHELLS:
        return
    found = next((word for word in words[1:] if word in OPERATORS), "")
    if found:
        shell = f'{line.keyword} ["sh", "-c", "... {found} ..."]'
        yield Finding(f"{found} is just an argument of {words[0]} here: use a shell, as in {shell}")


@rule(
    "BracesInPath",
    "Paths should not contain alternatives in braces",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def braces_in_path(line: Line) -> Iterator[Finding]:
    """Report a source with ``{a,b}`` in it, which only a shell expands."""
    if line.cls in (Copy, Add) and not line.arguments.json:
        found = next((word for word in line.words[:-1] if BRACES.search(word)), "")
        if found:
            yield Finding(
                f"the braces in {found} are not expanded, since there is no shell: write out each path"
            )


@rule(
    "VolumePath",
    "A volume should be an absolute path in the container",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def volume_path(line: Line) -> Iterator[Finding]:
    """Report a volume that maps a directory of the host, or that is a relative path."""
    if line.cls is not Volume or (line.rest[:1] == "[" and not line.arguments.json):
        return
    for word in (word.strip("\"'") for word in line.words):
        if MAPPING.match(word):
            target = word.partition(":")[2].partition(":")[0]
            yield Finding(
                f"VOLUME cannot name a directory of the host: write VOLUME {target}, and mount the directory"
                f" with docker run -v {word}"
            )
        elif re.match(r"\w[\w.-]*(?:/|$)|\.", word):
            yield Finding(
                f"{word} is a relative path, and no container starts with it: write VOLUME /{_bare(word)}"
            )


def _bare(path: str) -> str:
    """Return a relative path without the dots that it begins with."""
    return re.sub(r"^(?:\.{0,2}/)+", "", path)


@rule(
    "IncompleteShell",
    "SHELL should include the -c flag of the shell",
    facts.habit_of_others,
    advisory=True,
    page="",
)
def incomplete_shell(line: Line) -> Iterator[Finding]:
    """Report a SHELL without ``-c``: it takes the text of a RUN for the name of a script file."""
    words = line.words
    if line.cls is Shell and len(words) == 1 and words[0].rpartition("/")[2] in SCRIPTED:
        yield Finding(
            f'{words[0]} takes the text of a RUN as the name of a script: write SHELL ["{words[0]}", "-c"]'
        )


@rule(
    "HeredocVariable",
    "A heredoc should not use undeclared variables",
    facts.heredoc_variables_unset,
    advisory=True,
    page="",
)
def heredoc_variable(node: Instruction, names: Iterable[str], declared: Collection[str]) -> Iterator[Finding]:
    """Report variables in the text of a file that are replaced by nothing, at their line of the heredoc."""
    file, start = node.span.file, node.span.start
    uses: dict[str, int] = {}
    for number, text in enumerate(node.span.texts[1:], start + 1):
        for found in VARIABLE.finditer(text):
            uses.setdefault(found[1] or found[2], number)
    for name in names:
        if name in uses and name not in declared:
            fix = "quote the heredoc's name, as in <<'EOF', to keep it"
            place = Span(file, uses[name], uses[name])
            yield Finding(f"${name} expands to nothing here: {fix}", place)
