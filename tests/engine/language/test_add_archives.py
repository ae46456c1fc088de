"""ADD of local archives: unpacked whatever packed them, and left alone when that is asked for."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from engine.built import Built, Fact, build_image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: 3 February 2001, 04:05:06 UTC.
OLD = 981173106

#: What makes an archive smaller, by the end of its name.
PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}

DOCKERFILE = """
FROM busybox
ADD files.tar /tar/
ADD files.tar.gz /gz/
ADD files.tar.bz2 /bz2/
ADD files.tar.xz /xz/
ADD files.tar other.txt /together/
ADD *.gz plain.txt /wild/
ADD other-name /by-content/
ADD --chown=7:8 files.tar /owned/
ADD --link files.tar /linked/
ADD --unpack=false files.tar.gz /packed/
ADD --unpack files.tar /unpacked/
ADD truncated.gz /broken/
ADD files.tar /created-folder
COPY files.tar /copied/
RUN mkdir -p /merged/folder && echo old >/merged/file && echo kept >/merged/folder/kept
ADD files.tar /merged/
"""

FACTS = [
    *(
        Fact(f"{kind} is unpacked", f"/{kind}/file", "content", kind="file")
        for kind in ("tar", "gz", "bz2", "xz")
    ),
    Fact("owner, mode and time are the archive's", "/tar/file", owner="5:6", mode=0o4750, mtime=OLD),
    Fact("folders have the archive's mode", "/tar/folder", kind="folder", mode=0o711, owner="5:6"),
    Fact("symbolic links are links", "/tar/folder/link", kind="link", link="../file"),
    Fact("hard links have the content", "/tar/hard", "content", kind="file"),
    Fact("pipes are pipes", "/tar/pipe", kind="pipe"),
    Fact("beside other files, the archive", "/together/file", "content"),
    Fact("beside other files, the file", "/together/other.txt", "other"),
    Fact("archives found by a wildcard are unpacked too", "/wild/file", "content"),
    Fact("what counts is the content, not the name", "/by-content/file", "content"),
    Fact("--chown", "/owned/file", "content", owner="7:8"),
    Fact("--link", "/linked/file", "content"),
    Fact("--unpack=false keeps the archive", "/packed/files.tar.gz", kind="file"),
    Fact("--unpack", "/unpacked/file", "content"),
    Fact("what only looks like an archive is a file", "/broken/truncated.gz", "no archive"),
    Fact("the destination is a folder even without a slash", "/created-folder/file", "content"),
    Fact("COPY keeps archives", "/copied/files.tar", kind="file"),
    Fact("files of the image are replaced", "/merged/file", "content"),
    Fact("folders are merged", "/merged/folder/kept", "kept\n"),
]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    make_archive(folder / "files.tar")
    for ending, pack in PACKERS.items():
        (folder / f"files.tar.{ending}").write_bytes(pack((folder / "files.tar").read_bytes()))
    shutil.copy(folder / "files.tar.bz2", folder / "other-name")
    (folder / "other.txt").write_text("other")
    (folder / "plain.txt").write_text("plain")
    (folder / "truncated.gz").write_text("no archive")
    return folder


def make_archive(path: Path) -> None:
    """Make an archive with one of each kind."""
    with tarfile.open(path, "w") as archive:
        add(archive, "folder", tarfile.DIRTYPE, 0o711)
        add(archive, "file", tarfile.REGTYPE, 0o4750, data=b"content")
        add(archive, "folder/link", tarfile.SYMTYPE, 0o777, link="../file")
        add(archive, "hard", tarfile.LNKTYPE, 0o4750, link="file")
        add(archive, "pipe", tarfile.FIFOTYPE, 0o600)


def add(
    archive: tarfile.TarFile, name: str, kind: bytes, mode: int, *, link: str = "", data: bytes = b""
) -> None:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.linkname, entry.size = kind, mode, link, len(data)
    entry.uid, entry.gid, entry.mtime = 5, 6, OLD
    archive.addfile(entry, io.BytesIO(data))


@pytest.fixture(scope="module")
def built(context: Path, syntax: str) -> Built:
    return build_image(context, syntax + DOCKERFILE)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.promise)
def test_add_archive(built: Built, fact: Fact) -> None:
    fact.holds_in(built)


def test_add_archive_from_zstd(context: Path, syntax: str, tmp_path: Path) -> None:
    if not shutil.which("zstd"):
        pytest.skip("zstd is not installed here, and this Python cannot pack it")
    subprocess.run(["zstd", "-q", context / "files.tar", "-o", tmp_path / "files.tar.zst"], check=True)
    built = build_image(tmp_path, f"{syntax}FROM scratch\nADD files.tar.zst /zst/\n")
    assert built.text("/zst/file") == "content"
    assert built.tree["/zst/folder/link"].link == "../file"
