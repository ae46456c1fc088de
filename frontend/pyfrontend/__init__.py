"""pyfrontend, a BuildKit frontend in Python.

The public API is the names in `PUBLIC` (docs/library.md); everything else is private and may change in any
release.  Each name is loaded on first use, because every build imports this package.
"""

from __future__ import annotations

import sys

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyfrontend import llb as llb
    from pyfrontend.errors import DockerfileError as DockerfileError
    from pyfrontend.library.checking import Report as Report
    from pyfrontend.library.checking import lint as lint
    from pyfrontend.library.findings import Finding as Finding
    from pyfrontend.library.lowering import Edge as Edge
    from pyfrontend.library.lowering import Lowered as Lowered
    from pyfrontend.library.lowering import lower as lower
    from pyfrontend.library.reading import Command as Command
    from pyfrontend.library.reading import File as File
    from pyfrontend.library.reading import Stage as Stage
    from pyfrontend.library.reading import parse as parse
    from pyfrontend.serving import Client as Client
    from pyfrontend.serving import Files as Files
    from pyfrontend.serving import Frontend as Frontend
    from pyfrontend.serving import Image as Image
    from pyfrontend.serving import frontend as frontend

#: The public names, and the module that defines each.
PUBLIC = {
    "Client": "serving",
    "Command": "library.reading",
    "DockerfileError": "errors",
    "Edge": "library.lowering",
    "File": "library.reading",
    "Files": "serving",
    "Finding": "library.findings",
    "Frontend": "serving",
    "Image": "serving",
    "Lowered": "library.lowering",
    "Report": "library.checking",
    "Stage": "library.reading",
    "frontend": "serving",
    "lint": "library.checking",
    "llb": "",
    "lower": "library.lowering",
    "parse": "library.reading",
}


def __getattr__(name: str) -> object:
    """Return a public name."""
    if name not in PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in ("lint", "llb", "lower"):
        __import__(f"{__name__}.{name}")
        return sys.modules[f"{__name__}.{name}"]
    return public(name)


def public(name: str) -> Any:
    """Return a public name from its module."""
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)


class Verb(type(sys)):  # type: ignore[misc] # `types` would be one more import
    """A package with the same name as a public function, which can be called like the function.

    ``pyfrontend.lint(...)`` works even if the package ``pyfrontend.lint`` has been imported, although Python
    then replaces the function with the package.
    """

    @property
    def __wrapped__(self) -> Any:
        """The function, where `inspect` and interactive shells look for it."""
        return public(self.__name__.rpartition(".")[2])

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Call the function."""
        return self.__wrapped__(*given, **named)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted((*PUBLIC, "__version__"))
