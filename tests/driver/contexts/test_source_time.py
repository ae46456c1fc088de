"""The time of a git or http source."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest

from fakes import FakeBridge, an_input
from parity.world import definition_of
from pyfrontend.driver.contexts import source_time
from pyfrontend.driver.contexts.base import Remote
from pyfrontend.driver.contexts.main import MainContext
from pyfrontend.driver.contexts.resolver import ContextResolver
from pyfrontend.driver.contexts.source_time import commit_time
from pyfrontend.driver.options.build_options import parse_options
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import UNKNOWN, BridgeError
from pyfrontend.gateway.lookups import DaemonImages, DaemonSources
from pyfrontend.gateway.results import DirEntry
from pyfrontend.giturl import parse_git_ref
from pyfrontend.llb.execop import BindMount
from pyfrontend.llb.imported import imported
from pyfrontend.llb.ops import Deferred, Output
from pyfrontend.llb.sources import git, http, local
from pyfrontend.llb.state import State, merge
from pyfrontend.lookups import GitMeta
from pyfrontend.oci.timestamp import NANOSECONDS, Moment

URL = "https://example.org/a.tar"
COMMIT = "tree t\nparent p\nauthor A <a@b> 1 +0000\ncommitter C <c@d> {} \n\ncommitter message <x> 9 +0000\n"


def commit(text: str) -> GitMeta:
    return GitMeta("", "", "", text.encode("utf-8", "surrogateescape"), b"")


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("1700000000 +0000", Moment(1700000000)),
        ("1700000000 +0100", Moment(1700000000, offset=3600)),
        ("1700000000 -0530", Moment(1700000000, offset=-19800)),
        ("-5 -0000", Moment(-5)),
        ("+5 +0000", Moment(5)),
        ("5 +0a30", Moment(5, offset=1800)),
        ("1700000000", None),
        ("1700000000 0100", None),
        ("1700000000 UTC", None),
        ("--5 +0000", None),
        ("99999999999999999999 +0000", None),
        ("", None),
    ],
)
def test_the_time_of_a_commit_is_its_committers(time: str, expected: Moment | None) -> None:
    assert commit_time(commit(COMMIT.format(time))) == expected


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("-0130", "2020-09-13T10:56:40-01:30"),
        ("+0200", "2020-09-13T14:26:40+02:00"),
        ("-0000", "2020-09-13T12:26:40Z"),
    ],
)
def test_the_time_of_a_commit_is_written_in_its_zone(zone: str, text: str) -> None:
    time = commit_time(commit(COMMIT.format(f"1600000000 {zone}")))
    assert time is not None
    assert time.text() == text


def test_a_name_may_have_brackets_and_bytes_of_any_kind() -> None:
    text = "tree t\nauthor A\ncommitter <C> \udcff <<c>> 7 +0000\ngpgsig x\n committer <x> 9 +0000\n"
    assert commit_time(commit(text)) == Moment(7)
    assert commit_time(commit("tree t\nauthor A\ncommitter nobody 7 +0000")) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid commit object: missing tree header"),
        ("tree t\nauthor a\n\ncommitter C <c> 1 +0000", "invalid commit object: missing committer header"),
        ("tree t\ncommitter C <c> 1 +0000", "invalid commit object: missing author header"),
        ("object o\ntype commit\ntag v1\ntagger T <t> 1 +0000", "not a commit object"),
    ],
)
def test_what_is_no_commit_is_refused(text: str, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        commit_time(commit(text))
    assert caught.value.message == message


def resolver_of(bridge: FakeBridge) -> ContextResolver:
    options = parse_options(bridge.request(), bridge.llb_caps)
    main = MainContext(bridge, options.contexts, Remote(), None)
    return ContextResolver(main, options, DaemonImages(bridge), DaemonSources(bridge))


def time_of(output: Output | None, **given: Any) -> Moment | None:
    return resolver_of(FakeBridge(**given)).source_time(output, "log")


def test_a_web_server_may_tell_the_time() -> None:
    output = http(URL, filename="a.tar").output
    assert time_of(output, sources={URL: {"last_modified": 7}}) == Moment(7)
    assert time_of(output, sources={URL: {"last_modified": 0}}) == Moment(0)


def test_a_repository_has_the_time_of_its_commit() -> None:
    ref = parse_git_ref("https://github.com/a/b.git")
    assert ref is not None
    known = {"git://github.com/a/b.git": {"commit_object": COMMIT.format("7 +0000")}}
    assert time_of(git(ref).output, sources=known) == Moment(7)
    assert time_of(git(ref).output) is None


def test_an_input_that_is_one_source_has_its_time() -> None:
    known = {"git://github.com/a/b.git": {"commit_object": COMMIT.format("7 +0100")}}
    output = imported(definition_of(an_input("git://github.com/a/b.git")))
    assert time_of(output, sources=known) == Moment(7, offset=3600)
    assert time_of(imported(definition_of(an_input("docker-image://a")))) is None


def test_a_source_that_is_reached_twice_is_one() -> None:
    known = {URL: {"last_modified": 7}}
    source = http(URL, filename="a")
    both = merge(State().run(["x"], mounts=[BindMount("/a", source.output)]).mounted("/a"), source)
    assert time_of(both.output, sources=known) == Moment(7)


#: A frame that decoders of zstd skip.
ZSTD = "P*M\x18\x03\0\0\0"


def entry(name: str, seconds: float, *, is_dir: bool = False, is_file: bool = True) -> DirEntry:
    return DirEntry(name, is_dir, is_file and not is_dir, int(seconds * NANOSECONDS))


def test_of_an_archive_in_zstd_the_daemon_shows_the_files() -> None:
    output = http(URL, filename="a.tar").output
    files = {URL: {"a.tar": ZSTD}}
    directories = {
        "/": [entry("a", 5), entry("link", 9, is_file=False), entry("b", 8, is_dir=True)],
        "/b": [entry("c", 7.25), entry("d", 1)],
    }
    assert time_of(output, files=files, directories=directories) == Moment(7, 250_000_000)
    assert time_of(output, files=files, directories={"/": [entry("b", 8, is_dir=True)]}) is None


def test_an_archive_without_end_is_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_time, "MOST_FOLDERS", 3)
    deep = {path: [entry("a", 1, is_dir=True)] for path in ("/", "/a", "/a/a", "/a/a/a")}
    with pytest.raises(DockerfileError) as caught:
        time_of(http(URL, filename="a.tar").output, files={URL: {"a.tar": ZSTD}}, directories=deep)
    assert "more than 3 folders" in caught.value.message


def test_a_download_without_a_time_is_read_for_the_times_in_its_archive() -> None:
    output = http(URL, filename="a.tar").output
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as made:
        info = tarfile.TarInfo("a")
        info.mtime = 5
        made.addfile(info)
    content = data.getvalue().decode("latin-1")
    assert time_of(output, files={URL: {"a.tar": content}}) == Moment(5)
    assert time_of(output, files={URL: {"a.tar": "text"}}) is None


@pytest.mark.parametrize(
    "output",
    [
        pytest.param(None, id="nothing"),
        pytest.param(local("context", session_id="s", unique="").output, id="a directory of the client"),
        pytest.param(Output(Deferred()), id="one that is not known yet"),
        pytest.param(merge(http(URL, filename="a"), http(f"{URL}2", filename="b")).output, id="two sources"),
        pytest.param(State().run(["x"]).output, id="no source"),
        pytest.param(http(URL, filename="").output, id="a download without a name"),
    ],
)
def test_a_source_without_a_time_gives_none(output: Output | None) -> None:
    assert time_of(output) is None


def test_what_the_daemon_refuses_is_an_error_of_the_file() -> None:
    refused = BridgeError(UNKNOWN, "refused")
    with pytest.raises(DockerfileError, match=r"^refused$") as caught:
        time_of(http(URL, filename="a").output, fail={"resolve_source": refused})
    assert isinstance(caught.value.__cause__, BridgeError)
