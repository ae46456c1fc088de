"""The source lines of the ops of a definition: a definition in, the ops by digest and their lines out.

Used for errors about an op that the daemon refused or does not support.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

from google.protobuf.message import DecodeError

from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.span import SourceFile, Span


def ops_by_digest(definition: pb.Definition) -> dict[str, pb.Op]:
    """Return all ops of ``definition``; what is none is left out, as definitions may come from elsewhere."""
    ops = {}
    for data in getattr(definition, "def"):
        with suppress(DecodeError):
            ops[f"sha256:{sha256(data).hexdigest()}"] = pb.Op.FromString(data)
    return ops


def spans_of(definition: pb.Definition, digest: str) -> list[Span]:
    """Return the lines of an op, of a source those of the first step that takes it; empty if not known."""
    ops = ops_by_digest(definition)
    users = (user for user, op in ops.items() if any(end.digest == digest for end in op.inputs))
    for candidate in (digest, *users) if digest in ops else ():
        locations = definition.Source.locations
        if candidate in locations and locations[candidate].locations:
            location = locations[candidate].locations[0]
            lines = location.ranges
            file = _file(definition.Source.infos[location.sourceIndex])
            return [Span(file, lines[0].start.line, lines[-1].end.line)] if lines else []
    return []


def _file(info: pb.SourceInfo) -> SourceFile:
    definition = info.definition if info.HasField("definition") else None
    return SourceFile(info.filename, info.data, info.language, definition)
