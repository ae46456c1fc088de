"""The calls of the gateway, over the wire: what is sent, and what is made of the answer."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from peer import Peer

from frontend.gateway.bridge import (
    Attestation,
    Bridge,
    CacheImport,
    GitMeta,
    HTTPMeta,
    ImageMeta,
    Ref,
    Result,
    SourceMeta,
    Subject,
)
from frontend.gateway.caps import OLD_API
from frontend.gateway.errors import BridgeError, NotAnImage
from frontend.gateway.transport import Transport
from frontend.llb.caps import DEFAULTS, Capabilities
from frontend.llb.marshal import SourceInfo
from frontend.pb import gateway_pb2, ops_pb2
from frontend.platforms import Platform
from frontend.source import DockerfileError, Range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

API = [
    *("solve.base", "resolveimage", "readfile", "return", "returnmap", "statfile", "proto.refarray"),
    *("frontend.inputs", "gateway.solve.evaluate", "source.metaresolver"),
]
ARM = Platform("linux", "arm64", "v9", "1", ("f",))
ARM_PB = ops_pb2.Platform(OS="linux", Architecture="arm64", Variant="v9", OSVersion="1", OSFeatures=["f"])


def pong(api: list[str], llb: dict[str, bool] | None = None, reason: str = "") -> gateway_pb2.PongResponse:
    states = {"file.base": True} if llb is None else llb
    return gateway_pb2.PongResponse(
        FrontendAPICaps=[gateway_pb2.APICap(ID=name, Enabled=True) for name in api],
        LLBCaps=[
            gateway_pb2.APICap(ID=name, Enabled=on, DisabledReasonMsg=reason) for name, on in states.items()
        ],
    )


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer({"Ping": pong(API)}) as daemon:
        yield daemon


@pytest.fixture
def connect(peer: Peer) -> Iterator[Callable[..., Bridge]]:
    """Connect to the peer, with gateway capabilities taken away and options given."""
    transport = Transport(*peer.fds)

    def make(*, without: str = "", **options: str) -> Bridge:
        peer.answers["Ping"] = pong([name for name in API if name not in without.split()])
        bridge = Bridge(
            transport, {name.replace("_", "-"): text for name, text in options.items()}, "buildkit"
        )
        peer.calls.clear()
        return bridge

    yield make
    transport.close()


def definition(*caps: str) -> ops_pb2.Definition:
    made = ops_pb2.Definition()
    getattr(made, "def").append(b"op")
    made.metadata["sha256:1"].caps.update(dict.fromkeys(caps, True))
    return made


def full_ref() -> gateway_pb2.Ref:
    made = gateway_pb2.Ref(id="r")
    getattr(made, "def").CopyFrom(definition())
    return made


def solved(**result: Any) -> gateway_pb2.SolveResponse:
    return gateway_pb2.SolveResponse(result=gateway_pb2.Result(**result))


def as_tuple(result: Result) -> tuple[Any, ...]:
    return result.ref, result.refs, result.metadata, result.attestations


# Ping


def test_capabilities_are_those_that_the_daemon_lists_as_enabled(peer: Peer) -> None:
    peer.answers["Ping"] = pong(["return"], {"file.base": True, "mergeop": False})
    transport = Transport(*peer.fds)
    bridge = Bridge(transport, {}, "")
    assert bridge.api_caps == Capabilities(["return"])
    assert bridge.llb_caps == Capabilities(["file.base"])
    transport.close()


def test_a_daemon_without_lists_has_what_was_there_before_them(peer: Peer) -> None:
    peer.answers["Ping"] = gateway_pb2.PongResponse()
    transport = Transport(*peer.fds)
    bridge = Bridge(transport, {}, "")
    assert bridge.api_caps == Capabilities(OLD_API)
    assert bridge.llb_caps == Capabilities(DEFAULTS)
    transport.close()


# Solve


def test_solve_sends_all_that_it_is_given(peer: Peer, connect: Callable[..., Bridge]) -> None:
    connect().solve(
        definition(),
        frontend="gateway.v0",
        options={"a": "b"},
        inputs={"in": definition("file.base")},
        cache_imports=[CacheImport("registry", {"ref": "r"})],
        evaluate=True,
    )
    assert peer.calls == [
        (
            "Solve",
            gateway_pb2.SolveRequest(
                Definition=definition(),
                Frontend="gateway.v0",
                FrontendOpt={"a": "b"},
                FrontendInputs={"in": definition("file.base")},
                CacheImports=[gateway_pb2.CacheOptionsEntry(Type="registry", Attrs={"ref": "r"})],
                allowResultReturn=True,
                allowResultArrayRef=True,
                Evaluate=True,
            ),
        )
    ]


def test_cache_options_go_along_unless_given(peer: Peer, connect: Callable[..., Bridge]) -> None:
    bridge = connect(cache_imports="[]", cache_from="x", target="t")
    bridge.solve(definition())
    bridge.solve(None, frontend="f", options={"cache-from": "mine"})
    sent = [dict(request.FrontendOpt) for request in peer.requests("Solve")]
    assert sent == [{"cache-imports": "[]", "cache-from": "x"}, {"cache-imports": "[]", "cache-from": "mine"}]
    assert not peer.requests("Solve")[1].HasField("Definition")


ATTESTATION = Attestation(1, Ref("att"), "p", {"reason": b"sbom"}, "path", (Subject(1, "n", ("sha256:1",)),))
ATTESTATION_PB = gateway_pb2.Attestation(
    kind="Bundle",
    ref=gateway_pb2.Ref(id="att"),
    inTotoPredicateType="p",
    metadata={"reason": b"sbom"},
    path="path",
    inTotoSubjects=[gateway_pb2.InTotoSubject(kind="Raw", name="n", digest=["sha256:1"])],
)

RESULTS: list[tuple[str, gateway_pb2.SolveResponse, tuple[Any, ...]]] = [
    (
        "one with its definition and metadata",
        solved(ref=full_ref(), metadata={"k": b"v"}),
        (Ref("r", definition()), {}, {"k": b"v"}, {}),
    ),
    ("an empty filesystem", solved(ref=gateway_pb2.Ref()), (None, {}, {}, {})),
    (
        "one for each platform",
        solved(refs=gateway_pb2.RefMap(refs={"a": gateway_pb2.Ref(id="r"), "b": gateway_pb2.Ref()})),
        (None, {"a": Ref("r"), "b": None}, {}, {}),
    ),
    ("an old single one", solved(refDeprecated="r"), (Ref("r"), {}, {}, {})),
    (
        "an old map",
        solved(refsDeprecated=gateway_pb2.RefMapDeprecated(refs={"a": "r", "b": ""})),
        (None, {"a": Ref("r"), "b": None}, {}, {}),
    ),
    ("a very old one", gateway_pb2.SolveResponse(ref="r"), (Ref("r"), {}, {}, {})),
    ("a very old empty one", gateway_pb2.SolveResponse(), (None, {}, {}, {})),
    ("nothing but metadata", solved(metadata={"k": b"v"}), (None, {}, {"k": b"v"}, {})),
    (
        "attestations",
        solved(attestations={"a": gateway_pb2.Attestations(attestation=[ATTESTATION_PB])}),
        (None, {}, {}, {"a": [ATTESTATION]}),
    ),
]


@pytest.mark.parametrize(("response", "expected"), [pytest.param(*row[1:], id=row[0]) for row in RESULTS])
def test_results(
    peer: Peer,
    connect: Callable[..., Bridge],
    response: gateway_pb2.SolveResponse,
    expected: tuple[Any, ...],
) -> None:
    peer.answers["Solve"] = response
    assert as_tuple(connect().solve(definition())) == expected


def test_a_definition_that_needs_too_much_is_not_sent(peer: Peer, connect: Callable[..., Bridge]) -> None:
    with pytest.raises(DockerfileError) as caught:
        connect().solve(definition("file.base", "mergeop"))
    assert caught.value.message == (
        "requested experimental feature mergeop  is not supported by build server, please update buildkit"
    )
    assert peer.calls == []


@pytest.mark.parametrize("reason", ["", "no time"])
def test_a_switched_off_capability_comes_with_its_reason(peer: Peer, reason: str) -> None:
    peer.answers["Ping"] = pong([], {"mergeop": False}, reason)
    transport = Transport(*peer.fds)
    with pytest.raises(DockerfileError) as caught:
        Bridge(transport, {}, "").solve(definition("mergeop"))
    text = "requested experimental feature mergeop  has been disabled on the build server"
    assert caught.value.message == text + (f": {reason}" if reason else "")
    transport.close()


def test_evaluation_where_the_daemon_cannot_be_told(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["Solve"] = solved(refs=gateway_pb2.RefMap(refs={"a": gateway_pb2.Ref(id="r")}))
    connect(without="gateway.solve.evaluate").solve(definition(), evaluate=True)
    solve, stat = peer.calls
    assert not solve[1].Evaluate
    assert stat == ("StatFile", gateway_pb2.StatFileRequest(Ref="r", Path="."))


def test_evaluation_where_there_is_no_way(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["Solve"] = solved(ref=gateway_pb2.Ref(id="r"))
    with pytest.raises(DockerfileError, match=r"^requested experimental feature statfile \(stat a file\)"):
        connect(without="gateway.solve.evaluate statfile").solve(definition(), evaluate=True)


# Files


@pytest.mark.parametrize(
    ("part", "request_"),
    [
        ({}, gateway_pb2.ReadFileRequest(Ref="r", FilePath="f")),
        (
            {"length": 5},
            gateway_pb2.ReadFileRequest(Ref="r", FilePath="f", Range=gateway_pb2.FileRange(Length=5)),
        ),
    ],
)
def test_files_are_read(
    peer: Peer,
    connect: Callable[..., Bridge],
    part: dict[str, int],
    request_: gateway_pb2.ReadFileRequest,
) -> None:
    peer.answers["ReadFile"] = gateway_pb2.ReadFileResponse(Data=b"\xff")
    assert connect().read_file(Ref("r"), "f", **part) == b"\xff"
    assert peer.calls == [("ReadFile", request_)]


# Images and other sources


def source(identifier: str, **attrs: str) -> ops_pb2.SourceOp:
    return ops_pb2.SourceOp(
        identifier=identifier, attrs={name.replace("_", "."): v for name, v in attrs.items()}
    )


def meta(identifier: str, **found: Any) -> gateway_pb2.ResolveSourceMetaResponse:
    return gateway_pb2.ResolveSourceMetaResponse(Source=source(identifier), **found)


IMAGE = gateway_pb2.ResolveSourceImageResponse(Digest="sha256:1", Config=b"{}")


def test_an_image_is_asked_for_as_a_source(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = meta("docker-image://new", Image=IMAGE)
    found = connect().resolve_image("old", ARM, log_name="log", resolve_mode="pull")
    assert found == ImageMeta("new", "sha256:1", b"{}")
    request = gateway_pb2.ResolveSourceMetaRequest(
        Source=source("docker-image://old"), Platform=ARM_PB, LogName="log"
    )
    assert peer.calls == [("ResolveSourceMeta", request)], "the mode stays here"


def test_an_image_in_a_layout_of_the_client(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = meta("oci-layout://i@sha256:1", Image=IMAGE)
    found = connect().resolve_image("i@sha256:1", None, log_name="log", oci_session="s", oci_store="d")
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
            bridge.resolve_image("i", None, log_name="log")
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
    found = bridge.resolve_image("i", ARM, log_name="log", resolve_mode="pull")
    assert found == ImageMeta(name, "sha256:1", b"{}")
    request = gateway_pb2.ResolveImageConfigRequest(
        Ref="i", Platform=ARM_PB, LogName="log", ResolveMode="pull"
    )
    assert peer.calls == [("ResolveImageConfig", request)]


def test_a_layout_of_an_old_daemon(peer: Peer, connect: Callable[..., Bridge]) -> None:
    connect(without="source.metaresolver").resolve_image(
        "i", None, log_name="l", oci_session="s", oci_store="d"
    )
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
    ask = lambda: found.append(bridge.resolve_image("i", ARM, log_name="log"))  # noqa: E731 - a thread's work
    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [ImageMeta("i", "sha256:1", b"{}")] * 5
    assert len(peer.calls) == 1
    bridge.resolve_image("i", None, log_name="log")
    assert len(peer.calls) == 2, "another platform is another question"


def test_a_failed_question_is_not_asked_again(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveSourceMeta"] = BridgeError(5, "i: not found")
    bridge = connect()
    errors = []
    for _ in range(2):
        with pytest.raises(BridgeError) as caught:
            bridge.resolve_image("i", None, log_name="log")
        errors.append(caught.value)
    assert [(error.code, error.message) for error in errors] == [(5, "failed to resolve source metadata for i: i: not found")] * 2
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
    found = connect().resolve_source(source("git://old"), None, log_name="log", git_object=True)
    assert found == SourceMeta(identifier, {}, None, *expected)
    request = gateway_pb2.ResolveSourceMetaRequest(
        Source=source("git://old"), LogName="log", Git=gateway_pb2.ResolveSourceGitRequest(ReturnObject=True)
    )
    assert peer.calls == [("ResolveSourceMeta", request)]


def test_a_source_is_what_it_is_for_an_old_daemon(peer: Peer, connect: Callable[..., Bridge]) -> None:
    found = connect(without="source.metaresolver").resolve_source(
        source("git://x", git_a="b"), None, log_name="l"
    )
    assert found == SourceMeta("git://x", {"git.a": "b"}, None, None, None)
    assert peer.calls == []


def test_an_image_source_of_an_old_daemon_is_looked_up(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["ResolveImageConfig"] = gateway_pb2.ResolveImageConfigResponse(Digest="sha256:1", Ref="n")
    bridge = connect(without="source.metaresolver")
    found = bridge.resolve_source(source("docker-image://i"), None, log_name="l")
    assert found == SourceMeta("docker-image://n", {}, ImageMeta("n", "sha256:1", b""), None, None)


# Inputs and warnings


def test_inputs(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["Inputs"] = gateway_pb2.InputsResponse(Definitions={"base": definition()})
    assert connect().inputs() == {"base": definition()}


def test_inputs_of_an_old_daemon(connect: Callable[..., Bridge]) -> None:
    with pytest.raises(DockerfileError, match=r"^requested experimental feature frontend\.inputs"):
        connect(without="frontend.inputs").inputs()


def test_a_warning_has_the_file_and_a_range_for_every_line(
    peer: Peer, connect: Callable[..., Bridge]
) -> None:
    connect().warn(
        "sha256:1",
        level=1,
        short="Rule: \udcff",
        detail=["why"],
        url="https://x",
        source=SourceInfo("D", b"FROM", "Dockerfile", definition()),
        ranges=[Range(2, 3)],
    )
    assert peer.calls == [
        (
            "Warn",
            gateway_pb2.WarnRequest(
                digest="sha256:1",
                level=1,
                short=b"Rule: \xff",
                detail=[b"why"],
                url="https://x",
                info=ops_pb2.SourceInfo(
                    filename="D", data=b"FROM", language="Dockerfile", definition=definition()
                ),
                ranges=[
                    ops_pb2.Range(start=ops_pb2.Position(line=n), end=ops_pb2.Position(line=n))
                    for n in (2, 3)
                ],
            ),
        )
    ]


def test_a_warning_that_is_not_taken_is_dropped(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["Warn"] = BridgeError(12, "unknown method Warn")
    connect().warn("sha256:1", level=1, short="x", detail=[], url="", source=None, ranges=[])
    assert [name for name, _ in peer.calls] == ["Warn"]


# Return


def returned(peer: Peer) -> gateway_pb2.Result:
    ((name, request),) = peer.calls
    assert name == "Return"
    result: gateway_pb2.Result = request.result
    return result


FULL = Result(None, {"a": Ref("r", definition()), "b": None}, {"k": b"v"}, {"a": [ATTESTATION]})


def test_a_result_for_each_platform_is_returned(peer: Peer, connect: Callable[..., Bridge]) -> None:
    bridge = connect()
    bridge.finish(bridge.prepare(FULL))
    refs = {"a": full_ref(), "b": gateway_pb2.Ref()}
    assert returned(peer) == gateway_pb2.Result(
        refs=gateway_pb2.RefMap(refs=refs),
        metadata={"k": b"v"},
        attestations={"a": gateway_pb2.Attestations(attestation=[ATTESTATION_PB])},
    )


@pytest.mark.parametrize(
    ("ref", "old", "expected"),
    [
        (Ref("r"), False, gateway_pb2.Result(ref=gateway_pb2.Ref(id="r"))),
        (None, False, gateway_pb2.Result(ref=gateway_pb2.Ref())),
        (Ref("r"), True, gateway_pb2.Result(refDeprecated="r")),
        (None, True, gateway_pb2.Result(refDeprecated="")),
    ],
)
def test_a_single_result_is_returned(
    peer: Peer,
    connect: Callable[..., Bridge],
    ref: Ref | None,
    old: bool,  # noqa: FBT001 - a column
    expected: gateway_pb2.Result,
) -> None:
    bridge = connect(without="proto.refarray" if old else "")
    bridge.finish(bridge.prepare(Result(ref)))
    assert returned(peer) == expected
    assert returned(peer).WhichOneof("result") == expected.WhichOneof("result")


def test_a_result_for_each_platform_of_an_old_daemon(peer: Peer, connect: Callable[..., Bridge]) -> None:
    bridge = connect(without="proto.refarray")
    bridge.finish(bridge.prepare(Result(refs={"a": Ref("r"), "b": None})))
    expected = gateway_pb2.RefMapDeprecated(refs={"a": "r", "b": ""})
    assert returned(peer) == gateway_pb2.Result(refsDeprecated=expected)


def test_several_results_need_a_daemon_that_takes_them(connect: Callable[..., Bridge]) -> None:
    bridge = connect(without="returnmap")
    assert bridge.prepare(Result(refs={"a": Ref("r")}))
    with pytest.raises(DockerfileError, match=r"^requested experimental feature returnmap"):
        bridge.prepare(FULL)


def test_a_result_that_is_too_large_is_an_error(connect: Callable[..., Bridge]) -> None:
    with pytest.raises(BridgeError, match="too large") as caught:
        connect().prepare(Result(metadata={"k": b"x" * (16 << 20)}))
    assert caught.value.code == 8


def test_a_daemon_without_return_gets_the_request_again(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["Solve"] = gateway_pb2.SolveResponse(ref="r")
    bridge = connect(without="return")
    result = bridge.solve(definition())
    result.metadata["k"] = b"v"
    bridge.finish(bridge.prepare(result))
    first, last = peer.requests("Solve")
    assert first.ExporterAttr == b"{}"
    assert not first.Final
    assert (last.Final, last.ExporterAttr, last.Definition) == (True, b'{"k":"dg=="}', definition())
    assert peer.requests("Return") == []


def test_a_daemon_without_return_and_an_empty_result(peer: Peer, connect: Callable[..., Bridge]) -> None:
    bridge = connect(without="return")
    bridge.finish(bridge.prepare(Result()))
    (last,) = peer.requests("Solve")
    assert last.Final
    assert last.HasField("Definition")


def test_a_daemon_without_return_and_a_result_from_elsewhere(connect: Callable[..., Bridge]) -> None:
    with pytest.raises(BridgeError, match="did not find request for return reference q"):
        connect(without="return").prepare(Result(Ref("q")))


def test_a_single_reference_is_wanted_of_a_map() -> None:
    with pytest.raises(DockerfileError, match="invalid map result"):
        FULL.single_ref()
