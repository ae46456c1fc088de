"""The reports of a failed step: the error of a solve in, the report files with their bytes out.

The details of the error name what the process had mounted (WIRE-12).  The files are read from a container
with only the step's root filesystem: through the daemon if it can read files of containers, otherwise with
the image's `tar` or `cat`.
"""

from __future__ import annotations

import json
import re
from posixpath import join

from pyfrontend.driver.reports.archive import ArchiveError, members
from pyfrontend.driver.reports.find import (
    NO_FILE,
    NOTHING,
    File,
    Skipped,
    find,
    is_hidden,
    matches,
    name_of,
    split,
)
from pyfrontend.gateway import caps
from pyfrontend.gateway.errors import SOLVE_URL, BridgeError
from pyfrontend.limits import REPORT_FAILED_BYTES
from pyfrontend.lower.reports import WILDCARDS
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pyfrontend.driver.reports.bounds import Bounds
    from pyfrontend.gateway.container import Container
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.lower.reports import Reported
    from pyfrontend.pb import ops_pb2 as pb

    Open = Callable[[], Container]

#: What is said where nothing in a daemon or an image lets anybody look at the files.
UNAVAILABLE = "reports unavailable: needs BuildKit 0.27 or later"
#: The descriptor of a process that it writes its output to.
STDOUT = 1
#: What runc and crun say of a program that the image does not have; their exit code says nothing.
NO_PROGRAM = re.compile(rb"executable file .*not found")
#: So much of what a process writes to its standard error is looked at.
MOST_ERRORS = 4 << 10


class Rescued(NamedTuple):
    """Files of a failed step with their bytes, and what is missing."""

    files: list[tuple[File, bytes]]
    skipped: list[Skipped]


def rescue(
    bridge: BridgeProtocol, error: BridgeError, op: pb.Op | None, reported: Reported, bounds: Bounds
) -> Rescued:
    """Return the report files that the step ``reported`` has written, whose ``op`` failed with ``error``."""
    root = _root(error, op) if op else ""
    if op is None or not root:
        return _nothing(reported, "the daemon did not keep what the failed step has written")
    if not bridge.api_caps.supports(caps.EXEC):
        return _nothing(reported, UNAVAILABLE)

    def open_() -> Container:
        return bridge.container(root, op.platform if op.HasField("platform") else None)

    reader = _through_daemon if bridge.api_caps.supports(caps.EXEC_FILES) else _through_image
    try:
        return reader(open_, reported, bounds)
    except BridgeError as failure:
        return _nothing(reported, f"reports unavailable: {failure.message}")


def _root(error: BridgeError, op: pb.Op) -> str:
    """Return the id of what a failed process had as its root filesystem, empty where it is not known."""
    number = next((number for number, mount in enumerate(op.exec.mounts) if mount.dest == "/"), -1)
    for detail in error.details:
        if detail.type_url == SOLVE_URL:
            ids = json.loads(detail.value).get("mountIDs") or []
            return str(ids[number]) if 0 <= number < len(ids) else ""
    return ""


def _nothing(reported: Reported, reason: str) -> Rescued:
    return Rescued([], [Skipped(path.flag, reason) for path in reported.paths])


def _through_daemon(open_: Open, reported: Reported, bounds: Bounds) -> Rescued:
    """Let the daemon list and read."""
    with open_() as container:
        files, skipped = find(reported, container.read_dir)
        kept: list[tuple[File, bytes]] = []
        for file in files:
            reason = bounds.refuse(file, failed=True)
            if reason:
                skipped.append(Skipped(file.name, reason))
            else:
                kept.append((file, container.read_file(file.path)))
    return Rescued(kept, skipped)


def _through_image(open_: Open, reported: Reported, bounds: Bounds) -> Rescued:
    """Let `tar` of the image read, or `cat` where there is no `tar`."""
    starts = dict.fromkeys(_start(path.path, split(path)[0]) for path in reported.paths)
    with open_() as container:
        program = _Program(container, ["tar", "-cf", "-", "-C", "/", "--", *starts])
        found, skipped = _unpack(program.output(), reported, bounds)
    if program.is_missing:
        return _with_cat(open_, reported, bounds)
    return Rescued(found, skipped + _missing(reported, found, skipped))


def _missing(reported: Reported, found: list[tuple[File, bytes]], skipped: list[Skipped]) -> list[Skipped]:
    """Return the paths of a step that nothing was found for, and nothing is said about."""
    said = {one.name for one in skipped}
    return [
        Skipped(path.flag, NOTHING)
        for path in reported.paths
        if not any(matches(file.path, path) for file, _ in found)
        and not any(name == path.flag or matches(join(path.root, name), path) for name in said)
    ]


class _Program:
    """A program of an image, which may not be there."""

    def __init__(self, container: Container, args: Sequence[str]) -> None:
        self.process = container.run(args)
        self._errors = b""

    def output(self) -> Iterator[bytes]:
        """Run it, and yield what it writes to its standard output."""
        for part in self.process.output():
            if part.fd == STDOUT:
                yield part.data
            elif len(self._errors) < MOST_ERRORS:
                self._errors += part.data

    @property
    def is_missing(self) -> bool:
        """Whether the image has no such program, once all output is read."""
        return bool(self.process.code and NO_PROGRAM.search(self._errors))


def _start(path: str, folder: str) -> str:
    """Return what `tar` is to look at for a report, relative to the root: a pattern's folder, or the path."""
    return (path if WILDCARDS.isdisjoint(path) else folder).lstrip("/") or "."


def _unpack(
    chunks: Iterator[bytes], reported: Reported, bounds: Bounds
) -> tuple[list[tuple[File, bytes]], list[Skipped]]:
    """Return the files in an archive that belong to the reports."""
    found: dict[str, tuple[File, bytes]] = {}
    skipped: list[Skipped] = []
    try:
        for member in members(chunks):
            path = next((one for one in reported.paths if matches(member.path, one)), None)
            if (
                path is None
                or member.is_dir
                or member.path in found
                or is_hidden(member.path, reported.hidden)
            ):
                continue
            file = File(member.path, name_of(member.path, path), member.size)
            reason = bounds.refuse(file, failed=True) if member.read else NO_FILE
            if reason or member.read is None:
                skipped.append(Skipped(file.name, reason))
            else:
                found[file.path] = file, member.read()
    except ArchiveError as error:
        skipped.append(Skipped(", ".join(path.flag for path in reported.paths), str(error)))
    return list(found.values()), skipped


def _with_cat(open_: Open, reported: Reported, bounds: Bounds) -> Rescued:
    """Read the reports that are files, each in its own container, which ends with its first process."""
    found: list[tuple[File, bytes]] = []
    skipped: list[Skipped] = []
    for path in reported.paths:
        if not WILDCARDS.isdisjoint(path.path):
            skipped.append(Skipped(path.flag, f"the image has no tar to find it with; {UNAVAILABLE}"))
            continue
        with open_() as container:
            program = _Program(container, ["cat", "--", path.path])
            data = _joined(program.output())
        if program.is_missing:
            skipped.append(Skipped(path.flag, UNAVAILABLE))
        elif program.process.code:
            skipped.append(Skipped(path.flag, f"{NOTHING}, or it is a folder: the image has no tar to look"))
        else:
            file = File(path.path, name_of(path.path, path), len(data))
            reason = bounds.refuse(file, failed=True)
            if reason:
                skipped.append(Skipped(file.name, reason))
            else:
                found.append((file, data))
    return Rescued(found, skipped)


def _joined(chunks: Iterable[bytes]) -> bytes:
    """Return the bytes of ``chunks`` until they are more than any file may have."""
    data = b""
    for chunk in chunks:
        data += chunk
        if len(data) > REPORT_FAILED_BYTES:
            break
    return data
