from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llb.graphs import LINUX, caps_of, last_op
from pyfrontend.errors import DockerfileError
from pyfrontend.giturl import GitRef
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import Output, Source
from pyfrontend.llb.sources import git, http, image, local, oci_layout
from pyfrontend.oci.platforms import Platform

if TYPE_CHECKING:
    from pyfrontend.llb.state import State

DIGEST = "sha256:" + "0" * 64
HTTPS = "https://user@github.com/moby/buildkit.git"
AUTH = {"git.authtokensecret": "GIT_AUTH_TOKEN", "git.authheadersecret": "GIT_AUTH_HEADER"}
GIT_CAPS = "source.git source.git.fullurl"
OPTIONAL_GIT_CAPS = "source.git.checksum source.git.fetchbycommit source.git.keepgitdir source.git.mtime"
LOCAL_CAPS = "source.local source.local.unique"
SSH_CAPS = f"{GIT_CAPS} source.git.knownsshhosts source.git.mountsshsock"

CASES: dict[str, tuple[State, str, dict[str, str], str]] = {
    "image": (
        image(f"docker.io/library/x@{DIGEST}", LINUX),
        f"docker-image://docker.io/library/x@{DIGEST}",
        {},
        "source.image",
    ),
    "image, default mode": (
        image("x", LINUX, resolve_mode="default"),
        "docker-image://x",
        {},
        "source.image",
    ),
    "image, local mode": (
        image("x", LINUX, resolve_mode="local"),
        "docker-image://x",
        {"image.resolvemode": "local"},
        "source.image",
    ),
    "image, pull mode": (
        image("x", LINUX, resolve_mode="pull"),
        "docker-image://x",
        {"image.resolvemode": "pull"},
        "source.image source.image.resolvemode",
    ),
    "oci layout": (
        oci_layout(f"x@{DIGEST}", LINUX, session_id="s", store_id="t"),
        f"oci-layout://x@{DIGEST}",
        {"oci.session": "s", "oci.store": "t"},
        "source.ocilayout",
    ),
    "local of any session": (
        local("context"),
        "local://context",
        {"local.unique": ""},
        LOCAL_CAPS,
    ),
    "local of one session": (
        local("context", session_id="s", unique="u"),
        "local://context",
        {"local.session": "s"},
        "source.local source.local.sessionid",
    ),
    "local with all attributes": (
        local(
            "c",
            unique="u",
            follow_paths=["a b", "<&>"],
            exclude_patterns=["!é"],
            shared_key="k",
            differ="none",
        ),
        "local://c",
        {
            "local.unique": "u",
            "local.followpaths": '["a b","\\u003c\\u0026\\u003e"]',
            "local.excludepatterns": '["!é"]',
            "local.sharedkeyhint": "k",
            "local.differ": "none",
        },
        f"{LOCAL_CAPS} source.local.excludepatterns source.local.followpaths source.local.sharedkeyhint",
    ),
    "http": (http("http://h/x", filename="x"), "http://h/x", {"http.filename": "x"}, "source.http"),
    "http with checksum": (
        http("https://h/x", filename="x", checksum=DIGEST),
        "https://h/x",
        {"http.filename": "x", "http.checksum": DIGEST},
        "source.http source.http.checksum",
    ),
    "git over https": (
        git(GitRef(HTTPS)),
        "git://github.com/moby/buildkit.git",
        {"git.fullurl": HTTPS, **AUTH},
        GIT_CAPS,
    ),
    "git with branch": (
        git(GitRef(HTTPS, ref="main")),
        "git://github.com/moby/buildkit.git#main",
        {"git.fullurl": HTTPS, **AUTH},
        GIT_CAPS,
    ),
    "git with directory": (
        git(GitRef(HTTPS, subdir="docs")),
        "git://github.com/moby/buildkit.git#:docs",
        {"git.fullurl": HTTPS, **AUTH},
        GIT_CAPS,
    ),
    "git over ssh": (
        git(GitRef("git@github.com:moby/buildkit.git")),
        "git://github.com/moby/buildkit.git",
        {"git.fullurl": "git@github.com:moby/buildkit.git", **AUTH, "git.mountsshsock": "default"},
        SSH_CAPS,
    ),
    "git over ssh on a port": (
        git(GitRef("ssh://git@h:22/r.git")),
        "git://h:22/r.git",
        {"git.fullurl": "ssh://git@h:22/r.git", **AUTH, "git.mountsshsock": "default"},
        SSH_CAPS,
    ),
    "git with all attributes": (
        git(
            GitRef(HTTPS, ref="v1", submodules=False, fetch_by_commit=True),
            keep_git_dir=True,
            checksum="abc",
            mtime="commit",
        ),
        "git://github.com/moby/buildkit.git#v1",
        {
            "git.fullurl": HTTPS,
            **AUTH,
            "git.keepgitdir": "true",
            "git.checksum": "abc",
            "git.skipsubmodules": "true",
            "git.mtime": "commit",
            "git.fetchbycommit": "true",
        },
        f"{GIT_CAPS} {OPTIONAL_GIT_CAPS} source.git.skipsubmodules",
    ),
    "git, submodules wanted": (
        git(GitRef(HTTPS, submodules=True)),
        "git://github.com/moby/buildkit.git",
        {"git.fullurl": HTTPS, **AUTH},
        GIT_CAPS,
    ),
    "git, no remote at all": (
        git(GitRef("http://[bad/x.git", ref="main")),
        "git://http://[bad/x.git",
        {"git.fullurl": "http://[bad/x.git", **AUTH},
        GIT_CAPS,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_source_has_exactly_these_attributes_and_capabilities(name: str) -> None:
    state, identifier, attrs, caps = CASES[name]
    source = last_op(state).source
    assert source.identifier == identifier
    assert dict(source.attrs) == attrs
    assert caps_of(state) == set(caps.split())


@pytest.mark.parametrize("name", CASES)
def test_only_images_are_bound_to_a_platform(name: str) -> None:
    state, identifier, _, _ = CASES[name]
    assert last_op(state).HasField("platform") == identifier.startswith(("docker-image://", "oci-layout://"))


def test_an_image_keeps_its_platform_as_written_and_runs_on_the_normalised_one() -> None:
    state = image("x", Platform("Linux", "x86_64", os_features=("a",)))
    assert last_op(state).platform.Architecture == "x86_64"
    assert list(last_op(state).platform.OSFeatures) == ["a"]
    assert state.platform == Platform("linux", "amd64", os_features=("a",))


def test_a_source_needs_a_name() -> None:
    with pytest.raises(DockerfileError, match="source identifier can't be empty"):
        marshal(Output(Source("", {}, caps=())), caps=None)


def test_a_lookup_of_a_source_that_is_not_utf8_is_an_error() -> None:
    with pytest.raises(DockerfileError, match=r"^string field contains invalid UTF-8$"):
        Source("https://h/\udcff", {}, caps=()).message()


def test_a_lookup_has_identifier_and_attributes_of_a_source() -> None:
    message = Source("https://h/x", {"http.filename": "x"}, caps=()).message()
    assert (message.identifier, dict(message.attrs)) == ("https://h/x", {"http.filename": "x"})
