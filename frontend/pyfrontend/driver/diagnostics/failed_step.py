"""Where in the Dockerfile a solve failed, for errors that the daemon sends without a location.

The daemon gives the line of a step that fails while running, but not that of a download that fails before, or
of a step that is not allowed what it asks for.  Clients would then show the "# syntax=" line.
"""

from __future__ import annotations

import json

from pyfrontend.gateway.errors import VERTEX_URL, BridgeError, source_details
from pyfrontend.llb.locations import ops_by_digest, spans_of
from pyfrontend.pb import ops_pb2 as pb


def placed(error: BridgeError, definition: pb.Definition) -> BridgeError:
    """Return ``error`` with the lines of the op that failed; as it is where it has some or none are known."""
    if error.has_source:
        return error
    spans = spans_of(definition, failed_digest(error, definition))
    return BridgeError(error.code, error.message, [*error.details, *source_details(spans)], help=error.help)


def failed_op(error: BridgeError, definition: pb.Definition) -> pb.Op | None:
    """Return the op that failed; None where the daemon does not say which."""
    return ops_by_digest(definition).get(failed_digest(error, definition))


def failed_digest(error: BridgeError, definition: pb.Definition) -> str:
    """Return the digest of the op that failed, or an empty text."""
    for detail in error.details:
        if detail.type_url == VERTEX_URL:
            return str(json.loads(detail.value).get("digest", ""))
    # Asked once, and not for each op: the message holds the whole command that failed.
    network = "network.host is not allowed" in error.message
    security = "security.insecure is not allowed" in error.message
    if network or security:
        for digest, op in ops_by_digest(definition).items():
            if (network and op.exec.network == pb.HOST) or (security and op.exec.security == pb.INSECURE):
                return digest
    return ""
