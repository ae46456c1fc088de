"""The main context: a folder, a repository, an archive or a file of a web server, or what comes on stdin."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.built import build_context
from engine.client import build
from engine.contexts.places import ARCHIVES, Places, project, zstd
from engine.files import built_files, write_files
from engine.servers import web

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: All files of the project that no ignore file hides.
LOCAL = {"Dockerfile", "sub/Dockerfile", "version", "sub/version", ".dockerignore"}
#: Ignore files count for folders only (CTX-020).
REMOTE = {*LOCAL, "ignored", "single/Dockerfile"}


#: An archive in zstd, and one with a frame before it that decoders skip.
IN_ZSTD = ("project.tar.zst", "skipped.tar.zst")


class Remote(NamedTuple):
    """A context by URL: the files that it gives, and some of their texts."""

    promise: str
    url: str
    names: set[str] | None
    texts: Mapping[str, str]
    options: tuple[str, ...] = ()


SUB = {"from-sub"}
REMOTES = [
    Remote("repository over git", "{git}/project.git", REMOTE, {"version": "main"}),
    Remote("repository over http", "{http}/project.git", REMOTE, {"version": "main"}),
    Remote("fragment: branch", "{git}/project.git#other", REMOTE, {"version": "other"}),
    Remote("fragment: commit", "{git}/project.git#{first}", REMOTE, {"version": "first"}),
    Remote("fragment: tag and folder", "{git}/project.git#v1:sub", SUB, {"from-sub": "first below"}),
    Remote("fragment: folder alone", "{git}/project.git#:sub", SUB, {"from-sub": "main below"}),
    Remote("query: ref", "{git}/project.git?ref=refs/heads/other", REMOTE, {"version": "other"}),
    Remote(
        "query: tag, folder and checksum",
        "{git}/project.git?tag=v1&subdir=sub&checksum={first}",
        SUB,
        {"from-sub": "first below"},
    ),
    Remote("query: branch", "{git}/project.git?branch=other&submodules=0", REMOTE, {"version": "other"}),
    Remote(
        "query: git folder kept",
        "{git}/project.git?branch=main&keep-git-dir=1",
        None,
        {"version": "main", ".git/HEAD": ""},
    ),
    Remote(
        "build argument: git folder kept",
        "{git}/project.git#main",
        None,
        {"version": "main", ".git/HEAD": ""},
        ("--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1"),
    ),
    Remote(
        "another Dockerfile of the repository",
        "{git}/project.git",
        SUB,
        {"from-sub": "main"},
        ("--file", "sub/Dockerfile"),
    ),
    *(Remote(f"archive {name}", f"{{http}}/{name}", REMOTE, {"version": "main"}) for name in ARCHIVES),
    Remote("archive that git made", "{http}/by-git.tar", REMOTE, {"version": "main"}),
    Remote(
        "another Dockerfile of an archive",
        "{http}/project.tar.gz",
        SUB,
        {"from-sub": "main"},
        ("--file", "sub/Dockerfile"),
    ),
    Remote(
        "a lone Dockerfile is its own context",
        "{http}/files/single/Dockerfile",
        {"itself"},
        {"itself": "FROM scratch"},
    ),
]


@pytest.mark.parametrize("row", REMOTES, ids=lambda row: row.promise)
def test_a_remote_context_builds(everywhere: Places, row: Remote) -> None:
    found = built_files(everywhere.url(row.url), *row.options)
    assert row.names is None or set(found.texts) == row.names
    for name, part in row.texts.items():
        assert part in found.texts[name]
    assert row.names is None or not [name for name in found.texts if name.startswith(".git/")]


class Refused(NamedTuple):
    """A context by URL that cannot be built, and what the error says."""

    promise: str
    url: str
    message: str


REFUSED = [
    Refused(
        "wrong checksum", "{git}/project.git?branch=main&checksum=0123abcd", "expected checksum to match"
    ),
    Refused("unknown query", "{git}/project.git?nonsense=1", 'unexpected query "nonsense"'),
    Refused("no such branch", "{git}/project.git#nowhere", "nowhere"),
    Refused("no such folder", "{git}/project.git#main:nowhere", "nowhere"),
    Refused("no such file on the server", "{http}/nothing.tar", "404"),
    Refused("no Dockerfile in it", "{git}/project.git#main:sub/nothing", "nothing"),
]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.promise)
def test_a_bad_remote_context_is_refused(everywhere: Places, row: Refused) -> None:
    done = build(everywhere.url(row.url))
    assert done.code != 0
    assert row.message in done.message


class Local(NamedTuple):
    """A folder, changed, and the files that come out."""

    promise: str
    changes: Mapping[str, str | None]
    names: set[str]
    options: tuple[str, ...] = ()


LOCALS = [
    Local("a folder with its ignore file", {}, LOCAL),
    Local("a Dockerfile below", {}, SUB, ("--file", "{here}/sub/Dockerfile")),
    Local("a Dockerfile outside", {}, {"outside"}, ("--file", "{here}/../elsewhere/Dockerfile.x")),
    Local("a Dockerfile of a web server", {}, SUB, ("--file", "{http}/files/sub/Dockerfile")),
    Local("dockerfile in lower case", {"dockerfile": "COPY version /lower\n", "Dockerfile": None}, {"lower"}),
    Local(
        "dockerfile in lower case below",
        {"low/dockerfile": "COPY version /lower\n"},
        {"lower"},
        ("--file", "{here}/low/Dockerfile"),
    ),
    Local(
        "an ignore file of the Dockerfile's own beats the common one",
        {"Dockerfile.dockerignore": "# all but two\n*\n!ignored\n!sub/version\n"},
        {"ignored", "sub/version"},
    ),
    Local(
        "an ignore file beside a Dockerfile elsewhere",
        {
            "../elsewhere/Dockerfile": "COPY . /\n",
            "../elsewhere/Dockerfile.dockerignore": "*\n!version\n",
        },
        {"version"},
        ("--file", "{here}/../elsewhere/Dockerfile"),
    ),
    Local(
        "a Dockerfile that is ignored builds all the same",
        {".dockerignore": "**/Dockerfile\n.dockerignore\nsingle\nignored\n"},
        {"version", "sub/version"},
    ),
    Local("an ignore file that leaves nothing", {".dockerignore": "*\n"}, set()),
]


@pytest.mark.parametrize("row", LOCALS, ids=lambda row: row.promise)
def test_a_local_context_builds(tmp_path: Path, syntax: str, everywhere: Places, row: Local) -> None:
    here = write_files(tmp_path / "here", project(syntax))
    write_files(tmp_path / "elsewhere", {"Dockerfile.x": f"{syntax}FROM scratch\nCOPY version /outside\n"})
    for name, text in row.changes.items():
        if text is None:
            (here / name).unlink()
        else:
            head = f"{syntax}FROM scratch\n" if name.lower().endswith("dockerfile") else ""
            write_files(here, {name: head + text})
    options = [option.format(here=here, http=everywhere.http) for option in row.options]
    assert set(built_files(here, *options).texts) == row.names


def test_a_dockerfile_on_stdin_goes_with_a_folder_or_alone(tmp_path: Path, syntax: str) -> None:
    here = write_files(tmp_path, project(syntax))
    copies = f"{syntax}FROM scratch\nCOPY version /from-stdin\n".encode()
    alone = f"{syntax}FROM scratch\nCOPY <<E /made\nhere\nE\n".encode()
    assert built_files(here, "--file", "-", stdin=copies).texts == {"from-stdin": "main"}
    assert built_files("-", stdin=alone).texts == {"made": "here\n"}


@pytest.mark.parametrize("compression", ["", "gz"], ids=["plain", "compressed"])
def test_an_archive_on_stdin(tmp_path: Path, syntax: str, compression: str) -> None:
    source = write_files(tmp_path, project(syntax))
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=f"w:{compression}", format=tarfile.USTAR_FORMAT) as archive:  # type: ignore[call-overload] # made text
        archive.add(source, ".")
    assert set(built_files("-", stdin=data.getvalue()).texts) == REMOTE
    below = built_files("-", "--file", "sub/Dockerfile", stdin=data.getvalue())
    assert below.texts == {"from-sub": "main"}


# An engine whose own frontend does not know zstd would take the archive for a Dockerfile: it only hands over.
@pytest.mark.parametrize("name", IN_ZSTD)
def test_an_archive_in_zstd_builds(everywhere: Places, image: str, name: str) -> None:
    handed = ("--build-arg", f"BUILDKIT_SYNTAX={image}")
    found = built_files(everywhere.url(f"{{http}}/{name}"), *handed)
    assert set(found.texts) == REMOTE
    assert found.texts["version"] == "main"


def test_an_archive_in_zstd_is_as_old_as_its_newest_file(tmp_path: Path, syntax: str, image: str) -> None:
    source = write_files(tmp_path / "source", project(syntax))
    dockerfile = (
        "ARG SOURCE_DATE_EPOCH=context\nFROM scratch\nARG SOURCE_DATE_EPOCH\nLABEL time=$SOURCE_DATE_EPOCH\n"
    )
    (source / "Dockerfile").write_text(syntax + dockerfile)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(source, ".", filter=_in_2001)
    served = tmp_path / "served"
    served.mkdir()
    (served / "context.tar.zst").write_bytes(zstd(data.getvalue()))
    with web(served, tell_time=False) as server:
        built = build_context(f"{server.url}/context.tar.zst", "--build-arg", f"BUILDKIT_SYNTAX={image}")
    assert built.config["Labels"] == {"time": "1000000000"}
    assert built.image["created"] == "2001-09-09T01:46:40Z"


def _in_2001(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mtime = 1_000_000_000 if info.isfile() else 1_100_000_000
    return info
