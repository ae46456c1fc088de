"""Policies of plugins in a build: what they put in the place of each kind of source, wherever it is named."""

from __future__ import annotations

import base64
import json
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from fakes import FakeBridge, an_input, lines
from parity import graph
from pyfrontend import api
from pyfrontend.driver.forward import forward
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import build
from pyfrontend.driver.subrequests import serve_subrequest
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import Output, Source
from pyfrontend.lookups import ImageQuery, SourceQuery
from pyfrontend.pb import ops_pb2
from pyfrontend.plugins.load import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.driver.options.request import Request
    from pyfrontend.plugins.gather import Plugins

SHA = "sha256:" + "a" * 64
COMMIT = "b" * 40


def plugins(function: Callable[[api.Source], Any]) -> Plugins:
    module = ModuleType("house")
    module.house = api.policy(function)  # type: ignore[attr-defined]
    return load([module])


class Seen:
    """A policy that remembers what it is shown, and rewrites what is on evil.com to good.com."""

    def __init__(self) -> None:
        self.sources: list[api.Source] = []

    def __call__(self, source: api.Source) -> api.Rewrite | None:
        self.sources.append(source)
        return api.Rewrite(source.ref.replace("evil.com", "good.com")) if "evil.com" in source.ref else None

    @property
    def rows(self) -> list[tuple[str, str, str, str, int]]:
        return [(one.kind, one.ref, one.instruction, one.stage, one.line) for one in self.sources]


def asked(bridge: FakeBridge, policy: Callable[[api.Source], Any], **more: str) -> Request:
    def house(source: api.Source) -> Any:
        return policy(source)

    return bridge.request(**more)._replace(plugins=plugins(house))


def built(text: str, policy: Callable[[api.Source], Any], **given: Any) -> FakeBridge:
    bridge = FakeBridge(text, **given)
    build(open_session(bridge, asked(bridge, policy)))
    return bridge


def identifiers(bridge: FakeBridge) -> list[str]:
    """The sources of the last graph, less the client's directories."""
    definition = bridge.solves[-1].definition
    found = [
        op.source.identifier
        for op in map(ops_pb2.Op.FromString, graph.defs(definition))
        if op.HasField("source")
    ]
    return [name for name in found if not name.startswith("local:")]


def test_a_policy_sees_where_each_source_is_named() -> None:
    seen = Seen()
    text = """\
ARG V=3
FROM alpine:$V AS one
COPY --from=node:22 / /
RUN --mount=from=golang,target=/m x
FROM one AS two
ADD https://x.com/$V https://x.com/y.git#v1 /
COPY --from=named / /
"""
    opts = {"context:named": "docker-image://ubuntu", "attest:sbom": "generator=scan"}
    images = {"scan": {"config": {"os": "linux", "architecture": "amd64", "config": {"Cmd": ["x"]}}}}
    built(text.replace("ADD", "ARG V\nADD"), seen, opts=opts, images=images)
    assert seen.rows == [
        ("image", "docker.io/library/scan:latest", "--sbom", "", 0),
        ("image", "docker.io/library/alpine:3", "FROM", "one", 2),
        ("image", "docker.io/library/node:22", "COPY", "one", 3),
        ("image", "docker.io/library/golang:latest", "RUN", "one", 4),
        ("image", "docker.io/library/ubuntu:latest", "--build-context", "", 0),
        ("http", "https://x.com/3", "ADD", "two", 7),
        ("git", "https://x.com/y.git#v1", "ADD", "two", 7),
    ]
    assert [one.written for one in seen.sources[1:3]] == ["alpine:3", "node:22"]
    assert seen.sources[4].context == "named"
    assert {one.platform for one in seen.sources} == {"linux/amd64", ""}


@pytest.mark.parametrize(
    ("source", "taken"),
    [
        ("https://evil.com/x", "https://good.com/x"),
        ("https://evil.com/x.git", "git://good.com/x.git"),
        ("https://evil.com/x.git#v1:sub", "git://good.com/x.git#v1:sub"),
        ("git@evil.com:x.git#v1", "git://good.com/x.git#v1"),
        ("ssh://git@evil.com/x.git", "git://good.com/x.git"),
    ],
)
def test_downloads_and_repositories_are_rewritten_wherever_they_are_named(source: str, taken: str) -> None:
    seen = Seen()
    assert identifiers(built(f"FROM scratch\nADD {source} /\n", seen)) == [taken]
    if not source.startswith("ssh:"):  # no context of the command line begins so
        by_context = built("FROM scratch\nCOPY --from=c / /\n", seen, opts={"context:c": source})
        assert identifiers(by_context) == [taken]
    main = built("FROM scratch\nCOPY x /\n", seen, opts={"context": source})
    assert identifiers(main) == [taken]
    assert {one.instruction for one in seen.sources} >= {"ADD", "build context"}


def test_the_query_of_what_was_rewritten_is_forgotten() -> None:
    def house(source: api.Source) -> api.Rewrite | None:
        return api.Rewrite("https://good.com/x.git?ref=v2") if "evil.com" in source.ref else None

    bridge = built(f"FROM scratch\nADD https://evil.com/x.git?checksum={COMMIT} /\n", house)
    (op,) = [
        op.source
        for op in map(ops_pb2.Op.FromString, graph.defs(bridge.solves[-1].definition))
        if op.HasField("source")
    ]
    assert op.identifier == "git://good.com/x.git#v2"
    assert "git.checksum" not in op.attrs


def git_input(attrs: dict[str, str]) -> dict[str, Any]:
    definition = marshal(Output(Source("git://evil.com/x.git#v1", attrs, caps=())), caps=None)
    made = an_input("docker-image://x")
    encoded = graph.defs(definition)
    made["def"] = [base64.b64encode(data).decode() for data in encoded]
    made["metadata"] = {graph.digest_of(data): {} for data in encoded}
    return made


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (an_input(f"docker-image://docker.io/library/evil.com@{SHA}"), None),
        (an_input(f"docker-image://evil.com/x@{SHA}"), f"docker-image://good.com/x@{SHA}"),
        (an_input("https://evil.com/x"), "https://good.com/x"),
        (git_input({}), "git://good.com/x.git#v1"),
        (git_input({"git.fullurl": "ssh://git@evil.com/x.git"}), "git://good.com/x.git#v1"),
        (an_input("local://x"), None),
        (an_input("docker-image://other"), None),
        (git_input({"git.fullurl": "https://other.com/x.git"}), None),
    ],
)
def test_what_others_have_put_into_a_graph_is_converted_by_the_daemon(
    given: dict[str, Any], taken: str | None
) -> None:
    def house(source: api.Source) -> api.Rewrite | None:
        return api.Rewrite(source.ref.replace("evil.com", "good.com")) if source.host == "evil.com" else None

    text = "FROM scratch\nCOPY --from=c / /\n"
    bridge = built(text, house, opts={"context:c": "input:c"}, inputs={"c": given})
    rules = [rule for policy in bridge.solves[-1].policies for rule in policy]
    assert [rule.convert_to for rule in rules] == ([taken] if taken else [])
    if "git" in str(taken):
        assert dict(rules[0].attrs)["git.fullurl"].endswith("good.com/x.git")


@pytest.mark.parametrize(
    "identifier",
    [
        f"oci-layout://x@{SHA}",
        "new://evil",
        f"docker-image+blob://evil.com/x@{SHA}",
        f"oci-layout+blob://x@{SHA}",
    ],
)
def test_no_source_of_a_graph_goes_past(identifier: str) -> None:
    def house(source: api.Source) -> api.Deny:
        return api.Deny(f"no {source.kind}")

    text = "FROM scratch\nCOPY --from=c / /\n"
    with pytest.raises(DockerfileError) as caught:
        built(
            text,
            lambda source: None if source.kind == "target" else house(source),
            opts={"context:c": "input:c"},
            inputs={"c": an_input(identifier)},
        )
    kind = {"n": "new", "o": "oci-layout", "d": "image"}[identifier[0]]
    assert caught.value.message.endswith(f"is denied by the policy house (house): no {kind}")


@pytest.mark.parametrize(
    ("specification", "kind", "ref"),
    [
        ("local:c", "local", "c"),
        ("input:c", "target", "c"),
        (f"oci-layout://store@{SHA}", "oci-layout", f"oci-layout://store@{SHA}"),
        ("docker-image://ubuntu", "image", "docker.io/library/ubuntu:latest"),
        ("git@x.com:y.git", "git", "git@x.com:y.git"),
        ("https://x.com/y", "http", "https://x.com/y"),
    ],
)
def test_every_kind_of_context_can_be_denied(specification: str, kind: str, ref: str) -> None:
    sources: list[api.Source] = []

    def house(source: api.Source) -> api.Deny:
        sources.append(source)
        return api.Deny("no")

    opts = {"context:c": specification}
    with pytest.raises(DockerfileError) as caught:
        built("FROM scratch\nCOPY --from=c / /\n", house, opts=opts, inputs={"c": an_input("local://x")})
    assert (sources[0].kind, sources[0].ref, sources[0].context) == (kind, ref, "c")
    assert [lines(span) for span in caught.value.diagnostic().shown] == [(2, 2)]


@pytest.mark.parametrize(
    "specification", ["docker-image://UPPER", "oci-layout://UPPER", "git://x?ref=", "docker-image://scratch"]
)
def test_what_is_wrong_with_a_context_is_for_others_to_say(specification: str) -> None:
    def build_with(policy: Callable[[api.Source], Any] | None) -> str:
        bridge = FakeBridge("FROM c\nCOPY x /\n", opts={"context:c": specification})
        request = asked(bridge, policy) if policy else bridge.request()
        try:
            build(open_session(bridge, request))
        except DockerfileError as error:
            return error.message
        return ""

    assert build_with(lambda _source: None) == build_with(None)


def test_the_daemons_own_lookups_of_sources_are_asked_about() -> None:
    seen = Seen()
    bridge = FakeBridge("FROM scratch\n", sources={"https://good.com/x": {"digest": SHA}})
    session = open_session(bridge, asked(bridge, seen))
    query = SourceQuery(ops_pb2.SourceOp(identifier="https://evil.com/x"), log_name="resolve")
    assert session.sources.resolve(query).identifier == "https://good.com/x"
    image = SourceQuery(ops_pb2.SourceOp(identifier="docker-image://evil.com/x:1"))
    assert session.sources.resolve(image).identifier == "docker-image://good.com/x:1"
    assert [one.instruction for one in seen.sources][::2] == ["", ""]


def test_a_lock_looks_repositories_up_where_they_are_taken_from() -> None:
    seen = Seen()
    sources = {"git://good.com/x.git#v1": {"checksum": COMMIT}}
    bridge = FakeBridge("FROM scratch\nADD https://evil.com/x.git#v1 /\n", sources=sources)
    result = serve_subrequest(open_session(bridge, asked(bridge, seen, requestid="frontend.lock")))
    assert f"\ngit https://evil.com/x.git#v1 {COMMIT}\n" in result.metadata["result.txt"].decode()
    assert {one.instruction for one in seen.sources} == {"--call=lock"}


def test_another_frontend_may_be_rewritten() -> None:
    bridge = FakeBridge("# syntax=evil.com/f:1\nFROM scratch\n")
    request = asked(bridge, Seen())
    options = {key: value for key, value in request.options.items() if key != "cmdline"}
    forward(open_session(bridge, request._replace(options=options)))
    assert bridge.solves[-1].options["source"] == "good.com/f:1"
    options["build-arg:BUILDKIT_SYNTAX"] = "UPPER"
    forward(open_session(bridge, request._replace(options=options)))
    assert bridge.solves[-1].options["source"] == "UPPER"


def test_a_graph_shows_downloads_and_repositories_that_are_taken() -> None:
    bridge = FakeBridge("FROM scratch\nADD https://evil.com/x https://evil.com/x.git#v1 /\n")
    result = serve_subrequest(open_session(bridge, asked(bridge, Seen(), requestid="frontend.graph")))
    found = json.loads(result.metadata["result.json"])["sources"]
    assert [(one["name"], one["detail"]) for one in found] == [
        ("https://good.com/x", "for https://evil.com/x"),
        ("https://good.com/x.git#v1", "for https://evil.com/x.git#v1"),
    ]


@pytest.mark.parametrize("identifier", ["docker-image://UPPER", "docker-image://", "docker-image://x y"])
def test_what_no_policy_can_be_asked_about_is_denied(identifier: str) -> None:
    given: dict[str, Any] = {"opts": {"context:c": "input:c"}, "inputs": {"c": an_input(identifier)}}
    with pytest.raises(DockerfileError) as caught:
        built("FROM scratch\nCOPY --from=c / /\n", lambda _source: None, **given)
    assert caught.value.message.startswith(f"{identifier} is denied: no policy can be asked about it: ")


def test_a_download_with_a_checksum_lets_none_in_without() -> None:
    asked_by: set[str] = set()

    def house(source: api.Source) -> api.Deny | None:
        asked_by.add(source.instruction)
        return api.Deny("pin it") if source.kind in ("git", "http") and not source.checksum else None

    text = f"FROM scratch\nADD --checksum={SHA} https://x.com/y /\nADD https://x.com/y.git#{COMMIT} /\n"
    assert len(identifiers(built(text, house))) == 2
    assert asked_by == {"ADD"}, "the graph holds nothing new"
    given: dict[str, Any] = {"opts": {"context:c": "input:c"}, "inputs": {"c": an_input("https://x.com/y")}}
    with pytest.raises(DockerfileError, match=r"https://x\.com/y is denied"):
        built(f"{text}COPY --from=c / /\n", house, **given)


def test_no_graph_within_a_graph_goes_past() -> None:
    build_op = ops_pb2.Op(build=ops_pb2.BuildOp(builder=-1))
    last = ops_pb2.Op(inputs=[ops_pb2.Input(digest=graph.digest_of(build_op.SerializeToString()))])
    encoded = [op.SerializeToString() for op in (build_op, last)]
    given: dict[str, Any] = {
        "def": [base64.b64encode(data).decode() for data in encoded],
        "metadata": {graph.digest_of(data): {} for data in encoded},
    }
    with pytest.raises(DockerfileError, match="no policy can be asked about its sources"):
        built(
            "FROM scratch\nCOPY --from=c / /\n",
            lambda _source: None,
            opts={"context:c": "input:c"},
            inputs={"c": given},
        )


@pytest.mark.parametrize(
    "address", ["https://evil.com/x.git#main", "https://evil.com/x.tgz", "git@evil.com:x.git"]
)
def test_a_main_context_that_is_denied_is_not_fetched(address: str) -> None:
    bridge = FakeBridge("FROM scratch\n", opts={"context": address})
    request = asked(bridge, lambda source: api.Deny("no") if source.instruction == "build context" else None)
    with pytest.raises(DockerfileError) as caught:
        open_session(bridge, request)
    assert caught.value.message == f"{address} is denied by the policy house (house): no"
    assert bridge.calls == []


def test_an_image_of_a_layout_is_asked_about_whoever_looks_it_up() -> None:
    seen = Seen()
    bridge = FakeBridge("FROM scratch\n")
    session = open_session(bridge, asked(bridge, seen))
    query = ImageQuery(f"docker.io/library/x@{SHA}", session="s", store="folder")
    for _ in range(2):
        session.images.resolve(query)
    assert [(one.kind, one.ref) for one in seen.sources] == [("oci-layout", f"oci-layout://folder@{SHA}")]


def test_a_digest_that_is_none_is_for_lowering_to_report() -> None:
    def message(policy: Callable[[api.Source], Any] | None) -> str:
        bridge = FakeBridge("FROM alpine\nRUN x\n", images={"alpine": {"digest": "bad"}})
        with pytest.raises(DockerfileError) as caught:
            build(open_session(bridge, asked(bridge, policy) if policy else bridge.request()))
        return caught.value.message

    assert message(lambda _source: None) == message(None)
