"""The command line of the wheel and the image: check, draw and convert a Dockerfile without BuildKit.

``pyfrontend check Dockerfile``, or ``docker run --rm -i IMAGE check < Dockerfile``.  The exit code is 0 for
no problems, 1 for problems, and 2 for a usage error or an unreadable file.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pyfrontend import __version__
from pyfrontend.cli.checking import add_check_options, check_files
from pyfrontend.cli.opening import STDIN, UnusableError, opened
from pyfrontend.cli.terminal import FINE, UNUSABLE, WRONG, complain, print_out
from pyfrontend.display import one_line
from pyfrontend.driver.subrequests import dispatch
from pyfrontend.driver.subrequests.graph.choice import ALL, DETAILS, LEGEND, PLUS, WORDS
from pyfrontend.driver.subrequests.lint import diagnostics_of
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.lint.formats import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

    from pyfrontend.plugins.gather import Plugins
    from pyfrontend.span import Span


#: The version of docker/dockerfile whose language this is (CHAN-001).
LANGUAGE = "1.26.0"
COMPLETION = "completion"
PLUGINS = "plugins"
SHELLS = ("bash", "zsh", "fish")
DEFAULT_NAME = "Dockerfile"

DESCRIPTION = """\
Analyze a Dockerfile without building it, and without BuildKit:

  pyfrontend check Dockerfile
  docker run --rm -i IMAGE check < Dockerfile
"""
EPILOG = """\
Base images are assumed to exist, with an empty config: their ENV and ONBUILD are not known, and image
references in LLB have no digests. A "# syntax=" line is not followed.

exit code: 0 no problems, 1 problems found, 2 usage error, or input missing or unreadable
"""
#: Command to what it does, its formats with the default first, and the subrequest behind each format.
COMMANDS: dict[str, tuple[str, dict[str, str]]] = {
    "check": ("report errors and warnings", dict.fromkeys(FORMATS, "lint")),
    "graph": (
        "draw the stages, their steps, and where files come from",
        {
            "text": "graph",
            "svg": "graph-svg",
            "mermaid": "graph-mermaid",
            "dot": "graph-dot",
            "json": "graph",
        },
    ),
    "llb": ("print the graph that BuildKit would get", {"json": "convertllb"}),
    "outline": ("list arguments, secrets and SSH agents", {"text": "outline", "json": "outline"}),
    "lock-check": (
        "compare Dockerfile.lock with the Dockerfile",
        {"text": "lock-check", "json": "lock-check"},
    ),
    "plain": (
        "print the plain Dockerfile that one with extensions stands for",
        {"text": "plain", "json": "plain"},
    ),
    "targets": ("list the stages", {"text": "targets", "json": "targets"}),
}
if Path(__file__).parents[1].joinpath("fix").is_dir():  # it is in the wheel only
    COMMANDS["fix"] = ("fix the findings that an edit can fix", {"diff": "lint"})


def main(arguments: Sequence[str], plugins: Plugins | None = None) -> int:
    """Run one command with the ``plugins`` that are loaded, if any are; return the exit code."""
    if arguments[:1] == ["help"]:  # what people try first
        arguments = [*arguments[1:2], "--help"]
    try:
        options = _parser(plugins).parse_args(arguments)
    except SystemExit as end:  # after --help, or a complaint
        return end.code if isinstance(end.code, int) else UNUSABLE
    options.plugins = plugins
    if options.command == COMPLETION:
        return _complete(options)
    if options.command == PLUGINS:
        from pyfrontend.cli.plugged import show_plugins

        return show_plugins(plugins)
    try:
        return _runner(options.command)(options, options.file or [STDIN])
    except BrokenPipeError:  # the reader has seen enough; Python would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


class _Parser(argparse.ArgumentParser):
    """A parser that shows what it was given as text that a terminal does not act on."""

    def error(self, message: str) -> NoReturn:
        """Complain about ``message`` and end."""
        super().error(one_line(message))


def _parser(plugins: Plugins | None) -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        "pyfrontend", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw, allow_abbrev=False
    )
    version = f"%(prog)s {__version__}, the language of docker/dockerfile {LANGUAGE}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    plugged = plugins.calls.values() if plugins else ()
    own = {call.name: (call.help, dict.fromkeys(("text", "json"), call.name)) for call in plugged}
    for name, (summary, formats) in (*COMMANDS.items(), *own.items()):
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[:1].upper()}{summary[1:]}.",
            epilog=EPILOG,
            formatter_class=raw,
        )
        add = command.add_argument
        add("file", metavar="FILE", nargs="*", help="Dockerfile to read instead of standard input")
        add("--format", choices=list(formats), default=next(iter(formats)), help="default: %(default)s")
        add("--target", default="", metavar="STAGE", help="stage to examine")
        add("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="as for a build")
        add("--context", metavar="FOLDER", help="the build context, default: the directory of FILE")
        add("--build-context", action="append", default=[], metavar="NAME=PLACE", help="as for a build")
        add("--platform", default="", help="platform to build for, default: that of this machine")
        if name in OPTIONS:
            OPTIONS[name](command)
        add("--name", default=DEFAULT_NAME, help="name to show for standard input, default: %(default)s")
    completion = commands.add_parser(COMPLETION, help="print a shell completion script")
    completion.add_argument("shell", choices=SHELLS)
    commands.add_parser(PLUGINS, help="load all plugins of this image, and check what they declare")
    return parser


def _add_graph_options(command: argparse.ArgumentParser) -> None:
    """Add what a client writes as words on the call, as in ``--call=graph+steps+all``."""
    detail = "; ".join(f"{word}: {meaning}" for word, meaning in DETAILS.items())
    command.add_argument("--detail", choices=list(DETAILS), help=f"{detail}; default: what the size allows")
    for word in (ALL, LEGEND):
        command.add_argument(f"--{word}", action="append_const", dest="words", const=word, help=WORDS[word])


def _complete(options: argparse.Namespace) -> int:
    """Print the script for a shell."""
    try:
        from pyfrontend.cli.completion import script  # not in the image, where no shell completes anything

        text = script(_parser(options.plugins), options.shell)
    except ModuleNotFoundError:
        return complain("completion needs the Python package: pip install 'pyfrontend[completion]'", UNUSABLE)
    print_out(text.encode())
    return FINE


def _add_fix_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``fix``: those of ``check``, and what to do with the fixes."""
    add_check_options(command)
    command.add_argument("-w", "--write", action="store_true", help="change the files; default: show a diff")
    command.add_argument(
        "--select", action="append", metavar="RULE", help="fix what this rule finds, and no more"
    )


#: Options that only one command has.
OPTIONS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "check": add_check_options,
    "fix": _add_fix_options,
    "graph": _add_graph_options,
}


def _runner(command: str) -> Callable[[argparse.Namespace, Sequence[str]], int]:
    if command == "check":
        return check_files
    if command == "fix":
        from pyfrontend.cli.fixing import fix_files

        return fix_files
    return _look


def _look(options: argparse.Namespace, files: Sequence[str]) -> int:
    """Run a command on one file after the other."""
    return max([_answer(options, file) for file in files])


def _answer(options: argparse.Namespace, file: str) -> int:
    """Print what the command says of one file."""
    try:
        session = opened(options, file, _subrequest(options))
    except UnusableError as error:
        return complain(str(error), UNUSABLE)
    try:
        result = dispatch(session)
    except (DockerfileError, BridgeError) as error:
        for found in diagnostics_of(error, session):
            text = found.message if found.shown else found.text
            where = f"{_place(found.shown[0])}: " if found.shown else ""
            complain(f"{where}{text}{': ' if found.help else ''}{found.help}", WRONG)
            for span in found.shown[0].chain() if found.shown else ():
                complain(f"{_place(span)}: named here", WRONG)
        return WRONG
    print_out(result.metadata["result.json" if options.format == "json" else "result.txt"])
    return int(result.metadata.get("result.statuscode", b"0"))


def _subrequest(options: argparse.Namespace) -> str:
    """Return the subrequest that answers a command, with its words."""
    words = [options.detail or "", *(options.words or ())] if options.command == "graph" else []
    known = COMMANDS.get(options.command)
    name = known[1][options.format] if known else options.command  # a call of a plugin
    return PLUS.join((name, *filter(None, words)))


def _place(span: Span) -> str:
    return f"{one_line(span.file.name)}:{span.start}"
