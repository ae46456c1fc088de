"""What a build asks of the daemon, as a type; `pyfrontend.gateway.bridge.Bridge` is the real thing.

For type checkers and readers: nothing imports it at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyfrontend.gateway.results import CacheImport, DirEntry, ImageMeta, Ref, Result, SourceMeta
    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.llb.marshal import SourceInfo
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.pb import ops_pb2
    from pyfrontend.span import Range

NOTHING: Mapping[str, Any] = {}


class BridgeProtocol(Protocol):
    """The calls of the gateway; all may come from any thread and raise BridgeError."""

    @property
    def api_caps(self) -> Capabilities:
        """What the gateway can do."""

    @property
    def llb_caps(self) -> Capabilities:
        """What a definition may ask for."""

    def solve(  # noqa: PLR0913 - a request has that many parts
        self,
        definition: ops_pb2.Definition | None,
        *,
        frontend: str = "",
        options: Mapping[str, str] = NOTHING,
        inputs: Mapping[str, ops_pb2.Definition] = NOTHING,
        cache_imports: Sequence[CacheImport] = (),
        evaluate: bool = False,
    ) -> Result:
        """Have a definition solved, or the request handed to another frontend."""

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return a file of a result, or a part of it."""

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:
        """Return what is in a directory of a result."""

    def resolve_image(  # noqa: PLR0913 - a question has that many parts
        self,
        name: str,
        platform: Platform | None,
        *,
        log_name: str,
        resolve_mode: str = "",
        oci_session: str = "",
        oci_store: str = "",
    ) -> ImageMeta:
        """Look up an image."""

    def resolve_source(
        self,
        source: ops_pb2.SourceOp,
        platform: Platform | None,
        *,
        log_name: str,
        resolve_mode: str = "",
        git_object: bool = False,
    ) -> SourceMeta:
        """Ask what is known of a source."""

    def inputs(self) -> dict[str, ops_pb2.Definition]:
        """Return the graphs that the caller of the build handed over."""

    def warn(  # noqa: PLR0913 - a warning has that many parts
        self,
        vertex_digest: str,
        *,
        level: int,
        short: str,
        detail: Iterable[str],
        url: str,
        source: SourceInfo | None,
        ranges: Iterable[Range],
    ) -> None:
        """Show a warning to the user."""
