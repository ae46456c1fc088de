"""The start of an HTTP/2 connection that was sent before gRPC: chunks of a stream in, chunks out.

`pyfrontend.__main__` sends a preface and an empty SETTINGS frame before it imports anything.  gRPC is unaware
of this: its own preface would be a duplicate, and it fails on an acknowledgement of settings that it has not
sent.  Each filter removes one of the two, however the bytes are split into chunks.
"""

from __future__ import annotations

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#: A frame begins with its length (3 bytes), type, flags and stream (4 bytes).
HEAD = 9
SETTINGS, ACK = 4, 1


class PrefaceFilter:
    """Takes the preface off what gRPC sends; a stream that begins otherwise passes as it is."""

    __slots__ = ("_held", "_open")

    def __init__(self) -> None:
        self._held = b""
        self._open = False

    def feed(self, data: bytes) -> bytes:
        """Return the part of ``data`` to pass on; nothing while the preface may be incomplete."""
        if self._open:
            return data
        self._held += data
        if len(self._held) < len(PREFACE):
            return b""
        self._open = True
        return self._held.removeprefix(PREFACE)


class AckFilter:
    """Takes the first SETTINGS frame with the flag ACK out of what the daemon sends: it acknowledges ours.

    A daemon acknowledges settings in the order in which they came (RFC 9113, section 6.5.3).
    """

    __slots__ = ("_head", "_open", "_payload")

    def __init__(self) -> None:
        self._head = b""
        self._payload = 0
        self._open = False

    def feed(self, data: bytes) -> bytes:
        """Return the part of ``data`` to pass on; the head of a frame waits until it is complete."""
        out, at = [], 0
        while at < len(data) and not self._open:
            end = at + (self._payload or HEAD - len(self._head))
            part = data[at:end]
            if self._payload:
                self._payload -= len(part)
                out.append(part)
            else:
                self._head += part
                if len(self._head) == HEAD:
                    out.append(self._begin_frame())
            at += len(part)
        return b"".join((*out, data[at:]))

    def _begin_frame(self) -> bytes:
        """Return the head of the frame that begins here, or nothing where it is the one to take out."""
        head, self._head = self._head, b""
        if head[3] == SETTINGS and head[4] & ACK:
            self._open = True
            return b""
        self._payload = int.from_bytes(head[:3], "big")
        return head
