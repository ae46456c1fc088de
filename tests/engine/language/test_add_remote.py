"""ADD of what a web server or a git server holds."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.built import Built, Fact, build_image
from engine.client import build_text
from engine.servers import Web, git_daemon, make_repository, missing_git, web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: 3 February 2001, 04:05:06 UTC.
OLD = 981173106
PAGE = b"from the web"
SHA256 = "sha256:" + hashlib.sha256(PAGE).hexdigest()

HTTP = """
FROM busybox
WORKDIR /w
ARG WEB
ADD {web}/page.txt /http/
ADD $WEB/page.txt /renamed
ADD {web}/page.txt relative/
ADD {web}/page.txt?with=query /query/
ADD {web}/ /unnamed/
ADD --chmod=755 --chown=7:8 {web}/page.txt /owned
ADD --checksum={sha256} {web}/page.txt /checked
ADD --link {web}/page.txt /linked/
ADD {web}/page.txt local.txt /mixed/
ADD {web}/archive.tar.gz /packed/
ADD --unpack {web}/archive.tar.gz /unpacked/
ADD --unpack=true --chown=3:4 {web}/archive.tar.gz /unpacked-owned/
"""

HTTP_FACTS = [
    Fact("name from the URL", "/http/page.txt", PAGE.decode(), owner="0:0", mode=0o600),
    Fact("time from the server", "/http/page.txt", mtime=OLD),
    Fact("name from the destination", "/renamed", PAGE.decode(), kind="file"),
    Fact("relative destination", "/w/relative/page.txt", PAGE.decode()),
    Fact("the query is not part of the name", "/query/page.txt", PAGE.decode()),
    Fact("--chmod and --chown", "/owned", PAGE.decode(), owner="7:8", mode=0o755),
    Fact("--checksum that fits", "/checked", PAGE.decode()),
    Fact("--link", "/linked/page.txt", PAGE.decode()),
    Fact("a URL beside a local file", "/mixed/page.txt", PAGE.decode()),
    Fact("a local file beside a URL", "/mixed/local.txt", "local"),
    Fact("an archive is not unpacked", "/packed/archive.tar.gz", kind="file"),
    Fact("--unpack", "/unpacked/one", "one", owner="5:6", mode=0o640, mtime=OLD),
    Fact("--unpack below", "/unpacked/sub/two", "two"),
    Fact("--unpack with --chown", "/unpacked-owned/one", "one", owner="3:4"),
]


class Sources(NamedTuple):
    """The servers that are up."""

    web: Web
    git: str
    commits: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    folder = tmp_path_factory.mktemp("www")
    (folder / "page.txt").write_bytes(PAGE)
    os.utime(folder / "page.txt", (OLD, OLD))
    with tarfile.open(folder / "archive.tar.gz", "w:gz") as archive:
        for name in ("one", "sub/two"):
            entry = tarfile.TarInfo(name)
            entry.size, entry.uid, entry.gid, entry.mode, entry.mtime = 3, 5, 6, 0o640, OLD
            archive.addfile(entry, io.BytesIO(name[-3:].encode()))
    with web(folder) as server:
        yield server


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory, syntax: str, served: Web) -> Built:
    context = tmp_path_factory.mktemp("context")
    (context / "local.txt").write_text("local")
    text = HTTP.format(web=served.url, sha256=SHA256)
    return build_image(context, syntax + text, f"--build-arg=WEB={served.url}")


@pytest.mark.parametrize("fact", HTTP_FACTS, ids=lambda fact: fact.promise)
def test_add_from_the_web(http: Built, fact: Fact) -> None:
    fact.holds_in(http)


def test_add_from_the_web_gives_a_name_where_the_url_has_none(http: Built) -> None:
    assert http.below("/unnamed") == ["__unnamed__"]


def test_add_from_the_web_refuses_what_does_not_fit_the_checksum(
    tmp_path: Path, syntax: str, served: Web
) -> None:
    add = f"ADD --checksum=sha256:{64 * '0'} {served.url}/page.txt /x"
    built = build_text(tmp_path, f"{syntax}FROM busybox\n{add}\n")
    assert f"digest mismatch {SHA256}" in built.message, built.message


def test_add_from_the_web_fails_for_a_file_that_is_not_there(
    tmp_path: Path, syntax: str, served: Web
) -> None:
    built = build_text(tmp_path, f"{syntax}FROM busybox\nADD {served.url}/nothing /x\n")
    assert "invalid response status 404" in built.message, built.message


# Older engines check all commits of a repository out through one index (moby/buildkit#4260): v1 then has the
# submodule of main too, if main came first. Where it must not, submodules are off.
GIT = """
FROM busybox
ARG NAME=feature
ADD {git}/repo.git /main/
ADD {web}/repo.git /dumb/
ADD {git}/repo.git#v1 /tag/
ADD {git}/repo.git#$NAME /branch/
ADD {git}/repo.git#{v1} /commit/
ADD {git}/repo.git#v1:sub /subfolder/
ADD {git}/repo.git?tag=v1 /query/tag/
ADD {git}/repo.git?branch=feature /query/branch/
ADD {git}/repo.git?ref=refs/heads/feature /query/ref/
ADD {git}/repo.git?ref=v1&subdir=sub /query/subfolder/
ADD {git}/repo.git?ref=v1&checksum={v1} /query/checksum/
ADD {git}/repo.git?ref=v1&commit={short} /query/short/
ADD {git}/repo.git?submodules=false /query/no-modules/
ADD {git}/repo.git?ref=v1&keep-git-dir=true /query/kept/
ADD --keep-git-dir {git}/repo.git#v1 /kept/
ADD --keep-git-dir=false {git}/repo.git#v1 /not-kept/
ADD --checksum={v1} {git}/repo.git#v1 /checksum/
ADD --checksum={short} {git}/repo.git#v1 /short/
ADD --chown=7:8 --chmod=u=rwX,go= --exclude=sub {git}/repo.git?ref=v1&submodules=false /owned/
ADD --link {git}/repo.git#v1 /linked/
"""

GIT_FACTS = [
    Fact("git protocol", "/main/file.txt", "two"),
    Fact("git over dumb HTTP", "/dumb/file.txt", "two"),
    Fact("submodules come along", "/main/module/inner.txt", "inner"),
    Fact("fragment with a tag", "/tag/file.txt", "one"),
    Fact("fragment with a branch from a variable", "/branch/file.txt", "three"),
    Fact("fragment with a commit", "/commit/file.txt", "one"),
    Fact("fragment with a folder", "/subfolder/below.txt", "below one"),
    Fact("query with a tag", "/query/tag/file.txt", "one"),
    Fact("query with a branch", "/query/branch/file.txt", "three"),
    Fact("query with a ref", "/query/ref/file.txt", "three"),
    Fact("query with a folder", "/query/subfolder/below.txt", "below one"),
    Fact("query with a checksum", "/query/checksum/file.txt", "one"),
    Fact("query with a short commit", "/query/short/file.txt", "one"),
    Fact("query with keep-git-dir", "/query/kept/.git/HEAD", kind="file"),
    Fact("--keep-git-dir", "/kept/.git/HEAD", kind="file"),
    Fact("--checksum", "/checksum/file.txt", "one"),
    Fact("--checksum with the start of a commit", "/short/file.txt", "one"),
    Fact("--chown and --chmod", "/owned/file.txt", "one", owner="7:8", mode=0o600),
    Fact("--link", "/linked/file.txt", "one"),
]


WRONG = 40 * "1"


@pytest.fixture(scope="module")
def repositories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sources]:
    if missing := missing_git():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("repositories")
    commits = make_repository(folder / "repo", folder / "modules.git").commits
    with web(folder) as server, git_daemon(folder) as url:
        yield Sources(server, url, commits)


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory, syntax: str, repositories: Sources) -> Built:
    v1 = repositories.commits["v1"]
    text = GIT.format(git=repositories.git, web=repositories.web.url, v1=v1, short=v1[:8])
    return build_image(tmp_path_factory.mktemp("context"), syntax + text)


@pytest.mark.parametrize("fact", GIT_FACTS, ids=lambda fact: fact.promise)
def test_add_from_git(git: Built, fact: Fact) -> None:
    fact.holds_in(git)


def test_add_from_git_leaves_git_dir_submodules_and_excluded_files_out(git: Built) -> None:
    assert [path for path in git.tree if path.startswith(("/main/.git/", "/not-kept/.git/"))] == []
    assert "/query/no-modules/module/inner.txt" not in git.tree
    assert git.tree["/query/no-modules/file.txt"].text == "two"
    assert git.below("/owned") == ["file.txt"]


@pytest.mark.parametrize(
    ("add", "message"),
    [
        pytest.param("--checksum={wrong} {git}/repo.git#v1", "expected checksum to match {wrong}", id="flag"),
        pytest.param(
            "{git}/repo.git?ref=v1&checksum={wrong}", "expected checksum to match {wrong}", id="query"
        ),
        pytest.param("{git}/repo.git#nothing", "repository does not contain ref nothing", id="unknown ref"),
    ],
)
def test_add_from_git_refuses(
    tmp_path: Path, syntax: str, repositories: Sources, add: str, message: str
) -> None:
    # No commit that was fetched before: the engine takes a commit that it has without a look at the ref.
    source = add.format(git=repositories.git, wrong=WRONG)
    built = build_text(tmp_path, f"{syntax}FROM busybox\nADD {source} /x/\n")
    assert built.code != 0
    assert message.format(wrong=WRONG) in built.message, built.message


@pytest.mark.parametrize(
    ("add", "message"),
    [
        pytest.param(
            "--checksum=ab git://x.test/r.git?checksum=cd", 'checksum mismatch "ab" != "cd"', id="checksum"
        ),
        pytest.param("git://x.test/r.git?unknown=1", 'unexpected query "unknown"', id="unknown key"),
        pytest.param(
            "--keep-git-dir git://x.test/r.git?keep-git-dir=false",
            "inconsistent keep-git-dir",
            id="keep-git-dir",
        ),
        pytest.param("--checksum=sha256:0 http://x.test/file", "invalid checksum digest", id="short digest"),
    ],
)
def test_add_refuses_before_anything_is_fetched(tmp_path: Path, syntax: str, add: str, message: str) -> None:
    built = build_text(tmp_path, f"{syntax}FROM busybox\nADD {add} /x/\n")
    assert built.code != 0
    assert message in built.message, built.message
    assert built.marked == [3]
