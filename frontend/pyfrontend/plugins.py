"""Plugins: Python modules, named in the environment, that declare instructions and rules.

Names go in; what comes out are more rows in the registries of `pyfrontend.syntax.declare`,
`pyfrontend.lower.dispatch` and `pyfrontend.lint.registry`, which the built-in ones are in as well.
Nothing imports this module while `VARIABLE` is not set, so a plain build pays nothing.
"""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager
from importlib import import_module

import pyfrontend.lower.target  # noqa: F401 - the built-in instructions first: a plugin may build upon them
from pyfrontend.display import print_exception
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.lint.rules import all_rules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VARIABLE = "DOCKERFILE_FRONTEND_PLUGINS"
#: Where a derived image puts its modules; the rest of Python's path is searched too, before it.
FOLDER = "/plugins"


@contextmanager
def plugged(names: str) -> Iterator[None]:
    """Have the plugins ``names`` (separated by commas or spaces) loaded while the block runs, and after.

    Raises `DockerfileError`, which names the plugin, for one that cannot be loaded and for any exception
    in the block that comes out of a plugin and is none of ours.
    """
    wanted = names.replace(",", " ").split()
    all_rules()  # a plugin's rule cannot take the name of a built-in one
    for name in wanted:
        _load(name)
    try:
        yield
    except (DockerfileError, BridgeError):
        raise
    except Exception as error:
        name, place = _origin(error, wanted)
        if not name:
            raise
        print_exception(error)
        raise DockerfileError(
            f"the plugin {name} failed: {_told(error)}{place}", code="PluginFailed"
        ) from error


def _load(name: str) -> None:
    if FOLDER not in sys.path:
        sys.path.append(FOLDER)
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{name}.".startswith(f"{missing}."):
            message = f"the plugin {name} is not in the frontend image: no module {missing} in {FOLDER}"
        else:
            message = f"the plugin {name} needs the module {missing}, which is not in the frontend image"
        raise DockerfileError(f"{message} ({VARIABLE} names the plugins)", code="PluginNotLoaded") from error
    except Exception as error:
        print_exception(error)
        message = f"the plugin {name} cannot be loaded: {_told(error)}{_origin(error, [name])[1]}"
        raise DockerfileError(f"{message} ({VARIABLE} names the plugins)", code="PluginNotLoaded") from error


def _told(error: Exception) -> str:
    """Return the kind and the text of an exception."""
    return "".join(traceback.format_exception_only(error)[-1:]).strip()


def _origin(error: Exception, names: list[str]) -> tuple[str, str]:
    """Return which plugin an exception came out of, and the innermost place in it; empty texts if none."""
    found = "", ""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = str(frame.f_globals.get("__name__"))
        for name in names:
            if f"{module}.".startswith(f"{name}."):
                found = name, f" ({frame.f_code.co_filename}, line {line})"
    return found
