"""The scripts of a Dockerfile as files for a shell, with the lines that they have in the Dockerfile."""

from __future__ import annotations

from pyfrontend.golang.strings import SPACE
from pyfrontend.lint.strict.scripts import interpreter, is_whole_heredoc, program
from pyfrontend.lint.strict.view import stages_of
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.instructions import Run
from pyfrontend.syntax.lines import read_lines
from pyfrontend.syntax.places import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.syntax.document import Dockerfile
    from pyfrontend.syntax.places import Placed

#: Shells that ShellCheck knows, by their names in SHELL and in the first lines of scripts.
DIALECTS = {"sh": "sh", "bash": "bash", "dash": "dash", "ash": "dash", "ksh": "ksh"}


class Script(NamedTuple):
    """The script of a RUN: ``text`` has ``header`` lines of our own, then those from line ``first``."""

    node: Run
    text: str
    header: int
    first: int


def scripts_of(dockerfile: Dockerfile) -> list[Script]:
    """Return the scripts in shell form and in heredocs, those that a shell other than for Windows runs.

    Lines of other files, and those that the extended language rewrites, are left out: what a shell would get
    is not what stands there.
    """
    if dockerfile.escape != "\\":
        return []
    source = Source(dockerfile.file.data, dockerfile.escape)
    lines = {line.span.start: line for line in read_lines(dockerfile.file).lines}
    found: list[Script] = []
    for view in stages_of(dockerfile):
        for step in view.of(Run):
            node = step.node
            line = lines.get(node.span.start)
            placed = source.instruction(line) if line and node.span.file is dockerfile.file else None
            if isinstance(node, Run) and placed and placed.code.strip(SPACE) == node.code and node.shell:
                found += _scripts(node, placed, program(step.shell[0]) if step.shell else "sh")
    return found


def _scripts(node: Run, placed: Placed, shell: str) -> Iterator[Script]:
    lines = placed.source.lines
    first, last = node.span.start, node.span.end
    if is_whole_heredoc(node):
        body = node.heredocs[0].content
        shell = interpreter(body) if body.startswith("#!") else shell
        first, last = placed.end + 1, last - 1
        text = [line.removesuffix("\r") for line in lines[first - 1 : last]]
    else:
        text = [*_command_lines(placed), *(line.removesuffix("\r") for line in lines[placed.end : last])]
    if shell in DIALECTS:
        asked = [comment for comment in node.comments if comment.startswith("shellcheck ")]
        header = [f"# shellcheck shell={DIALECTS[shell]}", *(f"# {comment}" for comment in asked)]
        yield Script(node, "\n".join([*header, *text, ""]), len(header), first)


def _command_lines(placed: Placed) -> Iterator[str]:
    """Yield the lines of a RUN up to its heredocs, with spaces for what is not part of the command.

    Comments and empty lines between continued ones are not part of the command, and would end it in a shell:
    they become continuations of nothing.
    """
    source, first = placed.source, placed.line.span.start
    begin = placed.places[placed.rest] if placed.rest < len(placed.places) else source.starts[placed.end]
    for number in range(first, placed.end + 1):
        start = source.starts[number - 1]
        raw = source.lines[number - 1].removesuffix("\r")
        bare = raw.strip(SPACE)
        hidden = min(max(begin - start, 0), len(raw))
        if number > first and (not bare or bare[0] == "#") and number < placed.end:
            yield "\\" if start > begin else ""
        elif hidden == len(raw):
            yield ""
        else:
            text = " " * hidden + raw[hidden:]
            yield text.rstrip(" \t") if text.rstrip(" \t").endswith("\\") else text
