"""A tar archive read from the output of a process: chunks of bytes in, its files out, one after another."""

from __future__ import annotations

import posixpath
import tarfile
from itertools import chain

from pyfrontend.limits import REPORT_STREAM_BYTES
from pyfrontend.parallel import later
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import IO


class Member(NamedTuple):
    """Something in an archive: its absolute path, its size, and what reads its bytes; None for no file."""

    path: str
    size: int
    read: Callable[[], bytes] | None
    is_dir: bool = False


class ArchiveError(Exception):
    """The bytes are not an archive, or too many."""


def members(chunks: Iterator[bytes]) -> Iterator[Member]:
    """Yield what is in an archive; the bytes of a file can be read until the next one is asked for.

    Nothing at all is an archive with nothing in it.  Raises `ArchiveError` for what cannot be read, and so
    does reading a file.
    """
    first = next(chunks, b"")
    if not first:
        return
    try:
        source = _Source(chain([first], chunks))
        with tarfile.open(fileobj=source, mode="r|") as archive:  # type: ignore[call-overload] # all it does is read
            for member in archive:
                file = archive.extractfile(member) if member.isreg() else None
                path = posixpath.normpath("/" + member.name.lstrip("/"))
                yield Member(path, member.size, later(_bytes, file) if file else None, member.isdir())
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise ArchiveError(str(error)) from None


def _bytes(file: IO[bytes]) -> bytes:
    try:
        return file.read()
    except tarfile.TarError as error:  # the archive ends in the middle of the file
        raise ArchiveError(str(error)) from None


class _Source:
    """Chunks as a file that is read once; it holds no more than one chunk and what is asked for."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self._left = REPORT_STREAM_BYTES

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer at the end."""
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._left -= len(chunk)
            if self._left < 0:
                raise tarfile.ReadError(f"the search ended after {REPORT_STREAM_BYTES >> 20} MiB")
            self._rest += chunk
        data, self._rest = self._rest[:size], self._rest[size:]
        return data
