"""Blocking gRPC calls over the process's own stdin and stdout.

grpcio has no channel over file descriptors (grpc/grpc#23760).  The channel therefore connects to a listening
unix socket in the same process, and two threads copy bytes between that socket and the descriptors.  The
socket has an abstract name, which needs no file, because the root filesystem may be read-only.
"""

from __future__ import annotations

import os
import sys
from _socket import AF_UNIX, SHUT_RDWR, SHUT_WR, SO_PEERCRED, SOL_SOCKET, socket
from _thread import allocate_lock, start_new_thread

from pyfrontend.cores import CallError, Channel
from pyfrontend.gateway.errors import MESSAGE_LIMIT, RESOURCE_EXHAUSTED, BridgeError, from_status
from pyfrontend.gateway.opening import AckFilter, PrefaceFilter
from pyfrontend.pb import gateway_pb2

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from google.protobuf.message import Message

    from pyfrontend.gateway.streams import Stream

    R = TypeVar("R", bound="Message")

#: As much as a pipe holds.
CHUNK = 64 << 10

_OPTIONS: list[tuple[str, str | int]] = [
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    # An error carries the whole Dockerfile in its trailers; grpcio drops those above 8 to 16 kB and
    # reports RESOURCE_EXHAUSTED instead of the error.
    ("grpc.max_metadata_size", MESSAGE_LIMIT),
    ("grpc.default_authority", "localhost"),
    # There is one connection and no second chance: what is lost is lost, and Return is sent once.
    ("grpc.enable_retries", 0),
    # A proxy meant for the build's downloads has no business here.
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
]


def claim_stdio() -> tuple[int, int]:
    """Take stdin and stdout for the gateway and return their new descriptors.

    From here on a stray `print` goes to stderr and reads of stdin see its end, so nothing can get
    between the bytes of the wire.  Raises OSError if either descriptor is closed.
    """
    read_fd, write_fd = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # no stderr either
        os.dup2(null, 1)
    os.close(null)
    return read_fd, write_fd


class Transport:
    """A gRPC connection over two descriptors, which it owns; calls may come from any thread."""

    def __init__(
        self, read_fd: int, write_fd: int, *, greeted: bool = False, on_end: Callable[[], None] | None = None
    ) -> None:
        """Connect to the process at the other end of the descriptors.

        ``greeted`` says that preface and empty SETTINGS frame have been sent already.  ``on_end`` is called,
        in a thread of the transport, once the other side has gone.
        """
        self._pipe = _Pipe(read_fd, write_fd, greeted=greeted, on_end=on_end)
        self._channel = Channel(f"unix-abstract:{self._pipe.name}", _OPTIONS)

    def start(
        self, method: str, request: Message, reply: type[R], *, timeout: float | None = None
    ) -> Callable[[], R]:
        """Begin to call ``method`` (``/service/Name``); return what waits for the answer, and returns it.

        Calls reach the daemon in the order in which they were begun.  The wait takes at most ``timeout``
        seconds, and raises BridgeError with the code, text and details of the failure.
        """
        wait = self._channel.start(method, request.SerializeToString(), timeout)

        def answer() -> R:
            try:
                return reply.FromString(wait())
            except CallError as error:
                failure = _bridge_error(error)
                if failure.code == RESOURCE_EXHAUSTED and failure.message.startswith("CLIENT: "):
                    failure = _too_large(method, request)
                raise failure from None

        return answer

    def unary(self, method: str, request: Message, reply: type[R], *, timeout: float | None = None) -> R:
        """Call ``method``, wait for the answer as `start` does, and return it."""
        return self.start(method, request, reply, timeout=timeout)()

    def stream(self, method: str, *, timeout: float) -> Stream:
        """Begin a call of ``method`` in which both sides send any number of messages, and return it."""
        from pyfrontend.gateway.streams import Stream, open_stream

        return Stream(open_stream(self._channel, method, timeout), _bridge_error)

    def close(self) -> None:
        """Close the connection; calls under way in other threads fail."""
        self._pipe.close()
        self._channel.close()


def _too_large(method: str, request: Message) -> BridgeError:
    """Return the error for a message that the daemon would not take: gRPC speaks of clients and servers."""
    name = method.rpartition("/")[2]
    return BridgeError(
        RESOURCE_EXHAUSTED,
        f"the build is too large for a frontend image: {name} takes {request.ByteSize()} bytes, "
        f"BuildKit accepts {MESSAGE_LIMIT}",
    )


def _bridge_error(error: CallError) -> BridgeError:
    """Return the failed call ``error``; its details are in a separate status."""
    if error.status is not None:
        try:
            return from_status(gateway_pb2.Status.FromString(error.status))
        except Exception:  # noqa: BLE001, S110 - without a status, the plain code and text remain
            pass
    return BridgeError(error.code, error.message)


class _Pipe:
    """Joins one connection on a unix socket to a pair of descriptors, and closes them at its end."""

    def __init__(
        self, read_fd: int, write_fd: int, *, greeted: bool, on_end: Callable[[], None] | None
    ) -> None:
        self._read_fd, self._write_fd = read_fd, write_fd
        self._from_gateway = AckFilter().feed if greeted else _unchanged
        self._to_gateway = PrefaceFilter().feed if greeted else _unchanged
        self._on_end = on_end
        for fd in (read_fd, write_fd):
            os.set_blocking(fd, True)
        self._listener = socket(AF_UNIX)
        # Every process of this network namespace can see the name, so it is one that nobody can guess.
        self.name = f"pyfrontend-{os.urandom(16).hex()}"
        self._listener.bind(f"\0{self.name}")
        self._listener.listen(1)
        self._connection: socket | None = None
        # Locks that are held until there is a connection, until it has no more to send, until the end.
        self._accepted, self._carried, self._done = (allocate_lock() for _ in range(3))
        for lock in (self._accepted, self._carried, self._done):
            lock.acquire()
        # Both of them now: if there cannot be so many threads, here is the place to fail.
        start_new_thread(self._serve, ())
        start_new_thread(self._carry_out, ())

    def close(self) -> None:
        """Expect the end from now on: the channel has closed its connection, or never opened one."""
        self._on_end = None
        _shut(self._listener, SHUT_RDWR)  # wakes a waiting accept

    def join(self, timeout: float) -> None:
        """Wait until the other side has closed its end too; for tests, where the process lives on."""
        self._done.acquire(timeout=timeout)

    def _serve(self) -> None:
        """Accept the channel's connection and carry bytes both ways until either side ends."""
        self._connection = self._accept()
        self._accepted.release()
        if self._connection is not None:
            self._carry_in(self._connection)
        self._carried.acquire()
        if self._connection is not None:
            self._connection.close()
        os.close(self._read_fd)
        self._done.release()

    def _accept(self) -> socket | None:
        """Return the connection of our own channel, or None if there will be none."""
        try:
            while True:
                connection = socket(fileno=_accept_fd(self._listener))
                if _peer(connection) == os.getpid():
                    return connection
                connection.close()
        except OSError:  # closed before it was used
            return None
        finally:
            self._listener.close()

    def _carry_in(self, connection: socket) -> None:
        """Carry bytes from the gateway to the channel until the gateway ends."""
        try:
            while data := os.read(self._read_fd, CHUNK):
                _send(connection.send, self._from_gateway(data))
        except OSError:
            pass
        self._ended()
        # The channel still reads what was sent before, then sees the end and fails the calls under way.
        _shut(connection, SHUT_WR)

    def _ended(self) -> None:
        """Tell that the gateway has gone, before the calls that wait for it fail one by one."""
        if self._on_end:
            self._on_end()

    def _carry_out(self) -> None:
        """Carry bytes from the channel to the gateway until either ends."""
        with self._accepted:
            connection = self._connection
        if connection is not None:
            try:
                while data := connection.recv(CHUNK):
                    _send(self._write, self._to_gateway(data))
            except OSError:
                self._ended()
        os.close(self._write_fd)
        if connection is not None:
            _shut(connection, SHUT_RDWR)  # the gateway takes no more: the channel must know
        self._carried.release()

    def _write(self, data: memoryview) -> int:
        return os.write(self._write_fd, data)


def _accept_fd(listener: Any) -> int:
    """Return the descriptor of the next connection: the method that `socket.accept` calls has no types."""
    fd: int = listener._accept()[0]  # noqa: SLF001 - as above
    return fd


def _send(write: Callable[[memoryview], int], data: bytes) -> None:
    """Write all of ``data``."""
    rest = memoryview(data)
    while rest:
        rest = rest[write(rest) :]


def _shut(connection: socket, how: int) -> None:
    """Shut one direction of ``connection``, or both; one that has ended is shut already."""
    try:
        connection.shutdown(how)
    except OSError:
        return


def _unchanged(data: bytes) -> bytes:
    return data


def _peer(connection: socket) -> int:
    """Return the process id at the other end."""
    return int.from_bytes(connection.getsockopt(SOL_SOCKET, SO_PEERCRED, 12)[:4], sys.byteorder)
