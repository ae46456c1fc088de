"""Files that nobody means to build, through the real process: the reference's answer, or a clear one."""

from __future__ import annotations

import gzip
from typing import NamedTuple

import pytest
from process import build

BASE = b"FROM busybox\n"
DEEP = 10_000
#: Seconds; each of these takes about one on an idle machine.
PROMPT = 30.0


class Row(NamedTuple):
    """A Dockerfile, and part of the error that it gives; no error at all where that is empty."""

    promise: str
    data: bytes
    message: str = ""


def repeated(text: bytes, total: int) -> bytes:
    return text * (total // len(text))


ROWS = [
    Row("an empty file", b"", "the Dockerfile cannot be empty"),
    Row("blank lines alone", b"\n \n\t\n", "file with no instructions"),
    Row("line ends of Windows", b"FROM busybox\r\nRUN a \\\r\n b\r\n"),
    Row("line ends of old Macs make one line", b"FROM busybox\rRUN a\r", "FROM requires either one or three"),
    Row("a byte order mark", b"\xef\xbb\xbfFROM busybox\nRUN a\n"),
    Row("a NUL in a command", BASE + b"RUN a\0b\nCOPY a\0 b\n"),
    Row("a NUL in an image name", b"FROM busy\0box\n", "invalid reference format"),
    Row("a NUL in a keyword", BASE + b"R\0UN x\n", r"unknown instruction: R\x00UN (did you mean RUN?)"),
    Row("bytes that are no UTF-8 in a command", BASE + b"RUN \xff\n", "string field contains invalid UTF-8"),
    Row("bytes that are no UTF-8 in a path", BASE + b"COPY \xff /a\n"),
    Row("bytes that are no UTF-8 in a variable", BASE + b"ENV A=\xff\nLABEL b=\xfe\n"),
    Row(
        "bytes that are no UTF-8 in a keyword", BASE + b"R\xffN x\n", "unknown instruction: R\ufffdN (did you"
    ),
    Row(
        "bytes that are no UTF-8 on the syntax line",
        b"# syntax=a/b \xff\n" + BASE,
        "string field contains invalid UTF-8",
    ),
    Row("UTF-16", "FROM busybox\nRUN x\n".encode("utf-16"), "(this file is UTF-16, save it as UTF-8)"),
    Row(
        "UTF-16 the other way round",
        b"\xfe\xff" + "FROM a\n".encode("utf-16-be"),
        "(this file is UTF-16, save",
    ),
    Row("a program", b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40, "(this is not a text file)"),
    Row("an archive", gzip.compress(BASE * 1000, mtime=0), "(this is not a text file)"),
    Row("15 MiB of comments", BASE + repeated(b"# and on it goes\n", 15 << 20)),
    Row(
        "a line of 10 MiB", BASE + b"RUN " + b"x" * (10 << 20), "line greater than max allowed size of 65535"
    ),
    Row("a megabyte of continued lines", BASE + b"RUN x" + repeated(b" \\\n and on", 1 << 20) + b"\n"),
    Row("a heredoc of 4 MiB", BASE + b"COPY <<E /e\n" + repeated(b"and on it goes\n", 4 << 20) + b"E\n"),
    Row("deep expressions", BASE + b"ENV A=" + b"${a:-" * DEEP + b"}" * DEEP + b"\n"),
    Row(
        "deep expressions left open", BASE + b"ENV A=" + b"${a:-" * DEEP + b"\n", "syntax error: missing '}'"
    ),
    Row(
        "deep expressions beside a heredoc", BASE + b"RUN <<E " + b"${a:-" * DEEP + b"}" * DEEP + b"\nx\nE\n"
    ),
    Row("deep arrays", BASE + b"CMD " + b"[" * DEEP + b"]" * DEEP + b"\n", "comprised of strings only"),
    Row("deep arrays left open are a command", BASE + b"CMD " + b"[" * DEEP + b"\n"),
    Row("deep objects left open are a command", BASE + b"CMD [" + b'{"a":' * DEEP + b"1\n"),
    Row("triggers of triggers", BASE + b"ONBUILD " * 7000 + b"RUN x\n", "`ONBUILD ONBUILD` isn't allowed"),
    Row("flags without end", BASE + b"COPY " + b"--exclude=a " * 5000 + b"a b\n"),
    Row("10,000 instructions", BASE + b"RUN x\n" * 10_000),
    Row(
        "5,000 stages",
        b"FROM a AS s0\n" + b"".join(b"FROM s%d AS s%d\nRUN x\n" % (n, n + 1) for n in range(5000)),
    ),
    Row("5,000 mistakes", BASE + b"FOO a\nRUN x\n" * 5000, "line 2: unknown instruction: FOO"),
    Row("an error of 60 kB", BASE + b"F" * 60_000 + b"\n", "unknown instruction: " + "F" * 60_000),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_unusual_input_builds_or_ends_with_a_clear_error(row: Row) -> None:
    peer, ended = build(row.data)
    assert "Traceback" not in ended.stderr
    assert ended.seconds < PROMPT
    assert ended.code == bool(row.message)
    if row.message:
        assert row.message in peer.error.message
        assert "defect" not in peer.error.message
    else:
        assert peer.returned().HasField("result")


def test_no_excerpt_is_shown_of_a_file_that_is_not_text() -> None:
    peer, _ = build(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40)
    assert len(peer.error.details) == 0
    assert peer.requests("Warn") == []


def test_text_in_the_graph_that_is_no_utf8_is_shown_at_its_line() -> None:
    peer, _ = build(BASE + b"RUN x\nRUN \xff\n")
    (detail,) = peer.error.details
    assert b'"ranges":[{"start":{"line":3},"end":{"line":3}}]' in detail.value


def test_all_errors_are_reported_and_the_first_is_the_error() -> None:
    peer, _ = build(BASE + b"COPPY a b\nRUN --foo x\nENV\n")
    assert (
        peer.error.message
        == "dockerfile parse error on line 2: unknown instruction: COPPY (did you mean COPY?)"
    )
    # They are sent at the same time, so that the order in which they arrive is not certain.
    assert sorted(warning.short.decode() for warning in peer.requests("Warn")) == [
        "SyntaxError: ENV requires at least one argument (line 4)",
        "SyntaxError: unknown flag: --foo (line 3)",
    ]
    names = [name for name, _ in peer.calls]
    assert names[-3:] == ["Warn", "Warn", "Return"]


def test_all_errors_are_reported_once_however_many_platforms_there_are() -> None:
    peer, _ = build(BASE + b"COPPY a b\nENV\n", {"platform": "linux/amd64,linux/arm64,linux/arm"})
    assert len(peer.requests("Warn")) == 1
