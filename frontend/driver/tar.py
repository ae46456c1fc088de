"""Tar archives, as far as one must read them to know what they are and when their files were changed.

The rules are those of Go, whose reader decides for the reference what is an archive (features.md CTX-015)
and whose times count (SDE-004).  Python's own reader is stricter in places, more lenient in others.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Protocol

from frontend.moment import NANOSECONDS, Moment
from frontend.record import NamedTuple
from frontend.values import parse_int, parse_uint

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 512
ZEROS = bytes(BLOCK)
#: How compressed archives begin.
BZIP2, GZIP, XZ = b"BZh", b"\x1f\x8b\x08", b"\xfd7zXZ\x00"
#: How headers begin their second half, of the formats that have one.
USTAR, GNU = b"ustar\0", b"ustar  \0"
#: Most bytes that the records of one member may take.
MAX_RECORDS = 1 << 20
#: Kinds of members: files and folders, what tells about the next member, and what has no data whatever its
#: size says.
OLD_FILE, FILE, FOLDER, SPARSE = b"\0", b"0", b"5", b"S"
RECORDS, GLOBAL_RECORDS, LONG_NAME, LONG_LINK = b"x", b"g", b"L", b"K"
WITHOUT_DATA = b"123456"
#: Kinds that are no regular file, and file types of a mode that are none.
IRREGULAR = b"23456"
IRREGULAR_MODES = frozenset((0o010000, 0o020000, 0o040000, 0o060000, 0o120000, 0o140000))
#: The time of a member that has none: Go's first moment, the year 1.
NO_TIME = Moment(-62_135_596_800)
#: Where the numbers of a header are, those of its second half, and those that only star writes.
NUMBERS = {"mode": (100, 8), "uid": (108, 8), "gid": (116, 8), "size": (124, 12), "mtime": (136, 12)}
DEVICES = ((329, 8), (337, 8))
STAR_TIMES, STAR_END = ((476, 12), (488, 12)), b"tar\0"
#: Records that must be numbers, and those that must be times.
NUMBER_RECORDS, TIME_RECORDS = ("uid", "gid", "size"), ("atime", "ctime", "mtime")


class _File(Protocol):
    """What can be read from front to back."""

    def read(self, size: int = -1, /) -> bytes:
        """Return that many bytes, fewer only at the end."""


class Member(NamedTuple):
    """What is told of one member of an archive."""

    kind: bytes
    regular: bool
    changed: Moment


def is_archive(start: bytes) -> bool:
    """Tell whether a file that begins with ``start`` is an archive, compressed or not."""
    if start.startswith((BZIP2, GZIP, XZ)):
        return True
    try:
        return next(members(io.BytesIO(start)), None) is not None
    except ValueError:
        return False


def newest_file(data: bytes) -> Moment | None:
    """Return the time of the newest regular file in an archive; None where it has none, or is none."""
    from lzma import LZMAError  # noqa: PLC0415 - only where a server tells no time
    from zlib import error as zlib_error  # noqa: PLC0415 - the same

    try:
        return max((one.changed for one in members(_unpacked(data)) if one.regular), default=None)
    except (ValueError, OSError, EOFError, LZMAError, zlib_error):
        return None


def _unpacked(data: bytes) -> _File:
    import bz2  # noqa: PLC0415 - only where a server tells no time
    import gzip  # noqa: PLC0415 - the same
    import lzma  # noqa: PLC0415 - the same

    file = io.BytesIO(data)
    if data.startswith(BZIP2):
        return bz2.BZ2File(file)
    if data.startswith(GZIP):
        return gzip.GzipFile(fileobj=file)
    return lzma.LZMAFile(file) if data.startswith(XZ) else file


def members(file: _File) -> Iterator[Member]:
    """Yield the members of the archive in ``file``, which may end after any of them.

    Raises ValueError where it is no archive, or cut short.
    """
    records: dict[str, bytes] = {}
    long_name = b""
    while (block := _header_block(file)) is not None:
        kind, numbers = block[156:157], _numbers(block)
        _check_size(kind, numbers["size"])
        if kind in (RECORDS, GLOBAL_RECORDS, LONG_NAME, LONG_LINK):
            data = _records_data(file, numbers["size"])
            if kind == LONG_NAME:
                long_name = _text(data)
            elif kind != LONG_LINK:
                records = _read_records(data)
            if kind == GLOBAL_RECORDS:
                yield Member(kind, regular=True, changed=NO_TIME)
                records, long_name = {}, b""
            continue
        size, changed = _merged(numbers, records)
        if kind == OLD_FILE:
            name = long_name or records.get("path") or _text(block[:100])
            kind = FOLDER if name.endswith(b"/") else FILE
        if kind == SPARSE:
            _skip_sparse_map(file, block)
        _check_size(kind, size)
        regular = kind not in IRREGULAR and numbers["mode"] & ~0o7777 not in IRREGULAR_MODES
        yield Member(kind, regular, changed)
        if kind not in WITHOUT_DATA:
            _read(file, size)
            file.read(-size % BLOCK)
        records, long_name = {}, b""


def _header_block(file: _File) -> bytes | None:
    """Return the next header; None at the end: of the file, or two blocks of zeros."""
    block = file.read(BLOCK)
    if block == ZEROS:
        block = file.read(BLOCK)
        if block not in (b"", ZEROS):
            raise ValueError("a header after the end")
        return None
    if not block:
        return None
    if len(block) < BLOCK:
        raise ValueError("a header is cut short")
    spaced = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(spaced)
    if _octal(block[148:156]) not in (unsigned, unsigned - 256 * sum(byte > 127 for byte in spaced)):
        raise ValueError("a header with another checksum")
    return block


def _numbers(block: bytes) -> dict[str, int]:
    if block[257:263] == USTAR or block[257:265] == GNU:
        star = block[257:263] == USTAR and block.endswith(STAR_END)
        for at, length in (*DEVICES, *(STAR_TIMES if star else ())):
            _number(block[at : at + length])
    return {name: _number(block[at : at + length]) for name, (at, length) in NUMBERS.items()}


def _number(field: bytes) -> int:
    """Read a number: octal, or in binary where the first bit is set."""
    if not field[0] & 0x80:
        return _octal(field)
    value = int.from_bytes(bytes([field[0] & 0x7F, *field[1:]]), "big")
    bits = 8 * len(field) - 1
    value -= (1 << bits) if field[0] & 0x40 else 0
    if not -(1 << 63) <= value < 1 << 63:
        raise ValueError("a number beyond 64 bits")
    return value


def _octal(field: bytes) -> int:
    digits = _text(field.strip(b" \0")).decode("latin-1")
    return parse_uint(digits, base=8) if digits else 0


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]


def _records_data(file: _File, size: int) -> bytes:
    """Return the data of a member that tells about the next one, and skip what fills its last block."""
    if size > MAX_RECORDS:
        raise ValueError(f"{size} bytes of records")
    data = _read(file, size)
    file.read(-size % BLOCK)
    return data


def _check_size(kind: bytes, size: int) -> None:
    if size < 0 and kind not in WITHOUT_DATA:
        raise ValueError("a size below zero")


def _read(file: _File, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise ValueError("a member is cut short")
    return data


def _read_records(data: bytes) -> dict[str, bytes]:
    """Read ``length key=value`` lines."""
    found: dict[str, bytes] = {}
    while data:
        digits, space, rest = data.partition(b" ")
        length = parse_int(digits.decode("latin-1")) - len(digits) - 1
        line, data = rest[:length], rest[max(length, 0) :]
        key, equals, value = line[:-1].partition(b"=")
        if length <= 0 or len(line) < length or line[-1:] != b"\n" or not space or not equals or not key:
            raise ValueError("a bad record")
        found[key.decode("latin-1")] = value
    return found


def _merged(numbers: dict[str, int], records: dict[str, bytes]) -> tuple[int, Moment]:
    """Return size and time of a member: those of its records, if they have some."""
    texts = {name: value.decode("latin-1") for name, value in records.items() if value}
    counts = {name: parse_int(texts[name]) for name in NUMBER_RECORDS if name in texts}
    times = {name: _time(texts[name]) for name in TIME_RECORDS if name in texts}
    return counts.get("size", numbers["size"]), times.get("mtime", Moment(numbers["mtime"]))


def _time(text: str) -> Moment:
    """Read ``seconds.fraction``."""
    seconds, _, fraction = text.partition(".")
    if fraction and not (fraction.isascii() and fraction.isdigit()):
        raise ValueError(f"a bad fraction: {fraction}")
    nanos = int(fraction[:9].ljust(9, "0"))
    whole, nanos = divmod(-nanos if seconds.startswith("-") else nanos, NANOSECONDS)
    return Moment(parse_int(seconds) + whole, nanos)


def _skip_sparse_map(file: _File, block: bytes) -> None:
    """Skip the blocks that continue the list of pieces of a file with holes, in the format of old GNU tar."""
    if block[257:265] != GNU:
        raise ValueError("a file with holes in a format that has none")
    more = block[482]
    while more:
        more = _read(file, BLOCK)[504]
