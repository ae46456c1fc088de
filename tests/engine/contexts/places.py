"""One project in every place from which it can be built: a folder, repositories, and a web server."""

from __future__ import annotations

import shutil
import tarfile
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from engine.files import write_files
from engine.servers import git, git_daemon, web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: The archives on the web server, by name: how Python's tarfile compresses them.
ARCHIVES = {"project.tar": "", "project.tar.gz": "gz", "project.tar.bz2": "bz2", "project.tar.xz": "xz"}
DATE = "@1000000000 +0000"


class Places(NamedTuple):
    """Where the project is; ``first`` is the commit that the tag ``v1`` names."""

    folder: Path
    http: str
    git: str
    first: str

    def url(self, pattern: str) -> str:
        """Fill ``{http}``, ``{git}`` and ``{first}`` in."""
        return pattern.format(http=self.http, git=self.git, first=self.first)


def zstd(data: bytes) -> bytes:
    """Return ``data`` as a frame of zstd, in blocks that are stored as they are (RFC 8878)."""
    largest = 128 << 10
    parts = [data[start : start + largest] for start in range(0, len(data), largest)]
    last = len(parts) - 1
    # The length follows the header in eight bytes; the header of a block has it above three bits.
    head = b"\x28\xb5\x2f\xfd\xe0" + len(data).to_bytes(8, "little")
    return head + b"".join(
        (len(part) << 3 | (number == last)).to_bytes(3, "little") + part for number, part in enumerate(parts)
    )


def skipped(data: bytes) -> bytes:
    """Return ``data`` as a frame that decoders of zstd skip."""
    return b"\x5a\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


def project(syntax: str) -> dict[str, str]:
    """Return the files: one says which version they are, one is to be ignored, one is below."""
    return {
        "Dockerfile": f"{syntax}FROM scratch\nCOPY . /\n",
        "sub/Dockerfile": f"{syntax}FROM scratch\nCOPY version /from-sub\n",
        "single/Dockerfile": f"{syntax}FROM scratch\nCOPY context /itself\n",
        "version": "main",
        "sub/version": "main below",
        "ignored": "ignored",
        ".dockerignore": "ignored\nsingle\n",
    }


@contextmanager
def places(folder: Path, syntax: str) -> Iterator[Places]:
    """Put the project everywhere; its tag v1 and its branch other hold other versions."""
    served = folder / "served"
    source = write_files(folder / "project", project(syntax))
    first = _make_repository(folder, source)
    served.mkdir()
    git(folder, "clone", "--quiet", "--bare", str(folder / "work"), str(served / "project.git"))
    git(served / "project.git", "update-server-info")
    for name, compression in ARCHIVES.items():
        with tarfile.open(served / name, f"w:{compression}", format=tarfile.USTAR_FORMAT) as archive:  # type: ignore[call-overload] # made text
            archive.add(source, ".")
    git(served / "project.git", "archive", "--output", str(served / "by-git.tar"), "main")
    plain = (served / "project.tar").read_bytes()
    (served / "project.tar.zst").write_bytes(zstd(plain))
    (served / "skipped.tar.zst").write_bytes(skipped(b"a note") + zstd(plain))
    shutil.copytree(source, served / "files")
    with web(served) as server, git_daemon(served) as daemon:
        yield Places(source, server.url, daemon, first)


def _make_repository(folder: Path, source: Path) -> str:
    work = shutil.copytree(source, folder / "work")
    git(work, "init", "--quiet", "--initial-branch=main")
    first = _commit(work, {"version": "first", "sub/version": "first below"})
    git(work, "tag", "v1")
    _commit(work, {"version": "main", "sub/version": "main below"})
    git(work, "checkout", "--quiet", "-b", "other")
    _commit(work, {"version": "other", "sub/version": "other below"})
    git(work, "checkout", "--quiet", "main")
    return first


def _commit(work: Path, files: dict[str, str]) -> str:
    write_files(work, files)
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "change", GIT_AUTHOR_DATE=DATE, GIT_COMMITTER_DATE=DATE)
    return git(work, "rev-parse", "HEAD")
