"""Where in the Dockerfile a solve failed: for the errors that the daemon sends without a place.

It names the line where a step fails as it runs.  A download that fails before, or a step that may not
have what it asks for, comes without, and the client then shows the "# syntax=" line as the culprit.
"""

from __future__ import annotations

import json

from pyfrontend.gateway.errors import VERTEX_URL, BridgeError, source_details
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.span import SourceFile, Span


def placed(error: BridgeError, definition: pb.Definition) -> BridgeError:
    """Return ``error`` with the lines of the op that failed; as it is where it has some or none are known."""
    if error.has_source:
        return error
    spans = _spans(definition, _failed(error, definition))
    return BridgeError(error.code, error.message, [*error.details, *source_details(spans)], help=error.help)


def failed_op(error: BridgeError, definition: pb.Definition) -> pb.Op | None:
    """Return the op that failed; None where the daemon does not say which."""
    return _ops(definition).get(_failed(error, definition))


def _failed(error: BridgeError, definition: pb.Definition) -> str:
    """Return the digest of the op that failed, or an empty text."""
    for detail in error.details:
        if detail.type_url == VERTEX_URL:
            return str(json.loads(detail.value).get("digest", ""))
    for digest, op in _ops(definition).items():
        refused = (op.exec.network == pb.HOST and "network.host is not allowed") or (
            op.exec.security == pb.INSECURE and "security.insecure is not allowed"
        )
        if refused and refused in error.message:
            return digest
    return ""


def _spans(definition: pb.Definition, digest: str) -> list[Span]:
    """Return the lines of an op; of a source those of the first step that takes it."""
    ops = _ops(definition)
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


def _ops(definition: pb.Definition) -> dict[str, pb.Op]:
    from hashlib import sha256

    return {
        f"sha256:{sha256(data).hexdigest()}": pb.Op.FromString(data) for data in getattr(definition, "def")
    }
