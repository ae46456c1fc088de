"""Tar archives, read only as far as needed to recognize them and to find when their files were changed."""

from __future__ import annotations

import io
from math import floor

from pyfrontend import limits
from pyfrontend.golang.strconv import parse_int
from pyfrontend.oci.timestamp import NANOSECONDS, Moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from tarfile import TarInfo

#: How compressed archives begin: bzip2, gzip, xz (CTX-015).
MAGIC = (b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\x00")
#: How a frame of zstd begins, and a skippable one after any of 16 first bytes, followed by its length.
ZSTD, SKIPPED = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"
#: Bytes in which the length of a record fits, and that are passed over at a time.
LENGTH, CHUNK = 20, 1 << 20
#: Where a sparse file, and a further block of its map, says whether one follows.
SPARSE_MORE, SPARSE_MORE_AGAIN = 482, 504


def is_archive(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is an archive, compressed or not.

    As in the reference, an archive whose first header only describes the next one is not recognized by its
    beginning, unless that header is about all members, as in those of git.
    """
    if start.startswith(MAGIC) or is_zstd(start):
        return True
    import tarfile  # only for files without magic bytes

    try:
        first = tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return first.type not in (tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


def is_zstd(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is compressed with zstd (LATE-002)."""
    if start.startswith(ZSTD):
        return True
    return len(start) >= 8 and start[0] >> 4 == 5 and start[1:4] == SKIPPED


def newest_file(data: bytes) -> Moment | None:
    """Return the time of the newest regular file in an archive; None if it has none, or is none.

    Nor has one a time that is beyond `limits.ARCHIVE_BYTES`, `limits.ARCHIVE_ENTRIES`, or in the description
    of a file `limits.ARCHIVE_HEADER`.
    """
    import tarfile  # only where a server gives no time
    from lzma import LZMAError
    from zlib import error as zlib_error

    try:
        with _unpacked(data) as stream:
            return max(map(_changed, _members(_Blocks(stream))), default=None)
    except (tarfile.TarError, EOFError, OSError, LZMAError, zlib_error, ValueError, OverflowError):
        return None  # the last two: a time that is not a number, or infinite


def _unpacked(data: bytes) -> io.BufferedIOBase:
    if data.startswith(MAGIC[0]):
        from bz2 import BZ2File

        return BZ2File(io.BytesIO(data))
    if data.startswith(MAGIC[1]):
        from gzip import GzipFile

        return GzipFile(fileobj=io.BytesIO(data))
    if data.startswith(MAGIC[2]):
        from lzma import LZMAFile

        return LZMAFile(io.BytesIO(data))
    return io.BytesIO(data)


class _Blocks:
    """The blocks of an archive, no more of them than `limits.ARCHIVE_BYTES`."""

    def __init__(self, stream: io.BufferedIOBase) -> None:
        self.stream = stream
        self.left = limits.ARCHIVE_BYTES
        self.entries = limits.ARCHIVE_ENTRIES

    def count(self) -> None:
        """Count a member or a record; raises ValueError once there are more than `limits.ARCHIVE_ENTRIES`."""
        self.entries -= 1
        if self.entries < 0:
            raise ValueError("the archive has too many files")

    def read(self, size: int) -> bytes:
        self.left -= size
        if self.left < 0:
            raise ValueError("the archive is too large")
        return self.stream.read(size)

    def skip(self, size: int) -> None:
        """Pass over a part; raises EOFError where it is not all there."""
        while size > 0:
            passed = len(self.read(min(size, CHUNK)))
            if not passed:
                raise EOFError
            size -= passed


def _members(blocks: _Blocks) -> Iterator[tuple[TarInfo, str | None]]:
    """Yield the regular files and hard links with the times that records give them.

    The `tarfile` module reads records of any size, some of them in quadratic time.
    """
    import tarfile

    everywhere: dict[str, str] = {}
    records: dict[str, str] = {}
    block = blocks.read(tarfile.BLOCKSIZE)
    member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    while True:
        blocks.count()
        size = member.size
        if member.type in (tarfile.XGLTYPE, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            found = _records(blocks, size)
            (everywhere if member.type == tarfile.XGLTYPE else records).update(found)
        elif member.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
            blocks.skip(_padded(size))
        else:
            known, records = everywhere | records, {}
            if member.isreg() or member.islnk():
                yield member, known.get("mtime")
            if member.type == tarfile.GNUTYPE_SPARSE:
                _skip_map(blocks, block)
            if member.isreg() or member.type not in tarfile.SUPPORTED_TYPES:
                blocks.skip(_padded(parse_int(known.get("size", str(size)))))
        block = blocks.read(tarfile.BLOCKSIZE)
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return  # the end, or what no more can be read of


def _records(blocks: _Blocks, size: int) -> dict[str, str]:
    """Read records such as ``30 mtime=1700000000.5``: their own length, a name and a value."""
    if size > limits.ARCHIVE_HEADER:
        raise ValueError("the header is too large")
    data = blocks.read(_padded(size))[:size]
    records, pos = {}, 0
    while pos < len(data):
        blocks.count()
        length, space, _ = data[pos : pos + LENGTH].partition(b" ")
        if not (space and length.isdigit() and int(length)):
            break
        end = pos + int(length)
        name, _, value = data[pos + len(length) + 1 : end - 1].partition(b"=")
        records[name.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
        pos = end
    return records


def _skip_map(blocks: _Blocks, block: bytes) -> None:
    """Pass over the further blocks in which a sparse file says where its holes are."""
    more = block[SPARSE_MORE]
    while more:
        more = blocks.read(len(block))[SPARSE_MORE_AGAIN]


def _padded(size: int) -> int:
    return -(-size // 512) * 512


def _changed(found: tuple[TarInfo, str | None]) -> Moment:
    """Return the time of a member, with the fraction that only records have: ``seconds.fraction``."""
    member, text = found
    if text is None:
        return Moment(floor(member.mtime))
    seconds, _, fraction = text.partition(".")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise ValueError(f"a bad fraction: {fraction}")
    nanos = int(fraction[:9].ljust(9, "0"))
    whole, nanos = divmod(-nanos if seconds.startswith("-") else nanos, NANOSECONDS)
    return Moment(parse_int(seconds) + whole, nanos)
