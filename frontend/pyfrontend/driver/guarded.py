"""What a build asks its daemon and its ports, by way of a `Guard`: the same protocols, with its decisions."""

from __future__ import annotations

from pyfrontend.driver.guard import open_guard
from pyfrontend.errors import SOURCE_DENIED, DockerfileError
from pyfrontend.gateway.lookups import DaemonImages, DaemonSources
from pyfrontend.lookups import CONVERT, SourceRule
from pyfrontend.oci.platforms import Platform
from pyfrontend.policies.values import GRAPH, NamedPolicy
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyfrontend.driver.guard import Guard
    from pyfrontend.driver.options.build_options import BuildOptions
    from pyfrontend.driver.options.request import Request
    from pyfrontend.gateway.container import Container
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.requests import SolveRequest, WarnRequest
    from pyfrontend.gateway.results import DirEntry, Ref, Result
    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.lookups import ImageMeta, ImageQuery, SourceMeta, SourceQuery
    from pyfrontend.lower.ports import Images, Sources
    from pyfrontend.pb import ops_pb2

SOURCE_POLICY = "source.policy"
NESTED = (
    "a graph that was handed over builds another one out of a file, which is denied: no policy can be asked"
    " about its sources before it runs"
)


class Guarded(NamedTuple):
    """What a session has where there are policies."""

    guard: Guard
    bridge: BridgeProtocol
    options: BuildOptions
    images: Images
    sources: Sources


def guarded(bridge: BridgeProtocol, request: Request, options: BuildOptions) -> Guarded:
    """Return what the session of ``request`` has in place of ``bridge`` and ``options``.

    Raises `DockerfileError` for a variable that cannot be read, and for a main context that is denied.
    """
    declared = request.plugins.policies if request.plugins is not None else ()
    named = [NamedPolicy(one.name, one.plugin, one.function) for one in declared]
    guard = open_guard(request.policies, named, options.request_id)
    options = options._replace(contexts=guard.main_context(options.contexts))
    watched = GuardedBridge(bridge, guard)
    images = GuardedImages(DaemonImages(watched), guard)
    return Guarded(guard, watched, options, images, GuardedSources(DaemonSources(watched), guard))


class GuardedBridge:
    """A daemon that is told of the policies, and builds no graph with a source that they do not let in."""

    def __init__(self, inner: BridgeProtocol, guard: Guard) -> None:
        """Pass calls on to ``inner``."""
        self._inner = inner
        self._guard = guard

    @property
    def api_caps(self) -> Capabilities:
        """What the gateway can do."""
        return self._inner.api_caps

    @property
    def llb_caps(self) -> Capabilities:
        """What a definition may ask for."""
        return self._inner.llb_caps

    def solve(self, request: SolveRequest) -> Result:
        """Have a definition solved; raises `DockerfileError` for a source in it that is denied."""
        if request.definition is None:
            return self._inner.solve(request)
        policies = self._guard.settings.for_graphs
        rules = tuple(self._conversions(request.definition))
        # First, for a conversion ends the look at the rules, which begins anew with what it has made.
        return self._inner.solve(request._replace(policies=((rules,) if rules else ()) + policies))

    def _conversions(self, definition: ops_pb2.Definition) -> Iterator[SourceRule]:
        """Yield a rule for each source that others have put into the graph, and that policies rewrite."""
        from pyfrontend.llb.locations import ops_by_digest, spans_of

        for digest, op in ops_by_digest(definition).items():
            if op.HasField("build"):
                raise DockerfileError(NESTED, *spans_of(definition, digest), code=SOURCE_DENIED, written="")
            if not op.HasField("source"):
                continue
            source, attrs = op.source, dict(op.source.attrs)
            try:
                made = self._guard.op(source.identifier, attrs, _platform(op), GRAPH)
                if made is not None:
                    yield self._conversion(source.identifier, *made)
            except DockerfileError as error:
                raise error.at(*spans_of(definition, digest)) from error

    def _conversion(self, identifier: str, made: str, attrs: Mapping[str, str]) -> SourceRule:
        """Return the rule for one; raises `DockerfileError` for a daemon that would not heed it."""
        if not self.llb_caps.supports(SOURCE_POLICY):
            raise DockerfileError(
                f"{identifier} is part of a graph that was handed over, and this engine cannot put {made}"
                " in its place: that takes BuildKit 0.11 (Docker Engine 24.0) or newer",
                code="OldEngine",
                feature="a source policy",
            )
        return SourceRule(CONVERT, identifier, True, made, tuple(attrs.items()))

    def read_file(self, ref: Ref, path: str, *, offset: int = 0, length: int = 0) -> bytes:
        """Return a file of a result, or a part of it."""
        return self._inner.read_file(ref, path, offset=offset, length=length)

    def read_dir(self, ref: Ref, path: str) -> list[DirEntry]:
        """Return what is in a directory of a result."""
        return self._inner.read_dir(ref, path)

    def container(self, root: str, platform: ops_pb2.Platform | None) -> Container:
        """Return a container on a result, for a ``with`` block."""
        return self._inner.container(root, platform)

    def resolve_image(self, query: ImageQuery) -> ImageMeta:
        """Look up an image."""
        return self._inner.resolve_image(query._replace(policies=self._guard.settings.for_lookups))

    def resolve_source(self, query: SourceQuery) -> SourceMeta:
        """Ask what is known of a source."""
        return self._inner.resolve_source(query._replace(policies=self._guard.settings.for_lookups))

    def inputs(self) -> dict[str, ops_pb2.Definition]:
        """Return the graphs that the caller of the build handed over."""
        return self._inner.inputs()

    def warn(self, request: WarnRequest) -> None:
        """Show a warning to the user."""
        self._inner.warn(request)


class GuardedImages(NamedTuple):
    """The port `Images` for images that are let in."""

    inner: Images
    guard: Guard

    def resolve(self, query: ImageQuery) -> ImageMeta:
        """Look up an image, or what policies put in its place."""
        name = self.guard.looked_up(query.name, query.platform, query.store)
        log_name = query.log_name.replace(query.name, name)
        meta = self.inner.resolve(query._replace(name=name, log_name=log_name))
        if not query.store:
            self.guard.answered(name, meta, query.platform)
        return meta


class GuardedSources(NamedTuple):
    """The port `Sources` for sources that are let in."""

    inner: Sources
    guard: Guard

    def resolve(self, query: SourceQuery) -> SourceMeta:
        """Look up a source, or what policies put in its place."""
        source = query.source
        made = self.guard.op(source.identifier, dict(source.attrs), query.platform, self.guard.asking)
        if made is not None:
            changed = type(source)(identifier=made[0], attrs=made[1])
            query = query._replace(source=changed, log_name=f"{query.log_name} (from {made[0]})")
        return self.inner.resolve(query)


def _platform(op: ops_pb2.Op) -> Platform | None:
    """Return the platform of an op, None where it is bound to none."""
    if not op.HasField("platform"):
        return None
    found = op.platform
    return Platform(found.OS, found.Architecture, found.Variant, found.OSVersion, tuple(found.OSFeatures))
