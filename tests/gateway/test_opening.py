"""The opening that is sent ahead of gRPC: what leaves first, and what the filters take out again."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from process import environment

from pyfrontend.__main__ import FIRST_BYTES
from pyfrontend.gateway.opening import ACK, PREFACE, SETTINGS, AckFilter, PrefaceFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


def frame(kind: int, flags: int = 0, payload: bytes = b"", stream: int = 0) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


ACKNOWLEDGED = frame(SETTINGS, ACK)
#: What a daemon sends first: its settings, the answer to ours, more room, the answer to gRPC's settings.
DAEMON = [
    frame(SETTINGS, 0, b"\0\x03\0\0\0\xfa"),
    ACKNOWLEDGED,
    frame(8, 0, b"\0\x0f\0\x01"),
    ACKNOWLEDGED,
    frame(0, 1, b"an answer" * 3, stream=1),
]
FILTERED = b"".join([*DAEMON[:1], *DAEMON[2:]])


def through(feed: AckFilter | PrefaceFilter, chunks: Iterable[bytes]) -> bytes:
    return b"".join(map(feed.feed, chunks))


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """Yield ``data`` in one piece, byte by byte, and cut once and twice at every place."""
    yield [data]
    yield [data[n : n + 1] for n in range(len(data))]
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            yield [data[:first], data[first:second], data[second:]]


def test_the_first_bytes_are_a_preface_and_empty_settings() -> None:
    assert PREFACE + frame(SETTINGS) == FIRST_BYTES


def test_the_first_acknowledgement_is_taken_out_wherever_the_bytes_are_cut() -> None:
    assert {through(AckFilter(), chunks) for chunks in cuts(b"".join(DAEMON))} == {FILTERED}


def test_the_preface_is_taken_out_wherever_the_bytes_are_cut() -> None:
    rest = frame(SETTINGS, 0, b"\0\x02\0\0\0\0") + frame(1, 4, b"headers", stream=1)
    assert {through(PrefaceFilter(), chunks) for chunks in cuts(PREFACE + rest)} == {rest}


@pytest.mark.parametrize("data", [b"", PREFACE, PREFACE[:-1] + b"x", b"FROM scratch\n" * 9, PREFACE * 2])
def test_only_one_preface_at_the_beginning_is_taken_out(data: bytes) -> None:
    assert through(PrefaceFilter(), [data]) == data.removeprefix(PREFACE)


def test_what_is_complete_is_never_held_back() -> None:
    feed = AckFilter().feed
    assert [feed(part) for part in DAEMON] == [DAEMON[0], b"", *DAEMON[2:]]


frames = st.builds(
    frame,
    st.integers(0, 255),
    st.integers(0, 255),
    st.binary(max_size=40) | st.just(b"\x55" * 70_000) | st.just(ACKNOWLEDGED),
    st.integers(0, 2**32 - 1),
)


def is_ack(data: bytes) -> bool:
    return data[3] == SETTINGS and bool(data[4] & ACK)


def cut_at(data: bytes, places: Sequence[int]) -> list[bytes]:
    ends = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:end] for start, end in pairwise(ends)]


@given(
    st.lists(frames.filter(lambda data: not is_ack(data)), max_size=6),
    st.lists(frames | st.just(ACKNOWLEDGED), max_size=4),
    st.lists(st.integers(0, 1 << 20), max_size=30),
)
def test_all_other_bytes_pass_unchanged(before: list[bytes], after: list[bytes], places: list[int]) -> None:
    data = b"".join([*before, ACKNOWLEDGED, *after])
    assert through(AckFilter(), cut_at(data, places)) == b"".join([*before, *after])
    assert through(PrefaceFilter(), cut_at(PREFACE + data, places)) == data


@given(st.lists(frames.filter(lambda data: not is_ack(data)), max_size=6))
def test_without_an_acknowledgement_everything_passes(before: list[bytes]) -> None:
    assert through(AckFilter(), before) == b"".join(before)


#: Runs the frontend, and ends the process where it imports another module of the package than `__main__`.
UNTIL_THE_FIRST_IMPORT = """
import os, runpy, sys

class Stop:
    def find_spec(name, path=None, target=None):
        if name.startswith(("grpc", "google", "pyfrontend.")) and "__main__" not in name:
            os._exit(7)

sys.meta_path.insert(0, Stop)
sys.argv[1:] = []
runpy.run_module("pyfrontend", run_name="__main__", alter_sys=True)
"""


def test_the_first_bytes_leave_before_anything_is_imported(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", UNTIL_THE_FIRST_IMPORT],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env={**environment(), "PYTHONPATH": str(root / "frontend")},
        check=False,
    )
    assert (done.returncode, done.stdout) == (7, FIRST_BYTES), done.stderr


@pytest.mark.parametrize("arguments", [[], ["--help"], ["check", "-"]], ids=["nothing", "help", "check"])
def test_no_wire_bytes_are_written_for_a_person(root: Path, arguments: list[str]) -> None:
    environ = {"PYTHONPATH": str(root / "frontend"), **(environment() if arguments else {})}
    command = [sys.executable, "-m", "pyfrontend", *arguments]
    done = subprocess.run(command, input=b"FROM scratch\n", capture_output=True, env=environ, check=False)
    assert FIRST_BYTES[:3] not in done.stdout


@pytest.mark.parametrize("terminal", ["stdin", "stdout"])
def test_no_wire_bytes_are_written_to_a_terminal(root: Path, terminal: str) -> None:
    master, slave = pty.openpty()
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, terminal: slave}
    environ = {**environment(), "PYTHONPATH": str(root / "frontend")}
    command = [sys.executable, "-m", "pyfrontend"]
    done = subprocess.run(command, stderr=subprocess.PIPE, env=environ, check=False, **streams)  # type: ignore[call-overload]
    os.close(slave)
    os.set_blocking(master, False)
    try:
        shown = os.read(master, 100)
    except OSError:  # nothing has been written
        shown = b""
    os.close(master)
    assert (done.returncode, done.stdout or b"", shown) == (2, b"", b"")
    assert b"pyfrontend is a BuildKit frontend" in done.stderr
