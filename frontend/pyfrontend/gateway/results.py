"""Values of the gateway: results of solves and metadata of sources, and their protobuf messages."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.lookups import GitMeta, HTTPMeta, ImageMeta, SourceMeta
from pyfrontend.pb import gateway_pb2
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyfrontend.pb import ops_pb2

#: The kind of an attestation that is a bundle of several (WIRE-5).
BUNDLE = 1
#: The bit that says directory in a file mode as Go writes it, and all bits that say what it is; none: a file.
GO_MODE_DIR, GO_MODE_LINK = 1 << 31, 1 << 27
GO_MODE_TYPE = GO_MODE_DIR | GO_MODE_LINK | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19


class Ref(NamedTuple):
    """Handle of a filesystem that the daemon holds; ``definition`` is its graph, if the daemon sent it."""

    id: str
    definition: ops_pb2.Definition | None = None


class Subject(NamedTuple):
    """What an in-toto statement is about."""

    kind: int
    name: str = ""
    digests: tuple[str, ...] = ()


class Attestation(NamedTuple):
    """A document that goes with the result of one platform (ATT-016, WIRE-11)."""

    kind: int
    ref: Ref | None
    predicate_type: str
    metadata: Mapping[str, bytes]
    path: str = ""
    subjects: tuple[Subject, ...] = ()


class Result:
    """What a solve gave, or what a build returns.

    ``refs`` maps platform ids to filesystems; where it is empty the result is the single ``ref``.
    None stands for an empty filesystem.  ``attestations`` are by platform id.
    """

    __slots__ = ("attestations", "metadata", "ref", "refs")

    def __init__(
        self,
        ref: Ref | None = None,
        refs: dict[str, Ref | None] | None = None,
        metadata: dict[str, bytes] | None = None,
        attestations: dict[str, list[Attestation]] | None = None,
    ) -> None:
        """Hold what is given, the rest empty."""
        self.ref = ref
        self.refs = refs if refs is not None else {}
        self.metadata = metadata if metadata is not None else {}
        self.attestations = attestations if attestations is not None else {}

    def single_ref(self) -> Ref | None:
        """Return the reference of a single result; raises DockerfileError for one with several platforms."""
        if self.refs and self.ref is None:
            raise DockerfileError("invalid map result", code="InvalidResult")
        return self.ref

    def each_ref(self) -> Iterator[Ref]:
        """Yield every reference in it, those of attestations included, empty ones left out."""
        refs = [self.ref, *self.refs.values()]
        refs += [attestation.ref for several in self.attestations.values() for attestation in several]
        return (ref for ref in refs if ref is not None)


class DirEntry(NamedTuple):
    """A file or directory in a directory of a result; ``changed`` is its time in nanoseconds since 1970.

    ``size`` counts bytes, and ``link`` is where a symbolic link leads, empty for all else.
    """

    name: str
    is_dir: bool
    is_file: bool = False
    changed: int = 0
    size: int = 0
    link: str = ""


def dir_entry(message: gateway_pb2.Stat) -> DirEntry:
    """Return what the daemon says of a file, under its name as the daemon sends it."""
    mode = message.mode
    return DirEntry(
        message.path,
        bool(mode & GO_MODE_DIR),
        not mode & GO_MODE_TYPE,
        message.modTime,
        message.size,
        message.linkname if mode & GO_MODE_LINK else "",
    )


def result_to_pb(result: Result, *, ref_messages: bool) -> gateway_pb2.Result:
    """Return ``result`` for the wire; without ``ref_messages`` in the old format (GW-012)."""
    message = gateway_pb2.Result(metadata=result.metadata)
    if result.refs:
        if ref_messages:
            for platform, ref in result.refs.items():
                message.refs.refs[platform].CopyFrom(_ref_to_pb(ref))
        else:
            message.refsDeprecated.refs.update({k: ref.id if ref else "" for k, ref in result.refs.items()})
    elif ref_messages:
        message.ref.CopyFrom(_ref_to_pb(result.ref))
        message.ref.SetInParent()
    else:
        message.refDeprecated = result.ref.id if result.ref else ""
    for platform, attestations in result.attestations.items():
        of_platform = message.attestations[platform].attestation
        of_platform.extend([_attestation_to_pb(attestation) for attestation in attestations])
    return message


def result_from_pb(response: gateway_pb2.SolveResponse) -> Result:
    """Return the values in the answer of a solve, whichever format it has (GW-012)."""
    if not response.HasField("result"):
        return Result(Ref(response.ref) if response.ref else None)
    message = response.result
    result = _refs_from_pb(message)
    result.metadata = dict(message.metadata)
    for platform, attestations in message.attestations.items():
        result.attestations[platform] = [_attestation_from_pb(one) for one in attestations.attestation]
    return result


def _refs_from_pb(message: gateway_pb2.Result) -> Result:
    match message.WhichOneof("result"):
        case "ref":
            return Result(_ref_from_pb(message.ref))
        case "refs":
            return Result(refs={k: _ref_from_pb(ref) for k, ref in message.refs.refs.items()})
        case "refDeprecated":
            return Result(_ref_of(message.refDeprecated))
        case "refsDeprecated":
            return Result(refs={k: _ref_of(id_) for k, id_ in message.refsDeprecated.refs.items()})
        case _:
            return Result()


def _ref_to_pb(ref: Ref | None) -> gateway_pb2.Ref:
    message = gateway_pb2.Ref(id=ref.id if ref else "")
    if ref and ref.definition is not None:
        getattr(message, "def").CopyFrom(ref.definition)
    return message


def _ref_from_pb(message: gateway_pb2.Ref) -> Ref | None:
    definition = getattr(message, "def") if message.HasField("def") else None
    return Ref(message.id, definition) if message.id else None


def _ref_of(id_: str) -> Ref | None:
    return Ref(id_) if id_ else None


def _attestation_to_pb(attestation: Attestation) -> gateway_pb2.Attestation:
    return gateway_pb2.Attestation(
        kind=attestation.kind,  # type: ignore[arg-type] # the stubs want the enum's own type
        metadata=attestation.metadata,
        ref=_ref_to_pb(attestation.ref),
        path=attestation.path,
        inTotoPredicateType=attestation.predicate_type,
        inTotoSubjects=[
            gateway_pb2.InTotoSubject(kind=kind, name=name, digest=digests)  # type: ignore[arg-type] # same
            for kind, name, digests in attestation.subjects
        ],
    )


def _attestation_from_pb(message: gateway_pb2.Attestation) -> Attestation:
    return Attestation(
        int(message.kind),
        _ref_from_pb(message.ref),
        message.inTotoPredicateType,
        dict(message.metadata),
        message.path,
        tuple(Subject(int(one.kind), one.name, tuple(one.digest)) for one in message.inTotoSubjects),
    )


def source_meta_from_pb(response: gateway_pb2.ResolveSourceMetaResponse) -> SourceMeta:
    """Return what the daemon says of a source; an image's name is its new identifier without the scheme."""
    identifier = response.Source.identifier
    image = git = http = None
    if response.HasField("Image"):
        name = identifier.removeprefix("docker-image://").removeprefix("oci-layout://")
        image = ImageMeta(name, response.Image.Digest, response.Image.Config)
    if response.HasField("Git"):
        found = response.Git
        git = GitMeta(found.Checksum, found.Ref, found.CommitChecksum, found.CommitObject, found.TagObject)
    if response.HasField("HTTP"):
        modified = response.HTTP.LastModified.seconds if response.HTTP.HasField("LastModified") else None
        http = HTTPMeta(response.HTTP.Checksum, response.HTTP.Filename, modified)
    return SourceMeta(identifier, dict(response.Source.attrs), image, git, http)
