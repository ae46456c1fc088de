"""What the functions of the library take: a Dockerfile as text, as bytes, or as the path of a file."""

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
    #: A text, its bytes, or the path of a file: a `str` is always a text, a path is a `pathlib.Path`.
    Given = str | bytes | os.PathLike[str]

DEFAULT_NAME = "Dockerfile"
#: Whoever opens sessions here gets no files of a client, so any mark will do.
UNIQUE = "offline"


class Source(NamedTuple):
    """A Dockerfile before it is read: what it is called, its bytes, and the folder that it is in, if any."""

    name: str
    data: bytes
    folder: Path | None

    @classmethod
    def of(cls, given: Given, name: str | None = None) -> Source:
        """Take what a caller gives; raises OSError for a path that cannot be read."""
        if isinstance(given, str):
            return cls(name or DEFAULT_NAME, given.encode("utf-8", "surrogateescape"), None)
        if isinstance(given, bytes):
            return cls(name or DEFAULT_NAME, given, None)
        path = Path(given)
        return cls(name or str(path), path.read_bytes(), path.parent)


class Asked(NamedTuple):
    """What a build would be asked for; ``context`` is the folder of the build context.

    ``plugins`` are those that are loaded for it.
    """

    target: str = ""
    platform: str = ""
    args: Mapping[str, str] = {}
    contexts: Mapping[str, str] = {}
    context: os.PathLike[str] | str | None = None
    plugins: Plugins | None = None


def loaded(plugins: Pluggable) -> Plugins | None:
    """Return what ``plugins`` bring, None for none; raises `DockerfileError` for one that does not load."""
    plugins = list(plugins)
    if not plugins:
        return None
    from pyfrontend.plugins.load import load

    return load(plugins)


def opened(source: Source, asked: Asked) -> Session:
    """Return a session of a build of ``source`` that has no daemon.

    Raises `DockerfileError` for options that are wrong.
    """
    inside = Path(source.name).name if source.folder else source.name
    written = ClientOptions("", inside, asked.target, asked.platform, asked.args, asked.contexts).written()
    request = Request(written, workers=[default_platform()], unique=UNIQUE, plugins=asked.plugins)
    context = None if asked.context is None else Path(asked.context)
    session = open_session(Offline(inside, source.data, source.folder, context), request)
    session.loaded.file.name = source.name
    platforms = session.options.platforms
    return session._replace(platform=platforms[0]) if platforms else session
