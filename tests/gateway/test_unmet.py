"""What a definition needs and a daemon lacks: in the words of the reference, then which engine has it."""

from __future__ import annotations

import pytest

from fakes import Conversion, lines
from parity import daemon
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import dropped, read_caps
from pyfrontend.gateway.unmet import check
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.releases import RELEASES
from pyfrontend.pb import gateway_pb2, ops_pb2

GIT = "https://github.com/a/b.git"


def refused(text: str, *without: str) -> tuple[str, list[tuple[int, int]]]:
    """Message and places of the error of a definition for a daemon ``without`` some capabilities."""
    lowered = Conversion(text).lower()
    old = Capabilities(daemon.LLB - set(without))
    definition = marshal(lowered.state.output, caps=Capabilities(daemon.LLB))
    with pytest.raises(DockerfileError) as caught:
        check(definition, old)
    return caught.value.message, [lines(span) for span in caught.value.spans]


@pytest.mark.parametrize(
    ("line", "capability", "since"),
    [
        (
            "RUN --mount=type=secret,id=a,env=A true",
            "exec.secretenv",
            "RUN --mount=type=secret with env needs BuildKit 0.10 (Docker Engine 23.0) or newer",
        ),
        (
            "RUN --mount=type=tmpfs,target=/t,size=1m true",
            "exec.mount.tmpfs.size",
            "RUN --mount=type=tmpfs with size needs BuildKit 0.10 (Docker Engine 23.0) or newer",
        ),
        (
            f"ADD --checksum=0123456789abcdef0123456789abcdef01234567 {GIT} /",
            "source.git.checksum",
            "the checksum of a git repository needs BuildKit 0.22 (Docker Engine 28.2) or newer",
        ),
        (
            f"ADD {GIT}?submodules=0 /",
            "source.git.skipsubmodules",
            "a git repository without its submodules needs BuildKit 0.24 (Docker Engine 28.4) or newer",
        ),
    ],
    ids=["secret", "tmpfs", "checksum", "submodules"],
)
def test_what_an_op_asks_for_is_named_with_flag_engine_and_line(
    line: str, capability: str, since: str
) -> None:
    message, places = refused(f"FROM x\nRUN first\n{line}\nRUN last", capability)
    text = f"requested experimental feature {capability}  has been disabled on the build server"
    assert message == f"{text}: {since}"
    assert places == [(3, 3)]


def test_a_capability_that_no_release_is_known_for_keeps_the_words_of_the_reference() -> None:
    message, _ = refused("FROM x\nRUN a", "exec.meta.base")
    assert message == "requested experimental feature exec.meta.base  has been disabled on the build server"


@pytest.mark.parametrize("url", [f"{GIT}#main:docs", f"{GIT}?subdir=docs"], ids=["fragment", "query"])
def test_a_part_of_a_repository_is_refused_although_its_op_asks_for_nothing(url: str) -> None:
    message, places = refused(f"FROM x\nADD {url} /", "source.git.subdir")
    assert message == (
        "this engine does not support a subdirectory of a git repository,"
        " which needs BuildKit 0.9 (Docker Engine 23.0) or newer"
    )
    assert places == [(2, 2)]


def test_an_old_daemon_takes_what_needs_nothing_new() -> None:
    definition = marshal(
        Conversion(f"FROM x\nADD {GIT}#main a:b /\nRUN c").lower().state.output, caps=Capabilities(daemon.LLB)
    )
    check(definition, Capabilities(daemon.LLB - {"source.git.subdir"}))


def test_what_is_no_op_is_not_looked_into() -> None:
    strange = ops_pb2.Definition()
    getattr(strange, "def").append(b"op")
    strange.metadata["sha256:1"].caps["exec.secretenv"] = True
    check(strange, Capabilities(["exec.secretenv"]))
    with pytest.raises(DockerfileError) as caught:
        check(strange, Capabilities())
    assert caught.value.spans == []


def test_releases_are_in_their_order() -> None:
    """A newer BuildKit is never in an older engine."""

    def number(text: str) -> tuple[int, ...]:
        return tuple(map(int, text.split(".")))

    pairs = sorted((number(release.buildkit), number(release.docker)) for release in RELEASES.values())
    assert [docker for _, docker in pairs] == sorted(docker for _, docker in pairs)
    assert set(RELEASES) <= daemon.LLB


@pytest.mark.parametrize(
    ("product", "listed", "drops"),
    [
        ("docker", ["gateway.exec"], {"StartInterval"}),
        ("docker", ["gateway.exec", "gateway.exec.secretenv"], set()),
        ("buildkit", ["gateway.exec"], set()),
    ],
    ids=["old engine", "engine", "buildkit keeps all"],
)
def test_what_an_engine_drops_of_an_image_config(product: str, listed: list[str], drops: set[str]) -> None:
    found = [gateway_pb2.APICap(ID=name, Enabled=True) for name in listed]
    assert dropped(read_caps(found, (), product)) == drops
