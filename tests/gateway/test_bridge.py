"""The calls of the gateway, over the wire: what is sent, and what is made of the answer."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from peer import pong

from pyfrontend.errors import WARNING, Diagnostic, DockerfileError
from pyfrontend.gateway import bridge as bridge_module
from pyfrontend.gateway.bridge import Bridge
from pyfrontend.gateway.caps import OLD_API
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import CacheImport, SolveRequest, WarnRequest
from pyfrontend.gateway.results import Attestation, Ref, Result, Subject
from pyfrontend.gateway.transport import Transport
from pyfrontend.llb.caps import DEFAULTS, Capabilities
from pyfrontend.lookups import CONVERT, DENY, ImageQuery, SourceRule
from pyfrontend.pb import gateway_pb2, ops_pb2
from pyfrontend.span import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from peer import Peer


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
        SolveRequest(
            definition(),
            frontend="gateway.v0",
            options={"a": "b"},
            inputs={"in": definition("file.base")},
            cache_imports=[CacheImport("registry", {"ref": "r"})],
            evaluate=True,
        )
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


DENIED = SourceRule(DENY, "docker-image://*")
CONVERTED = SourceRule(
    CONVERT, "https://a.b/c?d=$e f", exact=True, convert_to="https://b.b/$1", attrs=(("k", "v"),)
)
POLICIES = [
    gateway_pb2.Policy(
        version=1, rules=[gateway_pb2.Rule(action=1, selector={"identifier": "docker-image://*"})]
    ),
    gateway_pb2.Policy(
        version=1,
        rules=[
            gateway_pb2.Rule(
                action=2,
                selector={"identifier": r"^https://a\.b/c\?d=\$e f$", "match_type": 2},
                updates={"identifier": "https://b.b/$$1", "attrs": {"k": "v"}},
            )
        ],
    ),
]


def test_source_policies_go_with_solves_and_lookups(peer: Peer, connect: Callable[..., Bridge]) -> None:
    policies = ((DENIED,), (CONVERTED,))
    bridge = connect()
    bridge.solve(SolveRequest(definition(), policies=policies))
    peer.answers["ResolveSourceMeta"] = gateway_pb2.ResolveSourceMetaResponse(
        Source={"identifier": "docker-image://x"}, Image={"Digest": "d"}
    )
    bridge.resolve_image(ImageQuery("x", policies=policies))
    sent = [peer.requests("Solve"), peer.requests("ResolveSourceMeta")]
    peer.answers["ResolveImageConfig"] = gateway_pb2.ResolveImageConfigResponse(Digest="d")
    connect(without="source.metaresolver").resolve_image(ImageQuery("x", policies=policies))
    sent.append(peer.requests("ResolveImageConfig"))
    assert [[list(request.SourcePolicies) for request in requests] for requests in sent] == [[POLICIES]] * 3


def test_what_is_passed_on_goes_along_unless_given(peer: Peer, connect: Callable[..., Bridge]) -> None:
    bridge = connect(cache_imports="[]", cache_from="x")
    bridge.solve(SolveRequest(definition()))
    bridge.solve(SolveRequest(frontend="f", options={"cache-from": "mine"}))
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
def test_a_result_is_read(
    peer: Peer,
    connect: Callable[..., Bridge],
    response: gateway_pb2.SolveResponse,
    expected: tuple[Any, ...],
) -> None:
    peer.answers["Solve"] = response
    assert as_tuple(connect().solve(SolveRequest(definition()))) == expected


def test_a_definition_that_needs_too_much_is_not_sent(peer: Peer, connect: Callable[..., Bridge]) -> None:
    with pytest.raises(DockerfileError) as caught:
        connect().solve(SolveRequest(definition("file.base", "mergeop")))
    assert caught.value.message == (
        "requested experimental feature mergeop  is not supported by build server, please update buildkit"
    )
    assert peer.calls == []


@pytest.mark.parametrize("reason", ["", "no time"])
def test_a_switched_off_capability_comes_with_its_reason(peer: Peer, reason: str) -> None:
    peer.answers["Ping"] = pong([], {"mergeop": False}, reason)
    transport = Transport(*peer.fds)
    with pytest.raises(DockerfileError) as caught:
        Bridge(transport, {}, "").solve(SolveRequest(definition("mergeop")))
    text = "requested experimental feature mergeop  has been disabled on the build server"
    assert caught.value.message == text + (f": {reason}" if reason else "")
    transport.close()


def test_a_daemon_without_evaluation_is_asked_for_the_root_of_each_result(
    peer: Peer, connect: Callable[..., Bridge]
) -> None:
    peer.answers["Solve"] = solved(refs=gateway_pb2.RefMap(refs={"a": gateway_pb2.Ref(id="r")}))
    connect(without="gateway.solve.evaluate").solve(SolveRequest(definition(), evaluate=True))
    solve, stat = peer.calls
    assert not solve[1].Evaluate
    assert stat == ("StatFile", gateway_pb2.StatFileRequest(Ref="r", Path="."))


def test_evaluation_fails_on_a_daemon_that_cannot_stat_files(
    peer: Peer, connect: Callable[..., Bridge]
) -> None:
    peer.answers["Solve"] = solved(ref=gateway_pb2.Ref(id="r"))
    with pytest.raises(DockerfileError, match=r"^requested experimental feature statfile \(stat a file\)"):
        connect(without="gateway.solve.evaluate statfile").solve(SolveRequest(definition(), evaluate=True))


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


#: Text with a byte that is not UTF-8, as files and arguments are read.
BYTES = "\udcff"

# Inputs and warnings


def test_inputs_are_read(peer: Peer, connect: Callable[..., Bridge]) -> None:
    peer.answers["Inputs"] = gateway_pb2.InputsResponse(Definitions={"base": definition()})
    assert connect().inputs() == {"base": definition()}


def test_an_old_daemon_has_no_inputs(connect: Callable[..., Bridge]) -> None:
    with pytest.raises(DockerfileError, match=r"^requested experimental feature frontend\.inputs"):
        connect(without="frontend.inputs").inputs()


def test_a_warning_has_the_file_and_a_range_for_every_line(
    peer: Peer, connect: Callable[..., Bridge]
) -> None:
    file = SourceFile("D", b"FROM", "Dockerfile", definition())
    span = Span(file, 2, 3)
    found = Diagnostic(WARNING, "Rule", "\udcff", [span], description="why", url="https://x")
    bridge = connect()
    bridge.warn(WarnRequest("sha256:1", found, file))
    bridge.settle_warnings()
    assert peer.calls == [
        (
            "Warn",
            gateway_pb2.WarnRequest(
                digest="sha256:1",
                level=1,
                short=b"Rule: \xff (line 2)",
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
    bridge = connect()
    bridge.warn(WarnRequest("sha256:1", Diagnostic(WARNING, "Rule", "x")))
    bridge.settle_warnings()
    assert [name for name, _ in peer.calls] == ["Warn"]


def test_warnings_are_taken_several_at_a_time_and_before_the_end(
    peer: Peer, connect: Callable[..., Bridge]
) -> None:
    waiting, most, guard = 0, 0, threading.Lock()

    def answer(_: object) -> gateway_pb2.WarnResponse:
        nonlocal waiting, most
        with guard:
            waiting += 1
            most = max(most, waiting)
        time.sleep(0.05)
        with guard:
            waiting -= 1
        return gateway_pb2.WarnResponse()

    peer.answers["Warn"] = answer
    bridge, began = connect(), time.monotonic()
    for number in range(100):
        bridge.warn(WarnRequest("sha256:1", Diagnostic(WARNING, "Rule", str(number))))
    bridge.finish(bridge.prepare(Result()))
    names = [name for name, _ in peer.calls]
    assert names == ["Warn"] * 100 + ["Return"]
    assert 2 < most <= bridge_module.WARNINGS
    assert time.monotonic() - began < 3  # one after another they take 5 seconds
    # In order, give or take what the threads of the peer make of it on a busy machine.
    numbers = [int(request.short.removeprefix(b"Rule: ")) for request in peer.requests("Warn")]
    assert all(abs(number - place) < bridge_module.WARNINGS for place, number in enumerate(numbers))


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
    result = bridge.solve(SolveRequest(definition()))
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


def test_a_map_of_results_has_no_single_reference() -> None:
    with pytest.raises(DockerfileError, match="invalid map result"):
        FULL.single_ref()


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda bridge: bridge.solve(SolveRequest(options={"a": BYTES})), id="an option"),
        pytest.param(lambda bridge: bridge.read_file(Ref("r"), BYTES), id="a file"),
        pytest.param(lambda bridge: bridge.read_dir(Ref("r"), BYTES), id="a directory"),
        pytest.param(lambda bridge: bridge.resolve_image(ImageQuery("i", log_name=BYTES)), id="an image"),
        pytest.param(lambda bridge: bridge.prepare(Result(Ref(BYTES))), id="a result"),
    ],
)
def test_text_with_other_bytes_than_utf8_is_an_error_and_never_sent(
    peer: Peer, connect: Callable[..., Bridge], call: Callable[[Bridge], object]
) -> None:
    with pytest.raises(BridgeError, match=r"string field contains invalid UTF-8$"):
        call(connect())
    assert peer.calls == []
