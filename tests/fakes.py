"""Stand-ins for the outside: what lowering asks for from dicts, and a daemon that answers from a dict."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from parity import daemon, graph
from parity.cases import Case
from parity.registry import lookup
from parity.world import World, options
from pyfrontend.driver.options.build_options import parse_options
from pyfrontend.driver.options.request import Request as BuildRequest
from pyfrontend.driver.serve import serve
from pyfrontend.errors import Diagnostic, DockerfileError
from pyfrontend.gateway.errors import to_status
from pyfrontend.lint.config import parse_check_config
from pyfrontend.lint.linter import Linter
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import Output, Source
from pyfrontend.llb.sources import local
from pyfrontend.lookups import ImageMeta
from pyfrontend.lower.ports import LoadedContext, Request
from pyfrontend.lower.target import Lowered, lower_target
from pyfrontend.oci.image_json import read_image, write_image
from pyfrontend.oci.platforms import Platform
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax.document import parse_dockerfile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pyfrontend.gateway.errors import BridgeError
    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.gateway.results import DirEntry, Ref, Result
    from pyfrontend.lookups import ImageQuery, SourceMeta, SourceQuery
    from pyfrontend.oci.timestamp import Moment
    from pyfrontend.pb import ops_pb2 as pb

LINUX = Platform("linux", "amd64")
CAPS = Capabilities(daemon.LLB)
NOTHING: Mapping[str, Any] = {}


def context(name: str, config: Mapping[str, Any] | None = None) -> LoadedContext:
    """A named context: the local directory ``name``, with an image config if it has one."""
    state = local(name, session_id="s", unique="")
    return LoadedContext(state, None if config is None else read_image(json.dumps(config).encode()))


class _Loader(NamedTuple):
    loaded: LoadedContext | DockerfileError
    key: str
    platform: Platform | None
    specification: str = "local:x"

    def load(self) -> LoadedContext:
        if isinstance(self.loaded, DockerfileError):
            raise self.loaded
        return self.loaded


class DictResolver:
    """The ports `Images` and `Contexts` of lowering, from tables; images as in the parity cases."""

    def __init__(
        self,
        images: Mapping[str, Any] = NOTHING,
        contexts: Mapping[str, LoadedContext | DockerfileError] = NOTHING,
        ignore: Sequence[str] = (),
        time: Moment | None = None,
    ) -> None:
        self.images = images
        self.contexts = contexts
        self.ignore = ignore
        self.time = time
        self.asked: list[tuple[str, Platform, str]] = []
        self.used: dict[str, Callable[[], Sequence[str]]] = {}
        self.timed: list[tuple[Output | None, str]] = []

    def resolve(self, query: ImageQuery) -> ImageMeta:
        platform = query.platform or LINUX
        self.asked.append((query.name, platform, query.log_name))
        found = lookup(dict(self.images), query.name, platform)
        if found.error:
            raise DockerfileError(found.error)
        return ImageMeta(found.reference, found.digest, found.config)

    def named_context(
        self, name: str, platform: Platform | None, used_paths: Callable[[], Sequence[str]]
    ) -> _Loader | None:
        name = parse_normalized(name).familiar().removesuffix(":latest")
        if name not in self.contexts:
            return None
        self.used[name] = used_paths
        return _Loader(self.contexts[name], name, platform)

    def ignore_patterns(self) -> list[str]:
        return list(self.ignore)

    def main_context(self, used_paths: Sequence[str]) -> Output | None:
        return local("context", session_id="s", unique="", follow_paths=used_paths).output

    def source_time(self, source: Output | None, log_name: str) -> Moment | None:
        self.timed.append((source, log_name))
        return self.time


class Conversion:
    """One Dockerfile lowered: with what `DictResolver` knows, the options of a client, and its findings."""

    def __init__(
        self,
        text: str,
        *,
        resolver: DictResolver | None = None,
        platform: Platform | None = None,
        workers: Sequence[Platform] = (LINUX,),
        caps: Capabilities = CAPS,
        all_stages: bool = False,
        **given: Any,
    ) -> None:
        dockerfile = parse_dockerfile(SourceFile("Dockerfile", text.encode()))
        assert dockerfile.errors == []
        asked = BuildRequest(options(given), workers=workers)
        self.findings: list[Diagnostic] = []
        self.resolver = resolver or DictResolver()
        linter = Linter(parse_check_config(""), self.findings.append)
        self.request = Request(
            dockerfile,
            parse_options(asked, caps),
            self.resolver,
            self.resolver,
            caps,
            linter,
            platform,
            workers,
            all_stages=all_stages,
        )

    def lower(self) -> Lowered:
        return lower_target(self.request)


def lower(text: str, **given: Any) -> Lowered:
    """Lower a Dockerfile; see `Conversion` for what can be given."""
    return Conversion(text, **given).lower()


#: The first and the last line of a span.
Lines = tuple[int, int]


def lines(span: Span) -> Lines:
    """The lines of a span, for comparisons: no two files are equal."""
    return span.start, span.end


def complaint(text: str, **given: Any) -> tuple[str, list[Lines], Lines | None]:
    """The error of a Dockerfile that cannot be lowered: message, places, and the place that is only shown."""
    try:
        lower(text, **given)
    except DockerfileError as error:
        return error.message, list(map(lines, error.spans)), error.fallback and lines(error.fallback)
    raise AssertionError("no error")


def config(lowered: Lowered) -> dict[str, Any]:
    """The part ``config`` of the image."""
    return dict(json.loads(write_image(lowered.image))["config"])


def history(lowered: Lowered) -> list[str]:
    return [entry.created_by for entry in lowered.image.history()]


def an_input(identifier: str) -> dict[str, Any]:
    """An input of the frontend that is one source, as the parity cases write it."""
    definition = marshal(Output(Source(identifier, {}, caps=())), caps=None)
    encoded = graph.defs(definition)
    return {
        "def": [base64.b64encode(data).decode() for data in encoded],
        "metadata": {graph.digest_of(data): {} for data in encoded},
    }


class FakeBridge(World):
    """The daemon of a parity case, which may also refuse calls and list directories.

    ``fail`` has the error of a call by its name, or by its name and the file, image or source asked for
    (``read_file:Dockerfile``); a solve has the name of its frontend, or ``evaluated`` where it waits for
    the files.  ``directories`` has the entries of each directory; ``calls`` are all calls in their order.
    """

    def __init__(
        self,
        dockerfile: str = "FROM scratch\n",
        *,
        fail: Mapping[str, BridgeError | DockerfileError] = NOTHING,
        directories: Mapping[str, list[DirEntry]] = NOTHING,
        **given: Any,
    ) -> None:
        super().__init__(Case("", "", "", {"dockerfile": dockerfile} | given, {}))
        self.fail = fail
        self.directories = directories
        self.calls: list[str] = []

    def request(self, **more: str) -> BuildRequest:
        """The request that a client with the options of the case makes; nothing is forwarded."""
        given = {"cmdline": "fake", **options(self.input), **more}
        return BuildRequest(given, "session", self.workers, unique="unique")

    def solve(self, request: SolveRequest) -> Result:
        self._called("solve", request.frontend or ("evaluated" if request.evaluate else ""))
        return super().solve(request)

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        self._called("read_file", path)
        return super().read_file(ref, path, offset=offset, length=length)

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:  # noqa: ARG002 - one tree for all
        self._called("read_dir", path)
        return self.directories.get(path, [])

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        self._called("resolve_image", query.name)
        return super().resolve_image(query)

    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        self._called("resolve_source", query.source.identifier)
        return super().resolve_source(query)

    def inputs(self) -> dict[str, pb.Definition]:
        self._called("inputs", "")
        return super().inputs()

    def warn(self, request: WarnRequest) -> None:
        self._called("warn", request.diagnostic.short)
        super().warn(request)

    def _called(self, name: str, what: str) -> None:
        with self._lock:
            self.calls.append(f"{name}:{what}" if what else name)
        for key in (f"{name}:{what}", name):
            if key in self.fail:
                error = self.fail[key]
                raise error if isinstance(error, DockerfileError) else error.again()


def help_of(dockerfile: str, **options: str) -> list[str]:
    """The help in the error of a build of ``dockerfile`` with the first line that it shows."""
    bridge = FakeBridge(dockerfile)
    try:
        serve(bridge, bridge.request(**options))
    except DockerfileError as raised:
        error = raised
    else:
        return []
    assert to_status(error).message == error.helped
    line = f" (line {error.places[0].start})" if error.places else ""
    return [error.help + line] if error.help else []
