"""The text of a lock file: what is read, what is written, and what is wrong with others."""

from __future__ import annotations

import pytest

from pyfrontend.errors import DockerfileError
from pyfrontend.extend.lockfile import Key, Pin, lock_text, read_lock
from pyfrontend.span import SourceFile

A, B, COMMIT = "a" * 64, "b" * 64, "c" * 40

ENTRIES = {
    Key("image", "docker.io/library/node:22"): f"sha256:{A}",
    Key("http", "https://example.com/x"): f"sha256:{B}",
    Key("git", "https://example.com/r.git#v1"): COMMIT,
}


def test_what_is_written_is_read_back_sorted() -> None:
    text = lock_text({key: Pin(digest) for key, digest in ENTRIES.items()})
    assert text.split("\n")[1:] == [
        "version 1",
        f"git https://example.com/r.git#v1 {COMMIT}",
        f"http https://example.com/x sha256:{B}",
        f"image docker.io/library/node:22 sha256:{A}",
        "",
    ]
    read = read_lock(SourceFile("Dockerfile.lock", text.encode()))
    assert {key: pin.digest for key, pin in read.items()} == ENTRIES


ERRORS = [
    (
        "empty",
        "\n# only a comment\n",
        1,
        "Dockerfile.lock is empty; write it with docker buildx build --call=lock",
    ),
    ("of another tool", '{\n  "lockfileVersion": 3\n}\n', 1, 'it begins with "{", not with version 1'),
    (
        "a later version",
        "# x\nversion 2\n",
        2,
        'Dockerfile.lock has "version 2"; this frontend reads version 1',
    ),
    ("unknown kind", f"version 1\nimge a sha256:{A}\n", 2, "(did you mean image?)"),
    ("merge conflict", "version 1\n<<<<<<< HEAD\n", 2, "resolve the merge conflict"),
    ("word missing", "version 1\nimage a\n", 2, "an entry is image REFERENCE DIGEST"),
    ("short digest", "version 1\nimage a sha256:abc\n", 2, "write sha256: and 64 hexadecimal digits"),
    ("bare digest", f"version 1\nhttp a {A}\n", 2, "write sha256: and 64 hexadecimal digits"),
    ("commit", f"version 1\ngit a sha256:{A}\n", 2, "write a commit of 40 or 64 hexadecimal digits"),
    ("two entries", f"version 1\nhttp a sha256:{A}\nhttp a sha256:{B}\n", 2, "two entries for http a"),
    ("conflict at the top", "<<<<<<< HEAD\nversion 1\n", 1, "resolve the merge conflict"),
    ("of Cargo", "# x\nversion = 3\n", 2, 'it begins with "version = 3", not with version 1'),
    ("short name", f"version 1\nimage a sha256:{A}\n", 2, "docker.io/library/a:latest in place of a"),
    ("name with digest", f"version 1\nimage x.io/a:1@sha256:{A} sha256:{A}\n", 2, "x.io/a:1 in place of"),
    ("no name", f"version 1\nimage \0 sha256:{A}\n", 2, "invalid reference format"),
    ("binary", "\0\1", 1, "is not a lock file of pyfrontend"),
    ("too large", "version 1\n" + "#" * (1 << 20), 1, "larger than 1048576 bytes"),
    ("too many", "version 1\n" + "x\n" * 5001, 1, "more than 5000 entries"),
]


@pytest.mark.parametrize(
    ("text", "line", "message"), [row[1:] for row in ERRORS], ids=[row[0] for row in ERRORS]
)
def test_a_bad_lock_file_is_an_error_at_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        read_lock(SourceFile("Dockerfile.lock", text.encode()))
    assert message in caught.value.message
    assert caught.value.spans[0].start == line
