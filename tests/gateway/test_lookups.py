"""Look-ups of images and other sources over the wire: what is asked, and what is made of the answer."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from pyfrontend.gateway.errors import BridgeError, NotAnImage
from pyfrontend.lookups import GitMeta, HTTPMeta, ImageMeta, ImageQuery, SourceMeta, SourceQuery
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import gateway_pb2, ops_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from peer import Peer

    from pyfrontend.gateway.bridge import Bridge

ARM = Platform("linux", "arm64", "v9", "1", ("f",))
ARM_PB = ops_pb2.Platform(OS="linux", Architecture="arm64", Variant="v9", OSVersion="1", OSFeatures=["f"])


def source(identifier: str, **attrs: str) -> ops_pb2.SourceOp:
    return ops_pb2.SourceOp(
        identifier=identifier, attrs={name.replace("_", "."): v for name, v in attrs.items()}
    )


def meta(identifier: str, **found: Any) -> gateway_pb2.ResolveSourceMetaResponse:
    return gateway_pb2.ResolveSourceMetaResponse(Source=source(identifier), **found)


IMAGE = gateway_pb2.ResolveSourceImageResponse(Digest="sha256:1", Config=b"{}")


def test_an_image_is_asked_for_as_a_source(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = meta("docker-image://new", Image=IMAGE)
    found = connect().resolve_image(ImageQuery("old", ARM, "log", "pull"))
    assert found == ImageMeta("new", "sha256:1", b"{}")
    request = gateway_pb2.ResolveSourceMetaRequest(
        Source=source("docker-image://old"), Platform=ARM_PB, LogName="log", ResolveMode="pull"
    )
    assert peer.calls == [("ResolveSourceMeta", request)]


def test_an_image_in_a_layout_of_the_client(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = meta("oci-layout://i@sha256:1", Image=IMAGE)
    found = connect().resolve_image(ImageQuery("i@sha256:1", None, "log", session="s", store="d"))
    assert found.name == "i@sha256:1"
    asked = source("oci-layout://i@sha256:1", oci_session="s", oci_store="d")
    assert peer.calls == [
        ("ResolveSourceMeta", gateway_pb2.ResolveSourceMetaRequest(Source=asked, LogName="log"))
    ]


def test_an_image_that_a_policy_made_something_else_of(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = meta("https://x")
    bridge = connect()
    for _ in range(2):
        with pytest.raises(NotAnImage) as caught:
            bridge.resolve_image(ImageQuery("i", None, "log"))
        assert caught.value.identifier == "https://x"
        assert caught.value.message == "ref mutated by policy to non-image: docker-image://i -> https://x"
    assert len(peer.calls) == 1


@pytest.mark.parametrize(("answered", "name"), [("", "i"), ("new", "new")])
def test_an_image_of_an_old_daemon(
    peer: Peer, connect: Callable[..., Bridge], answered: str, name: str
) -> None:
    peer.answers["ResolveImageConfig"] = gateway_pb2.ResolveImageConfigResponse(
        Digest="sha256:1", Config=b"{}", Ref=answered
    )
    bridge = connect(without="source.metaresolver")
    found = bridge.resolve_image(ImageQuery("i", ARM, "log", "pull"))
    assert found == ImageMeta(name, "sha256:1", b"{}")
    request = gateway_pb2.ResolveImageConfigRequest(
        Ref="i", Platform=ARM_PB, LogName="log", ResolveMode="pull"
    )
    assert peer.calls == [("ResolveImageConfig", request)]


def test_a_layout_of_an_old_daemon(peer: Peer, connect: Callable[..., Bridge]) -> None:
    connect(without="source.metaresolver").resolve_image(ImageQuery("i", None, "l", session="s", store="d"))
    request = gateway_pb2.ResolveImageConfigRequest(
        Ref="i", LogName="l", ResolverType=1, SessionID="s", StoreID="d"
    )
    assert peer.calls == [("ResolveImageConfig", request)]


def test_a_question_is_asked_once_even_by_several_threads(peer: Peer, connect: Callable[..., Bridge]) -> None:
    def answer(_: object) -> gateway_pb2.ResolveSourceMetaResponse:
        time.sleep(0.2)
        return meta("docker-image://i", Image=IMAGE)

    peer.answers["ResolveSourceMeta"] = answer
    bridge = connect()
    found: list[ImageMeta] = []
    ask = lambda: found.append(bridge.resolve_image(ImageQuery("i", ARM, "log")))  # noqa: E731 - a thread's work
    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ImageMeta("i", "sha256:1", b"{}")] * 5
    assert len(peer.calls) == 1
    bridge.resolve_image(ImageQuery("i", None, "log"))
    assert len(peer.calls) == 2, "another platform is another question"


def test_a_failed_question_is_not_asked_again(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = BridgeError(5, "i: not found")
    bridge = connect()
    errors = []
    for _ in range(2):
        with pytest.raises(BridgeError) as caught:
            bridge.resolve_image(ImageQuery("i", None, "log"))
        errors.append(caught.value)
    assert [(error.code, error.message) for error in errors] == [
        (5, "failed to resolve source metadata for i: i: not found")
    ] * 2
    assert errors[0] is not errors[1]
    assert len(peer.calls) == 1


GIT = gateway_pb2.ResolveSourceGitResponse(
    Checksum="c", Ref="r", CommitChecksum="cc", CommitObject=b"o", TagObject=b"t"
)

SOURCES: list[tuple[str, dict[str, Any], tuple[Any, Any]]] = [
    ("git://x", {"Git": GIT}, (GitMeta("c", "r", "cc", b"o", b"t"), None)),
    (
        "https://x",
        {"HTTP": {"Checksum": "sha256:1", "Filename": "f", "LastModified": {"seconds": 0}}},
        (None, HTTPMeta("sha256:1", "f", 0)),
    ),
    ("https://x", {"HTTP": {"Checksum": "sha256:1"}}, (None, HTTPMeta("sha256:1", "", None))),
    ("https://x", {}, (None, None)),
]


@pytest.mark.parametrize(("identifier", "answer", "expected"), SOURCES)
def test_sources_are_asked_for(
    peer: Peer,
    connect: Callable[..., Bridge],
    identifier: str,
    answer: dict[str, Any],
    expected: tuple[Any, Any],
) -> None:
    peer.answers["ResolveSourceMeta"] = meta(identifier, **answer)
    found = connect().resolve_source(SourceQuery(source("git://old"), None, "log", git_object=True))
    assert found == SourceMeta(identifier, {}, None, *expected)
    request = gateway_pb2.ResolveSourceMetaRequest(
        Source=source("git://old"), LogName="log", Git=gateway_pb2.ResolveSourceGitRequest(ReturnObject=True)
    )
    assert peer.calls == [("ResolveSourceMeta", request)]


def test_a_source_is_what_it_is_for_an_old_daemon(peer: Peer, connect: Callable[..., Bridge]) -> None:
    found = connect(without="source.metaresolver").resolve_source(
        SourceQuery(source("git://x", git_a="b"), log_name="l")
    )
    assert found == SourceMeta("git://x", {"git.a": "b"}, None, None, None)
    assert peer.calls == []


def test_an_image_source_of_an_old_daemon_is_looked_up(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveImageConfig"] = gateway_pb2.ResolveImageConfigResponse(Digest="sha256:1", Ref="n")
    bridge = connect(without="source.metaresolver")
    found = bridge.resolve_source(SourceQuery(source("docker-image://i"), log_name="l"))
    assert found == SourceMeta("docker-image://n", {}, ImageMeta("n", "sha256:1", b""), None, None)
