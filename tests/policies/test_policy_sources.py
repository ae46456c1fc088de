"""What policies see of a source: the same for each of the ways to write it."""

from __future__ import annotations

import pytest

from pyfrontend.giturl import parse_git_ref
from pyfrontend.oci.platforms import Platform
from pyfrontend.oci.reference import parse_normalized
from pyfrontend.policies.sources import git_source, http_source, image_source, rewritten
from pyfrontend.policies.values import Source, Use
from pyfrontend.span import SourceFile, Span

SHA = "sha256:" + "a" * 64
USE = Use("written", "ADD")


def image(text: str) -> Source:
    return image_source(parse_normalized(text), None, USE)


def repository(text: str, checksum: str = "") -> Source:
    ref = parse_git_ref(text)
    assert ref is not None
    return git_source(text, ref, checksum, USE)


def test_an_image_in_its_parts() -> None:
    file = SourceFile("Dockerfile", b"FROM x\n")
    use = Use("Node:22", "FROM", "build", Span(file, 3, 4))
    source = image_source(parse_normalized(f"node:22@{SHA}"), Platform("linux", "arm64", "v8"), use)
    assert source == Source(
        "image",
        f"docker.io/library/node:22@{SHA}",
        "Node:22",
        "docker.io",
        "library/node",
        "22",
        SHA,
        platform="linux/arm64",
        instruction="FROM",
        stage="build",
        file="Dockerfile",
        line=3,
    )
    assert (source.host, source.name) == ("docker.io", "docker.io/library/node")


@pytest.mark.parametrize(
    ("url", "host", "name"),
    [
        ("https://a.com/x/y.tgz", "a.com", "a.com/x/y.tgz"),
        ("https://A.COM:443//x", "a.com", "a.com/x"),
        ("http://a.com:80/x", "a.com", "a.com/x"),
        ("http://a.com:443/x", "a.com:443", "a.com:443/x"),
        ("https://a.com./x", "a.com", "a.com/x"),
        ("https://a.com@evil.com/x", "evil.com", "evil.com/x"),
        ("https://a.com:b@evil.com/x", "evil.com", "evil.com/x"),
        ("https://evil.com/a.com/x", "evil.com", "evil.com/a.com/x"),
        ("https://a.com?x=/y", "a.com", "a.com/"),
        ("https://a.com/team%2Fx", "a.com", "a.com/team/x"),
        ("https://a.com/team/../x", "a.com", "a.com/../team/../x"),
        ("https://a.com/team/%2e%2e/x", "a.com", "a.com/../team/../x"),
        ("https://a com/x", "", "https://a com/x"),
    ],
)
def test_a_download_in_its_parts(url: str, host: str, name: str) -> None:
    source = http_source(url, SHA, USE)
    assert (source.host, source.name) == (host, name)
    assert (source.kind, source.ref, source.url, source.checksum) == ("http", url, url, SHA)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/o/r.git", "github.com/o/r.git"),
        ("https://GitHub.com:443/o/r.git#main:sub", "github.com/o/r.git"),
        ("git@github.com:o/r.git", "github.com/o/r.git"),
        ("ssh://git@github.com:22/o/r", "github.com/o/r"),
        ("ssh://git@github.com:2222/o/r", "github.com:2222/o/r"),
        ("git://github.com/o/r?ref=main", "github.com/o/r"),
        ("https://user:pw@github.com/o/r.git", "github.com/o/r.git"),
        ("https://github.com@evil.com/o/r.git", "evil.com/o/r.git"),
    ],
)
def test_a_repository_has_one_name(url: str, name: str) -> None:
    assert repository(url).name == name


@pytest.mark.parametrize(
    ("places", "within"),
    [
        (("a.com",), True),
        (("a.com/team",), True),
        (("a.com/team/app",), True),
        (("b.com", "a.com"), True),
        ((), False),
        (("a.co",), False),
        (("a.com/te",), False),
        (("a.com/team/app/x",), False),
        (("a.com:443",), False),
    ],
)
def test_a_source_is_within_whole_parts_of_a_path(places: tuple[str, ...], *, within: bool) -> None:
    assert image("a.com/team/app:1").is_within(*places) is within
    assert http_source("https://a.com/team/app", "", USE).is_within(*places) is within


def test_who_leads_up_is_within_no_path() -> None:
    source = http_source("https://a.com/team/../other/x", "", USE)
    assert source.is_within("a.com")
    assert not source.is_within("a.com/team")
    assert not source.is_within("a.com/other")


def test_the_commit_of_a_repository_is_its_checksum() -> None:
    commit = "c" * 40
    assert repository(f"https://a.com/x.git#{commit}").checksum == commit
    assert repository(f"https://a.com/x.git?checksum={commit}").checksum == commit
    assert repository("https://a.com/x.git", commit).checksum == commit
    assert repository("https://a.com/x.git#v1").checksum == ""
    assert repository("https://a.com/x.git", "c" * 39).checksum == ""


def test_what_takes_the_place_of_a_source() -> None:
    assert rewritten(image("x"), "b.com/x:2", "p").ref == "b.com/x:2"
    download = rewritten(http_source("https://a.com/x", SHA, USE), "https://b.com/y", "p")
    assert (download.url, download.checksum) == ("https://b.com/y", SHA)
    other = rewritten(repository("https://a.com/x.git#v1"), "git@b.com:x.git#v1", "p")
    assert (other.ref, other.name) == ("git@b.com:x.git#v1", "b.com/x.git")
    with pytest.raises(ValueError, match="no address of a git repository"):
        rewritten(other, "github.com/o/r", "p")


@pytest.mark.parametrize(
    ("platform", "shown"),
    [
        (Platform("linux", "arm64"), "linux/arm64"),
        (Platform("linux", "arm64", "v8"), "linux/arm64"),
        (Platform("linux", "arm"), "linux/arm/v7"),
        (Platform("linux", "amd64", "v2"), "linux/amd64/v2"),
    ],
)
def test_a_platform_has_one_name(platform: Platform, shown: str) -> None:
    assert image_source(parse_normalized("alpine"), platform, Use("alpine", "FROM")).platform == shown
