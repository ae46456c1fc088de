"""The input of the library's functions: a Dockerfile as text, as bytes, or as the path of a file."""

from __future__ import annotations

from pathlib import Path

from pyfrontend.driver.options.client_options import ClientOptions
from pyfrontend.driver.options.request import Request
from pyfrontend.driver.session import open_session
from pyfrontend.gateway.offline import Offline
from pyfrontend.oci.platforms import default as default_platform
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Mapping
    from types import ModuleType

    from pyfrontend.driver.session import Session
    from pyfrontend.plugins.gather import Plugins

    #: Plugins: modules, or their names.
    Pluggable = Iterable[ModuleType | str]
    #: Text, bytes, or the path of a file: a `str` is always text, a path is a `pathlib.Path`.
    Given = str | bytes | os.PathLike[str]

DEFAULT_NAME = "Dockerfile"
#: Sessions opened here get no files from a client, so any value will do.
UNIQUE = "offline"


class Source(NamedTuple):
    """A Dockerfile before it is parsed: its name, its bytes, and the directory that contains it, if any."""

    name: str
    data: bytes
    folder: Path | None

    @classmethod
    def of(cls, given: Given, name: str | None = None) -> Source:
        """Read what the caller passed; raises OSError for a path that cannot be read."""
        if isinstance(given, str):
            return cls(name or DEFAULT_NAME, given.encode("utf-8", "surrogateescape"), None)
        if isinstance(given, bytes):
            return cls(name or DEFAULT_NAME, given, None)
        path = Path(given)
        return cls(name or str(path), path.read_bytes(), path.parent)


class Asked(NamedTuple):
    """The options of a build; ``context`` is the directory of the build context.

    ``plugins`` are the plugins loaded for it.
    """

    target: str = ""
    platform: str = ""
    args: Mapping[str, str] = {}
    contexts: Mapping[str, str] = {}
    context: os.PathLike[str] | str | None = None
    plugins: Plugins | None = None


def loaded(plugins: Pluggable) -> Plugins | None:
    """Load ``plugins``, None if there are none; raises `DockerfileError` for one that does not load."""
    plugins = list(plugins)
    if not plugins:
        return None
    from pyfrontend.plugins.load import load

    return load(plugins)


def opened(source: Source, asked: Asked) -> Session:
    """Return a session for a build of ``source`` without a daemon.

    Raises `DockerfileError` for invalid options.
    """
    inside = Path(source.name).name if source.folder else source.name
    written = ClientOptions("", inside, asked.target, asked.platform, asked.args, asked.contexts).written()
    request = Request(written, workers=[default_platform()], unique=UNIQUE, plugins=asked.plugins)
    context = None if asked.context is None else Path(asked.context)
    session = open_session(Offline(inside, source.data, source.folder, context), request)
    session.loaded.file.name = source.name
    platforms = session.options.platforms
    return session._replace(platform=platforms[0]) if platforms else session
