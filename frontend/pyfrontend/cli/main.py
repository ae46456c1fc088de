"""The command line of the wheel and the image: check, draw and convert a Dockerfile without BuildKit.

``pyfrontend check Dockerfile``, or ``docker run --rm -i IMAGE check < Dockerfile``.  Exit code 0 where all is
well, 1 where something is, 2 where the command line is or the file cannot be read.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pyfrontend import __version__
from pyfrontend.display import many_lines, one_line
from pyfrontend.driver.options.client_options import ClientOptions
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.session import Session, open_session
from pyfrontend.driver.subrequests import PREFIX, dispatch
from pyfrontend.driver.subrequests.graph.choice import ALL, DETAILS, LEGEND, PLUS, WORDS
from pyfrontend.driver.subrequests.lint import check, diagnostics_of
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.offline import Offline
from pyfrontend.lint.formats import FORMATS, render
from pyfrontend.oci.platforms import default as default_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import NoReturn

    from pyfrontend.span import Span


#: The version of docker/dockerfile whose language this is (CHAN-001).
LANGUAGE = "1.26.0"
FINE, WRONG, UNUSABLE = 0, 1, 2
COMPLETION = "completion"
SHELLS = ("bash", "zsh", "fish")
DEFAULT_NAME = "Dockerfile"
STDIN = "-"

DESCRIPTION = """\
Look at a Dockerfile without building it, and without BuildKit:

  pyfrontend check Dockerfile
  docker run --rm -i IMAGE check < Dockerfile
"""
EPILOG = """\
Base images are not looked up: checks that need their contents find nothing, their ONBUILD triggers are not
known, and references in LLB have no digests. A "# syntax=" line is not followed.

exit code: 0 nothing found, 1 something is wrong with the Dockerfile, 2 it could not be looked at
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


class _UnusableError(Exception):
    """There is nothing to look at."""


def main(arguments: Sequence[str]) -> int:
    """Run one command; return the exit code."""
    if arguments[:1] == ["help"]:  # what people try first
        arguments = [*arguments[1:2], "--help"]
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as end:  # after --help, or a complaint
        return end.code if isinstance(end.code, int) else UNUSABLE
    if options.command == COMPLETION:
        return _complete(options.shell)
    run = _check if options.command == "check" else _look
    try:
        return run(options, options.file or [STDIN])
    except BrokenPipeError:  # the reader has seen enough; Python would complain once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FINE


class _Parser(argparse.ArgumentParser):
    """A parser that shows what it was given as text that a terminal does not act on."""

    def error(self, message: str) -> NoReturn:
        """Complain about ``message`` and end."""
        super().error(one_line(message))


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        "pyfrontend", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw, allow_abbrev=False
    )
    version = f"%(prog)s {__version__}, the language of docker/dockerfile {LANGUAGE}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (summary, formats) in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=f"{summary.capitalize()}.", epilog=EPILOG, formatter_class=raw
        )
        add = command.add_argument
        add("file", metavar="FILE", nargs="*", help="Dockerfile to read in place of standard input")
        add("--format", choices=list(formats), default=next(iter(formats)), help="default: %(default)s")
        add("--target", default="", metavar="STAGE", help="stage to look at")
        add("--build-arg", action="append", default=[], metavar="NAME=VALUE", help="as for a build")
        add("--context", metavar="FOLDER", help="the build context, default: the folder of FILE")
        add("--build-context", action="append", default=[], metavar="NAME=PLACE", help="as for a build")
        add("--platform", default="", help="platform to build for, default: that of this machine")
        if name == "graph":
            _add_graph_options(command)
        add("--name", default=DEFAULT_NAME, help="what to call standard input, default: %(default)s")
    completion = commands.add_parser(COMPLETION, help="print a script by which a shell completes all this")
    completion.add_argument("shell", choices=SHELLS)
    return parser


def _add_graph_options(command: argparse.ArgumentParser) -> None:
    """Add what a client writes as words on the call, as in ``--call=graph+steps+all``."""
    detail = "; ".join(f"{word}: {meaning}" for word, meaning in DETAILS.items())
    command.add_argument("--detail", choices=list(DETAILS), help=f"{detail}; default: what the size allows")
    for word in (ALL, LEGEND):
        command.add_argument(f"--{word}", action="append_const", dest="words", const=word, help=WORDS[word])


def _complete(shell: str) -> int:
    """Print the script for a shell."""
    try:
        from pyfrontend.cli.completion import script  # not in the image, where no shell completes anything

        text = script(_parser(), shell)
    except ModuleNotFoundError:
        return _complain(
            "completion takes the Python package: pip install 'pyfrontend[completion]'", UNUSABLE
        )
    _print(text.encode())
    return FINE


def _check(options: argparse.Namespace, files: Sequence[str]) -> int:
    """Check ``files``, and print one report on all that can be read."""
    reports, code = [], FINE
    for file in files:
        try:
            session = _opened(options, file)
        except _UnusableError as error:
            code = _complain(str(error), UNUSABLE)
            continue
        report = check(session)
        if file != STDIN:  # while it was read it had its name within its folder, as in a build
            report.file.name = file
        code = max(code, WRONG if report.fails else FINE)
        reports.append(report)
    if reports:
        _print(render(reports, options.format).encode(errors="replace"))
    return code


def _look(options: argparse.Namespace, files: Sequence[str]) -> int:
    """Run another command on one file after the other."""
    return max([_answer(options, file) for file in files])


def _answer(options: argparse.Namespace, file: str) -> int:
    """Print what the command says of one file."""
    try:
        session = _opened(options, file)
    except _UnusableError as error:
        return _complain(str(error), UNUSABLE)
    try:
        result = dispatch(session)
    except (DockerfileError, BridgeError) as error:
        for found in diagnostics_of(error, session):
            text = found.message if found.shown else found.text
            where = f"{_place(found.shown[0])}: " if found.shown else ""
            _complain(f"{where}{text}{': ' if found.help else ''}{found.help}", WRONG)
            for span in found.shown[0].chain() if found.shown else ():
                _complain(f"{_place(span)}: named here", WRONG)
        return WRONG
    _print(result.metadata["result.json" if options.format == "json" else "result.txt"])
    return int(result.metadata.get("result.statuscode", b"0"))


def _place(span: Span) -> str:
    return f"{one_line(span.file.name)}:{span.start}"


def _opened(options: argparse.Namespace, file: str) -> Session:
    """Return a session for ``file``, whose subrequests are about the platform of the command line, if any."""
    try:
        session = open_session(*_source(options, file))
    except (DockerfileError, BridgeError) as error:
        raise _UnusableError(error.diagnostic().displayed().text) from None
    platforms = session.options.platforms
    return session._replace(platform=platforms[0]) if platforms else session


def _source(options: argparse.Namespace, file: str) -> tuple[Offline, Request]:
    """Return a daemon that serves ``file``, and the request of a build of it."""
    if file == STDIN:
        if sys.stdin is None or sys.stdin.isatty():
            raise _UnusableError(f"no Dockerfile on standard input; try: pyfrontend {options.command} < FILE")
        name, folder, data = options.name, None, sys.stdin.buffer.read()
        if not data:
            raise _UnusableError("standard input is empty; docker run passes it on with --interactive only")
    else:
        path = Path(file)
        name, folder = path.name, path.parent
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _UnusableError(f"cannot read {one_line(file)}: {error.strerror}") from None
    subrequest = COMMANDS[options.command][1][options.format]
    words = [options.detail or "", *(options.words or ())] if options.command == "graph" else []
    asked = ClientOptions(
        PREFIX + PLUS.join((subrequest, *filter(None, words))),
        name,
        options.target,
        options.platform,
        dict(_pairs(options.build_arg)),
        {key: _specification(key, place) for key, place in _pairs(options.build_context)},
    )
    request = Request(asked.written(), workers=[default_platform()], unique="offline")
    return Offline(name, data, folder, _context(options.context)), request


def _context(folder: str | None) -> Path | None:
    """Return the build context of the command line, None where it names none."""
    if folder is not None and not Path(folder).is_dir():
        raise _UnusableError(f"--context {one_line(folder)}: no such folder")
    return None if folder is None else Path(folder)


def _pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Split ``NAME=VALUE``; a bare name takes its value from the environment, if it has one there."""
    for text in texts:
        name, equals, value = text.partition("=")
        if equals or name in os.environ:
            yield name, value if equals else os.environ[name]


def _specification(name: str, place: str) -> str:
    """Return a context as a client sends it: a place without a scheme is a local directory."""
    return place if "://" in place or place.startswith("git@") else f"local:{name}"


def _print(data: bytes) -> None:
    """Write to standard output, whatever the locale says."""
    sys.stdout.buffer.write(data + b"\n" if data and not data.endswith(b"\n") else data)
    sys.stdout.flush()


def _complain(text: str, code: int) -> int:
    sys.stderr.write(f"pyfrontend: {many_lines(text)}\n")
    return code
