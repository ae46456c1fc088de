"""Foreign graphs: the inputs of a build, and results of other frontends, as our vertices."""

from __future__ import annotations

from hashlib import sha256

from pyfrontend.errors import DockerfileError
from pyfrontend.llb.ops import Encoded, Output, Vertex, add_description
from pyfrontend.pb import ops_pb2 as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Imported(Vertex):
    """An op of a foreign definition: its bytes, metadata and locations stay as they came.

    There is one vertex for each output of an op that is used, as the reference has it.
    """

    __slots__ = ("digest", "graph")

    def __init__(self, graph: Graph, digest: str) -> None:
        """Stand for the op ``digest`` of ``graph``."""
        super().__init__()
        self.graph = graph
        self.digest = digest

    def inputs(self) -> Sequence[Output]:
        """Return the ends of the op's inputs within the same graph."""
        op = self.graph.ops.get(self.digest)
        return [self.graph.output(end.digest, end.index) for end in op.inputs] if op is not None else ()

    def keep(self) -> Encoded:
        """Return the op as it came; raises DockerfileError for one that its definition does not hold."""
        graph, digest = self.graph, self.digest
        for what, found in (("op", graph.data), ("metas", graph.metadata)):
            if digest not in found:
                raise DockerfileError(
                    f'invalid definition op with unknown {what} "{digest}"', code="InvalidDefinition"
                )
        return Encoded(graph.data[digest], digest, tuple(graph.metadata[digest].caps))

    def annotate(self, metadata: pb.OpMetadata) -> None:
        """Add the foreign metadata of the op to ``metadata``."""
        own = self.graph.metadata[self.digest]
        if own.ignore_cache:
            metadata.ignore_cache = True
        add_description(metadata, own.description)
        if own.HasField("export_cache"):
            metadata.export_cache.CopyFrom(own.export_cache)
        if own.HasField("progress_group"):
            metadata.progress_group.CopyFrom(own.progress_group)
        if own.HasField("linux_resources"):
            metadata.linux_resources.CopyFrom(own.linux_resources)


class Graph:
    """A foreign definition, taken apart by digest."""

    __slots__ = ("_outputs", "data", "definition", "head", "infos", "locations", "metadata", "ops")

    def __init__(self, definition: pb.Definition) -> None:
        """Take ``definition`` apart; raises DockerfileError for one that is damaged.

        One without metadata is nil in the reference, which the wire cannot tell from an empty one.
        """
        if not definition.metadata:
            raise DockerfileError("invalid nil input definition to definition op", code="InvalidDefinition")
        self._outputs: dict[tuple[str, int], Output] = {}
        self.data: dict[str, bytes] = {}
        self.ops: dict[str, pb.Op] = {}
        for data in getattr(definition, "def"):
            digest = "sha256:" + sha256(data).hexdigest()
            self.data[digest] = data
            self.ops[digest] = _parse(data)
        self.metadata: dict[str, pb.OpMetadata] = dict(definition.metadata)
        self.infos: Sequence[pb.SourceInfo] = definition.Source.infos
        for info in self.infos:
            if info.HasField("definition"):
                Graph(info.definition)
        self.locations: dict[str, Sequence[pb.Location]] = {}
        for digest, found in definition.Source.locations.items():
            self.locations[digest] = found.locations
            for location in found.locations:
                if not 0 <= location.sourceIndex < len(self.infos):
                    raise DockerfileError(
                        f"failed to find source map with index {location.sourceIndex}",
                        code="InvalidDefinition",
                    )
        self.definition = definition
        self.head = self._head()

    def _head(self) -> Output | None:
        """Return what the last op points to; None where that is the empty filesystem."""
        if not self.data:
            return None
        last = next(reversed(self.ops.values()))
        if not last.inputs:
            raise DockerfileError("invalid definition: its last op has no input", code="InvalidDefinition")
        end = last.inputs[0]
        return self.output(end.digest, end.index) if end.digest else None

    def output(self, digest: str, index: int) -> Output:
        """Return the vertex of one output of the op ``digest``, always the same one."""
        end = (digest, index)
        if end not in self._outputs:
            self._outputs[end] = Output(Imported(self, digest), index)
        return self._outputs[end]


def imported(definition: pb.Definition) -> Output | None:
    """Return the output that the last op of ``definition`` points to; None for the empty filesystem.

    Raises DockerfileError for a definition that is damaged or empty.
    """
    return Graph(definition).head


def _parse(data: bytes) -> pb.Op:
    from google.protobuf.message import DecodeError

    try:
        return pb.Op.FromString(data)
    except DecodeError as error:
        raise DockerfileError(f"failed to parse llb proto op: {error}", code="InvalidDefinition") from None
