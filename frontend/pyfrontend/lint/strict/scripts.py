"""The script of a RUN: an instruction in, its commands out."""

from __future__ import annotations

from pyfrontend.lint.strict.shell import Command, commands_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.syntax.instructions import Run

#: Shells whose scripts are read; what stands in a script for another program is not known.
SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh"))


def commands_of_run(node: Run, shell: tuple[str, ...] | None) -> Sequence[Command]:
    """Return the commands that a RUN runs by ``shell``, None for the default one."""
    if not node.shell:
        return _exec_commands(node.args)
    if shell and program(shell[0]) not in SHELLS:
        return ()
    script = node.args[0] if node.args else ""
    if not node.heredocs:
        return commands_of(script)
    if is_whole_heredoc(node):
        body = node.heredocs[0].content
        return commands_of(body) if interpreter(body) in SHELLS else ()
    bodies = "".join(f"{heredoc.content}{heredoc.name}\n" for heredoc in node.heredocs)
    return commands_of(f"{script}\n{bodies}")


def is_whole_heredoc(node: Run) -> bool:
    """Tell whether the script of a RUN is the body of its heredoc, as in ``RUN <<EOF``."""
    script = (node.args[0] if node.args else "").strip()
    return len(node.heredocs) == 1 and script.startswith("<<") and len(script.split()) == 1


def interpreter(script: str) -> str:
    """Return the program that a script names in its first line, ``sh`` if it names none."""
    first = script.partition("\n")[0].strip()
    words = first.removeprefix("#!").split()
    if not first.startswith("#!") or not words:
        return "sh"
    named = [word for word in words[1:] if not word.startswith("-")]
    return program(named[0] if program(words[0]) == "env" and named else words[0])


def program(path: str) -> str:
    """Return the name of a program without its folder."""
    return path.rpartition("/")[2]


def _exec_commands(args: Sequence[str]) -> Sequence[Command]:
    """Return the commands of a RUN in exec form, which may start a shell."""
    if len(args) >= 3 and program(args[0]) in SHELLS and args[1][:1] == "-" and args[1].endswith("c"):
        return commands_of(args[2])
    return (Command(tuple(args)),) if args else ()
