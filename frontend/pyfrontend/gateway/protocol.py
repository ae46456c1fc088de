"""The requests of a build to the daemon, as a type, implemented by `pyfrontend.gateway.bridge.Bridge`.

For type checkers and readers: nothing imports it at run time.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from pyfrontend.gateway.container import Container
    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.gateway.results import DirEntry, Ref, Result
    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.lookups import ImageMeta, ImageQuery, SourceMeta, SourceQuery
    from pyfrontend.pb import ops_pb2
else:
    Protocol = object


class BridgeProtocol(Protocol):
    """The calls of the gateway; all may come from any thread and raise BridgeError."""

    @property
    def api_caps(self) -> Capabilities:
        """What the gateway can do."""

    @property
    def llb_caps(self) -> Capabilities:
        """What a definition may ask for."""

    def solve(self, request: SolveRequest) -> Result:
        """Have a definition solved, or the request handed to another frontend."""

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return a file of a result, or a part of it."""

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:
        """Return what is in a directory of a result."""

    def container(self, root: str, platform: ops_pb2.Platform | None) -> Container:
        """Return a container on a result, for a ``with`` block."""

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        """Look up an image."""

    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        """Ask what is known of a source."""

    def inputs(self) -> dict[str, ops_pb2.Definition]:
        """Return the graphs that the caller of the build handed over."""

    def warn(self, request: WarnRequest) -> None:
        """Show a warning to the user."""
