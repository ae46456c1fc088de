"""What is an archive, and whose time it has."""

from __future__ import annotations

import io
import tarfile

import pytest

from pyfrontend import limits
from pyfrontend.driver.contexts.archives import is_archive, newest_file
from pyfrontend.oci.timestamp import Moment

FILE, LINK, FOLDER = tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
#: Where a header says what.
MODE, SIZE, TIME, KIND, MAGIC = 100, 124, 136, 156, 257


def archive(
    *members: tuple[str, float, bytes], mode: str = "w", format_: int = tarfile.PAX_FORMAT, **headers: str
) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode, format=format_, pax_headers=headers) as made:  # type: ignore[call-overload] # any mode
        for name, time, kind in members:
            info = tarfile.TarInfo(name)
            info.mtime, info.type = time, kind
            made.addfile(info)
    return data.getvalue()


def edited(data: bytes, at: int, field: bytes, *, checksum: bool = True) -> bytes:
    """Return ``data`` with ``field`` in its first header, by default with the checksum that fits."""
    block = bytearray(data[:512])
    block[at : at + len(field)] = field
    if checksum:
        block[148:156] = b" " * 8
        block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block) + data[512:]


def header(kind: bytes, size: int) -> bytes:
    """Return the header of a member that is nothing but a description of another."""
    member = tarfile.TarInfo("a")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


PLAIN = archive(("a", 5, FILE), format_=tarfile.USTAR_FORMAT)
LONG = archive(("a/" * 80, 5, FILE), format_=tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(b"", False, id="nothing"),
        pytest.param(b"FROM a", False, id="a Dockerfile"),
        pytest.param(b"BZh9", True, id="bzip2"),
        pytest.param(b"\x1f\x8b\x08", True, id="gzip"),
        pytest.param(b"\x1f\x8b", False, id="not quite gzip"),
        pytest.param(b"\xfd7zXZ\x00", True, id="xz"),
        pytest.param(b"\x28\xb5\x2f\xfd", True, id="zstd"),
        pytest.param(b"\x28\xb5\x2f", False, id="not quite zstd"),
        pytest.param(b"\x5e\x2a\x4d\x18\x03\0\0\0", True, id="a frame of zstd that decoders skip"),
        pytest.param(b"\x5e\x2a\x4d\x18\x03\0\0", False, id="a frame without its length"),
        pytest.param(b"\x60\x2a\x4d\x18\x03\0\0\0", False, id="no frame that decoders skip"),
        pytest.param(PLAIN, True, id="ustar"),
        pytest.param(PLAIN[:600], True, id="the rest need not be there"),
        pytest.param(PLAIN[:511], False, id="but all of the header"),
        pytest.param(bytes(1024), False, id="the end of one"),
        pytest.param(archive(("a", 5, FILE), comment="4f2b"), True, id="as git archive writes one"),
        pytest.param(archive(("a", 5.5, FILE)), False, id="records for the first file fill the beginning"),
        pytest.param(LONG, False, id="as its long name does"),
        pytest.param(edited(PLAIN, MAGIC, bytes(8)), True, id="before ustar"),
        pytest.param(edited(PLAIN, MODE, b"0000755\0", checksum=False), False, id="another checksum"),
        pytest.param(edited(PLAIN, MODE, b"zzzzzzz\0"), False, id="no number"),
        pytest.param(edited(PLAIN, TIME, b"\xff" * 12), True, id="one below zero"),
        pytest.param(edited(PLAIN, KIND, b"Q"), True, id="an unknown kind"),
        pytest.param(header(tarfile.GNUTYPE_LONGNAME, 1 << 70), False, id="an endless name"),
    ],
)
def test_an_archive_is_known_by_its_beginning(start: bytes, *, expected: bool) -> None:
    assert is_archive(start[:1024]) == expected


@pytest.mark.parametrize(
    ("data", "newest"),
    [
        pytest.param(
            archive(("a", 5, FILE), ("b", 7, FILE), ("c", 6, FILE)), Moment(7), id="the newest file"
        ),
        pytest.param(archive(("a", 5, FILE), ("b", 7, FOLDER)), Moment(5), id="folders do not count"),
        pytest.param(archive(("a", 5, FILE), ("b", 7, LINK)), Moment(7), id="hard links do"),
        pytest.param(archive(("b", 7, FOLDER)), None, id="no files"),
        pytest.param(edited(PLAIN, KIND, b"\0"), Moment(5), id="a file of old"),
        pytest.param(edited(edited(PLAIN, KIND, b"\0"), 0, b"a/"), None, id="a folder of old"),
        pytest.param(archive(("a", 0, FILE)), Moment(0), id="the beginning of time"),
        pytest.param(archive(("a", -1.5, FILE)), Moment(-2, 500_000_000), id="before it"),
        pytest.param(archive(("a", 5.25, FILE)), Moment(5, 250_000_000), id="a fraction"),
        pytest.param(archive(("a", 5, FILE), comment="4f2b"), Moment(5), id="as git archive writes one"),
        pytest.param(edited(PLAIN, TIME, b"\xff" * 12), Moment(-1), id="in binary"),
        pytest.param(archive(("a", 5, FILE), mode="w:gz"), Moment(5), id="gzip"),
        pytest.param(archive(("a", 5, FILE), mode="w:bz2"), Moment(5), id="bzip2"),
        pytest.param(archive(("a", 5, FILE), mode="w:xz"), Moment(5), id="xz"),
        pytest.param(archive(("a", 5, FILE), mode="w:gz")[:-20], None, id="cut short"),
        pytest.param(archive(("a", 5, FILE), mode="w:xz")[:60], None, id="xz cut short"),
        pytest.param(PLAIN[:512], Moment(5), id="no end"),
        pytest.param(archive(("a", 5.5, FILE)).replace(b"mtime=5.5", b"mtime=nan"), None, id="no number"),
        pytest.param(archive(("a", 5.5, FILE)).replace(b"mtime=5.5", b"mtime=5.x"), None, id="no fraction"),
        pytest.param(edited(PLAIN, KIND, b"x"), None, id="records without fields"),
        pytest.param(edited(edited(PLAIN, KIND, b"x"), SIZE, b"00077777777\0"), None, id="too many records"),
        pytest.param(b"no archive", None, id="another file"),
        pytest.param(b"\x1f\x8b\x08garbage", None, id="garbage"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_the_time_of_an_archive_is_that_of_its_newest_file(data: bytes, newest: Moment | None) -> None:
    assert newest_file(data) == newest


def described(records: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """Return an archive of a file of time 5 behind ``records``."""
    return header(kind, len(records)) + records + bytes(-len(records) % 512) + PLAIN


@pytest.mark.parametrize(
    ("data", "newest"),
    [
        pytest.param(described(b"11 mtime=7\n"), Moment(7), id="a time"),
        pytest.param(described(b"11 mtime=7\n", tarfile.XGLTYPE), Moment(7), id="of all files"),
        pytest.param(described(b"5 a=\n11 mtime=7\n"), Moment(7), id="behind another record"),
        pytest.param(described(b"0 mtime=7\n"), Moment(5), id="of no length"),
        pytest.param(described(b"9999 mtime=7\n"), None, id="longer than there is"),
        pytest.param(described(b"x mtime=7\n"), Moment(5), id="no record"),
        pytest.param(described(b"9" * limits.ARCHIVE_HEADER), Moment(5), id="nothing but digits"),
        pytest.param(described(b"9" * (limits.ARCHIVE_HEADER + 1)), None, id="larger than the limit"),
    ],
)
def test_records_describe_the_next_file(data: bytes, newest: Moment | None) -> None:
    assert newest_file(data) == newest


def test_a_sparse_file_has_its_map_before_its_data() -> None:
    block = bytearray(edited(PLAIN, KIND, tarfile.GNUTYPE_SPARSE)[:512])
    block[482] = 1
    after = archive(("b", 9, FILE), format_=tarfile.USTAR_FORMAT)
    assert newest_file(edited(bytes(block), 0, b"a") + bytes(504) + b"\1" + bytes(519) + after) == Moment(9)


@pytest.mark.parametrize(("name", "most"), [("ARCHIVE_BYTES", 1024), ("ARCHIVE_ENTRIES", 1)])
def test_an_archive_beyond_the_limits_has_no_time(
    name: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    two = archive(("a", 5, FILE), ("b", 7, FILE), format_=tarfile.USTAR_FORMAT)
    assert newest_file(two) == Moment(7)
    monkeypatch.setattr(limits, name, most)
    assert newest_file(two) is None
