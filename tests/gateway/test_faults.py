"""What goes wrong between frontend and daemon: the real process ends soon, with the right error."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from process import ROOT, Daemon, Process, build, environment, resolve

from pyfrontend import limits
from pyfrontend.gateway.errors import SOURCE_URL, BridgeError, Detail

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.pb import gateway_pb2

#: Seconds within which a process must end once nobody is left to build for.
SOON = 5.0

DOCKERFILE = b"FROM busybox AS a\nENV x y\nRUN x\nFROM alpine\nCOPY --from=a x y\nCOPY z z\n"
#: The calls that such a build makes.
CALLS = ["Inputs", "Ping", "ReadFile", "ResolveSourceMeta", "Return", "Solve", "Warn"]
GONE = "pyfrontend: BuildKit has gone before the build was done\n"
NO_GATEWAY = "pyfrontend: no BuildKit gateway answers on standard input and output: "
NOT_RETURNED = "pyfrontend: the outcome of the build could not be returned: "


def test_the_build_of_these_tests_makes_all_those_calls() -> None:
    peer, ended = build(DOCKERFILE)
    assert (ended.code, ended.stderr) == (0, "")
    assert sorted({name for name, _ in peer.calls}) == CALLS
    assert peer.returned().HasField("result")


def hanging_up(peer: Daemon, told: threading.Event) -> Callable[[object], None]:
    """Return an answer that never comes: the daemon goes instead."""

    def answer(_: object) -> None:
        told.set()
        peer.hang_up()
        time.sleep(0.5)

    return answer


@pytest.mark.parametrize("name", CALLS)
def test_a_daemon_that_goes_in_the_middle_of_a_call_ends_the_process(name: str) -> None:
    told = threading.Event()
    with Daemon(DOCKERFILE) as peer:
        peer.answers[name] = hanging_up(peer, told)
        process = Process(peer)
        assert told.wait(20), f"{name} was not called"
        ended = process.end(within=SOON)
    words = {"Ping": NO_GATEWAY, "Return": NOT_RETURNED}
    assert ended.code == 1
    assert ended.stderr.startswith(words.get(name, GONE))


@pytest.mark.parametrize("name", ["Inputs", "Solve", "ReadFile", "ResolveSourceMeta"])
def test_a_call_that_is_refused_is_the_error_of_the_build(name: str) -> None:
    details = [Detail("github.com/moby/buildkit/stack.Stack+json", b'{"frames":[]}')]
    peer, ended = build(DOCKERFILE, {}, {name: BridgeError(7, "not for you: ü", details)})
    assert (ended.code, ended.stderr) == (1, "")
    assert (peer.error.code, peer.error.message.rpartition(": not")[2]) == (7, " for you: ü")
    assert [detail.value for detail in peer.error.details if "Stack" in detail.type_url] == [b'{"frames":[]}']


def test_a_warning_that_is_refused_is_no_error() -> None:
    peer, ended = build(DOCKERFILE, {}, {"Warn": BridgeError(12, "no warnings here")})
    assert (ended.code, ended.stderr) == (0, "")
    assert peer.returned().HasField("result")


def test_an_outcome_that_is_refused_makes_the_process_fail() -> None:
    for dockerfile in (DOCKERFILE, b"COPPY"):
        _, ended = build(dockerfile, {}, {"Return": BridgeError(2, "no thanks")})
        assert (ended.code, ended.stderr) == (1, f"{NOT_RETURNED}no thanks\n")


def test_a_failed_look_up_is_reported_with_the_line_of_its_image() -> None:
    def answer(request: gateway_pb2.ResolveSourceMetaRequest) -> object:
        if "alpine" in request.Source.identifier:
            return BridgeError(5, "registry is down")
        return resolve(request)

    peer, _ = build(DOCKERFILE, {}, {"ResolveSourceMeta": answer})
    assert peer.error.message.startswith("alpine: ")
    assert peer.error.message.endswith("registry is down")
    (detail,) = [item for item in peer.error.details if item.type_url == SOURCE_URL]
    assert b'"ranges":[{"start":{"line":4},"end":{"line":4}}]' in detail.value


def test_slow_look_ups_are_waited_for_together() -> None:
    together = threading.Barrier(12)

    def answer(request: gateway_pb2.ResolveSourceMetaRequest) -> gateway_pb2.ResolveSourceMetaResponse:
        together.wait(10)  # breaks, and fails the build, unless all 12 are under way at the same time
        return resolve(request)

    text = "".join(f"FROM image{n} AS s{n}\n" for n in range(12))
    text += "FROM s0\n" + "".join(f"COPY --from=s{n} a b\n" for n in range(12))
    peer, ended = build(text.encode(), {}, {"ResolveSourceMeta": answer})
    assert (ended.code, len(peer.requests("ResolveSourceMeta"))) == (0, 12)


@pytest.mark.parametrize("name", ["Solve", "ResolveSourceMeta"])
def test_a_cancelled_build_does_not_wait_for_slow_answers(name: str) -> None:
    asked, done = threading.Event(), threading.Event()

    def answer(_: object) -> BridgeError:
        asked.set()
        done.wait(30)
        return BridgeError(1, "cancelled")

    with Daemon(DOCKERFILE, {name: answer}) as peer:
        process = Process(peer)
        assert asked.wait(20)
        peer.hang_up()
        ended = process.end(within=SOON)
        done.set()
    assert (ended.code, ended.stderr) == (1, GONE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_signal_ends_a_build_that_waits(number: signal.Signals) -> None:
    asked, done = threading.Event(), threading.Event()

    def answer(_: object) -> BridgeError:
        asked.set()
        done.wait(30)
        return BridgeError(1, "cancelled")

    with Daemon(DOCKERFILE, {"Solve": answer}) as peer:
        process = Process(peer)
        assert asked.wait(20)
        process.popen.send_signal(number)
        ended = process.end(within=SOON)
        done.set()
    assert ended.code != 0
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_daemon_that_dies_takes_the_build_along(tmp_path: Path, number: signal.Signals) -> None:
    code = "import time, sys; sys.path[:0] = sys.argv[1:]; from process import *; import threading\n"
    code += "peer = Daemon(b'FROM a', {'Solve': lambda _: time.sleep(60)})\n"
    code += "process = Process(peer); print(process.popen.pid, flush=True)\n"
    code += "while not peer.requests('Solve'): time.sleep(0.05)\n"
    code += "print('asked', flush=True); time.sleep(60)\n"
    log = tmp_path / "stderr"
    with log.open("wb") as stderr:
        peer = subprocess.Popen(
            [sys.executable, "-c", code, *sys.path], stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert peer.stdout
    pid = int(peer.stdout.readline() or 0)
    assert peer.stdout.readline() == "asked\n", log.read_text()
    peer.send_signal(number)
    peer.communicate()
    started = time.monotonic()
    while _lives(pid):
        assert time.monotonic() - started < SOON, "the frontend goes on for nobody"
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def test_error_details_of_100_kb_come_through_whole() -> None:
    details = [Detail("x/y", os.urandom(100_000)), Detail("github.com/moby/buildkit/v+json", b"z" * 100_000)]
    peer, _ = build(DOCKERFILE, {}, {"ResolveSourceMeta": BridgeError(3, "no" * 50_000, details)})
    assert peer.error.message.endswith("no" * 50_000)
    assert {detail.value for detail in peer.error.details} >= {detail.value for detail in details}


def test_an_error_in_a_large_file_comes_with_the_whole_file() -> None:
    text = b"FROM busybox\nCOPPY a b\n" + b"# " + b"\n# ".join([b"x" * 60] * 120_000)
    peer, _ = build(text)
    (detail,) = peer.error.details
    assert len(detail.value) > len(text)


def test_a_file_too_large_to_go_back_in_an_error_goes_without() -> None:
    text = b"COPPY a b\n" + b"# " + b"\n# ".join([b"x" * 60] * 250_000)
    peer, ended = build(text)
    assert ended.code == 1
    assert "unknown instruction: COPPY" in peer.error.message
    assert len(peer.error.details) == 0


def test_of_thousands_of_places_in_a_large_file_the_last_come_with_it() -> None:
    count = 2_000
    stages = b"".join(b"FROM a AS s%d\nCOPY --from=s%d / /\n" % (n, (n + 1) % count) for n in range(count))
    peer, ended = build(stages + b"# " + b"x" * 60_000 + b"\n")
    assert ended.code == 1
    assert "circular dependency detected on stage: s0" in peer.error.message
    assert 10 < len(peer.error.details) < count
    assert sum(len(detail.value) for detail in peer.error.details) < limits.MESSAGE_BYTES


def test_a_graph_too_large_to_be_sent_is_an_error_in_plain_words() -> None:
    peer, ended = build(b"FROM busybox\n" + (b"RUN " + b"x" * 60_000 + b"\n") * 100)
    assert ended.code == 1
    assert peer.error.message == (
        "failed to marshal LLB definition: this step makes the build graph larger than 16 MiB, the most that"
        " BuildKit takes from a frontend"
    )


def test_any_other_message_too_large_to_be_sent_is_an_error_in_plain_words() -> None:
    # The file goes along with the graph.
    peer, ended = build(b"FROM busybox\n" + (b"RUN " + b"x" * 60_000 + b"\n# " + b"x" * 60_000 + b"\n") * 70)
    assert ended.code == 1
    assert peer.error.message.startswith("the build is too large for a frontend image: Solve takes ")


def test_thousands_of_warnings_become_a_thousand_without_megabytes_each() -> None:
    text = b"FROM busybox\n" + b"ENV a b\n# and a rather long comment that fills the file\n" * 3000
    peer, ended = build(text)
    warnings = peer.requests("Warn")
    assert (ended.code, len(warnings)) == (0, limits.BUILD_WARNINGS)
    # They may arrive in any order.
    assert [warning.short for warning in warnings if warning.short.startswith(b"More")] == [
        b"MoreWarnings: only 999 warnings are shown: docker build --check lists more"
    ]
    assert text in {warning.info.data for warning in warnings}
    assert sum(warning.ByteSize() for warning in warnings) < 8 << 20


def test_a_megabyte_of_options_is_read() -> None:
    options = {f"build-arg:A{n}": "x" * 1000 for n in range(1000)}
    _, ended = build(b"FROM busybox\nARG A1\nRUN x\n", options)
    assert (ended.code, ended.stderr) == (0, "")


# Nobody behind the pipes.


def run(**options: Any) -> tuple[int, str]:
    """Run the process with these options of `subprocess.Popen`; return its exit code and words."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "env": environment(), **options}
    process = subprocess.Popen(
        [sys.executable, "-m", "pyfrontend"], cwd=ROOT, stderr=subprocess.PIPE, **options
    )
    try:
        _, errors = process.communicate(timeout=SOON)
    finally:
        process.kill()
    return process.returncode, errors.decode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"FROM scratch\n" * 1000,
        bytes(range(256)) * 400,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 99,
    ],
)
def test_something_else_on_stdin_ends_the_process_with_an_explanation(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "stdin").write_bytes(data)
    with (tmp_path / "stdin").open("rb") as stdin:
        code, errors = run(stdin=stdin)
    assert code == 1
    assert errors.startswith(NO_GATEWAY)


def closer(*descriptors: int) -> Callable[[], None]:
    """Return what closes these descriptors, between fork and exec."""

    def close() -> None:
        for fd in descriptors:
            os.close(fd)

    return close


@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1)])
def test_closed_descriptors_end_the_process_with_an_explanation(closed: tuple[int, ...]) -> None:
    code, errors = run(preexec_fn=closer(*closed))
    assert code == 1
    assert errors.startswith(NO_GATEWAY)


def test_a_closed_stderr_is_no_reason_to_hang() -> None:
    assert run(preexec_fn=closer(2))[0] == 1


def test_on_a_terminal_the_process_explains_itself() -> None:
    master, slave = pty.openpty()
    code, errors = run(stdin=slave, stdout=slave)
    os.close(slave)
    os.close(master)
    assert code == 2
    assert errors.startswith("pyfrontend is a BuildKit frontend")


def test_outside_of_buildkit_the_process_explains_itself() -> None:
    code, errors = run(env={})
    assert code == 2
    assert errors.startswith("pyfrontend is a BuildKit frontend")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "[1]", '[{"platforms":1}]', '[{"platforms":[1]}]', "\udcff"]
)
def test_workers_that_cannot_be_read_are_reported_or_ignored(text: str) -> None:
    with Daemon(b"FROM busybox\n") as peer:
        ended = Process(peer, BUILDKIT_WORKERS=text).end()
    assert "Traceback" not in ended.stderr
    assert peer.requests("Return") or ended.stderr
