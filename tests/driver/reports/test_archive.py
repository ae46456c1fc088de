"""Archives of ``tar`` as they come out of a process, whole, cut, and made up."""

from __future__ import annotations

import io
import tarfile

import pytest

from pyfrontend.driver.reports import archive as module
from pyfrontend.driver.reports.archive import ArchiveError, members


def packed(files: dict[str, bytes], folders: tuple[str, ...] = ()) -> bytes:
    """Return an archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name in folders:
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE
            archive.addfile(entry)
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "a"
        archive.addfile(link)
    return out.getvalue()


FILES = {"a": b"one", "./d/.b": b"x" * 100_000, "/abs": b"", "../out": b"two", "long/" + "n" * 200: b"three"}


@pytest.mark.parametrize("size", [1 << 20, 4096, 777])
def test_files_come_out_whatever_the_chunks(size: int) -> None:
    data = packed(FILES, ("d",))
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    found = {one.path: one.read() if one.read else one.is_dir for one in members(chunks)}
    assert found == {
        "/d": True,
        "/a": b"one",
        "/d/.b": b"x" * 100_000,
        "/abs": b"",
        "/out": b"two",
        "/long/" + "n" * 200: b"three",
        "/link": False,
    }


def test_nothing_is_an_archive_with_nothing_in_it() -> None:
    assert list(members(iter(()))) == []


@pytest.mark.parametrize(
    "data",
    [b"no archive at all" * 100, packed({"a": b"x" * 5000})[:3000], b"\x1f\x8b\x08" + b"x" * 2000],
    ids=["text", "cut", "compressed"],
)
def test_what_is_no_archive_is_an_error(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        [one.read and one.read() for one in members(iter([data]))]


def test_an_archive_without_an_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REPORT_STREAM_BYTES", 1 << 20)
    data = packed({"a": b"x" * (2 << 20)})
    with pytest.raises(ArchiveError, match="the search ended after 1 MiB"):
        list(members(data[at : at + 65536] for at in range(0, len(data), 65536)))
