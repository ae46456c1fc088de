"""An error returned to the daemon without gRPC: for a process that cannot load it, or has lost it.

Text in; out, the call Return with this text, as two HTTP/2 frames.
"""

from __future__ import annotations

import posix
import select
from time import monotonic

METHOD = b"/moby.buildkit.v1.frontend.LLBBridge/Return"
#: The last stream that a client can open, which is free whatever has been sent before.
STREAM = (1 << 31) - 1
DATA, HEADERS = 0, 1
END_STREAM, END_HEADERS = 1, 4
#: Seconds that the daemon has to answer.
PATIENCE = 2.0
#: Bytes of a message, so that it fits into one frame.
LIMIT = 4000
UNKNOWN = 2
HEAD = 9


def return_error(message: str, read_fd: int, write_fd: int) -> None:
    """Return ``message`` as the outcome of the build, and wait for the daemon to take it.

    The preface must have been sent.  It is not an error if the daemon has gone.
    """
    try:
        rest = call(message)
        while rest:
            rest = rest[posix.write(write_fd, rest) :]
        _wait(read_fd)
    except OSError:
        return


def call(message: str) -> bytes:
    """Return the frames of the call ``Return`` with the error ``message``."""
    text = message.encode("utf-8", "replace")[:LIMIT].decode("utf-8", "ignore").encode()
    status = b"\x08" + bytes((UNKNOWN,)) + b"\x12" + _counted(text)
    request = b"\x12" + _counted(status)
    body = b"\0" + len(request).to_bytes(4, "big") + request
    return _frame(HEADERS, END_HEADERS, _headers()) + _frame(DATA, END_STREAM, body)


def _headers() -> bytes:
    """Return the head of the request, without a word of HPACK's memory, which others may have written to."""
    fields = (
        (b":method", b"POST"),
        (b":scheme", b"http"),
        (b":path", METHOD),
        (b":authority", b"localhost"),
        (b"content-type", b"application/grpc"),
        (b"te", b"trailers"),
    )
    # A literal that is not indexed, with a new name (RFC 7541, section 6.2.2); all of them are short.
    return b"".join(b"\0" + bytes((len(k),)) + k + bytes((len(v),)) + v for k, v in fields)


def _counted(data: bytes) -> bytes:
    """Return ``data`` preceded by its length, as protobuf writes it."""
    count, size = len(data), b""
    while count > 0x7F:
        size += bytes((count & 0x7F | 0x80,))
        count >>= 7
    return size + bytes((count,)) + data


def _frame(kind: int, flags: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + STREAM.to_bytes(4, "big") + payload


def _wait(read_fd: int) -> None:
    """Read until the daemon has ended the stream, or for as long as it may take."""
    poller = select.poll()
    poller.register(read_fd, select.POLLIN)
    data, deadline = b"", monotonic() + PATIENCE
    while poller.poll(max(0, (deadline - monotonic()) * 1000)):
        read = posix.read(read_fd, 1 << 16)
        data += read
        while len(data) >= HEAD + (size := int.from_bytes(data[:3], "big")):
            if data[5:HEAD] == STREAM.to_bytes(4, "big") and data[4] & END_STREAM:
                return
            data = data[HEAD + size :]
        if not read:
            return
