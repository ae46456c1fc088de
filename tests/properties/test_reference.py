"""References read in the quick way are those that the pattern of all references reads, and read alike."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from pyfrontend.oci import reference

PIECES = [
    "docker.io",
    "library",
    "a",
    "B",
    "9",
    ".",
    "..",
    "-",
    "--",
    "_",
    "__",
    "/",
    ":",
    "@",
    "latest",
    "é",
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
    | st.from_regex(r"[a-z0-9.-]{1,9}(/[a-z0-9._-]{1,9}){1,3}(:[A-Za-z0-9._-]{1,9})?", fullmatch=True)
)
@example("docker.io/library/busybox:latest")
@example("docker.io/a_b/c")
@example("a_b/c")
@example("docker.io/library/a:" + "t" * 128)
@example("docker.io/library/a:" + "t" * 127)
@example("docker.io/" + "a" * 255)
@example("docker.io/" + "a" * 256)
@example("localhost:5000/a")
@example("docker.io/a:b/c")
@example("docker.io/a:_")
@example("docker.io/٣")
@example("a..b/c")
@example("")
def test_the_quick_way_reads_what_the_pattern_reads(text: str) -> None:
    usual = reference._usual(text)
    if usual is not None:
        match = reference._match("reference", text)
        assert match is not None
        assert tuple(usual) == match.groups("")
        assert len(usual.path) <= reference.LONGEST_PATH


def test_what_is_usual_takes_the_quick_way() -> None:
    names = ["alpine:3.20", "golang:1.24-bookworm", "ghcr.io/owner/some-image:v1.2.3", "node", "my_image:a_b"]
    for name in names:
        domain, rest = reference._split_domain(name)
        assert reference._usual(f"{domain}/{rest}") is not None, name
