"""``pyfrontend completion``: shell completion scripts, generated from the command-line parser.

Only in the Python package: the image does not contain this module.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

#: Metavar of an option or argument to the kind of path that it takes, as the library calls it.
PATHS = {"FILE": "FILE", "FOLDER": "DIRECTORY"}


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """Return the script that makes ``shell`` complete the command line of ``parser``.

    Raises ModuleNotFoundError where shtab is not installed, which is in the extra ``completion``.
    """
    shtab = import_module("shtab")
    for action in _actions(parser):
        if action.metavar in PATHS:
            vars(action)["complete"] = getattr(shtab, PATHS[str(action.metavar)])
    text: str = shtab.complete(parser, shell)
    return text


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the options and arguments of ``parser`` and of its commands."""
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to list them
        yield action
        for command in (action.choices or {}).values() if isinstance(action.choices, dict) else ():
            yield from _actions(command)
