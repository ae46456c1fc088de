"""Definitions as JSON values: what `frontend.convertllb` answers, what people read, what errors carry.

Protobuf in, dicts and lists out, in the order in which Go writes them.  A build that succeeds needs none.
"""

from __future__ import annotations

from hashlib import sha256

from pyfrontend.golang.json import base64_text
from pyfrontend.pb import ops_pb2 as pb

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from google.protobuf.descriptor import FieldDescriptor
    from google.protobuf.message import Message

    from pyfrontend.span import SourceFile, Span


def op_to_json(data: bytes, *, proto_names: bool = True) -> dict[str, Any]:
    """Return the encoded op ``data``: 64-bit numbers as text, enums by name, bytes in base64.

    Fields are named as in the proto files, or with ``proto_names=False`` as protojson names them.
    """
    return message_to_json(pb.Op.FromString(data), proto_names=proto_names)


def definition_to_json(definition: pb.Definition) -> dict[str, Any]:
    """Return ``definition`` as the subrequest convertllb shows it (WIRE-13)."""
    ops = {"sha256:" + sha256(data).hexdigest(): data for data in getattr(definition, "def")}
    return {
        "def": {digest: op_to_json(ops[digest], proto_names=False) for digest in sorted(ops)},
        "metadata": {digest: go_struct(found) for digest, found in sorted(definition.metadata.items())},
        "source": message_to_json(definition.Source, proto_names=False) if ops else {},
    }


class Sources:
    """The files that the locations of a document point into, the main file first."""

    __slots__ = ("files",)

    def __init__(self, main: SourceFile) -> None:
        """Begin with the main file, which is listed whether anything points into it or not."""
        self.files = [main]

    def location(self, spans: Sequence[Span]) -> dict[str, Any]:
        """Return ``spans`` as a ``pb.Location`` in JSON, one range for each line; empty for none.

        A location is in one file, that of the first span.
        """
        ranges = [found for span in spans if span.file is spans[0].file for found in ranges_json(span)]
        if not ranges:
            return {}
        index = self._index(spans[0].file)
        return {**({"sourceIndex": index} if index else {}), "ranges": ranges}

    def _index(self, file: SourceFile) -> int:
        if file not in self.files:
            self.files.append(file)
        return self.files.index(file)


def ranges_json(span: Span) -> list[dict[str, Any]]:
    """Return one ``pb.Range`` in JSON for each line."""
    return [{"start": line, "end": line} for line in map(_position, span.lines)]


def _position(line: int) -> dict[str, int]:
    return {"line": line} if line else {}


def go_struct(message: Message) -> dict[str, Any]:
    """Return ``message`` as Go's encoding/json shows the generated struct (WIRE-12).

    Names as in the proto file, numbers as numbers, enums too, bytes in base64, maps sorted by key.
    """
    return _fields(message, _proto_name, _go_scalar)


def message_to_json(message: Message, *, proto_names: bool = True) -> dict[str, Any]:
    """Return ``message`` as protojson writes it; maps are sorted by key, fields without a value left out."""
    return _fields(message, _proto_name if proto_names else _json_name, _scalar)


def _fields(
    message: Message, name: Callable[[FieldDescriptor], str], scalar: Callable[[FieldDescriptor, Any], Any]
) -> dict[str, Any]:
    """Return the fields of ``message``; no deeper than protobuf itself lets messages nest."""

    def convert(field: FieldDescriptor, value: Any) -> Any:
        return _fields(value, name, scalar) if field.message_type is not None else scalar(field, value)

    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        kind = field.message_type
        if not field.is_repeated:
            found[name(field)] = convert(field, value)
        elif kind is not None and hasattr(value, "keys"):
            # A map. Its descriptor says so too, but only with the Python around the core of protobuf.
            entry = kind.fields_by_name["value"]
            found[name(field)] = {key: convert(entry, value[key]) for key in sorted(value)}
        else:
            found[name(field)] = [convert(field, item) for item in value]
    return found


def _proto_name(field: FieldDescriptor) -> str:
    return field.name


def _json_name(field: FieldDescriptor) -> str:
    return field.json_name


def _scalar(field: FieldDescriptor, value: Any) -> Any:
    if field.type in {field.TYPE_INT64, field.TYPE_UINT64}:
        return str(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known is not None else value
    return _go_scalar(field, value)


def _go_scalar(_field: FieldDescriptor, value: Any) -> Any:
    return base64_text(value) if isinstance(value, bytes) else value
