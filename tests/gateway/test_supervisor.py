"""Builds that die: with the daemon, of a signal, for lack of what they need; each as a process of its own."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from process import Daemon, environment

from pyfrontend.gateway import last_words, limits
from pyfrontend.gateway.limits import MIB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyfrontend.pb import gateway_pb2

#: The frontend, with a build that does what the test says.
PROGRAM = """
import sys, types
module = sys.modules["pyfrontend.driver.serve"] = types.ModuleType("pyfrontend.driver.serve")

def serve(bridge, request):
    bridge.inputs()
    {work}

module.serve = serve
sys.argv[1:] = []
import runpy
runpy.run_module("pyfrontend", run_name="__main__", alter_sys=True)
"""
LOST = "pyfrontend: BuildKit has gone before the build was done\n"
#: They keep Python's lock, and end long after a test does.
HOLDING = {
    "a sum": "sum(range(10**12))",
    "a regular expression": "import re; re.match('(a|aa)+$', 'a' * 80 + 'b')",
    "a regular expression in a thread": "import re, threading; "
    "thread = threading.Thread(target=re.match, args=('(a|aa)+$', 'a' * 80 + 'b')); "
    "thread.start(); thread.join()",
    "a loop": "while True: pass",
    "sleep": "import time; time.sleep(60)",
}


def start(peer: Daemon, root: Path, work: str, **options: Any) -> subprocess.Popen[str]:
    read_fd, write_fd = peer.fds
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM.format(work=work)],
        stdin=read_fd,
        stdout=write_fd,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(), "PYTHONPATH": str(root / "frontend")},
        **options,
    )
    os.close(read_fd)
    os.close(write_fd)
    return process


def begun(peer: Daemon) -> None:
    """Wait until the build has begun, and what it computes."""
    deadline = time.monotonic() + 30
    while not peer.requests("Inputs"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.2)


def builder(process: subprocess.Popen[str]) -> int:
    """The process id of the one that builds, which is a child of the one that was started."""
    (pid,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    return int(pid)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("work", HOLDING.values(), ids=HOLDING)
def test_a_build_ends_with_the_daemon_whatever_it_computes(root: Path, work: str) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        process = start(peer, root, work)
        begun(peer)
        pid = builder(process)
        peer.hang_up()
        hung_up = time.monotonic()
        _, errors = process.communicate(timeout=20)
        assert time.monotonic() - hung_up < 3  # a second, on a machine that is not busy
        assert (process.returncode, errors) == (1, LOST)
        assert gone(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_build_ends_with_the_process_that_was_started(root: Path, number: int) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        process = start(peer, root, HOLDING["a sum"])
        begun(peer)
        pid = builder(process)
        process.send_signal(number)
        assert process.wait(10) == -number
        deadline = time.monotonic() + 5
        while not gone(pid):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.communicate()


@pytest.mark.parametrize(
    ("work", "code", "reason"),
    [
        ("import os; os.abort()", 134, "signal 6: gRPC gave up"),
        (
            "import os; os.kill(os.getpid(), 9)",
            137,
            "signal 9: most likely because there was too little memory",
        ),
        ("import os; os.kill(os.getpid(), 11)", 139, "signal 11: which nobody expected"),
    ],
    ids=["abort", "out of memory", "crash"],
)
def test_a_build_that_is_killed_reports_it(root: Path, work: str, code: int, reason: str) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        process = start(peer, root, work)
        _, errors = process.communicate(timeout=30)
        expected = f"the Dockerfile frontend was ended by {reason}"
        assert process.returncode == code
        assert errors.startswith(f"pyfrontend: {expected}")
        assert peer.error.message.startswith(expected)


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_the_build(root: Path, code: int) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        process = start(peer, root, f"import os; os._exit({code})")
        process.communicate(timeout=30)
        assert process.returncode == code


def limit(kind: int, value: int) -> Callable[[], None]:
    def apply() -> None:
        resource.setrlimit(kind, (value, value))

    return apply


SHORTAGES = {
    "open files": (resource.RLIMIT_NOFILE, 20, "may have 20 open files, and needs 32"),
    "data": (resource.RLIMIT_DATA, 60 * MIB, "may have 60 MiB of data, and needs "),
    "addresses": (resource.RLIMIT_AS, 250 * MIB, "may have 250 MiB of address space, and needs "),
}


@pytest.mark.parametrize(("kind", "value", "reason"), SHORTAGES.values(), ids=SHORTAGES)
def test_too_little_of_something_is_reported_at_once(root: Path, kind: int, value: int, reason: str) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        started = time.monotonic()
        process = start(peer, root, "pass", preexec_fn=limit(kind, value))
        _, errors = process.communicate(timeout=30)
        assert time.monotonic() - started < 5
        assert process.returncode == 1
        # gRPC of this very process may write into the pipe between fork and exec.
        [line] = [line for line in errors.splitlines() if line.startswith("pyfrontend: ")]
        assert line.startswith(f"pyfrontend: the Dockerfile frontend {reason}")
        assert peer.error.message == line.removeprefix("pyfrontend: ")


def test_more_memory_than_the_limit_is_an_error_of_the_build(root: Path) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        process = start(peer, root, "bytes(5 << 30)")
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (1, "")
        assert peer.error.message == limits.OUT_OF_MEMORY
        assert "4096 MiB" in peer.error.message


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a": "max\n"}, limits.ENDLESS),
        ({"a": "1048576\n", "b": "5\n"}, 1048576),
        ({"b": "9223372036854771712\n"}, 9223372036854771712),
        ({}, limits.ENDLESS),
    ],
    ids=["none", "version 2", "version 1", "no control groups"],
)
def test_the_memory_of_the_container_is_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str], expected: int
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    paths = tuple(bytes(tmp_path / name) for name in "ab")
    monkeypatch.setattr(limits, "CONTAINER", paths)
    assert limits._of_container() == expected


def test_a_container_with_too_little_memory_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "max").write_text(f"{30 * MIB}\n")
    monkeypatch.setattr(limits, "CONTAINER", (bytes(tmp_path / "max"),))
    assert "may have 30 MiB of memory, and needs 64" in limits.shortage()


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group whose number of processes can be limited."""
    for root in (Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup")):
        made = root / f"pyfrontend-test-{os.getpid()}"
        try:
            made.mkdir()
        except OSError:
            continue
        if (made / "pids.max").exists():
            yield made
            made.rmdir()
            return
        made.rmdir()
    pytest.skip("there is no control group for processes that may be changed here")


@pytest.mark.parametrize("processes", range(1, 13))
def test_too_few_threads_are_reported_soon(root: Path, group: Path, processes: int) -> None:
    (group / "pids.max").write_text(str(processes))

    def join() -> None:
        (group / "cgroup.procs").write_text(str(os.getpid()))

    with Daemon(b"FROM scratch\n") as peer:
        started = time.monotonic()
        process = start(
            peer, root, "from pyfrontend.gateway.results import Result; return Result()", preexec_fn=join
        )
        _, errors = process.communicate(timeout=30)
        assert time.monotonic() - started < 8  # one or two seconds, on a machine that is not busy
        if process.returncode:
            message = limits.text(limits.TOO_FEW_THREADS)
            assert f"pyfrontend: {message}" in errors.splitlines()
            assert peer.error.message == message
        else:
            assert peer.returned().HasField("result")


@pytest.mark.parametrize(
    "message", ["", "short", "é" * 3000, "\ud800"], ids=["empty", "short", "long", "bad"]
)
def test_last_words_reach_the_daemon_without_grpc(message: str) -> None:
    with Daemon(b"FROM scratch\n") as peer:
        read_fd, write_fd = peer.fds
        os.write(write_fd, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        last_words.return_error(message, read_fd, write_fd)
        request: gateway_pb2.ReturnRequest = peer.returned()
        os.close(read_fd)
        os.close(write_fd)
    assert request.error.code == 2
    assert request.error.message == message.encode("utf-8", "replace")[: last_words.LIMIT].decode()


def test_last_words_to_a_daemon_that_has_gone_are_no_error() -> None:
    read_fd, write_fd = os.pipe()
    os.close(read_fd)
    other, far = os.pipe()
    os.close(far)
    last_words.return_error("x", other, write_fd)
    os.close(other)
    os.close(write_fd)
