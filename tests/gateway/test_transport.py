"""Calls over two pipes, to a real gRPC server."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest
from peer import Peer

from pyfrontend.gateway.errors import UNAVAILABLE, BridgeError, Detail
from pyfrontend.gateway.transport import Transport
from pyfrontend.pb import gateway_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

READ = "/moby.buildkit.v1.frontend.LLBBridge/ReadFile"


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as daemon:
        yield daemon


@pytest.fixture
def transport(peer: Peer) -> Iterator[Transport]:
    made = Transport(*peer.fds)
    yield made
    made.close()


def read(transport: Transport, path: str = "f", timeout: float | None = 20) -> bytes:
    request = gateway_pb2.ReadFileRequest(Ref="r", FilePath=path)
    return transport.unary(READ, request, gateway_pb2.ReadFileResponse, timeout=timeout).Data


def test_a_call_carries_the_request_and_brings_the_answer(peer: Peer, transport: Transport) -> None:
    peer.answers["ReadFile"] = gateway_pb2.ReadFileResponse(Data=b"FROM x\n")
    assert read(transport, "Dockerfile") == b"FROM x\n"
    assert peer.calls == [("ReadFile", gateway_pb2.ReadFileRequest(Ref="r", FilePath="Dockerfile"))]


def test_messages_may_be_nearly_16_mib(peer: Peer, transport: Transport) -> None:
    peer.answers["ReadFile"] = lambda request: gateway_pb2.ReadFileResponse(Data=request.FilePath.encode())
    text = "x" * (16 * 1024 * 1024 - 1000)
    assert read(transport, text) == text.encode()


def test_an_error_comes_with_code_text_and_all_details(peer: Peer, transport: Transport) -> None:
    details = [
        Detail("github.com/moby/buildkit/errdefs.Source+json", os.urandom(300_000)),
        Detail("x/y", b""),
    ]
    peer.answers["ReadFile"] = BridgeError(5, "no such thing: é", details)
    with pytest.raises(BridgeError) as caught:
        read(transport)
    assert (caught.value.code, caught.value.message) == (5, "no such thing: é")
    assert caught.value.details == tuple(details)


def test_an_error_without_details_comes_with_code_and_text(transport: Transport) -> None:
    with pytest.raises(BridgeError) as caught:
        transport.unary("/no/such", gateway_pb2.PingRequest(), gateway_pb2.PongResponse)
    assert (caught.value.code, caught.value.details) == (12, ())


def test_calls_of_several_threads_run_at_the_same_time(peer: Peer, transport: Transport) -> None:
    together = threading.Barrier(8)

    def answer(request: gateway_pb2.ReadFileRequest) -> gateway_pb2.ReadFileResponse:
        together.wait(20)
        return gateway_pb2.ReadFileResponse(Data=request.FilePath.encode())

    peer.answers["ReadFile"] = answer
    answers: dict[str, bytes] = {}
    names = [str(number) for number in range(8)]
    threads = [
        threading.Thread(target=lambda n=name: answers.update({n: read(transport, n)})) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == {name: name.encode() for name in names}


def test_a_call_fails_at_once_when_the_daemon_hangs_up(peer: Peer, transport: Transport) -> None:
    def answer(_: object) -> gateway_pb2.ReadFileResponse:
        peer.hang_up()
        time.sleep(1)
        return gateway_pb2.ReadFileResponse()

    peer.answers["ReadFile"] = answer
    for _ in range(2):  # and every later call too
        started = time.monotonic()
        with pytest.raises(BridgeError) as caught:
            read(transport, timeout=None)
        assert caught.value.code == UNAVAILABLE
        assert time.monotonic() - started < 5


def test_the_end_of_the_daemon_is_reported(peer: Peer) -> None:
    ended = threading.Event()
    transport = Transport(*peer.fds, on_end=ended.set)
    read(transport)
    assert not ended.is_set()
    peer.hang_up()
    assert ended.wait(10)
    transport.close()


def test_bytes_that_are_no_grpc_fail_the_call() -> None:
    read_fd, far_write = os.pipe()
    far_read, write_fd = os.pipe()
    os.write(far_write, b"FROM scratch\n" * 100)
    transport = Transport(read_fd, write_fd)
    with pytest.raises(BridgeError) as caught:
        read(transport)
    assert caught.value.code == UNAVAILABLE
    os.close(far_write)
    os.close(far_read)
    transport.close()


def test_a_transport_that_was_never_used_closes() -> None:
    read_fd, far_write = os.pipe()
    far_read, write_fd = os.pipe()
    transport = Transport(read_fd, write_fd)
    transport.close()
    assert os.read(far_read, 1) == b""
    os.close(far_read)
    os.close(far_write)
