"""Files that match the paths of a report: listable directories in, their files out, within limits."""

from __future__ import annotations

import posixpath
import re
from fnmatch import translate

from pyfrontend.gateway.errors import BridgeError
from pyfrontend.limits import REPORT_ENTRIES
from pyfrontend.lower.reports import WILDCARDS
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyfrontend.gateway.results import DirEntry
    from pyfrontend.lower.reports import Reported, ReportPath

    #: Returns what is in a folder; raises `BridgeError` if there is none.
    List = Callable[[str], list[DirEntry]]
    #: What a path must still match below some folder; nothing: all below it belongs to the report.
    Parts = tuple[str, ...]

#: A part of a pattern that stands for any number of folders.
ANY_DEPTH = "**"
NO_FILE = "it is a link or a device, and no file"
NOTHING = "nothing is there"


class File(NamedTuple):
    """A file of a report: ``path`` in the filesystem, ``name`` in the folder of the stage, size in bytes."""

    path: str
    name: str
    size: int


class Skipped(NamedTuple):
    """A file, or a path of a report, that is not brought home, and why."""

    name: str
    reason: str


def find(reported: Reported, entries: List) -> tuple[list[File], list[Skipped]]:
    """Return the files that the paths of a step match, each once, and what of it cannot be brought home."""
    files: dict[str, File] = {}
    skipped: list[Skipped] = []
    for path in reported.paths:
        search = _Search(path, reported.hidden, entries)
        found = {file.path: file for file in search.run()}
        if not found and not search.skipped:
            search.skipped.append(Skipped(path.flag, NOTHING))
        files = found | files
        skipped += search.skipped
    return list(files.values()), skipped


def split(path: ReportPath) -> tuple[str, Parts]:
    """Return the folder in which all files of a report are, and the pattern that they match below it."""
    parts = path.path.strip("/").split("/")
    literal = next((at for at, part in enumerate(parts) if not WILDCARDS.isdisjoint(part)), len(parts) - 1)
    return "/" + "/".join(parts[:literal]), tuple(parts[literal:])


def matches(file: str, path: ReportPath) -> bool:
    """Tell whether the absolute path ``file`` belongs to a report."""
    folder, parts = split(path)
    rests = {parts}
    inside = file.startswith(f"{folder.rstrip('/')}/")
    for name in file[len(folder) :].strip("/").split("/") if inside else ():
        rests = {rest for parts in rests for rest in _rests(name, parts)}
    return inside and not rests.isdisjoint({(), (ANY_DEPTH,)})


def is_hidden(path: str, hidden: tuple[str, ...]) -> bool:
    """Tell whether something was mounted at ``path`` or above it."""
    return any(path == target or path.startswith(f"{target}/") for target in hidden)


def name_of(file: str, path: ReportPath) -> str:
    """Return how a file is called in the folder of the stage: relative paths stay as they are written."""
    inside = file.startswith(f"{path.root.rstrip('/')}/")
    return (file[len(path.root) :] if inside else file).lstrip("/")


class _Search:
    """One walk through a tree, without recursion: folders may be as deep as they like."""

    def __init__(self, path: ReportPath, hidden: tuple[str, ...], entries: List) -> None:
        self.path = path
        self.hidden = hidden
        self.entries = entries
        self.skipped: list[Skipped] = []
        self.left = REPORT_ENTRIES

    def run(self) -> Iterator[File]:
        """Yield the files, those of a folder in the order of their names."""
        waiting = [split(self.path)]
        while waiting:
            folder, parts = waiting.pop()
            below: list[tuple[str, Parts]] = []
            for entry in self._list(folder):
                path = posixpath.join(folder, entry.name)
                for rest in _rests(entry.name, parts):
                    if entry.is_dir:
                        below.append((path, rest))
                    elif rest in ((), (ANY_DEPTH,)):
                        yield from self._file(path, entry)
            waiting += reversed(below)

    def _list(self, folder: str) -> list[DirEntry]:
        if is_hidden(folder, self.hidden) or self.left <= 0:
            return []
        try:
            found = sorted(self.entries(folder), key=lambda entry: entry.name)
        except BridgeError:
            return []  # not there, or no folder
        self.left -= len(found)
        if self.left <= 0:
            reason = f"the search ended after {REPORT_ENTRIES:,} files and folders"
            self.skipped.append(Skipped(self.path.flag, reason))
        return found

    def _file(self, path: str, entry: DirEntry) -> Iterator[File]:
        if is_hidden(path, self.hidden):
            return
        if entry.is_file:
            yield File(path, name_of(path, self.path), entry.size)
        else:
            self.skipped.append(Skipped(name_of(path, self.path), NO_FILE))


def _rests(name: str, parts: Parts) -> Iterator[Parts]:
    """Yield what paths below ``name`` must still match, once for each way in which it matches ``parts``."""
    if not parts:
        yield ()
    elif parts[0] == ANY_DEPTH:
        yield parts
        yield from _rests(name, parts[1:]) if parts[1:] else ()
    elif re.match(translate(parts[0].replace("[^", "[!")), name):
        yield parts[1:]
