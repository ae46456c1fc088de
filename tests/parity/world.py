"""The daemon of one case: a bridge that answers from the ``input`` of the case and remembers the calls."""

from __future__ import annotations

import base64
from threading import Lock
from typing import TYPE_CHECKING

from parity import daemon, graph
from parity.registry import lookup, platform_text, read_platform
from pyfrontend.gateway.bridge import WARNING_LEVEL
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.results import Ref, Result
from pyfrontend.llb.caps import Capabilities
from pyfrontend.lookups import GitMeta, HTTPMeta, ImageMeta, SourceMeta
from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from parity.cases import Case, Json
    from parity.registry import Found
    from pyfrontend.gateway.container import Container
    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.gateway.results import DirEntry
    from pyfrontend.lookups import ImageQuery, SourceQuery
    from pyfrontend.oci.platforms import Platform

#: Code of an error that carries no better one (google.rpc.Code UNKNOWN).
UNKNOWN = 2


class World:
    """Answers every call of the frontend as the recorded daemon did; see README.md of the cases."""

    def __init__(self, case: Case) -> None:
        """Make the daemon of ``case``."""
        self.case = case
        self.input = case.input
        self.api_caps = Capabilities(daemon.GATEWAY)
        self.llb_caps = Capabilities(daemon.LLB - set(self.input.get("disable_caps", ())))
        self.workers = [read_platform(text) for text in self.input.get("worker_platforms", ["linux/amd64"])]
        self.lookups: list[Json] = []
        self._seen: set[str] = set()
        self.warnings: list[Json] = []
        self.solves: list[SolveRequest] = []
        self._sources: dict[str, str] = {}  # identifier of the first source, by id of the result
        self._lock = Lock()

    def solve(self, request: SolveRequest) -> Result:
        """Solve nothing, hand out a result that stands for the definition."""
        with self._lock:
            self.solves.append(request)
            name = f"ref{len(self.solves)}"
        definition = request.definition
        if request.frontend:
            return Result(metadata={"forwarded": b"1"})
        if not graph.defs(definition):
            return Result()
        self._sources[name] = _first_source(definition)
        return Result(Ref(name, definition))

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:  # noqa: ARG002 - the protocol names them
        """Return an empty directory: recorded builds never look into one."""
        return []

    def container(self, root: str, platform: pb.Platform | None) -> Container:  # noqa: ARG002 - the protocol names them
        """Refuse: recorded builds run no containers of their own."""
        raise BridgeError(UNKNOWN, "no containers")

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return a file of a solved source; raises BridgeError for one that is not there."""
        content = self._content(self._sources[ref.id], path)
        if content is None:
            raise BridgeError(UNKNOWN, f"open {path}: no such file or directory")
        return content[offset : offset + length] if length else content[offset:]

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        """Look an image up and remember that; raises BridgeError where the case says so."""
        more = {"mode": query.resolve_mode, "log_name": query.log_name, "oci_store": query.store}
        found = self._look_up(query.name, query.platform, **more)
        return ImageMeta(found.reference, found.digest, found.config)

    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        """Return what is known of a source, for an image as `resolve_image`."""
        identifier, attrs = query.source.identifier, dict(query.source.attrs)
        scheme, _, name = identifier.partition("://")
        if scheme == "docker-image":
            found = self._look_up(name, query.platform)
            image = ImageMeta(found.reference, found.digest, found.config)
            return SourceMeta(f"{scheme}://{found.reference}", attrs, image, None, None)
        known = self.input.get("sources", {}).get(identifier)
        git = _git(known) if known and scheme == "git" else None
        http = _http(known) if known and scheme != "git" else None
        return SourceMeta(identifier, attrs, None, git, http)

    def inputs(self) -> dict[str, pb.Definition]:
        """Return the definitions that the client handed over."""
        return {name: definition_of(value) for name, value in self.input.get("inputs", {}).items()}

    def warn(self, request: WarnRequest) -> None:
        """Remember a warning."""
        found = request.diagnostic
        call = {"vertex": request.digest, "short": found.short, "url": found.url, "level": WARNING_LEVEL}
        self.warnings.append({"call": call, "detail": [found.description], "spans": list(found.spans)})

    def _look_up(self, name: str, platform: Platform | None, **more: str) -> Found:
        """Look an image up and remember that; raises BridgeError where the case says so."""
        asked = platform or self.workers[0]
        found = lookup(self.input.get("images", {}), name, asked)
        self._remember(name, asked, found, **more)
        return found

    def _remember(self, name: str, platform: Platform, found: Found, **more: str) -> None:
        """Remember a lookup; raises BridgeError for one that fails."""
        seen: Json = {"ref": name, "platform": platform_text(platform)}
        seen |= {key: value for key, value in more.items() if value}
        seen |= {"error": found.error} if found.error else {"digest": found.digest}
        with self._lock:
            key = repr(sorted(seen.items()))
            if key not in self._seen:
                self._seen.add(key)
                self.lookups.append(seen)
        if found.error:
            raise BridgeError(UNKNOWN, found.error)

    def _content(self, source: str, path: str) -> bytes | None:
        """Return what reading ``path`` of a source gives, None if it is not there."""
        local = source.startswith("local://")
        name = source.removeprefix("local://")
        text = self.input.get("files", {}).get(name, {}).get(path)
        if text is None and source == "local://context" and path == ".dockerignore":
            text = self.input.get("dockerignore")
        if text is not None or (local and name != self._options().get("dockerfilekey", "dockerfile")):
            return None if text is None else str(text).encode()
        return self._dockerfile(path)

    def _dockerfile(self, path: str) -> bytes | None:
        """Return the Dockerfile or its own ignore file."""
        filename = self._options().get("filename", "Dockerfile")
        if path in (filename, "context"):
            return self.case.dockerfile
        if path == f"{filename}.dockerignore" and "dockerfile_dockerignore" in self.input:
            return str(self.input["dockerfile_dockerignore"]).encode()
        return None

    def _options(self) -> dict[str, str]:
        """Return the options of the case, without any that the runner adds."""
        return options(self.input)


def options(request: Json) -> dict[str, str]:
    """Return the ``input`` of a case as the flat options that a client would send."""
    result: dict[str, str] = {key: str(request[key]) for key in ("filename", "target") if key in request}
    result |= {f"build-arg:{key}": value for key, value in request.get("build_args", {}).items()}
    result |= {f"label:{key}": value for key, value in request.get("labels", {}).items()}
    result |= {"platform": ",".join(request["platforms"])} if "platforms" in request else {}
    result |= {"no-cache": request["no_cache"]} if "no_cache" in request else {}
    result |= request.get("opts", {})
    return result


def _first_source(definition: pb.Definition | None) -> str:
    """Return the identifier of the first source op of a definition."""
    for encoded in graph.defs(definition):
        op = pb.Op.FromString(encoded)
        if op.WhichOneof("op") == "source":
            return op.source.identifier
    return ""


def definition_of(value: Json) -> pb.Definition:
    """Return an input of the case as a definition."""
    result = graph.definition_of([base64.b64decode(text) for text in value["def"]])
    for digest, metadata in value.get("metadata", {}).items():
        result.metadata[digest].description.update(metadata.get("description", {}))
        result.metadata[digest].caps.update(dict.fromkeys(metadata.get("caps", ()), True))
    return result


def _git(known: Json) -> GitMeta:
    """Return the answer for a git source."""
    texts = [known.get(key, "") for key in ("checksum", "ref", "commit_checksum")]
    return GitMeta(*texts, *(known.get(key, "").encode() for key in ("commit_object", "tag_object")))


def _http(known: Json) -> HTTPMeta:
    """Return the answer for an http source."""
    return HTTPMeta(known.get("digest", ""), known.get("filename", ""), known.get("last_modified"))
