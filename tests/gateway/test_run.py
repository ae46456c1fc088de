"""A build as a process: what is returned, how it ends, and that it always ends."""

from __future__ import annotations

import os
import posix
import pty
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from peer import Peer

from pyfrontend.__main__ import NO_GATEWAY, no_gateway
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.gateway.results import Ref, Result
from pyfrontend.gateway.run import _Watch, run
from pyfrontend.pb import gateway_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyfrontend.gateway.bridge import Bridge

PONG = gateway_pb2.PongResponse(
    FrontendAPICaps=[
        gateway_pb2.APICap(ID=name, Enabled=True)
        for name in ("return", "proto.refarray", "source.metaresolver")
    ]
)


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer({"Ping": PONG}) as daemon:
        yield daemon


def returned(peer: Peer) -> gateway_pb2.ReturnRequest:
    """Return what came back, which must have come back once, after all else."""
    names = [name for name, _ in peer.calls]
    assert names.count("Return") == 1
    assert names[-1] == "Return"
    request: gateway_pb2.ReturnRequest = peer.calls[-1][1]
    return request


def build_in(peer: Peer, build: Any) -> int:
    return run(build, {"cache-from": "x"}, "buildkit", stdio=peer.fds)


def test_a_result_is_returned_once(peer: Peer) -> None:
    assert build_in(peer, lambda _: Result(Ref("r"))) == 0
    assert returned(peer) == gateway_pb2.ReturnRequest(result=gateway_pb2.Result(ref=gateway_pb2.Ref(id="r")))


def test_the_build_gets_a_bridge_with_its_options(peer: Peer) -> None:
    build_in(peer, lambda bridge: bridge.solve(SolveRequest(frontend="f")))
    assert dict(peer.requests("Solve")[0].FrontendOpt) == {"cache-from": "x"}


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (DockerfileError("unknown instruction: RUM"), 2, "unknown instruction: RUM"),
        (BridgeError(7, "denied"), 7, "denied"),
        (KeyError("k"), 13, "internal error of the Dockerfile frontend: KeyError: 'k'"),
        (RecursionError(), 13, "internal error of the Dockerfile frontend: RecursionError"),
        (SystemExit(3), 13, "internal error of the Dockerfile frontend: SystemExit: 3"),
    ],
)
def test_an_error_is_returned_once(peer: Peer, error: BaseException, code: int, message: str) -> None:
    def build(_: Bridge) -> Result:
        raise error

    assert build_in(peer, build) == 1
    status = returned(peer).error
    assert status.code == code
    assert status.message.startswith(message)


def test_a_result_that_cannot_be_sent_is_returned_as_an_error(peer: Peer) -> None:
    assert build_in(peer, lambda _: Result(refs={"a": None, "b": None})) == 1
    assert returned(peer).error.message.startswith("requested experimental feature returnmap")


def test_a_daemon_that_does_not_take_the_result_makes_the_process_fail(
    peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.answers["Return"] = BridgeError(2, "no thanks")
    assert build_in(peer, lambda _: Result()) == 1
    assert returned(peer)
    assert "could not be returned: no thanks" in capsys.readouterr().err


def test_a_daemon_that_goes_in_the_middle_is_noticed(peer: Peer) -> None:
    lost = threading.Event()

    def build(_: Bridge) -> Result:
        peer.hang_up()
        assert lost.wait(10), "nobody told"
        return Result()

    assert run(build, {}, "", stdio=peer.fds, on_lost=lost.set) == 1


def test_a_daemon_that_refuses_ping_is_no_gateway(peer: Peer, capsys: pytest.CaptureFixture[str]) -> None:
    peer.answers["Ping"] = BridgeError(12, "unknown service")
    assert build_in(peer, lambda _: Result()) == 1
    assert (
        "no BuildKit gateway answers on standard input and output: unknown service" in capsys.readouterr().err
    )


# As a process of its own.

PROGRAM = """
import os, sys
from pyfrontend.__main__ import no_gateway
from pyfrontend.gateway.run import leave, run
why = no_gateway(os.environb)
if why:
    print(why, file=sys.stderr)
    leave(2)

def build(bridge):
    from pyfrontend.gateway.requests import SolveRequest
    {build}

leave(run(build, {{}}, ""))
"""
GATEWAY = {"BUILDKIT_SESSION_ID": ""}


def start(root: Path, build: str = "pass", **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(build=build)],
        cwd=root,
        stderr=subprocess.PIPE,
        **{"env": GATEWAY, **options},
    )


def end(process: subprocess.Popen[bytes], within: float = 20.0) -> tuple[int, str]:
    _, errors = process.communicate(timeout=within)
    return process.returncode, errors.decode()


def start_with(peer: Peer, root: Path, build: str) -> subprocess.Popen[bytes]:
    read_fd, write_fd = peer.fds
    process = start(root, build, stdin=read_fd, stdout=write_fd)
    os.close(read_fd)
    os.close(write_fd)
    return process


def test_stray_output_and_input_do_not_touch_the_wire(peer: Peer, root: Path) -> None:
    build = """
    print("stray"); os.write(1, b"more"); os.system("echo and more")
    assert sys.stdin.read() == ""
    from pyfrontend.gateway.results import Result
    return Result()"""
    code, errors = end(start_with(peer, root, build))
    assert (code, sorted(errors.replace("more", "").split())) == (0, ["and", "stray"])
    assert returned(peer).HasField("result")


def test_a_stuck_thread_does_not_hold_the_process(peer: Peer, root: Path) -> None:
    stuck = threading.Event()
    peer.answers["ReadFile"] = lambda _: stuck.wait(30)
    build = """
    import threading, time
    from pyfrontend.gateway.results import Ref, Result
    threading.Thread(target=lambda: bridge.read_file(Ref("r"), "f")).start()
    time.sleep(0.3)
    return Result()"""
    started = time.monotonic()
    assert end(start_with(peer, root, build)) == (0, "")
    assert time.monotonic() - started < 10
    stuck.set()


def telling(started: threading.Event, wait: float = 0) -> Callable[[object], gateway_pb2.SolveResponse]:
    """Return an answer to Solve that says when it is asked, and takes its time."""

    def answer(_: object) -> gateway_pb2.SolveResponse:
        started.set()
        time.sleep(wait)
        return gateway_pb2.SolveResponse()

    return answer


@pytest.mark.parametrize("build", ["while True: pass", "import time; time.sleep(60)", "bridge.inputs()"])
def test_a_cancelled_build_ends_at_once(peer: Peer, root: Path, build: str) -> None:
    peer.answers["Ping"] = gateway_pb2.PongResponse(
        FrontendAPICaps=[gateway_pb2.APICap(ID="frontend.inputs", Enabled=True)]
    )
    started = threading.Event()
    peer.answers["Inputs"] = lambda _: time.sleep(1)
    peer.answers["Solve"] = telling(started)
    process = start_with(peer, root, f"bridge.solve(SolveRequest())\n    {build}")
    assert started.wait(20)
    time.sleep(0.2)
    peer.hang_up()
    code, errors = end(process, 5)
    assert (code, errors) == (1, "pyfrontend: BuildKit has gone before the build was done\n")


def test_a_terminated_build_ends_at_once(peer: Peer, root: Path) -> None:
    started = threading.Event()
    peer.answers["Solve"] = telling(started, wait=3)
    process = start_with(peer, root, "bridge.solve(SolveRequest())")
    assert started.wait(20)
    process.send_signal(signal.SIGTERM)
    assert end(process, 2)[0] == -signal.SIGTERM


@pytest.mark.parametrize("text", [b"", b"FROM scratch\n" * 1000])
def test_something_else_on_stdin_ends_the_process_with_an_explanation(root: Path, text: bytes) -> None:
    process = start(root, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(text)
    code, errors = end(process, 10)
    assert code == 1
    assert errors.startswith("pyfrontend: no BuildKit gateway answers on standard input and output: ")


@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, subprocess.PIPE])
def test_outside_of_buildkit_the_process_explains_itself(root: Path, stdin: int) -> None:
    process = start(root, stdin=stdin, stdout=subprocess.PIPE, env={})
    code, errors = process.wait(5), process.stderr.read().decode() if process.stderr else ""
    assert (code, errors.strip()) == (2, NO_GATEWAY.strip())
    process.communicate()


def test_on_a_terminal_the_process_explains_itself(root: Path) -> None:
    master, slave = pty.openpty()
    process = start(root, stdin=slave, stdout=slave)
    assert end(process, 5) == (2, f"{NO_GATEWAY}\n")
    os.close(master)
    os.close(slave)


def test_closed_descriptors_are_explained(root: Path) -> None:
    code = "import os; os.close(0); os.close(1)\n" + PROGRAM.format(build="pass")
    process = subprocess.Popen([sys.executable, "-c", code], cwd=root, stderr=subprocess.PIPE, env=GATEWAY)
    ended, errors = end(process, 5)
    assert ended == 1
    assert errors.startswith("pyfrontend: no BuildKit gateway answers")


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({b"PATH": b"x"}, False),
        ({b"BUILDKIT_FRONTEND_OPT_3": b"a=b"}, True),
        ({b"BUILDKIT_WORKERS": b""}, True),
        ({b"BUILDKIT_EXPORTEDPRODUCT": b"docker"}, True),
    ],
)
def test_a_gateway_is_known_by_its_variables(
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[bytes, bytes],
    expected: bool,  # noqa: FBT001 - a column
) -> None:
    monkeypatch.setattr(posix, "isatty", lambda _: False)
    assert (no_gateway(environ) == "") is expected


def test_the_end_is_reported_once_though_both_directions_notice_it() -> None:
    lost: list[int] = []
    watch = _Watch(lambda: lost.append(1))
    watch.active = True
    watch.ended()
    watch.ended()
    assert lost == [1]


def test_a_daemon_that_takes_no_errors_has_them_in_its_log(
    peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    peer.answers["Ping"] = gateway_pb2.PongResponse()  # older than the call Return

    def build(_: Bridge) -> Result:
        raise DockerfileError("unknown instruction: RUM\n(did you mean RUN?)")

    assert build_in(peer, build) == 1
    assert capsys.readouterr().err == "pyfrontend: unknown instruction: RUM\\n(did you mean RUN?)\n"
    assert not peer.requests("Return")
