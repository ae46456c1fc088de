"""Plugins by name: what an image's environment or a caller of the library names in, `Plugins` out."""

from __future__ import annotations

import sys
from importlib import import_module

from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.calls import Owner, Process, explained, is_ours, run
from pyfrontend.plugins.declared import declared
from pyfrontend.plugins.gather import gather

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from pyfrontend.plugins.declared import Record
    from pyfrontend.plugins.gather import Plugins

VARIABLE = "DOCKERFILE_FRONTEND_PLUGINS"
#: Where a derived image puts its modules; the rest of Python's path is searched too, before it.
FOLDER = "/plugins"
#: The version of `pyfrontend.api`.
API = 1
SEPARATORS = str.maketrans(",", " ")


def load_named(names: str, *, traces: bool = False) -> Plugins:
    """Return the plugins ``names``, separated by commas or spaces.

    With ``traces`` they print tracebacks, as in a build; without, what they print goes to standard error, as
    on the command line.  Raises `DockerfileError`, which names the plugin, for one that cannot be loaded.
    """
    Process.traces, Process.aside = traces, not traces
    if traces:  # the container of a build is gone with it: what is compiled would be written for nobody
        sys.dont_write_bytecode = True
    if FOLDER not in sys.path:
        sys.path.append(FOLDER)
    try:
        modules = _imported(_split(names), in_image=True)
        return gather([_records(name, module) for name, module in modules.items()])
    except DockerfileError as error:
        error.help = f"{VARIABLE} names the plugins"
        raise


def load(plugins: Iterable[ModuleType | str]) -> Plugins:
    """Return the plugins that a caller of the library names, or has imported.

    Raises `DockerfileError` for one that cannot be loaded.
    """
    plugins = list(plugins)
    named = _imported([one for one in plugins if isinstance(one, str)], in_image=False)
    found = [named[one] if isinstance(one, str) else one for one in plugins]
    return gather([_records(module.__name__, module) for module in found])


def _split(names: str) -> list[str]:
    found = list(dict.fromkeys(names.translate(SEPARATORS).split()))
    if not found:  # what was meant to be named may have policies
        raise DockerfileError("no plugin is named: name one, or remove the variable", code="PluginNotLoaded")
    return found


def _imported(names: list[str], *, in_image: bool) -> dict[str, ModuleType]:
    """Import plugins, all in one call: a thread for each would be a tenth of a millisecond each."""
    if not names:
        return {}
    return run(Owner(", ".join(names), "loading"), lambda: {name: _import(name, in_image) for name in names})


def _import(name: str, in_image: bool) -> ModuleType:  # noqa: FBT001 - handed on by position
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if f"{name}.".startswith(f"{missing}."):
            place = f"in the frontend image: no module {missing} in {FOLDER}" if in_image else "there"
            message = f"the plugin {name} is not {place}"
        else:
            place = "in the frontend image" if in_image else "there"
            message = f"the plugin {name} needs the module {missing}, which is not {place}"
        raise DockerfileError(message, code="PluginNotLoaded") from error
    except BaseException as error:
        if is_ours(error):
            raise
        message = f"the plugin {name} cannot be loaded: {explained(error, name)}"
        raise DockerfileError(message, code="PluginNotLoaded") from error


def _records(name: str, module: ModuleType) -> tuple[str, tuple[Record, ...]]:
    """Return the records of a plugin; raises `DockerfileError` for one of another API, or without any."""
    wanted = getattr(module, "API", API)
    if wanted != API or not isinstance(wanted, int):
        raise DockerfileError(
            f"the plugin {name} is written for pyfrontend.api {wanted!r}, and this frontend has {API}: use"
            " the release of one of them that fits the other",
            code="PluginNotLoaded",
        )
    records = declared(module)
    if not records:
        raise DockerfileError(
            f"the plugin {name} declares nothing: use the decorators of pyfrontend.api in {name}, or import"
            " there what its other modules declare",
            code="PluginNotLoaded",
        )
    return name, records
