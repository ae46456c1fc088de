"""Git URLs: what is a repository, what it asks for, and what is a mistake."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.giturl import GitRef, locate, parse_git_ref, parse_url

HTTPS = "https://example.com/foo.git"


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (HTTPS, GitRef(HTTPS)),
        ("HTTPS://example.com/foo.git", GitRef(HTTPS)),
        (f"{HTTPS}#main", GitRef(HTTPS, "main")),
        (f"{HTTPS}#baz/qux:quux/quuz", GitRef(HTTPS, "baz/qux", subdir="quux/quuz")),
        (f"{HTTPS}#:/a/../b/", GitRef(HTTPS, subdir="b")),
        (f"{HTTPS}#a%20b", GitRef(HTTPS, "a b")),
        (f"{HTTPS}?", GitRef(f"{HTTPS}?")),
        ("http://h/x.git", GitRef("http://h/x.git")),
        ("git://h/x", GitRef("git://h/x")),
        ("ssh://git@h:22/x", GitRef("ssh://git@h:22/x")),
        ("https://u:p%40@h/x%20y.git", GitRef("https://u:p%40@h/x%20y.git")),
        ("https://u!x@h/x y.git", GitRef("https://u%21x@h/x%20y.git")),
        ("https://@h/x.git", GitRef("https://@h/x.git")),
        ("https://[::1]:80/x.git", GitRef("https://[::1]:80/x.git")),
        ("ssh://git@h:1:2/x", GitRef("ssh://git@h:1:2/x")),
        ("git@h:o/x.git#v1:d", GitRef("git@h:o/x.git", "v1", subdir="d")),
        ("git@h:x?ref=v1", GitRef("git@h:x", "v1")),
        (
            "github.com/moby/buildkit#master",
            GitRef("github.com/moby/buildkit", "master", indistinguishable_from_local=True),
        ),
    ],
)
def test_a_repository_is_recognised(text: str, ref: GitRef) -> None:
    assert parse_git_ref(text) == ref


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        ".git",
        "./x.git",
        "../x.git",
        "/x.git",
        "example.com/x.git",
        "https://example.com/foo",
        "https://example.com/foo.git/",
        "https://example.com/foo.git.bar",
        "http://h/x.git:#b",
        "file:///x.git",
        "ftp://h/x.git",
        "ssh://git@h:o/x",
        "http://h:1:2/x.git",
        "https://[zz]/x.git",
        "https://[1.2.3.4]/x.git",
        "git://h[::1]/x.git",
        "https://h%41/x.git",
        "https://h:p/x.git",
        "https://[::1/x.git",
        "https://h/%zz.git",
        "https://h h/x.git",
        "https://u\\@h/x.git",
        "https://h/\x01.git",
        "git@h",
        "git@h h:x",
        "g/t@h:x",
        "git@h:x?a;b",
        "git@h:x\n",
        "github.com/a/%zz",
    ],
)
def test_something_else_is_no_repository(text: str) -> None:
    assert parse_git_ref(text) is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("ref=v1", {"ref": "v1"}),
        ("branch=b", {"ref": "refs/heads/b"}),
        ("branch=refs/heads/b", {"ref": "refs/heads/b"}),
        ("tag=t", {"ref": "refs/tags/t"}),
        ("tag=refs/tags/t&ref=refs/tags/t", {"ref": "refs/tags/t"}),
        ("subdir=/a", {"subdir": "/a"}),
        ("checksum=abc", {"checksum": "abc"}),
        ("commit=abc", {"checksum": "abc"}),
        ("keep-git-dir", {"keep_git_dir": True}),
        ("keep-git-dir=0", {"keep_git_dir": False}),
        ("submodules=false", {"submodules": False}),
        ("submodules=", {"submodules": True}),
        ("mtime=commit", {"mtime": "commit"}),
        ("mtime=checkout", {"mtime": "checkout"}),
        ("fetch-by-commit=1&commit=abc", {"fetch_by_commit": True, "checksum": "abc"}),
        ("ref=a%2Bb+c", {"ref": "a+b c"}),
        ("ref=a;b", {}),
        ("&&", {}),
    ],
)
def test_a_query_sets(query: str, expected: dict[str, Any]) -> None:
    assert parse_git_ref(f"{HTTPS}?{query}") == GitRef(HTTPS)._replace(**expected)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("?foo=1", 'unexpected query "foo"'),
        ("?foo", 'query "foo" has no value'),
        ("?ref", 'query "ref" has no value'),
        ("?ref=a&ref=b", 'query "ref" has multiple values'),
        ("?ref=a#b", 'ref conflicts: "b" vs "a"'),
        ("?subdir=a#b:c", 'subdir conflicts: "c" vs "a"'),
        ("?tag=a#b", 'ref conflicts: "b" vs "refs/tags/a"'),
        ("?branch=a#a", 'ref conflicts: "a" vs "refs/heads/a"'),
        ("?tag=a&branch=b", "branch conflicts with tag"),
        ("?keep-git-dir=x", 'invalid keep-git-dir value: "x"'),
        ("?submodules=x", 'invalid submodules value: "x"'),
        ("?fetch-by-commit=x", 'invalid fetch-by-commit value: "x"'),
        ("?mtime=x", 'invalid mtime value: "x" (must be "checkout" or "commit")'),
    ],
)
def test_a_query_is_refused(rest: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        parse_git_ref(HTTPS + rest)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("remote", "parts"),
    [
        ("github.com/a/b", ("https", "github.com", "/a/b", "https://github.com/a/b")),
        ("git@h:a/b.git", ("ssh", "h", "a/b.git", "git@h:a/b.git")),
        ("ssh://u@h:22/a%20b", ("ssh", "h:22", "/a b", "ssh://u@h:22/a%20b")),
    ],
)
def test_a_remote_is_located(remote: str, parts: tuple[str, ...]) -> None:
    url = locate(remote)

    assert (url.scheme, url.host, url.path, url.remote) == parts


@pytest.mark.parametrize(
    ("text", "message"), [("x/y", "unknown protocol"), ("ftp://x", "ftp: invalid protocol")]
)
def test_a_url_without_a_known_protocol_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        parse_url(text)


pieces = [
    "https://",
    "git://",
    "git@",
    "h",
    ":",
    "/",
    "x",
    ".git",
    "?",
    "#",
    "ref=",
    "&",
    "%",
    "%41",
    "[",
    "]",
    "\udcff",
]


@given(st.lists(st.sampled_from(pieces)).map("".join) | st.text())
def test_any_text_is_a_repository_or_not_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        ref = parse_git_ref(text)
        # What was taken apart once stays as it is, if it has a host.
        if ref is not None and "://h/" in ref.remote and "?" not in ref.remote and "%" not in text:
            again = parse_git_ref(ref.remote)
            assert again is not None
            assert again.remote == ref.remote
