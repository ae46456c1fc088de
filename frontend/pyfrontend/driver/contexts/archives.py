"""Tar archives, as far as one must read them to know what they are and when their files were changed."""

from __future__ import annotations

import io
from math import floor

from pyfrontend.golang.strconv import parse_int
from pyfrontend.oci.timestamp import NANOSECONDS, Moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tarfile import TarInfo

#: How compressed archives begin: bzip2, gzip, xz (CTX-015).
MAGIC = (b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\x00")
#: How a frame of zstd begins, and after any of 16 first bytes one that decoders skip, with its length behind.
ZSTD, SKIPPED = b"\x28\xb5\x2f\xfd", b"\x2a\x4d\x18"


def is_archive(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is an archive, compressed or not.

    As in the reference, an archive whose first header only describes the next one is not recognised by its
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
    """Return the time of the newest regular file in an archive; None where it has none, or is none."""
    import tarfile  # only where a server gives no time
    from lzma import LZMAError
    from zlib import error as zlib_error

    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as members:
            return max((_changed(one) for one in members if one.isreg() or one.islnk()), default=None)
    except (tarfile.TarError, EOFError, OSError, LZMAError, zlib_error, ValueError, OverflowError):
        return None  # the last two: a time that is no number, or endless


def _changed(member: TarInfo) -> Moment:
    """Return the time of ``member``, with the fraction that only records have: ``seconds.fraction``."""
    text = member.pax_headers.get("mtime")
    if text is None:
        return Moment(floor(member.mtime))
    seconds, _, fraction = text.partition(".")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise ValueError(f"a bad fraction: {fraction}")
    nanos = int(fraction[:9].ljust(9, "0"))
    whole, nanos = divmod(-nanos if seconds.startswith("-") else nanos, NANOSECONDS)
    return Moment(parse_int(seconds) + whole, nanos)
