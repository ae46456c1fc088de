"""Fixes in the script of a RUN."""

from __future__ import annotations

from pyfrontend.lint.rules.strict.managers import MANAGERS, PIP, PIP_VALUED
from pyfrontend.lint.strict.shell import Command, commands_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyfrontend.errors import Diagnostic
    from pyfrontend.syntax.places import Edit, Placed

#: Commands of apt that apt-get has too.
APT_COMMANDS = frozenset(
    ("install", "update", "upgrade", "full-upgrade", "remove", "purge", "autoremove", "clean", "autoclean")
)
INSTALLERS = frozenset(("install", "add", "in", "groupinstall"))


def use_apt_get(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    """``apt`` becomes ``apt-get``, where that has the command."""
    for command in _commands(placed):
        verb = command.operands(*MANAGERS["apt"].valued)[:1]
        if command.words[0] == "apt" and verb and verb[0] in APT_COMMANDS:
            start, end = command.places[0]
            yield placed.replaced(placed.rest + start, placed.rest + end, "apt-get")


def add_yes(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    """Add the option that answers all questions."""

    def option(command: Command) -> str:
        manager = MANAGERS.get(command.program)
        return manager.yes[0] if manager and manager.yes and not command.has(*manager.yes) else ""

    return _with_option(placed, option)


def add_no_recommends(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    """Add ``--no-install-recommends``."""

    def option(command: Command) -> str:
        name = "--no-install-recommends"
        return name if command.program in {"apt", "apt-get"} and not command.has(name) else ""

    return _with_option(placed, option)


def add_no_cache(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    """Add the option by which a package manager keeps nothing, where it has one."""

    def option(command: Command) -> str:
        manager = MANAGERS.get(command.program)
        name = "--no-cache-dir" if command.program in PIP else manager.keeps_no_cache if manager else ""
        return name if name and not command.has(name, "--no-network") else ""

    return _with_option(placed, option)


def remove_lists(placed: Placed, _found: Diagnostic) -> Iterator[Edit]:
    """Remove the lists of apt at the end of a script whose commands are joined by ``&&`` only."""
    commands = _commands(placed)
    joined = all(command.after == "&&" and not command.depth for command in commands[:-1])
    if commands and joined and not (commands[-1].after or placed.line.heredocs):
        end = placed.rest + len(placed.line.rest.rstrip())
        yield placed.inserted(end, " && rm -rf /var/lib/apt/lists/*")


def _with_option(placed: Placed, option: Callable[[Command], str]) -> Iterator[Edit]:
    """Insert what ``option`` returns for a command after its word for installing."""
    for command in _commands(placed):
        text = option(command)
        valued = PIP_VALUED if command.program in PIP else MANAGERS["apt"].valued
        verb = next(iter(command.operands(*valued)), "")
        if text and verb in INSTALLERS:
            _, end = command.places[command.words.index(verb)]
            yield placed.inserted(placed.rest + end, f" {text}")


def _commands(placed: Placed) -> list[Command]:
    """Return the commands of a RUN in shell form; those in heredocs are left as they are."""
    line = placed.line
    if line.arguments.json or line.keyword.upper() != "RUN":
        return []
    end = len(line.rest)
    commands = commands_of(line.rest)
    return [one for one in commands if one.places and one.places[-1][1] <= end]
