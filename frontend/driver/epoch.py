"""The time of a git or http source: commit time, Last-Modified, or the newest file in an archive."""

from __future__ import annotations

import io
from math import floor
from typing import TYPE_CHECKING

from frontend.image import ZonedTime
from frontend.llb.marshal import marshal
from frontend.llb.ops import Deferred, Output, Source, Vertex
from frontend.pb.ops_pb2 import SourceOp
from frontend.source import DockerfileError
from frontend.values import parse_int

if TYPE_CHECKING:
    from frontend.driver.context import MainContext
    from frontend.gateway.results import GitMeta


def source_time(main: MainContext, output: Output | None, log_name: str) -> int | None:
    """Return the time behind ``output`` in seconds since 1970, None where it has none (SDE-004)."""
    source = _only_source(output)
    if source is None or source.identifier.startswith("local://"):
        return None
    is_git = source.identifier.startswith("git://")
    question = SourceOp(identifier=source.identifier, attrs=source.attrs)
    meta = main.bridge.resolve_source(question, None, log_name=log_name, git_object=is_git)
    if meta.git is not None and meta.git.commit_object:
        return commit_time(meta.git)
    if meta.http is not None and meta.http.last_modified is not None:
        return meta.http.last_modified
    filename = source.attrs.get("http.filename")
    if is_git or not filename:
        return None
    bare = Source(source.identifier, source.attrs, caps=source.caps)
    ref = main.bridge.solve(marshal(Output(bare), caps=main.bridge.llb_caps)).single_ref()
    return None if ref is None else newest_file(main.bridge.read_file(ref, filename))


def commit_time(git: GitMeta) -> int | None:
    """Return the committer's time of a raw commit object, in their zone; None where there is no time.

    Raises `DockerfileError` for what is no commit.
    """
    head = git.commit_object.split(b"\n\n", 1)[0]
    if head.startswith(b"object "):
        raise DockerfileError("not a commit object")
    headers: dict[bytes, bytes] = {}
    for line in head.split(b"\n"):
        name, _, value = line.partition(b" ")
        headers.setdefault(name, value)
    for needed in ("tree", "author", "committer"):
        if needed.encode() not in headers:
            raise DockerfileError(f"invalid commit object: missing {needed} header")
    return _actor_time(headers[b"committer"].decode(errors="replace"))


def _actor_time(actor: str) -> int | None:
    """Actor = NAME "<" EMAIL ">" SECONDS ZONE."""
    front, bracket, rest = actor.rpartition(">")
    seconds, zone, *_ = [*rest.split(), "", ""]
    if not bracket or "<" not in front or len(zone) != 5 or zone[0] not in "+-":
        return None
    try:
        hours, minutes = (int(digits) if digits.isdecimal() else 0 for digits in (zone[1:3], zone[3:]))
        offset = (hours * 60 + minutes) * (-60 if zone[0] == "-" else 60)
        return ZonedTime.of(parse_int(seconds), offset)
    except ValueError:
        return None


def newest_file(archive: bytes) -> int | None:
    """Return the time of the newest regular file in a tar archive, None for any other data."""
    import tarfile  # noqa: PLC0415 - only where a server tells no time
    from lzma import LZMAError  # noqa: PLC0415 - same
    from zlib import error as zlib_error  # noqa: PLC0415 - same

    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as members:
            times = [floor(member.mtime) for member in members if member.isreg() or member.islnk()]
    except (tarfile.TarError, EOFError, OSError, LZMAError, zlib_error, ValueError, OverflowError):
        return None  # the last two: a time that is no number, or endless
    return max(times, default=None)


def _only_source(output: Output | None) -> Source | None:
    """Return the source op of a graph that has exactly one."""
    sources: list[Source] = []
    waiting: list[Vertex] = [output.vertex] if output else []
    while waiting:
        vertex = waiting.pop()
        if isinstance(vertex, Deferred):
            return None  # a directory of the client, which has no time
        if isinstance(vertex, Source):
            sources.append(vertex)
        else:
            waiting += [end.vertex for end in vertex.inputs()]
    return sources[0] if len(sources) == 1 else None
