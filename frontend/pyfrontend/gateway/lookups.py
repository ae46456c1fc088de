"""Lookups by the daemon: the ports `Images` and `Sources` of lowering, implemented with the gateway."""

from __future__ import annotations

from pyfrontend.errors import DAEMON_ERROR, DockerfileError
from pyfrontend.gateway.errors import BridgeError, NotAnImage
from pyfrontend.lookups import NotAnImageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.lookups import ImageMeta, ImageQuery, SourceMeta, SourceQuery


class DaemonImages:
    """Images as the daemon finds them, in registries, on its own disk or on that of the client."""

    def __init__(self, bridge: BridgeProtocol) -> None:
        """Ask nothing yet."""
        self._bridge = bridge

    def resolve(self, query: ImageQuery) -> ImageMeta:
        """Look up an image.

        Raises `NotAnImageError` for one that a source policy made something else of, `DockerfileError` with
        the words of the daemon for one that it cannot find.
        """
        try:
            return self._bridge.resolve_image(query)
        except NotAnImage as error:
            raise NotAnImageError(error.message, error.identifier) from error
        except BridgeError as error:
            raise DockerfileError(error.message, code=DAEMON_ERROR) from error


class DaemonSources:
    """Other sources as the daemon finds them: repositories, and files of web servers."""

    def __init__(self, bridge: BridgeProtocol) -> None:
        """Ask nothing yet."""
        self._bridge = bridge

    def resolve(self, query: SourceQuery) -> SourceMeta:
        """Return what is known of a source; raises `DockerfileError` with the words of the daemon."""
        try:
            return self._bridge.resolve_source(query)
        except BridgeError as error:
            raise DockerfileError(error.message, code=DAEMON_ERROR) from error
