"""A stand-in for the daemon, sufficient to check, draw and convert a file without one.

Images are not looked up: every image is assumed to exist for every platform, with an empty config.
"""

from __future__ import annotations

from pyfrontend.gateway.errors import NOT_FOUND, UNIMPLEMENTED, UNKNOWN, BridgeError
from pyfrontend.gateway.results import Ref, Result
from pyfrontend.golang.json import json_text
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.ops import Source
from pyfrontend.lookups import ImageMeta
from pyfrontend.oci.platforms import default as default_platform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from pyfrontend.gateway.container import Container
    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.gateway.results import DirEntry
    from pyfrontend.lookups import ImageQuery, SourceMeta, SourceQuery
    from pyfrontend.pb import ops_pb2

#: The directories of a client that are here: that of the Dockerfile, and the build context.
BESIDE, CONTEXT = "local://dockerfile", "local://context"
#: A layer of an image that nobody has looked at; without one it would count as empty (FROM-020).
SOME_LAYER = "sha256:" + 64 * "0"


class _Everything(Capabilities):
    """The capabilities of a daemon that is newer than any file."""

    __slots__ = ()

    by_wire = False

    def supports(self, name: str) -> bool:  # noqa: ARG002 - whatever it is
        return True


class Offline:
    """A `pyfrontend.gateway.protocol.BridgeProtocol` that knows one Dockerfile and the files of two folders.

    ``folder`` has the files next to the Dockerfile, such as its ignore file, and ``context`` is the build
    context; None for a text without a place, which has no files around it.
    """

    def __init__(
        self, name: str, data: bytes, folder: Path | None = None, context: Path | None = None
    ) -> None:
        """Serve ``data`` under ``name``."""
        self.name = name
        self.data = data
        self.folders = {BESIDE: folder, CONTEXT: context or folder}
        self.api_caps = Capabilities(())
        self.llb_caps: Capabilities = _Everything(())

    def solve(self, request: SolveRequest) -> Result:
        """Return a handle that knows which directory of a client it stands for, with nothing behind it."""
        vertex = request.output.vertex if request.output else None
        return Result(Ref(vertex.identifier if isinstance(vertex, Source) else ""))

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return the Dockerfile, or a file of a folder; raises `BridgeError` for one that is not there."""
        is_dockerfile = ref.id == BESIDE and path == self.name
        data = self.data if is_dockerfile else read_file(self.folders.get(ref.id), path)
        return data[offset : offset + length] if length else data[offset:]

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:  # noqa: ARG002 - there is one file
        """Refuse: a build context is not there."""
        raise BridgeError(NOT_FOUND, f"open {path}: no such file or directory")

    def container(self, root: str, platform: ops_pb2.Platform | None) -> Container:  # noqa: ARG002 - the protocol's
        """Refuse: nothing runs here."""
        raise BridgeError(UNIMPLEMENTED, "there are no containers without BuildKit")

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        """Return an image of which only the platform is known, and no digest."""
        return ImageMeta(query.name, "", json_text(some_config(query)).encode())

    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        """Refuse: what a repository or a web server has is not known here."""
        raise BridgeError(UNIMPLEMENTED, f"{query.source.identifier} cannot be looked up without BuildKit")

    def inputs(self) -> dict[str, ops_pb2.Definition]:
        """Return no inputs: there is nobody to hand them over."""
        return {}

    def warn(self, request: WarnRequest) -> None:
        """Drop the warning: who asks for a check gets them all, and the others did not ask."""


def some_config(query: ImageQuery) -> dict[str, Any]:
    """Return the config of an image of which only the platform is known."""
    wanted = query.platform or default_platform()
    return {
        "architecture": wanted.architecture,
        "os": wanted.os,
        **({"variant": wanted.variant} if wanted.variant else {}),
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": [SOME_LAYER]},
    }


def read_file(folder: Path | None, path: str) -> bytes:
    """Return a file below ``folder``; raises `BridgeError` for one that is not there."""
    if folder is None:
        raise BridgeError(NOT_FOUND, f"open {path}: no such file or directory")
    try:
        return (folder / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise BridgeError(NOT_FOUND, f"open {path}: {error.strerror}") from error
    except OSError as error:
        raise BridgeError(UNKNOWN, f"open {path}: {error.strerror}") from error
