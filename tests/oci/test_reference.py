"""Image references: their long and short forms, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pyfrontend.oci.reference import (
    Reference,
    check_digest,
    parse,
    parse_normalized,
    tag_name_only,
    trim,
    with_digest,
)

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("busybox", "docker.io/library/busybox", "busybox"),
        ("busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"),
        ("a/b", "docker.io/a/b", "a/b"),
        ("a/b/c", "docker.io/a/b/c", "a/b/c"),
        ("library/x", "docker.io/library/x", "x"),
        ("library/x/y", "docker.io/library/x/y", "library/x/y"),
        ("docker.io/x", "docker.io/library/x", "x"),
        ("index.docker.io/x:1", "docker.io/library/x:1", "x:1"),
        ("localhost/x", "localhost/x", "localhost/x"),
        ("localhost:5000/x", "localhost:5000/x", "localhost:5000/x"),
        ("example.com/a/b:T.1", "example.com/a/b:T.1", "example.com/a/b:T.1"),
        ("Host/x", "Host/x", "Host/x"),
        ("[::1]:50/x", "[::1]:50/x", "[::1]:50/x"),
        ("foo_b.com/x", "foo_b.com/x", "foo_b.com/x"),
        (f"x@{DIGEST}", f"docker.io/library/x@{DIGEST}", f"x@{DIGEST}"),
        (f"x:1@{DIGEST}", f"docker.io/library/x:1@{DIGEST}", f"x:1@{DIGEST}"),
        ("a__b---c.d/e", "a__b---c.d/e", "a__b---c.d/e"),
    ],
)
def test_a_reference_is_read(text: str, full: str, familiar: str) -> None:
    ref = parse_normalized(text)

    assert (str(ref), ref.familiar()) == (full, familiar)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid reference format"),
        ("-x", "invalid reference format"),
        ("x:", "invalid reference format"),
        ("x:-t", "invalid reference format"),
        ("x:" + "t" * 129, "invalid reference format"),
        ("a//b", "invalid reference format"),
        ("a___b", "invalid reference format"),
        ("x@sha256:abc", "invalid reference format"),
        ("x:\u00e9", "invalid reference format"),
        ("x\n", "invalid reference format"),
        ("scratch scratch", "invalid reference format"),
        ("SRC", "invalid reference format: repository name (library/SRC) must be lowercase"),
        ("a/SRC:1", "invalid reference format: repository name (a/SRC) must be lowercase"),
        ("a" * 64, f"invalid repository name ({'a' * 64}), cannot specify 64-byte hexadecimal strings"),
        ("g" * 256, "repository name must not be more than 255 characters"),
        ("x@sha256:" + "a" * 63, "invalid checksum digest length"),
        ("x@sha256:" + "A" * 64, "invalid checksum digest format"),
        ("x@md5:" + "a" * 32, "unsupported digest algorithm"),
    ],
)
def test_a_reference_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole text is compared
        parse_normalized(text)
    assert str(caught.value) == message


def test_the_length_of_the_path_counts_without_the_domain() -> None:
    longest = "a" * (255 - len("library/"))

    assert parse_normalized(longest).path == f"library/{longest}"


def test_a_written_out_reference_is_taken_as_it_is() -> None:
    assert parse("a/b@" + DIGEST) == Reference("a", "b", "", DIGEST)
    with pytest.raises(ValueError, match=r"^repository name must have at least one component$"):
        parse("")
    with pytest.raises(ValueError, match=r"^repository name must be lowercase$"):
        parse("a/B")
    with pytest.raises(ValueError, match=r"^repository name must be lowercase$"):
        parse("a/\u0130")


@pytest.mark.parametrize(
    ("text", "expected"), [("x", "x:latest"), ("x:1", "x:1"), (f"x@{DIGEST}", f"x@{DIGEST}")]
)
def test_a_bare_name_gets_the_tag_latest(text: str, expected: str) -> None:
    assert tag_name_only(parse_normalized(text)).familiar() == expected


def test_a_digest_pins_a_reference_and_keeps_its_tag() -> None:
    ref = with_digest(parse_normalized("x:1"), DIGEST)

    assert ref.familiar() == f"x:1@{DIGEST}"
    assert trim(ref).familiar() == "x"
    with pytest.raises(ValueError, match=r"^invalid digest format$"):
        with_digest(ref, "sha256:x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid checksum digest format"),
        ("sha256", "invalid checksum digest format"),
        (":a", "invalid checksum digest format"),
        ("sha256:", "invalid checksum digest format"),
        ("sha256:" + "g" * 64, "invalid checksum digest format"),
        ("sha512:" + "a" * 64, "invalid checksum digest length"),
        ("md5:abc", "unsupported digest algorithm"),
        ("MD5:abc", "invalid checksum digest format"),
        ("md5:a!", "invalid checksum digest format"),
    ],
)
def test_a_digest_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        check_digest(text)


@given(st.text("aA0.-_:/@[]sh256") | st.text())
def test_any_text_is_a_reference_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        ref = parse_normalized(text)
        # Both forms name the same image.
        assert parse_normalized(ref.familiar()) == ref
        assert parse_normalized(str(ref)) == ref


@pytest.mark.parametrize(
    "text", ["a-" * 50_000, "a" * 100_000 + "!", "a." * 50_000, "_" * 100_000, "a/" * 50_000]
)
def test_a_long_text_is_refused_soon(text: str) -> None:
    with pytest.raises(ValueError, match="invalid reference format"):
        parse_normalized(text)
