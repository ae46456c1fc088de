"""The LLBBridge service as Python methods: our own values in and out; protobuf and gRPC stay inside."""

from __future__ import annotations

from _thread import allocate_lock

from pyfrontend.gateway import caps
from pyfrontend.gateway.errors import (
    MESSAGE_LIMIT,
    RESOURCE_EXHAUSTED,
    UNKNOWN,
    BridgeError,
    NotAnImage,
    go_metadata,
)
from pyfrontend.gateway.requests import add_policies
from pyfrontend.gateway.results import (
    DirEntry,
    Ref,
    Result,
    dir_entry,
    result_from_pb,
    result_to_pb,
    source_meta_from_pb,
)
from pyfrontend.llb.caps import DEFAULTS, SOURCE_GIT_SUBDIR
from pyfrontend.lookups import ImageMeta, ImageQuery, SourceMeta, SourceQuery
from pyfrontend.pb import gateway_pb2, ops_pb2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import ParamSpec, TypeVar

    from google.protobuf.message import Message

    from pyfrontend.gateway.container import Container
    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.gateway.streams import Stream
    from pyfrontend.gateway.transport import R, Transport
    from pyfrontend.oci.platforms import Platform

    P = ParamSpec("P")
    T = TypeVar("T")


SERVICE = "/moby.buildkit.v1.frontend.LLBBridge/"
#: Seconds within which a daemon must answer the first call (GW-007).
PING_TIMEOUT = 15.0
#: Warnings sent in parallel.
WARNINGS = 16
#: The level of all warnings; the client shows no others by default.
WARNING_LEVEL = 1
IMAGE_SCHEME, LAYOUT_SCHEME = "docker-image://", "oci-layout://"
REGISTRY, LAYOUT = 0, 1


def _refuse_other_than_utf8(call: Callable[P, T]) -> Callable[P, T]:
    """Let ``call`` raise BridgeError for text with bytes that are not UTF-8: no message can hold them."""

    def checked(*given: P.args, **named: P.kwargs) -> T:
        try:
            return call(*given, **named)
        except UnicodeEncodeError:
            raise BridgeError(UNKNOWN, "string field contains invalid UTF-8") from None

    return checked


class Bridge:
    """The daemon's side of one build; calls may come from any thread.

    ``passed_on`` are options that go along with every solve, ``product`` names the daemon in errors (GW-006).
    Every call raises BridgeError where the daemon fails or refuses it.
    """

    def __init__(self, transport: Transport, passed_on: Mapping[str, str], product: str) -> None:
        """Ask the daemon what it can do; raises BridgeError if it does not answer in time."""
        self._transport = transport
        self._passed_on = passed_on
        pong = self._call("Ping", gateway_pb2.PingRequest(), gateway_pb2.PongResponse, PING_TIMEOUT)
        self.api_caps = caps.read_caps(pong.FrontendAPICaps, caps.OLD_API, product)
        self.llb_caps = caps.read_caps(pong.LLBCaps, DEFAULTS, product)
        self.llb_caps.drops = caps.dropped(self.api_caps)
        self._images: dict[tuple[object, ...], _Lookup] = {}
        self._images_lock = allocate_lock()
        self._warnings: list[Callable[[], object]] = []
        self._warnings_lock = allocate_lock()
        # Only for daemons without the Return call: what was asked for each reference.
        self._requests: dict[str, gateway_pb2.SolveRequest] = {}

    def _call(self, name: str, request: Message, reply: type[R], timeout: float | None = None) -> R:
        return self._transport.unary(SERVICE + name, request, reply, timeout=timeout)

    @_refuse_other_than_utf8
    def solve(self, request: SolveRequest) -> Result:
        """Have the definition of ``request`` solved, or the request handed to its frontend.

        Raises DockerfileError, before anything is sent, for a definition that needs what the daemon does
        not have (GW-013, GW-014).
        """
        if request.definition is not None:
            self._check_caps(request.definition)
        message = self._solve_message(request)
        result = self._solve(message)
        if request.evaluate and not message.Evaluate:
            self._evaluate(result)
        return result

    def _solve_message(self, request: SolveRequest) -> gateway_pb2.SolveRequest:
        message = gateway_pb2.SolveRequest(
            Definition=request.definition,
            Frontend=request.frontend,
            FrontendOpt={**self._passed_on, **request.options},
            FrontendInputs=request.inputs,
            CacheImports=[gateway_pb2.CacheOptionsEntry(Type=t, Attrs=a) for t, a in request.cache_imports],
            allowResultReturn=True,
            allowResultArrayRef=True,
            Evaluate=request.evaluate and self.api_caps.supports(caps.EVALUATE),
        )
        if not self.api_caps.supports(caps.RETURN):
            message.ExporterAttr = b"{}"
        add_policies(message, request.policies)
        return message

    def _check_caps(self, definition: ops_pb2.Definition) -> None:
        needed = {name for metadata in definition.metadata.values() for name in metadata.caps}
        if not needed <= self.llb_caps.enabled or not self.llb_caps.supports(SOURCE_GIT_SUBDIR):
            from pyfrontend.gateway.unmet import check

            check(definition, self.llb_caps)

    def _solve(self, request: gateway_pb2.SolveRequest) -> Result:
        response = self._call("Solve", request, gateway_pb2.SolveResponse)
        if response.ref and not response.HasField("result"):
            self._requests[response.ref] = request
        return result_from_pb(response)

    def _evaluate(self, result: Result) -> None:
        """Force evaluation on daemons that lack the option: stat the root of each ref (GW-014)."""
        for ref in result.each_ref():
            caps.require(self.api_caps, caps.STAT_FILE)
            self._call(
                "StatFile", gateway_pb2.StatFileRequest(Ref=ref.id, Path="."), gateway_pb2.StatFileResponse
            )

    @_refuse_other_than_utf8
    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return the file ``path`` of ``ref``, or ``length`` bytes of it from ``offset`` on (GW-018)."""
        request = gateway_pb2.ReadFileRequest(Ref=ref.id, FilePath=path)
        if offset or length:
            request.Range.Offset, request.Range.Length = offset, length
        return self._call("ReadFile", request, gateway_pb2.ReadFileResponse).Data

    @_refuse_other_than_utf8
    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:
        """Return what is in the directory ``path`` of ``ref``."""
        request = gateway_pb2.ReadDirRequest(Ref=ref.id, DirPath=path)
        response = self._call("ReadDir", request, gateway_pb2.ReadDirResponse)
        return list(map(dir_entry, response.entries))

    def container(self, root: str, platform: ops_pb2.Platform | None) -> Container:
        """Return a container on the result ``root``, to be used in a ``with`` block.

        ``root`` is the id of a reference, or of a mount in the details of an error (WIRE-12).
        """
        from pyfrontend.gateway.container import Container, Gateway

        def stream(name: str, timeout: float) -> Stream:
            return self._transport.stream(SERVICE + name, timeout=timeout)

        return Container(Gateway(self._call, stream), root, platform)

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        """Look up an image, or one in an OCI layout of the client.

        Every question is asked once, errors included (GW-015, GW-016, GW-017).
        """
        with self._images_lock:
            lookup = self._images.setdefault(query, _Lookup())
        with lookup.lock:
            if lookup.answer is None:
                lookup.answer = self._look_up(query)
        if isinstance(lookup.answer, BridgeError):
            # A new exception for every caller: threads must not share a traceback.
            raise lookup.answer.again()
        return lookup.answer

    def _look_up(self, query: ImageQuery) -> ImageMeta | BridgeError:
        through_source = self.api_caps.supports(caps.META_RESOLVER)
        try:
            return self._ask_source(query) if through_source else self._ask_config(query)
        except BridgeError as error:
            return error

    def _ask_source(self, query: ImageQuery) -> ImageMeta:
        """Look up through ResolveSourceMeta.

        The reference as an image leaves the mode out there, so that its ``--pull`` takes what is here and old
        (GW-017).  The daemon asks for it, and its built-in frontend says it: so does this one.
        """
        source = ops_pb2.SourceOp(identifier=IMAGE_SCHEME + query.name)
        if query.store:
            attrs = {"oci.session": query.session, "oci.store": query.store}
            source = ops_pb2.SourceOp(identifier=LAYOUT_SCHEME + query.name, attrs=attrs)
        try:
            meta = self.resolve_source(SourceQuery(source, *query[1:4], policies=query.policies))
        except BridgeError as error:
            # The daemon's own words may not say which image they are about.
            raise error.wrapped(f"failed to resolve source metadata for {query.name}") from error
        if meta.image is None:
            raise NotAnImage(IMAGE_SCHEME + query.name, meta.identifier)
        return meta.image

    @_refuse_other_than_utf8
    def _ask_config(self, query: ImageQuery) -> ImageMeta:
        request = gateway_pb2.ResolveImageConfigRequest(
            Ref=query.name,
            Platform=_platform(query.platform),
            LogName=query.log_name,
            ResolveMode="" if query.store else query.resolve_mode,
            ResolverType=LAYOUT if query.store else REGISTRY,
            SessionID=query.session,
            StoreID=query.store,
        )
        add_policies(request, query.policies)
        response = self._call("ResolveImageConfig", request, gateway_pb2.ResolveImageConfigResponse)
        # Daemons from before source policies name no reference.
        return ImageMeta(response.Ref or query.name, response.Digest, response.Config)

    @_refuse_other_than_utf8
    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        """Ask what is known of a source.

        A daemon that is too old to know gives the source back as it is, image lookups excepted (GW-012).
        """
        if not self.api_caps.supports(caps.META_RESOLVER):
            return self._source_of_old(query)
        request = gateway_pb2.ResolveSourceMetaRequest(
            Source=query.source,
            Platform=_platform(query.platform),
            LogName=query.log_name,
            ResolveMode=query.resolve_mode,
        )
        if query.git_object:
            request.Git.ReturnObject = True
        add_policies(request, query.policies)
        return source_meta_from_pb(
            self._call("ResolveSourceMeta", request, gateway_pb2.ResolveSourceMetaResponse)
        )

    def _source_of_old(self, query: SourceQuery) -> SourceMeta:
        identifier, attrs = query.source.identifier, dict(query.source.attrs)
        for scheme in (IMAGE_SCHEME, LAYOUT_SCHEME):
            if identifier.startswith(scheme):
                session, store = attrs.get("oci.session", ""), attrs.get("oci.store", "")
                name = identifier.removeprefix(scheme)
                image = self._ask_config(
                    ImageQuery(name, query.platform, query.log_name, query.resolve_mode, session, store)
                )
                return SourceMeta(scheme + image.name, attrs, image, None, None)
        return SourceMeta(identifier, attrs, None, None, None)

    def inputs(self) -> dict[str, ops_pb2.Definition]:
        """Return the graphs that the caller of the build handed over; raises for a daemon without them."""
        caps.require(self.api_caps, caps.INPUTS)
        response = self._call("Inputs", gateway_pb2.InputsRequest(), gateway_pb2.InputsResponse)
        return dict(response.Definitions)

    def warn(self, request: WarnRequest) -> None:
        """Show a warning to the user; one that a daemon does not take is dropped (GW-020, ERR-016).

        Warnings are sent in the order of the calls, `WARNINGS` of them at a time.  The daemon's client shows
        them in the order in which the daemon got round to them, also where each waits for the one before.
        """
        from pyfrontend.display import one_line

        found, file = request.diagnostic, request.file
        message = gateway_pb2.WarnRequest(
            digest=request.digest,
            level=WARNING_LEVEL,
            short=_bytes(found.short),
            detail=[_bytes(found.description)] if found.description else [],
            url=found.url,
            ranges=[_line(line) for span in found.spans for line in span.lines],
        )
        if file is not None:
            message.info.filename, message.info.data = one_line(file.name), file.data
            message.info.language = file.language
            if file.definition is not None:
                message.info.definition.CopyFrom(file.definition)
        with self._warnings_lock:
            if len(self._warnings) == WARNINGS:
                self._settle_warning()
            wait = self._transport.start(SERVICE + "Warn", message, gateway_pb2.WarnResponse)
            self._warnings.append(wait)

    def settle_warnings(self) -> None:
        """Wait until the daemon has taken all warnings."""
        with self._warnings_lock:
            while self._warnings:
                self._settle_warning()

    def _settle_warning(self) -> None:
        """Wait until the daemon has taken the oldest warning that is under way."""
        try:
            self._warnings.pop(0)()
        except BridgeError:
            return

    @_refuse_other_than_utf8
    def prepare(self, result: Result) -> gateway_pb2.ReturnRequest | gateway_pb2.SolveRequest:
        """Return the message that ends the build with ``result``, for `finish` (GW-012).

        Raises DockerfileError for more filesystems than the daemon takes, BridgeError for too large a result.
        """
        if len(result.refs) > 1:
            caps.require(self.api_caps, caps.RETURN_MAP)
        if not self.api_caps.supports(caps.RETURN):
            return self._final_solve(result)
        message = result_to_pb(result, ref_messages=self.api_caps.supports(caps.REF_ARRAY))
        request = gateway_pb2.ReturnRequest(result=message)
        if request.ByteSize() > MESSAGE_LIMIT:
            raise BridgeError(
                RESOURCE_EXHAUSTED, f"the result is too large to be returned: {request.ByteSize()} bytes"
            )
        return request

    @property
    def takes_errors(self) -> bool:
        """Whether the daemon can be sent an error; one that cannot only sees the process fail."""
        return self.api_caps.supports(caps.RETURN)

    @property
    def shows_lines(self) -> bool:
        """Whether the daemon passes on warnings and the lines of errors; Docker Engine 20.10 does neither."""
        return self.api_caps.supports(caps.WARNINGS)

    def prepare_error(self, status: gateway_pb2.Status) -> gateway_pb2.ReturnRequest:
        """Return the message that ends the build with an error, for `finish`."""
        return gateway_pb2.ReturnRequest(error=status)

    def finish(self, last: gateway_pb2.ReturnRequest | gateway_pb2.SolveRequest) -> None:
        """End the build; called once (GW-011).

        Daemons without the Return call get a last solve, or see the process fail.
        """
        self.settle_warnings()
        if isinstance(last, gateway_pb2.SolveRequest):
            self._call("Solve", last, gateway_pb2.SolveResponse)
        elif self.api_caps.supports(caps.RETURN):
            self._call("Return", last, gateway_pb2.ReturnResponse)

    def _final_solve(self, result: Result) -> gateway_pb2.SolveRequest:
        """Return the final request for the solve that made the result, with the metadata."""
        last = gateway_pb2.SolveRequest(Definition=ops_pb2.Definition())
        if result.ref is not None:
            if result.ref.id not in self._requests:
                message = f"did not find request for return reference {result.ref.id}"
                raise BridgeError(UNKNOWN, f"failed to find return ref: {message}")
            last.CopyFrom(self._requests[result.ref.id])
        last.Final = True
        last.ExporterAttr = go_metadata(result.metadata)
        return last


class _Lookup:
    """One question for an image; who holds the lock asks it, the others find the answer."""

    __slots__ = ("answer", "lock")

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.answer: ImageMeta | BridgeError | None = None


def _platform(platform: Platform | None) -> ops_pb2.Platform | None:
    if platform is None:
        return None
    return ops_pb2.Platform(
        OS=platform.os,
        Architecture=platform.architecture,
        Variant=platform.variant,
        OSVersion=platform.os_version,
        OSFeatures=platform.os_features,
    )


def _line(line: int) -> ops_pb2.Range:
    """Return the range of one line: the reference gives every line its own."""
    return ops_pb2.Range(start=ops_pb2.Position(line=line), end=ops_pb2.Position(line=line))


def _bytes(text: str) -> bytes:
    """Return ``text`` as it was read, bytes that are no UTF-8 included."""
    return text.encode("utf-8", "surrogateescape")
