"""A marshalled definition as plain JSON values, in the words of the recorded cases."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from google.protobuf.json_format import MessageToDict, ParseDict

from pyfrontend.pb import ops_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from google.protobuf.message import Message

    from parity.cases import Json

M = TypeVar("M", bound="Message")


def digest_of(data: bytes) -> str:
    """Return the digest of ``data`` as LLB writes it."""
    return "sha256:" + sha256(data).hexdigest()


def defs(definition: pb.Definition | None) -> Sequence[bytes]:
    """Return the encoded ops of a definition; ``def`` is a Python keyword."""
    return () if definition is None else getattr(definition, "def")


def definition_of(encoded: Sequence[bytes]) -> pb.Definition:
    """Return a definition of these ops, without metadata."""
    result = pb.Definition()
    getattr(result, "def").extend(encoded)
    return result


def head(definition: pb.Definition | None) -> tuple[str, int]:
    """Return digest and output number that the terminal op points to, ``("", 0)`` for an empty state."""
    encoded = defs(definition)
    if not encoded:
        return "", 0
    target = pb.Op.FromString(encoded[-1]).inputs[0]
    return target.digest, target.index


def ops(definition: pb.Definition | None) -> list[Json]:
    """Return all ops of a definition with their metadata and source ranges, in the order they are listed."""
    groups: dict[str, str] = {}
    return [_op(definition, encoded, groups) for encoded in defs(definition)] if definition else []


def infos(definition: pb.Definition | None) -> list[Json]:
    """Return the source files that a definition was made from."""
    return [_info(info) for info in definition.Source.infos] if definition else []


def plain(message: Message) -> Json:
    """Return a message as protojson with the field names of the proto files."""
    return MessageToDict(message, preserving_proto_field_name=True)


def read(value: Json, message: M) -> M:
    """Fill a message with protojson as `plain` writes it, and return it."""
    return ParseDict(value, message)


def _op(definition: pb.Definition, encoded: bytes, groups: dict[str, str]) -> Json:
    """Return one op; ``groups`` gives progress groups their names in the order they are met."""
    digest, op = digest_of(encoded), pb.Op.FromString(encoded)
    result: Json = {"digest": digest, "kind": op.WhichOneof("op") or "terminal", "op": plain(op)}
    if digest in definition.metadata:
        result |= _metadata(definition.metadata[digest], groups)
    if digest in definition.Source.locations:
        places = definition.Source.locations[digest].locations
        result |= {"ranges": [[_range(item) for item in place.ranges] for place in places]} if places else {}
    return result


def _metadata(metadata: pb.OpMetadata, groups: dict[str, str]) -> Json:
    """Return the metadata of an op; members without a value are left out."""
    result: Json = {
        "description": dict(metadata.description),
        "caps": sorted(name for name, value in metadata.caps.items() if value),
        "ignore_cache": metadata.ignore_cache,
        "linux_resources": plain(metadata.linux_resources),
    }
    if metadata.HasField("export_cache"):
        result["export_cache"] = plain(metadata.export_cache) or {"Value": False}
    if metadata.HasField("progress_group"):
        group = metadata.progress_group
        name = groups.setdefault(group.id, f"pg{len(groups)}")
        result["progress_group"] = plain(group) | {"id": name}
    return {key: value for key, value in result.items() if value}


def _range(item: Any) -> list[int]:
    """Return a range as start line, start character, end line, end character."""
    return [item.start.line, item.start.character, item.end.line, item.end.character]


def _info(info: pb.SourceInfo) -> Json:
    """Return one source file: the data by its SHA-256, its definition by the digests of the ops."""
    return {
        "filename": info.filename,
        "language": info.language,
        "sha256": sha256(info.data).hexdigest(),
        "definition": [digest_of(encoded) for encoded in defs(info.definition)],
    }
