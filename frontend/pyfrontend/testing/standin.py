"""The gateway of a test: answers from tables, and a record of the requests."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from threading import Lock

from pyfrontend.gateway.errors import NOT_FOUND, BridgeError
from pyfrontend.gateway.offline import BESIDE, CONTEXT, Offline, read_file, some_config
from pyfrontend.gateway.results import Ref, Result
from pyfrontend.library.findings import finding
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.ops import Source
from pyfrontend.lookups import GitMeta, HTTPMeta, ImageMeta, ImageQuery, SourceMeta
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.library.findings import Finding
    from pyfrontend.lookups import SourceQuery
    from pyfrontend.pb import ops_pb2 as pb

    #: Files by path, or the folder that they are in.
    Files = Mapping[str, str | bytes] | os.PathLike[str]


class Known(NamedTuple):
    """What the stand-in knows: configs of images by full name (None: all images exist), and sources.

    ``commits`` are by the identifier of a repository, ``downloads`` by their address.
    """

    images: Mapping[str, Mapping[str, Any]] | None
    commits: Mapping[str, str]
    downloads: Mapping[str, bytes]


class _Everything(Capabilities):
    """The capabilities of a daemon that is newer than any file."""

    __slots__ = ()

    def supports(self, name: str) -> bool:  # noqa: ARG002 - whatever it is
        return True


class StandIn(Offline):
    """A `pyfrontend.gateway.protocol.BridgeProtocol` for one build.

    ``asked`` are the images and sources that were looked up, each once; ``solved`` are definitions by the id
    of the result, and ``warnings`` those that a client would show.
    """

    def __init__(self, name: str, data: bytes, known: Known, folders: Mapping[str, Files]) -> None:
        """Serve the Dockerfile ``data`` as ``name``, and the directories of a client by name."""
        super().__init__(name, data)
        self.api_caps = self.llb_caps = _Everything()
        self.known = known
        self.local = {f"local://{name}": folder for name, folder in folders.items()}
        self.local.setdefault(BESIDE, self.local.get(CONTEXT, {}))
        self.asked: list[str] = []
        self.solved: dict[str, pb.Definition] = {}
        self.warnings: list[Finding] = []
        self._lock = Lock()

    def solve(self, request: SolveRequest) -> Result:
        """Solve nothing; hand out a result that stands for the definition, or for a directory."""
        vertex = request.output.vertex if request.output else None
        if isinstance(vertex, Source):
            return Result(Ref(vertex.identifier))
        with self._lock:
            name = f"result {len(self.solved)}"
            if request.definition is not None:
                self.solved[name] = request.definition
        return Result(Ref(name))

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return the Dockerfile, or a file of the test; raises `BridgeError` for one that is not there."""
        is_dockerfile = ref.id == BESIDE and path == self.name
        data = self.data if is_dockerfile else _read(self.local.get(ref.id, {}), path)
        return data[offset : offset + length] if length else data[offset:]

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        """Return the config that the test gave for an image, pinned to a digest that is made up."""
        self._ask(query.name)
        known = self.known.images
        name, _, pinned = query.name.partition("@")
        given = None if known is None else known.get(query.name, known.get(name))
        if known is not None and given is None:
            raise BridgeError(NOT_FOUND, f"{query.name}: not found")
        config = some_config(query) | dict(given or {})
        digest = str(config.pop("digest", "")) or pinned or digest_of(name.encode())
        return ImageMeta(query.name, digest, json.dumps(config).encode())

    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        """Return what the test gave for an image, a repository or a download."""
        identifier, attrs = query.source.identifier, dict(query.source.attrs)
        scheme, _, name = identifier.partition("://")
        if scheme == "docker-image":
            image = self.resolve_image(ImageQuery(name, query.platform))
            return SourceMeta(identifier, attrs, image, None, None)
        self._ask(identifier)
        if identifier in self.known.commits:
            commit = self.known.commits[identifier]
            return SourceMeta(identifier, attrs, None, GitMeta(commit, "", commit, b"", b""), None)
        if identifier in self.known.downloads:
            digest = digest_of(self.known.downloads[identifier])
            return SourceMeta(
                identifier, attrs, None, None, HTTPMeta(digest, identifier.rpartition("/")[2], None)
            )
        kind = "git" if scheme == "git" else "http"
        raise BridgeError(NOT_FOUND, f"{identifier}: not found (a test gives it with Daemon({kind}={{...}}))")

    def warn(self, request: WarnRequest) -> None:
        """Remember a warning."""
        self.warnings.append(finding(request.diagnostic, self.name))

    def _ask(self, name: str) -> None:
        with self._lock:
            if name not in self.asked:
                self.asked.append(name)


def digest_of(data: bytes) -> str:
    """Return the digest of ``data``."""
    return f"sha256:{sha256(data).hexdigest()}"


def _read(files: Files, path: str) -> bytes:
    if isinstance(files, os.PathLike):
        return read_file(Path(files), path)
    found = files.get(path.removeprefix("/"))
    if found is None:
        raise BridgeError(NOT_FOUND, f"open {path}: no such file or directory")
    return found.encode("utf-8", "surrogateescape") if isinstance(found, str) else found
