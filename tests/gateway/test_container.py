"""Containers of the gateway: files, processes as streams, and what becomes of them when things go wrong."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from peer import API, Peer, pong

from pyfrontend import cores
from pyfrontend.gateway.bridge import Bridge
from pyfrontend.gateway.errors import UNAVAILABLE, BridgeError
from pyfrontend.gateway.transport import Transport
from pyfrontend.pb import gateway_pb2 as pb
from pyfrontend.pb import ops_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.gateway.container import Container

DEADLINE_EXCEEDED = 4


def output(data: bytes, fd: int = 1) -> pb.ExecMessage:
    return pb.ExecMessage(ProcessID="1", File=pb.FdMessage(Fd=fd, Data=data))


def end(fd: int = 1) -> pb.ExecMessage:
    return pb.ExecMessage(ProcessID="1", File=pb.FdMessage(Fd=fd, EOF=True))


def exited(code: int, error: str = "") -> pb.ExecMessage:
    status = pb.Status(code=2, message=error) if error else None
    return pb.ExecMessage(ProcessID="1", Exit=pb.ExitMessage(Code=code, Error=status))


STARTED = pb.ExecMessage(ProcessID="1", Started=pb.StartedMessage())
DONE = pb.ExecMessage(ProcessID="1", Done=pb.DoneMessage())


@pytest.fixture(params=[False, True], ids=["core", "public"])
def peer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    monkeypatch.setattr(cores, "PUBLIC", request.param)
    with Peer({"Ping": pong(API)}) as daemon:
        yield daemon


@pytest.fixture
def bridge(peer: Peer) -> Iterator[Bridge]:
    transport = Transport(*peer.fds)
    yield Bridge(transport, {}, "buildkit")
    transport.close()


@pytest.fixture
def container(bridge: Bridge, peer: Peer) -> Iterator[Container]:
    with bridge.container("mount-1", ops_pb2.Platform(OS="linux", Architecture="arm64")) as made:
        yield made
    assert [request.ContainerID for request in peer.requests("ReleaseContainer")] == [made.id]


def test_a_container_has_one_result_mounted_and_no_network(container: Container, peer: Peer) -> None:
    [request] = peer.requests("NewContainer")
    assert request.ContainerID == container.id
    assert [(mount.dest, mount.resultID, mount.mountType) for mount in request.Mounts] == [
        ("/", "mount-1", ops_pb2.BIND)
    ]
    assert request.Network == ops_pb2.NONE
    assert request.platform.Architecture == "arm64"


def test_a_container_that_the_daemon_refuses_is_not_released(bridge: Bridge, peer: Peer) -> None:
    peer.answers["NewContainer"] = BridgeError(2, "no")
    with pytest.raises(BridgeError, match="no"), bridge.container("r", None):
        pass
    assert peer.requests("ReleaseContainer") == []


def test_a_container_is_released_after_an_error_and_what_the_daemon_says_then_is_dropped(
    bridge: Bridge, peer: Peer
) -> None:
    peer.answers["ReleaseContainer"] = BridgeError(2, "a process was killed")
    with pytest.raises(ZeroDivisionError), bridge.container("r", None):
        raise ZeroDivisionError
    assert len(peer.requests("ReleaseContainer")) == 1


def test_files_are_listed_and_read_by_the_daemon(container: Container, peer: Peer) -> None:
    peer.answers["ReadDirContainer"] = pb.ReadDirResponse(
        entries=[pb.Stat(path="d", mode=1 << 31), pb.Stat(path="f", size=3), pb.Stat(path="l", mode=1 << 27)]
    )
    peer.answers["ReadFileContainer"] = pb.ReadFileResponse(Data=b"abc")
    found = container.read_dir("/r")
    assert [(one.name, one.is_dir, one.is_file, one.size) for one in found] == [
        ("d", True, False, 0),
        ("f", False, True, 3),
        ("l", False, False, 0),
    ]
    assert container.read_file("/r/f") == b"abc"
    peer.answers["StatFileContainer"] = pb.StatFileResponse(stat=pb.Stat(path="f", size=3))
    assert (container.stat("/r/f").is_file, container.stat("/r/f").size) == (True, 3)
    assert [request.Ref for request in peer.requests("ReadFileContainer")] == [container.id]
    peer.answers["ReadFileContainer"] = BridgeError(2, "open /x: no such file or directory")
    with pytest.raises(BridgeError) as caught:
        container.read_file("/x")
    assert caught.value.is_not_found


def test_a_process_hands_out_what_it_writes_and_its_exit_code(container: Container, peer: Peer) -> None:
    asked: list[Any] = []

    def process(requests: Iterator[Any]) -> Iterator[Any]:
        asked.append(next(requests))
        yield from (STARTED, output(b"one"), output(b"oops", 2), exited(3, "exit code: 3"))
        yield from (output(b"two"), end(1), end(2), DONE)
        asked.append(next(requests, None))

    peer.answers["ExecProcess"] = process
    running = container.run(["tar", "-c"])
    assert [tuple(part) for part in running.output()] == [(1, b"one"), (2, b"oops"), (1, b"two")]
    assert (running.code, running.reason) == (3, "exit code: 3")
    assert list(asked[0].Init.Meta.args) == ["tar", "-c"]
    assert asked[0].Init.ContainerID == container.id
    assert list(asked[0].Init.Fds) == [1, 2]
    assert asked[1] is None


def test_our_side_of_a_stream_stays_open_until_the_process_is_done(container: Container, peer: Peer) -> None:
    ended = threading.Event()
    seen: list[bool] = []

    def process(requests: Iterator[Any]) -> Iterator[Any]:
        next(requests)

        def watch() -> None:
            list(requests)
            ended.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        yield STARTED
        for _ in range(50):
            yield output(b"x")
        seen.append(ended.is_set())
        yield exited(0)
        yield DONE
        watcher.join()

    peer.answers["ExecProcess"] = process
    running = container.run(["x"])
    assert b"".join(part.data for part in running.output()) == b"x" * 50
    assert running.code == 0
    assert seen == [False]
    assert ended.is_set()


def test_a_large_output_arrives_whole(container: Container, peer: Peer) -> None:
    chunk = bytes(range(256)) * 128

    def process(_requests: Iterator[Any]) -> Iterator[Any]:
        yield from (output(chunk) for _ in range(640))
        yield from (exited(0), DONE)

    peer.answers["ExecProcess"] = process
    assert sum(len(part.data) for part in container.run(["x"]).output()) == 640 * len(chunk)


def test_a_stream_that_ends_before_the_process_is_an_error(container: Container, peer: Peer) -> None:
    peer.answers["ExecProcess"] = lambda _requests: iter((STARTED, output(b"half")))
    parts = container.run(["x"]).output()
    assert next(parts).data == b"half"
    with pytest.raises(BridgeError, match="ended before the process did"):
        next(parts)


def test_a_stream_that_fails_is_the_error_of_the_daemon(container: Container, peer: Peer) -> None:
    peer.answers["ExecProcess"] = BridgeError(5, 'container "c" previously released')
    with pytest.raises(BridgeError) as caught:
        list(container.run(["x"]).output())
    assert (caught.value.code, caught.value.message) == (5, 'container "c" previously released')


def test_who_stops_reading_gives_the_call_up(container: Container, peer: Peer) -> None:
    gone = threading.Event()

    def process(requests: Iterator[Any]) -> Iterator[Any]:
        next(requests)
        try:
            while True:
                yield output(b"endless" * 1000)
        finally:
            gone.set()

    peer.answers["ExecProcess"] = process
    parts = container.run(["yes"]).output()
    assert next(parts).fd == 1
    parts.close()  # type: ignore[attr-defined] # it is a generator
    assert gone.wait(30)


def test_a_process_that_takes_too_long_is_given_up(container: Container, peer: Peer) -> None:
    release = threading.Event()

    def process(_requests: Iterator[Any]) -> Iterator[Any]:
        release.wait(60)
        yield DONE

    peer.answers["ExecProcess"] = process
    with pytest.raises(BridgeError) as caught:
        list(container.run(["sleep"], timeout=0.2).output())
    release.set()
    assert caught.value.code == DEADLINE_EXCEEDED


def test_a_daemon_that_goes_ends_a_stream(bridge: Bridge, peer: Peer) -> None:
    def process(_requests: Iterator[Any]) -> Iterator[Any]:
        yield output(b"x")
        peer.hang_up()

    peer.answers["ExecProcess"] = process
    with pytest.raises(BridgeError) as caught, bridge.container("r", None) as made:
        list(made.run(["x"]).output())
    assert caught.value.code == UNAVAILABLE


def test_containers_run_their_processes_at_the_same_time(bridge: Bridge, peer: Peer) -> None:
    meeting = threading.Barrier(3, timeout=30)

    def process(requests: Iterator[Any]) -> Iterator[Any]:
        name = next(requests).Init.Meta.args[0]
        meeting.wait()
        yield from (output(name.encode()), exited(0), DONE)

    peer.answers["ExecProcess"] = process
    found: list[bytes] = []

    def work(name: str) -> None:
        with bridge.container("r", None) as made:
            found.extend(part.data for part in made.run([name]).output())

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == [b"a", b"b", b"c"]


def test_a_stream_takes_the_way_that_the_channel_takes(
    container: Container, bridge: Bridge, peer: Peer
) -> None:
    peer.answers["ExecProcess"] = lambda _requests: iter((exited(0), DONE))
    assert list(container.run(["x"]).output()) == []
    assert (bridge._transport._channel.core is None) == cores.PUBLIC
