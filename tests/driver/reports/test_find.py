"""Files that match the paths of a report."""

from __future__ import annotations

import pytest

from pyfrontend.driver.reports import find as module
from pyfrontend.driver.reports.find import NO_FILE, NOTHING, find, matches
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.results import DirEntry
from pyfrontend.llb.state import State
from pyfrontend.lower.reports import Reported, ReportPath
from pyfrontend.span import NOWHERE

FILES = [
    "/r/a.xml",
    "/r/b.txt",
    "/r/deep/c.xml",
    "/r/deep/er/d.xml",
    "/s/a.xml",
    "/.hidden",
    "/r/deep-2/e.xml",
]
LINKS = ["/r/link"]


def entries(folder: str) -> list[DirEntry]:
    """List a folder of the tree."""
    prefix = f"{folder.rstrip('/')}/"
    names = dict.fromkeys(path[len(prefix) :] for path in [*FILES, *LINKS] if path.startswith(prefix))
    if not names:
        raise BridgeError(2, f"open {folder}: no such file or directory")
    dirs = dict.fromkeys(name.partition("/")[0] for name in names if "/" in name)
    found = [DirEntry(name, True) for name in dirs]
    plain = [name for name in names if "/" not in name]
    return found + [DirEntry(name, False, prefix + name in FILES, 0, len(name)) for name in plain]


def step(*paths: str, root: str = "/", hidden: tuple[str, ...] = ()) -> Reported:
    return Reported(NOWHERE, tuple(ReportPath(path, path, root) for path in paths), State(), hidden)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/r/a.xml", ["/r/a.xml"]),
        ("/.hidden", ["/.hidden"]),
        ("/r/deep", ["/r/deep/c.xml", "/r/deep/er/d.xml"]),
        ("/r/*.xml", ["/r/a.xml"]),
        ("/*/a.xml", ["/r/a.xml", "/s/a.xml"]),
        ("/r/deep*", ["/r/deep/c.xml", "/r/deep/er/d.xml", "/r/deep-2/e.xml"]),
        ("/r/deep?2/*", ["/r/deep-2/e.xml"]),
        ("/[^r]/*", ["/s/a.xml"]),
        ("/r/**/*.xml", ["/r/a.xml", "/r/deep/c.xml", "/r/deep/er/d.xml", "/r/deep-2/e.xml"]),
        ("/r/deep/**", ["/r/deep/c.xml", "/r/deep/er/d.xml"]),
        ("/**/d.xml", ["/r/deep/er/d.xml"]),
        ("/r/[", []),
        ("/nothing", []),
        ("/r/a.xml/x", []),
    ],
)
def test_a_path_is_a_file_a_folder_or_a_pattern(path: str, found: list[str]) -> None:
    files, skipped = find(step(path), entries)
    assert sorted(file.path for file in files) == sorted(found)
    assert [one.reason for one in skipped] == ([] if found else [NOTHING])
    one = ReportPath(path, path, "/")
    assert sorted(file for file in FILES if matches(file, one)) == sorted(found)


def test_files_have_the_names_that_the_user_would_give_them() -> None:
    files, _ = find(step("/r/deep", root="/r"), entries)
    assert [file.name for file in files] == ["deep/c.xml", "deep/er/d.xml"]
    files, _ = find(step("/s", root="/r"), entries)
    assert [(file.name, file.size) for file in files] == [("s/a.xml", 5)]


def test_a_file_of_several_paths_is_found_once_and_a_link_is_named() -> None:
    files, skipped = find(step("/r/a.xml", "/r/*"), entries)
    assert len({file.path for file in files}) == len(files) == 5
    assert [(one.name, one.reason) for one in skipped] == [("r/link", NO_FILE)]


def test_where_something_was_mounted_nobody_looks() -> None:
    files, _ = find(step("/r", hidden=("/r/deep", "/r/a.xml")), entries)
    assert [file.path for file in files] == ["/r/b.txt", "/r/deep-2/e.xml"]


def test_a_search_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REPORT_ENTRIES", 3)
    files, skipped = find(step("/r/**"), entries)
    assert len(files) < 5
    assert any("the search ended after 3 files and folders" in one.reason for one in skipped)
