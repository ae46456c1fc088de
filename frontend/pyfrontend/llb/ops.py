"""Vertices of the LLB graph: what all ops share, and the simple ops; exec and file have their own modules.

In: outputs of other ops (`Output`) and plain values.  Out: the encoded op (`Encoded`).
"""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strings import scrub
from pyfrontend.llb import caps
from pyfrontend.oci.platforms import default
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span

#: The description under which a client shows an op (LLB-027).
CUSTOM_NAME = "llb.customname"
#: The instruction that an op was made for, in its description.
COMMAND = "com.docker.dockerfile.v1.command"


class Output(NamedTuple):
    """One result of an op: the end of an edge.  The missing output, None, is the empty filesystem."""

    vertex: Vertex
    index: int = 0  # type: ignore[assignment] # hides tuple.index, which nobody calls


class ProgressGroup(NamedTuple):
    """Ops that a client shows as one; a ``weak`` member alone does not make the group appear (LLB-028)."""

    id: str
    name: str
    weak: bool = False


class Ulimit(NamedTuple):
    """A limit of a process."""

    name: str
    soft: int
    hard: int


class LinuxResources(NamedTuple):
    """Limits for the processes of an op, in the order of `pb.LinuxResources`; zero and empty are unset."""

    memory: int = 0
    memory_swap: int = 0
    cpu_shares: int = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpuset_cpus: str = ""
    cpuset_mems: str = ""


class OpMeta(NamedTuple):
    """Op metadata, which is not part of its digest (LLB-029).

    Every entry of ``spans`` is one location group, `SourceFile.nowhere` an empty one.
    """

    description: Mapping[str, str] = {}
    ignore_cache: bool = False
    progress_group: ProgressGroup | None = None
    spans: tuple[Span, ...] = ()
    resources: LinuxResources | None = None


#: Nothing to tell.
NO_META = OpMeta()


class Encoded(NamedTuple):
    """An op on the wire: its bytes, their digest, and the capabilities that it needs."""

    data: bytes
    digest: str
    caps: tuple[str, ...]


class Vertex:
    """An op; two are the same only if they are one object.

    ``encoded`` and ``encoded_for`` belong to `pyfrontend.llb.marshal`: they keep the op's bytes, since the
    graphs of several marshals overlap.
    """

    __slots__ = ("encoded", "encoded_for", "meta")

    def __init__(self, meta: OpMeta = NO_META) -> None:
        """Make an op with the metadata ``meta``."""
        self.meta = meta
        self.encoded: Encoded | None = None
        self.encoded_for: Settings | None = None

    def inputs(self) -> Sequence[Output]:
        """Return what the op needs, in the order in which the definition lists it."""
        return ()

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Return the op without its inputs, the platform it is bound to, and the capabilities it needs.

        The op names its inputs by the numbers that ``inputs`` gives them.
        Raises DockerfileError for an op that is not complete, UnicodeEncodeError for text not UTF-8.
        """
        raise NotImplementedError

    def annotate(self, metadata: pb.OpMetadata) -> None:
        """Add the op's metadata, capabilities aside, to the ``metadata`` of its digest."""
        meta = self.meta
        if meta.ignore_cache:
            metadata.ignore_cache = True
        if meta.description:
            add_description(metadata, meta.description)
        if meta.progress_group is not None:
            metadata.progress_group.CopyFrom(pb.ProgressGroup(**meta.progress_group._asdict()))
        if meta.resources is not None:
            metadata.linux_resources.CopyFrom(_resources_message(meta.resources))


class Settings(NamedTuple):
    """What ops are encoded for: the daemon's capabilities, and the platform of ops that name none."""

    caps: Capabilities | None
    platform: Platform | None

    def fill(self, platform: Platform | None) -> Platform:
        """Return ``platform``, or that of the marshal, or that of this process."""
        return platform or self.platform or default()


class Inputs:
    """The inputs of one op while it is encoded: numbered as they come, equal ones once (LLB-005)."""

    __slots__ = ("_digests", "_numbers", "ends", "settings")

    def __init__(self, digests: Mapping[Vertex, str], settings: Settings) -> None:
        """Begin without inputs; ``digests`` has those of all ops that may come."""
        self.settings = settings
        self.ends: list[tuple[str, int]] = []
        self._digests = digests
        self._numbers: dict[tuple[str, int], int] = {}

    def add(self, output: Output | None, *, again: bool = False) -> int:
        """Return the number of ``output``, -1 for the empty filesystem; ``again``: always a new number."""
        real = resolve(output)
        if real is None:
            return -1
        end = (self._digests[real.vertex], real.index)
        number = -1 if again else self._numbers.get(end, -1)
        if number < 0:
            self._numbers[end] = number = len(self.ends)
            self.ends.append(end)
        return number


class Source(Vertex):
    """Content from outside the graph: an image, a directory of the client, a repository, a file."""

    __slots__ = ("attrs", "caps", "identifier", "platform")

    def __init__(
        self,
        identifier: str,
        attrs: Mapping[str, str],
        *,
        caps: tuple[str, ...],
        platform: Platform | None = None,
        meta: OpMeta = NO_META,
    ) -> None:
        """Name the content by ``identifier`` and ``attrs`` (WIRE-7)."""
        super().__init__(meta)
        self.identifier = identifier
        self.attrs = attrs
        self.caps = caps
        self.platform = platform

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Encode as `Vertex.encode` says; only images are bound to a platform (LLB-003)."""
        if not self.identifier:
            raise DockerfileError("source identifier can't be empty", code="InvalidDefinition")
        op = pb.Op()
        op.source.identifier = self.identifier
        op.source.attrs.update(self.attrs)
        is_image = self.identifier.startswith(("docker-image://", "oci-layout://"))
        return op, inputs.settings.fill(self.platform) if is_image else None, self.caps

    def message(self) -> pb.SourceOp:
        """Return the source for a lookup; raises DockerfileError for one that is not UTF-8."""
        try:
            return pb.SourceOp(identifier=self.identifier, attrs=self.attrs)
        except UnicodeEncodeError:
            raise not_utf8() from None


class Merge(Vertex):
    """Filesystems laid over each other, the lowest first."""

    __slots__ = ("layers",)

    def __init__(self, layers: tuple[Output, ...], meta: OpMeta = NO_META) -> None:
        """Lay ``layers``, of which there are two at least, over each other."""
        super().__init__(meta)
        self.layers = layers

    def inputs(self) -> Sequence[Output]:
        """Return the layers."""
        return self.layers

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Encode as `Vertex.encode` says; equal layers are not joined (LLB-005)."""
        if len(self.layers) < 2:
            raise DockerfileError("merge must have at least 2 inputs", code="InvalidDefinition")
        op = pb.Op()
        for layer in self.layers:
            op.merge.inputs.add().input = inputs.add(layer, again=True)
        return op, None, (caps.MERGE,)


class Deferred(Vertex):
    """A stand-in for a filesystem that is known only after lowering, as the build context is.

    It is filled once, before the marshal, which looks through it and never encodes it: the bytes that
    vertices keep must not change any more.
    """

    __slots__ = ("_filled", "_output")

    def __init__(self) -> None:
        """Make a stand-in for what `fill` will bring."""
        super().__init__()
        self._output: Output | None = None
        self._filled = False

    def fill(self, output: Output | None) -> None:
        """Let ``output`` be the filesystem; raises ValueError the second time."""
        if self._filled:
            raise ValueError("a deferred output is filled once")
        self._output = output
        self._filled = True

    def get(self) -> Output | None:
        """Return the output that was filled in; raises ValueError before that."""
        if not self._filled:
            raise ValueError("a deferred output is marshalled before it is filled")
        return self._output


def resolve(output: Output | None) -> Output | None:
    """Return the output that ``output`` stands for: itself, unless its vertex is `Deferred`.

    Raises ValueError for a deferred output that is not filled yet.
    """
    while output is not None and isinstance(output.vertex, Deferred):
        output = output.vertex.get()
    return output


def add_description(metadata: pb.OpMetadata, description: Mapping[str, str]) -> None:
    """Add ``description`` to ``metadata``, bytes that are not UTF-8 as U+FFFD: it is for reading only."""
    try:
        metadata.description.update(description)
    except UnicodeEncodeError:
        for key, value in description.items():
            metadata.description[key] = scrub(value)


def not_utf8() -> DockerfileError:
    """Return the error for text with bytes that are not UTF-8, which no message can hold."""
    return DockerfileError("string field contains invalid UTF-8", code="NotUtf8")


def _resources_message(limits: LinuxResources) -> pb.LinuxResources:
    return pb.LinuxResources(
        memory=limits.memory,
        memorySwap=limits.memory_swap,
        cpuShares=limits.cpu_shares,
        cpuPeriod=limits.cpu_period,
        cpuQuota=limits.cpu_quota,
        cpusetCpus=limits.cpuset_cpus,
        cpusetMems=limits.cpuset_mems,
    )
