"""Graph in, `pb.Definition` out: ops in order with their metadata, and a source map.

The bytes of every op, and so its digest, equal those of the reference (WIRE-8).
"""

from __future__ import annotations

from hashlib import sha256

from pyfrontend import limits
from pyfrontend.errors import DockerfileError
from pyfrontend.llb import caps as names
from pyfrontend.llb.imported import Imported
from pyfrontend.llb.ops import Encoded, Inputs, Settings, Vertex, not_utf8, resolve
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.record import NamedTuple
from pyfrontend.span import NOWHERE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.llb.caps import Capabilities
    from pyfrontend.llb.ops import Output
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import SourceFile, Span


class Head(NamedTuple):
    """What a definition builds: an output of the op ``digest``; empty for the empty filesystem."""

    digest: str
    index: int  # type: ignore[assignment] # hides tuple.index, which nobody calls


def marshal(
    output: Output | None,
    *,
    caps: Capabilities | None,
    platform: Platform | None = None,
) -> pb.Definition:
    """Return the definition of ``output``, without ops for the empty filesystem (LLB-025).

    ``caps`` are those of the daemon; without them ops keep what an earlier marshal found, and the others
    ask for no more than they must.  ``platform`` is that of ops that name none.
    Raises DockerfileError for an op that is not complete or holds text that is not UTF-8.
    """
    wanted = resolve(output)
    definition = pb.Definition()
    if wanted is not None:
        writer = _Writer(definition, Settings(caps, platform))
        for vertex in _in_order(wanted.vertex):
            writer.add(vertex)
        writer.finish(wanted)
    return definition


def head(definition: pb.Definition) -> Head:
    """Return what ``definition`` builds."""
    data = getattr(definition, "def")
    ends = pb.Op.FromString(data[-1]).inputs if data else ()
    return Head(ends[0].digest, ends[0].index) if ends else Head("", 0)


def _in_order(last: Vertex) -> Iterator[Vertex]:
    """Yield ``last`` and all that it needs, inputs before users, each once; as deep as it may be."""
    seen = {last}
    path = [(last, iter(last.inputs()))]
    while path:
        vertex, rest = path[-1]
        for end in rest:
            real = resolve(end)
            if real is not None and real.vertex not in seen:
                seen.add(real.vertex)
                path.append((real.vertex, iter(real.vertex.inputs())))
                break
        else:
            path.pop()
            yield vertex


class _Writer:
    """A definition while it grows."""

    __slots__ = ("_ops", "caps", "definition", "digests", "listed", "settings", "size", "sources", "used")

    def __init__(self, definition: pb.Definition, settings: Settings) -> None:
        self.definition = definition
        self.settings = settings
        self.sources = _SourceMap(definition.Source)
        self.digests: dict[Vertex, str] = {}
        self.listed: set[str] = set()
        self.caps: dict[tuple[str, ...], bytes] = {}
        self.used: set[str] = set()
        #: Bytes of the ops so far and of their names, without the rest of the metadata.
        self.size = 0
        self._ops = getattr(definition, "def")

    def add(self, vertex: Vertex) -> None:
        """Add one op, the inputs of which are there already.

        Ops that are equal are listed once, with the metadata and the locations of all of them.
        """
        encoded = self._encoded(vertex)
        digest = self.digests[vertex] = encoded.digest
        if digest not in self.listed:
            self.listed.add(digest)
            self._ops.append(encoded.data)
            self.size += len(encoded.data)
        self.size += sum(map(len, vertex.meta.description.values()))
        if self.size > limits.MESSAGE_BYTES:
            raise _too_large(vertex)
        metadata = self.definition.metadata[digest]
        metadata.MergeFromString(self._cap_bytes(encoded.caps))
        vertex.annotate(metadata)
        self.sources.add(digest, vertex)

    def finish(self, wanted: Output) -> None:
        """Close with the op that names ``wanted`` (LLB-024)."""
        end = pb.Input(digest=self.digests[wanted.vertex], index=wanted.index)
        data = pb.Op(inputs=[end]).SerializeToString()
        self._ops.append(data)
        needs = [names.CONSTRAINTS, names.PLATFORM]
        every = self.definition.metadata.values()
        if any(metadata.ignore_cache for metadata in every):
            needs.append(names.META_IGNORE_CACHE)
        if any(metadata.description for metadata in every):
            needs.append(names.META_DESCRIPTION)
        if any(metadata.HasField("export_cache") for metadata in every):
            needs.append(names.META_EXPORT_CACHE)
        metadata = self.definition.metadata[_digest(data)]
        metadata.MergeFromString(self._cap_bytes(tuple(needs)))

    def _encoded(self, vertex: Vertex) -> Encoded:
        """Return the bytes of ``vertex``, made now unless an earlier marshal made them for this daemon."""
        found, settings = vertex.encoded, self.settings
        if found is not None and (settings.caps is None or vertex.encoded_for == settings):
            return found
        found = (
            vertex.keep() if isinstance(vertex, Imported) else _encode(vertex, Inputs(self.digests, settings))
        )
        vertex.encoded, vertex.encoded_for = found, settings
        return found

    def _cap_bytes(self, needs: tuple[str, ...]) -> bytes:
        """Return the encoded metadata that asks for ``needs``: few sets serve thousands of ops."""
        found = self.caps.get(needs)
        if found is None:
            message = pb.OpMetadata(caps=dict.fromkeys(needs, True))
            found = self.caps[needs] = message.SerializeToString()
        return found


class _SourceMap:
    """The locations of ops, and the files that they point into in the order of their first use (LLB-026)."""

    __slots__ = ("_files", "_indexes", "message")

    def __init__(self, message: pb.Source) -> None:
        self.message = message
        self._files: dict[SourceFile, int | None] = {NOWHERE.file: None}
        self._indexes: dict[tuple[str, str, bytes], int] = {}

    def add(self, digest: str, vertex: Vertex) -> None:
        """Add the locations of ``vertex``; an op without any gets an empty entry."""
        locations = self.message.locations[digest].locations
        if isinstance(vertex, Imported):
            infos = vertex.graph.infos
            for foreign in vertex.graph.locations.get(digest, ()):
                index = self._index(infos[foreign.sourceIndex])
                locations.add(sourceIndex=index, ranges=foreign.ranges)
        else:
            spans = vertex.meta.spans
            # Where the file of a line is named by a line of another file the daemon shows that line too.
            for span in (*spans, *dict.fromkeys(naming for own in spans for naming in own.chain())):
                number = self._file_index(span.file)
                if number is not None:
                    _add_lines(locations.add(sourceIndex=number), span)

    def _file_index(self, file: SourceFile) -> int | None:
        """Return the number of a file, None where it is none."""
        if file not in self._files:
            self._files[file] = self._index(_info_message(file))
        return self._files[file]

    def _index(self, info: pb.SourceInfo) -> int:
        key = (info.filename, info.language, info.data)
        if key not in self._indexes:
            self._indexes[key] = len(self._indexes)
            self.message.infos.append(info)
        return self._indexes[key]


def _add_lines(location: pb.Location, span: Span) -> None:
    """Add one range for each line of ``span``, as the reference does."""
    for line in span.lines:
        place = location.ranges.add()
        place.start.line = place.end.line = line


def _info_message(file: SourceFile) -> pb.SourceInfo:
    return pb.SourceInfo(
        filename=file.name, data=file.data, language=file.language, definition=file.definition
    )


def _encode(vertex: Vertex, inputs: Inputs) -> Encoded:
    """Encode in two parts, since Go writes the members of a oneof last and Python by number (LLB-001)."""
    try:
        kind, platform, needs = vertex.encode(inputs)
    except UnicodeEncodeError:
        failure = not_utf8()
        failure.fallback = next(iter(vertex.meta.spans), None)
        raise failure from None
    common = pb.Op()
    for digest, index in inputs.ends:
        common.inputs.add(digest=digest, index=index)
    if platform is not None:
        _fill_platform(common.platform, platform)
    common.constraints.SetInParent()
    data = common.SerializeToString() + kind.SerializeToString(deterministic=True)
    return Encoded(data, _digest(data), needs)


def _too_large(vertex: Vertex) -> DockerfileError:
    """Return the error for a graph that `vertex` makes larger than BuildKit takes."""
    size = f"{limits.MESSAGE_BYTES >> 20} MiB"
    error = DockerfileError(
        f"this step makes the build graph larger than {size}, the most that BuildKit takes from a frontend",
        code="GraphTooLarge",
    )
    error.fallback = next(iter(vertex.meta.spans), None)
    return error


def _fill_platform(message: pb.Platform, platform: Platform) -> None:
    message.SetInParent()
    message.Architecture = platform.architecture
    message.OS = platform.os
    message.Variant = platform.variant
    message.OSVersion = platform.os_version
    message.OSFeatures.extend(platform.os_features)


def _digest(data: bytes) -> str:
    return "sha256:" + sha256(data).hexdigest()
