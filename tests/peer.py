"""A daemon in the test process: a real gRPC server that speaks LLBBridge over a pair of pipes."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import grpc

from pyfrontend.gateway.errors import MESSAGE_LIMIT, BridgeError
from pyfrontend.pb import gateway_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SERVICE = "moby.buildkit.v1.frontend.LLBBridge"
CALLS = ("ResolveImageConfig", "ResolveSourceMeta", "Solve", "ReadFile", "StatFile", "Return", "Inputs")
MESSAGES = {
    name: (getattr(gateway_pb2, f"{name}Request"), getattr(gateway_pb2, f"{name}Response")) for name in CALLS
}
CONTAINERS = (
    "NewContainer",
    "ReleaseContainer",
    "ReadFileContainer",
    "ReadDirContainer",
    "StatFileContainer",
)
for _name in CONTAINERS:
    _kind = _name if _name in CONTAINERS[:2] else _name.removesuffix("Container")
    MESSAGES[_name] = (getattr(gateway_pb2, f"{_kind}Request"), getattr(gateway_pb2, f"{_kind}Response"))
MESSAGES["Ping"] = (gateway_pb2.PingRequest, gateway_pb2.PongResponse)
MESSAGES["Warn"] = (gateway_pb2.WarnRequest, gateway_pb2.WarnResponse)

OPTIONS = [
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_metadata_size", MESSAGE_LIMIT),
    ("grpc.absolute_max_metadata_size", MESSAGE_LIMIT),
]

#: What a daemon of today can do, as far as it decides what is sent.
API = [
    *("solve.base", "resolveimage", "readfile", "return", "returnmap", "statfile", "proto.refarray"),
    *("frontend.inputs", "gateway.solve.evaluate", "source.metaresolver"),
]


def pong(api: list[str], llb: dict[str, bool] | None = None, reason: str = "") -> gateway_pb2.PongResponse:
    """The answer to Ping of a daemon with these capabilities; False for one that is switched off."""
    states = {"file.base": True} if llb is None else llb
    return gateway_pb2.PongResponse(
        FrontendAPICaps=[gateway_pb2.APICap(ID=name, Enabled=True) for name in api],
        LLBCaps=[
            gateway_pb2.APICap(ID=name, Enabled=on, DisabledReasonMsg=reason) for name, on in states.items()
        ],
    )


class Peer:
    """Answers calls from ``answers`` (call name to message, error or function of the request).

    A call that is not in it gets an empty answer.  ``calls`` lists the name and request of all, in order.
    Use as a context manager; ``fds`` are for the client, which owns them from then on.
    """

    def __init__(self, answers: Mapping[str, Any] | None = None) -> None:
        self.answers: dict[str, Any] = dict(answers or {})
        self.calls: list[tuple[str, Any]] = []
        self.authorities: set[str] = set()
        self._server = grpc.server(ThreadPoolExecutor(16), options=OPTIONS)
        handlers = {name: self._handler(name) for name in MESSAGES}
        handlers["ExecProcess"] = grpc.stream_stream_rpc_method_handler(
            self._process, gateway_pb2.ExecMessage.FromString, gateway_pb2.ExecMessage.SerializeToString
        )
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        address = f"pyfrontend-test-{os.urandom(8).hex()}"
        self._server.add_insecure_port(f"unix-abstract:{address}")
        self._server.start()
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(f"\0{address}")
        read_fd, self._to_client = os.pipe()
        self._from_client, write_fd = os.pipe()
        self.fds = (read_fd, write_fd)
        self._threads = [_start(self._carry_out), _start(self._carry_in)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.hang_up()
        self._server.stop(None).wait()
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive(), "the client has not closed its end"
        self._socket.close()

    def hang_up(self) -> None:
        """End the connection, as when a build is cancelled."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def requests(self, name: str) -> list[Any]:
        """Return the requests of the calls ``name``."""
        return [request for called, request in self.calls if called == name]

    def _handler(self, name: str) -> grpc.RpcMethodHandler[Any, Any]:
        request, response = MESSAGES[name]
        return grpc.unary_unary_rpc_method_handler(
            self._answer(name, response), request.FromString, response.SerializeToString
        )

    def _answer(self, name: str, response: Callable[[], Any]) -> Callable[[Any, Any], Any]:
        def answer(request: Any, context: Any) -> Any:
            self.calls.append((name, request))
            found = self.answers.get(name, response)
            if callable(found):
                found = found() if found is response else found(request)
            return fail(context, found) if isinstance(found, BridgeError) else found

        return answer

    def _process(self, requests: Any, context: Any) -> Any:
        """Let the function ``ExecProcess`` answer the messages of a stream by others."""
        found = self.answers["ExecProcess"]
        if isinstance(found, BridgeError):
            fail(context, found)
        yield from found(requests)

    def _carry_out(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._socket.recv(1 << 16):
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(self._to_client, rest) :]
        os.close(self._to_client)

    def _carry_in(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._from_client, 1 << 16):
                self._socket.sendall(data)
        os.close(self._from_client)
        self.hang_up()


def fail(context: Any, error: BridgeError) -> Any:
    """End a call with ``error``, details in the trailer as the daemon sends them."""
    status = gateway_pb2.Status(code=error.code, message=error.message)
    for type_url, value in error.details:
        status.details.append(gateway_pb2.Any(type_url=type_url, value=value))
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    code = next(code for code in grpc.StatusCode if code.value[0] == error.code)
    context.abort(code, error.message)


def _start(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
