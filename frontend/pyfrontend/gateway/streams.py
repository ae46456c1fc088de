"""A gRPC call in which both sides send any number of messages: bytes in, bytes out.

Loaded only on demand; builds make only unary calls.  `pyfrontend.cores` documents what is relied on: a stream
is started the way `grpc._channel` starts one that a single thread reads, on a call of the core that delivers
its events to whoever requests them.  `tests/gateway/test_container.py` fails if a release changes this.
"""

from __future__ import annotations

from pyfrontend.cores import UNKNOWN, CallError, status_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Protocol

    from pyfrontend.cores import Channel
    from pyfrontend.gateway.errors import BridgeError
else:
    Protocol = object


class Messages(Protocol):
    """One call; all of it belongs to one thread."""

    def send(self, data: bytes) -> None:
        """Send a message, and wait until gRPC has taken it; one that nobody will read is dropped."""

    def end(self) -> None:
        """Send no more."""

    def receive(self) -> bytes | None:
        """Wait for the next message and return it, None after the last; raises `CallError` if it failed."""

    def close(self) -> None:
        """Give the call up, unless it has ended."""


class Stream:
    """A call with many messages; what goes wrong is a `BridgeError`."""

    def __init__(self, messages: Messages, failure: Callable[[CallError], BridgeError]) -> None:
        """Carry ``messages``; ``failure`` reads the error of a call."""
        self._messages = messages
        self._failure = failure
        self.send, self.end, self.close = messages.send, messages.end, messages.close

    def receive(self) -> bytes | None:
        """Wait for the next message and return it, None after the last; raises `BridgeError`."""
        try:
            return self._messages.receive()
        except CallError as error:
            raise self._failure(error) from None


def open_stream(channel: Channel, method: str, timeout: float) -> Messages:
    """Begin a call of ``method`` that takes ``timeout`` seconds at most."""
    if channel.core is not None:
        try:
            return _CoreStream(channel, method, timeout)
        except (AttributeError, TypeError):  # a release that begins a call otherwise
            channel.open_publicly()
    return _PublicStream(channel, method, timeout)


class _CoreStream:
    """A call of the core: operations are begun, and each is done when its event comes."""

    def __init__(self, channel: Channel, method: str, timeout: float) -> None:
        core = self._core = channel.core
        first = (core.SendInitialMetadataOperation(None, 0), core.ReceiveStatusOnClientOperation(0))
        self._call = channel.begin(method, (first, (core.ReceiveInitialMetadataOperation(0),)), timeout)
        #: Batches under way; once none is left the core has let go of the call.
        self._due = 2
        self._messages: list[bytes | None] = []
        self._status: Any = None

    def send(self, data: bytes) -> None:
        self._do(self._core.SendMessageOperation(data, 0))

    def end(self) -> None:
        self._do(self._core.SendCloseFromClientOperation(0))

    def receive(self) -> bytes | None:
        self._do(self._core.ReceiveMessageOperation(0))
        data = self._messages.pop() if self._messages else None
        if data is not None:
            return data
        while self._due:  # there is no more, and the status says why
            self._take()
        status = self._status
        if status.code():
            raise CallError(status.code(), status.details() or "", status_of(status.trailing_metadata()))
        return None

    def close(self) -> None:
        if self._status is None:
            self._call.cancel(self._core.StatusCode.cancelled, "the answer is no longer needed")
        while self._due:
            self._take()

    def _do(self, operation: Any) -> None:
        """Begin ``operation`` and wait for its event; nothing where the call has ended."""
        if self._status is not None or not self._call.operate((operation,), None):
            return
        self._due += 1
        kind = operation.type()
        while kind not in self._take():
            pass

    def _take(self) -> set[int]:
        """Wait for the next event; return the kinds of the operations that it is about."""
        event = self._call.next_event()
        self._due -= 1
        kinds = self._core.OperationType
        for operation in event.batch_operations:
            if operation.type() == kinds.receive_message:
                self._messages.append(operation.message())
            elif operation.type() == kinds.receive_status_on_client:
                self._status = operation
        return {operation.type() for operation in event.batch_operations}


class _PublicStream:
    """A call of grpc's own interface, which takes the messages to send from an iterator in a thread."""

    def __init__(self, channel: Channel, method: str, timeout: float) -> None:
        from queue import SimpleQueue

        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._call: Any = channel.channel.stream_stream(method)(self._outgoing(), timeout=timeout)

    def _outgoing(self) -> Iterator[bytes]:
        while (data := self._waiting.get()) is not None:
            yield data

    def send(self, data: bytes) -> None:
        self._waiting.put(data)

    def end(self) -> None:
        self._waiting.put(None)

    def receive(self) -> bytes | None:
        from grpc import RpcError

        try:
            data: bytes | None = next(self._call, None)
        except RpcError:
            code = self._call.code()
            number = code.value[0] if code else UNKNOWN
            metadata = self._call.trailing_metadata()
            raise CallError(number, self._call.details() or "", status_of(metadata)) from None
        return data

    def close(self) -> None:
        self.end()
        self._call.cancel()
