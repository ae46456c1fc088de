"""The time of a git or http source: commit time, Last-Modified, or the newest file in an archive."""

from __future__ import annotations

from pyfrontend.driver.contexts.archives import is_zstd, newest_file
from pyfrontend.driver.contexts.base import solved
from pyfrontend.driver.contexts.remote import SNIFFED
from pyfrontend.errors import DockerfileError
from pyfrontend.golang.strconv import atoi, parse_int
from pyfrontend.llb.fileop import copy
from pyfrontend.llb.imported import Imported
from pyfrontend.llb.ops import Deferred, Output, Source, Vertex
from pyfrontend.llb.state import State
from pyfrontend.lookups import SourceQuery
from pyfrontend.oci.timestamp import NANOSECONDS, Moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Ref
    from pyfrontend.lookups import GitMeta
    from pyfrontend.lower.ports import Sources
    from pyfrontend.pb.ops_pb2 import SourceOp

#: Folders of an archive that are looked at for its newest file.
MOST_FOLDERS = 10_000


def source_time(
    bridge: BridgeProtocol, sources: Sources, output: Output | None, log_name: str
) -> Moment | None:
    """Return the time behind ``output``, or None if it has none (SDE-004)."""
    source = _only_source(output)
    if source is None or source.identifier.startswith("local://"):
        return None
    is_git = source.identifier.startswith("git://")
    meta = sources.resolve(SourceQuery(source, log_name=log_name, git_object=is_git))
    if meta.git is not None and meta.git.commit_object:
        return commit_time(meta.git)
    if meta.http is not None and meta.http.last_modified is not None:
        return Moment(meta.http.last_modified)
    filename = source.attrs.get("http.filename", "")
    return None if is_git or not filename else _time_of_archive(bridge, source, filename)


def _time_of_archive(bridge: BridgeProtocol, source: SourceOp, filename: str) -> Moment | None:
    """Return the time of the newest regular file in the download ``source``; None if it is not an archive."""
    bare = Source(source.identifier, dict(source.attrs), caps=())
    ref = solved(bridge, Output(bare))
    if ref is None:
        return None
    if is_zstd(bridge.read_file(ref, filename, length=SNIFFED)):
        # Python has no decoder, but the daemon has, and shows what it has unpacked.
        unpacked = State().file((copy(Output(bare), f"/{filename}", "/", unpack=True),))
        return _newest_below(bridge, solved(bridge, unpacked.output))
    return newest_file(bridge.read_file(ref, filename))


def _newest_below(bridge: BridgeProtocol, ref: Ref | None) -> Moment | None:
    """Return the time of the newest regular file in the tree ``ref``."""
    times: list[int] = []
    folders = [""] if ref is not None else []
    for number, folder in enumerate(folders):
        if number == MOST_FOLDERS:
            raise DockerfileError(
                f"no time for SOURCE_DATE_EPOCH: the archive has more than {number} folders",
                code="TooManyFolders",
            )
        entries = bridge.read_dir(ref, folder or "/") if ref else []
        folders += [f"{folder}/{entry.name}" for entry in entries if entry.is_dir]
        times += [entry.changed for entry in entries if entry.is_file]
    return Moment(*divmod(max(times), NANOSECONDS)) if times else None


def commit_time(git: GitMeta) -> Moment | None:
    """Return the committer's time of a raw commit object, in their zone; None if there is no time.

    Raises `DockerfileError` if it is not a commit.
    """
    head = git.commit_object.split(b"\n\n", 1)[0]
    if head.startswith(b"object "):
        raise DockerfileError("not a commit object", code="InvalidCommit")
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b" ")
        headers.setdefault(name, value)
    for needed in ("tree", "author", "committer"):
        if needed.encode() not in headers:
            raise DockerfileError(f"invalid commit object: missing {needed} header", code="InvalidCommit")
    return _actor_time(headers[b"committer"].decode(errors="replace"))


def _actor_time(actor: str) -> Moment | None:
    """Actor = NAME "<" EMAIL ">" SECONDS ZONE."""
    front, bracket, rest = actor.rpartition(">")
    seconds, zone, *_ = [*rest.split(), "", ""]
    if not bracket or "<" not in front or len(zone) != 5 or zone[0] not in "+-":
        return None
    offset = 3600 * _number(zone[1:3]) + 60 * _number(zone[3:])
    try:
        return Moment(parse_int(seconds), offset=-offset if zone[0] == "-" else offset)
    except ValueError:
        return None


def _number(text: str) -> int:
    """Return the number in a part of a zone; in the reference, what is none is 0."""
    try:
        return atoi(text)
    except ValueError:
        return 0


def _only_source(output: Output | None) -> SourceOp | None:
    """Return the source op of a graph that has exactly one; the graph may be an input from elsewhere."""
    sources: dict[bytes, SourceOp] = {}
    waiting: list[Vertex] = [output.vertex] if output else []
    seen: set[Vertex] = set()
    while waiting:
        vertex = waiting.pop()
        if isinstance(vertex, Deferred):
            return None  # a directory of the client, which has no time
        source = _source_of(vertex)
        if source is not None:
            sources[source.SerializeToString(deterministic=True)] = source
        elif vertex not in seen:
            seen.add(vertex)
            waiting += [end.vertex for end in vertex.inputs()]
    return next(iter(sources.values())) if len(sources) == 1 else None


def _source_of(vertex: Vertex) -> SourceOp | None:
    if isinstance(vertex, Source):
        return vertex.message()
    if isinstance(vertex, Imported):
        op = vertex.graph.ops.get(vertex.digest)
        return op.source if op is not None and op.HasField("source") else None
    return None
