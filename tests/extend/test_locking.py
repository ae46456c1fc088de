"""A lock at work on lines: what it pins, what it leaves alone, and what a frozen one refuses."""

from __future__ import annotations

import pytest
from extend.sites import BUILTIN, FileTable, error

from pyfrontend.extend.lockfile import Key, Pin
from pyfrontend.extend.locking import Lock
from pyfrontend.extend.rewrite import rewrite
from pyfrontend.extend.site import Site
from pyfrontend.span import SourceFile
from pyfrontend.syntax.lines import read_lines

A = "sha256:" + 64 * "a"
COMMIT = 40 * "c"
PINS = {
    Key("image", "docker.io/library/node:22"): Pin(A),
    Key("image", "docker.io/library/alpine:latest"): Pin(A),
    Key("image", "registry.example.com/x:1"): Pin(A),
    Key("http", "https://example.com/a.tgz"): Pin(A),
    Key("git", "https://example.com/r.git#v1"): Pin(COMMIT),
}


def locked(
    text: str, mode: str = "pinned", contexts: tuple[str, ...] = ()
) -> tuple[Lock, list[str], list[str]]:
    """Return the lock after its work, the lines, and the errors."""
    lock = Lock(mode, "Dockerfile.lock", PINS, frozenset(contexts))
    read = read_lines(SourceFile("Dockerfile", text.encode()))
    files = FileTable({"x": "ARG V=22\nFROM node:$V AS build\nRUN y\n"})
    lines = rewrite(read, Site({}, BUILTIN, files), lock=lock).lines.lines
    return lock, [line.code for line in lines], [error(line) for line in lines if error(line)]


#: name, text, lines that it becomes
ROWS = [
    ("a tag", "FROM node:22\n", [f"FROM node:22@{A}"]),
    ("the tag that is meant", "FROM alpine AS b\n", [f"FROM alpine:latest@{A} AS b"]),
    ("a variable", "ARG V=22\nFROM --platform=$BUILDPLATFORM node:$V\n",
     ["ARG V=22", f"FROM --platform=$BUILDPLATFORM node:22@{A}"]),
    ("an image of a COPY", "FROM scratch\nCOPY --from=alpine /a /b\n",
     ["FROM scratch", f"COPY --from=alpine:latest@{A} /a /b"]),
    ("an image of a mount", "FROM scratch\nRUN --mount=from=registry.example.com/x:1,target=/y z\n",
     ["FROM scratch", f"RUN --mount=from=registry.example.com/x:1@{A},target=/y z"]),
    ("a stage", "FROM alpine:3 AS alpine\nFROM alpine\nCOPY --from=alpine /a /b\n",
     ["FROM alpine:3 AS alpine", "FROM alpine", "COPY --from=alpine /a /b"]),
    ("a digest", f"FROM node:22@{A[:-1]}b\n", [f"FROM node:22@{A[:-1]}b"]),
    ("a download", "FROM scratch\nADD --chmod=644 https://example.com/a.tgz /x\n",
     ["FROM scratch", f"ADD --chmod=644 --checksum={A} https://example.com/a.tgz /x"]),
    ("a repository", "FROM scratch\nADD https://example.com/r.git#v1 /x\n",
     ["FROM scratch", f"ADD --checksum={COMMIT} https://example.com/r.git#v1 /x"]),
    ("a checksum", f"FROM scratch\nADD --checksum={A} https://example.com/a.tgz /x\n",
     ["FROM scratch", f"ADD --checksum={A} https://example.com/a.tgz /x"]),
    ("files of the context", "FROM scratch\nADD a b /x/\n", ["FROM scratch", "ADD a b /x/"]),
    ("a stage of another file", "FROM ./x#build\nCOPY --from=./x#build /a /b\n",
     [f"FROM node:22@{A} AS f-x-build", "RUN y", "FROM f-x-build", "COPY --from=f-x-build /a /b"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_references_get_the_digests_of_their_entries(text: str, expected: list[str]) -> None:
    assert locked(text)[1:] == (expected, [])


def test_a_named_context_is_left_alone() -> None:
    lock, lines, _ = locked("FROM node:22\nCOPY --from=alpine /a /b\n", contexts=("node:22", "alpine"))
    assert lines == ["FROM node:22", "COPY --from=alpine /a /b"]
    assert lock.uses == []


def test_a_reference_without_an_entry_is_noted_and_refused_by_a_frozen_lock() -> None:
    text = "FROM debian:12\nADD https://example.com/b /x\n"
    lock, lines, errors = locked(text)
    assert (lines, errors) == (text.splitlines(), [])
    assert [(use.key.reference, use.span.start) for use in lock.missing()] == [
        ("docker.io/library/debian:12", 1),
        ("https://example.com/b", 2),
    ]
    assert len(lock.unused()) == len(PINS)
    assert [message.partition(";")[0] for message in locked(text, "frozen")[2]] == [
        "docker.io/library/debian:12 is not in Dockerfile.lock, which is frozen",
        "https://example.com/b is not in Dockerfile.lock, which is frozen",
    ]


def test_an_add_of_a_locked_download_has_one_source() -> None:
    errors = locked("FROM scratch\nADD https://example.com/a.tgz b /x/\n")[2]
    assert errors == [
        (
            "Dockerfile.lock locks https://example.com/a.tgz, so this ADD cannot have another source:"
            " write one ADD for each"
        ),
    ]
