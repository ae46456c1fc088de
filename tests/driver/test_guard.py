"""Policies in a build: each source meets them before it is looked up, and is refused at its line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakes import FakeBridge, an_input, lines
from parity import graph
from pyfrontend.driver.forward import forward
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import build as build_session
from pyfrontend.driver.subrequests import serve_subrequest
from pyfrontend.driver.targets import build_targets
from pyfrontend.errors import DockerfileError
from pyfrontend.lookups import ALLOW, CONVERT, DENY

SHA = "sha256:" + "a" * 64
COMMIT = "b" * 40
ALLOWED = {"REGISTRIES": "docker.io/library"}
MIRRORED = {"MIRRORS": "docker.io=mirror.example.com/hub"}
MIRRORS = "DOCKERFILE_FRONTEND_MIRRORS"
MIRROR = "mirror.example.com/hub/library"


def built(text: str, variables: dict[str, str], **given: Any) -> FakeBridge:
    bridge = FakeBridge(text, **given)
    policies = {f"DOCKERFILE_FRONTEND_{name}": value for name, value in variables.items()}
    session = open_session(bridge, bridge.request()._replace(policies=policies))
    build_targets(session) if "," in session.options.target else build_session(session)
    return bridge


def refused(text: str, variables: dict[str, str], **given: Any) -> tuple[str, list[tuple[int, int]]]:
    """What a build is refused with, and the lines that are shown."""
    with pytest.raises(DockerfileError) as caught:
        built(text, variables, **given)
    return caught.value.message, [lines(span) for span in caught.value.diagnostic().shown]


def denied(image: str) -> str:
    policy = "registries (DOCKERFILE_FRONTEND_REGISTRIES)"
    return f"the image {image} is denied by the policy {policy}: it allows docker.io/library"


EVIL = denied("evil.com/x:latest")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("FROM alpine\nFROM evil.com/x\nCOPY --from=0 / /\n", 2, id="FROM"),
        pytest.param("ARG X=evil.com\nFROM ${X}/x\n", 2, id="a variable in FROM"),
        pytest.param("FROM alpine\nRUN x\nCOPY --from=evil.com/x / /\n", 3, id="COPY --from"),
        pytest.param("FROM alpine\nRUN --mount=from=evil.com/x,target=/m x\n", 2, id="a mount"),
        pytest.param(
            "FROM alpine AS evil\nFROM evil.com/x AS alpine\nFROM alpine\n",
            2,
            id="a stage with the name of an image",
        ),
        pytest.param("FROM --platform=linux/arm64 evil.com/x\n", 1, id="another platform"),
    ],
)
def test_an_image_is_refused_at_its_line(text: str, line: int) -> None:
    assert refused(text, ALLOWED) == (EVIL, [(line, line)])


@pytest.mark.parametrize("place", ["docker-image://evil.com/x", "docker-image://evil.com/x:latest"])
@pytest.mark.parametrize("text", ["FROM other\n", "FROM alpine\nCOPY --from=other / /\n"])
def test_a_named_context_is_refused_at_the_line_that_takes_it(place: str, text: str) -> None:
    line = text.count("\n")
    found = refused(text, ALLOWED, opts={"context:other": place})
    assert found == (EVIL, [(line, line)])


def test_a_named_context_does_not_hide_an_image() -> None:
    assert refused("FROM alpine\n", ALLOWED, opts={"context:alpine": "docker-image://evil.com/x"})[0] == EVIL


def test_a_layout_is_refused() -> None:
    message, shown = refused("FROM alpine\n", ALLOWED, opts={"context:alpine": f"oci-layout://store@{SHA}"})
    assert message.startswith(
        f"the OCI layout of oci-layout://store@{SHA} is denied by the policy registries"
    )
    assert shown == [(1, 1)]
    both = {"REGISTRIES": "docker.io/library,oci-layout://"}
    bridge = built("FROM alpine\nRUN x\n", both, opts={"context:alpine": f"oci-layout://store@{SHA}"})
    assert [one["oci_store"] for one in bridge.lookups] == ["store"]


def test_an_image_in_a_trigger_is_refused_at_the_from() -> None:
    images = {
        "base": {
            "config": {
                "os": "linux",
                "architecture": "amd64",
                "config": {"OnBuild": ["COPY --from=evil.com/x / /"]},
            }
        }
    }
    assert refused("FROM scratch AS a\nFROM base\n", ALLOWED, images=images) == (EVIL, [(2, 2)])


def test_the_scanner_is_refused() -> None:
    message, _ = refused("FROM alpine\n", ALLOWED, opts={"attest:sbom": "generator=evil.com/x"})
    assert message == EVIL


def test_what_is_not_needed_is_not_asked_about() -> None:
    bridge = built("FROM evil.com/x AS x\nFROM alpine\nRUN y\n", ALLOWED)
    assert [one["ref"] for one in bridge.lookups] == ["docker.io/library/alpine:latest"]


def test_scratch_and_stages_are_no_images() -> None:
    text = "FROM scratch AS evil\nFROM evil\nCOPY --from=0 / /\nCOPY --from=evil / /\n"
    assert built(text, {"REGISTRIES": "registry.example.com"}).lookups == []


def test_a_mirror_is_looked_up_built_and_shown() -> None:
    bridge = built("FROM alpine\nRUN y\n", MIRRORED)
    assert [one["ref"] for one in bridge.lookups] == [f"{MIRROR}/alpine:latest"]
    assert bridge.lookups[0]["log_name"] == f"[internal] load metadata for {MIRROR}/alpine:latest"
    text = str(graph.ops(bridge.solves[-1].definition))
    assert f"docker-image://{MIRROR}/alpine:latest@{bridge.lookups[0]['digest']}" in text
    assert "docker.io" not in text
    assert bridge.solves[-1].definition is not None
    metadata = bridge.solves[-1].definition.metadata.values()
    names = [one.description["llb.customname"] for one in metadata if one.description]
    assert any(name.startswith(f"[1/2] FROM {MIRROR}/alpine:latest@sha256:") for name in names)


def test_a_mirror_is_used_by_contexts_and_the_scanner() -> None:
    scanner = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["scan"]}}
    images = {"mirror.example.com/hub/library/scanner": {"config": scanner}}
    opts = {"context:other": "docker-image://x", "attest:sbom": "generator=scanner"}
    bridge = built("FROM other\nCOPY --from=y / /\n", MIRRORED, opts=opts, images=images)
    assert sorted(one["ref"] for one in bridge.lookups) == [
        f"{MIRROR}/{name}:latest" for name in ("scanner", "x", "y")
    ]


def test_the_daemon_is_told_of_the_registries_in_lookups_and_solves() -> None:
    bridge = built("FROM alpine\n", ALLOWED)
    rules = [
        (DENY, "docker-image://*"),
        *((ALLOW, f"docker-image://docker.io/library{end}") for end in ("/*", ":*", "@*")),
    ]
    for request in bridge.solves:
        assert [[rule[:2] for rule in policy] for policy in request.policies] == [rules]


def test_without_variables_nothing_is_sent() -> None:
    assert all(request.policies == () for request in built("FROM alpine\n", {}).solves)


@pytest.mark.parametrize("keyword", ["ADD"])
def test_downloads_and_repositories_without_checksum_are_refused(keyword: str) -> None:
    required = {"REQUIRE": "checksum"}
    message, shown = refused(f"FROM alpine\nRUN x\n{keyword} https://x.com/y /\n", required)
    assert message == (
        "https://x.com/y is denied by the policy checksum (DOCKERFILE_FRONTEND_REQUIRE):"
        " write ADD --checksum=sha256:... with the digest of the file"
    )
    assert shown == [(3, 3)]
    for source in (
        "https://x.com/y.git",
        "git@x.com:y.git#main",
        "ssh://git@x.com/y.git",
        "git://x.com/y?ref=main",
    ):
        message, shown = refused(f"FROM alpine\n{keyword} {source} /\n", required)
        assert message.startswith(f"{source} is denied by the policy checksum")
        assert shown == [(2, 2)]
    built(
        f"FROM alpine\nADD --checksum={SHA} https://x.com/y /\nADD https://x.com/y.git#{COMMIT} /\n", required
    )
    built(f"FROM alpine\nARG C={COMMIT}\nADD --checksum=$C https://x.com/y.git /\n", required)


def test_an_input_of_bake_is_looked_through() -> None:
    given = {
        "opts": {"context:other": "input:other"},
        "inputs": {"other": an_input("docker-image://evil.com/x@" + SHA)},
    }
    message, _ = refused("FROM alpine\nCOPY --from=other / /\n", ALLOWED, **given)
    assert message == denied(f"evil.com/x@{SHA}")


def test_an_input_of_bake_is_rewritten_by_the_daemon() -> None:
    name = f"docker.io/library/x@{SHA}"
    given = {
        "opts": {"context:other": "input:other"},
        "inputs": {"other": an_input(f"docker-image://{name}")},
    }
    bridge = built("FROM alpine\nCOPY --from=other / /\n", MIRRORED, **given)
    assert [rule[:4] for policy in bridge.solves[-1].policies for rule in policy] == [
        (CONVERT, f"docker-image://{name}", True, f"docker-image://{MIRROR}/x@{SHA}")
    ]
    found = refused("FROM alpine\nCOPY --from=other / /\n", MIRRORED, **given, disable_caps=["source.policy"])
    assert "this engine cannot put" in found[0]


@pytest.mark.parametrize(
    ("address", "ref"),
    [("https://evil.com/x.git", "evil.com/x.git"), ("https://evil.com/x.tar.gz", "evil.com/x.tar.gz")],
)
def test_a_main_context_in_a_repository_is_asked_about(address: str, ref: str) -> None:
    bridge = built("FROM alpine\n", ALLOWED, opts={"context": address})
    assert any(ref in str(graph.ops(request.definition)) for request in bridge.solves)


def test_another_frontend_is_an_image_like_others() -> None:
    text = "# syntax=evil.com/x\nFROM alpine\n"
    bridge = FakeBridge(text)
    request = bridge.request()._replace(policies={"DOCKERFILE_FRONTEND_REGISTRIES": "docker.io/library"})
    options = {key: value for key, value in request.options.items() if key != "cmdline"}
    with pytest.raises(DockerfileError) as caught:
        forward(open_session(bridge, request._replace(options=options)))
    assert caught.value.message == EVIL
    assert [lines(span) for span in caught.value.spans] == [(1, 1)]


def test_what_is_wrong_with_a_variable_ends_the_build() -> None:
    message, _ = refused("FROM alpine\n", {"REQUIRE": "digets"})
    what = '"digets" is no requirement (did you mean digest?)'
    assert message == f"DOCKERFILE_FRONTEND_REQUIRE of the frontend's image: {what}"


# Questions.


def answer(request: str, text: str, variables: dict[str, str], **given: Any) -> dict[str, bytes]:
    bridge = FakeBridge(text, **given)
    policies = {f"DOCKERFILE_FRONTEND_{name}": value for name, value in variables.items()}
    asked = bridge.request(requestid=f"frontend.{request}")._replace(policies=policies)
    return dict(serve_subrequest(open_session(bridge, asked)).metadata)


GRAPH = """\
FROM alpine AS a
ADD https://x.com/y https://x.com/$Z /
ADD https://x.com/z.git#v1 /
FROM evil.com/x AS unused
ADD https://evil.com/x /
FROM a
COPY --from=named / /
COPY --from=debian / /
"""
NAMED = {"context:named": "docker-image://ubuntu"}


def test_a_graph_shows_what_is_taken() -> None:
    document = json.loads(answer("graph", GRAPH, MIRRORED, opts=NAMED)["result.json"])
    assert [(one["name"], one.get("detail", "")) for one in document["sources"]] == [
        (f"{MIRROR}/alpine:latest", "for alpine:latest"),
        ("https://x.com/y", ""),
        ("https://x.com/$Z", ""),
        ("https://x.com/z.git#v1", ""),
        ("evil.com/x:latest", ""),
        ("https://evil.com/x", ""),
        ("named", f"docker-image://{MIRROR}/ubuntu:latest (for docker-image://ubuntu)"),
        (f"{MIRROR}/debian:latest", "for debian:latest"),
    ]
    text = answer("graph", GRAPH, MIRRORED, opts=NAMED)["result.txt"].decode()
    assert f"FROM {MIRROR}/alpine:latest" in text
    assert "for alpine:latest" in text


@pytest.mark.parametrize("form", ["graph-mermaid", "graph-dot", "graph-svg"])
def test_a_picture_shows_what_is_taken_and_what_for(form: str) -> None:
    picture = answer(form, "FROM alpine\n", {"MIRRORS": "docker.io=m.io"})["result.txt"].decode()
    assert "m.io/library/alpine:latest" in picture
    assert "for alpine:latest" in picture


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"REGISTRIES": "docker.io/library/alpine"}, 7),
        ({"REGISTRIES": "docker.io/library/alpine,docker.io/library/ubuntu"}, 8),
        ({"REQUIRE": "checksum"}, 2),
        ({"REQUIRE": "no-latest"}, 1),
    ],
)
def test_a_graph_of_what_is_denied_is_the_error_of_the_build(variables: dict[str, str], line: int) -> None:
    with pytest.raises(DockerfileError) as caught:
        answer("graph", GRAPH, variables, opts=NAMED)
    assert caught.value.code == "SourceDenied"
    assert [span.start for span in caught.value.diagnostic().shown] == [line]


def test_the_outline_lists_what_is_rewritten() -> None:
    found = answer("outline", "FROM alpine\n", MIRRORED)
    taken = {
        "source": "docker.io/library/alpine:latest",
        "taken": f"{MIRROR}/alpine:latest",
        "policy": MIRRORS,
    }
    assert json.loads(found["result.json"])["rewritten"] == [taken]
    assert [line.split() for line in found["result.txt"].decode().splitlines() if line] == [
        ["SOURCE", "TAKEN", "FROM", "POLICY"],
        list(taken.values()),
    ]
    assert "rewritten" not in json.loads(answer("outline", "FROM alpine\n", ALLOWED)["result.json"])


def test_a_check_reports_what_is_denied_in_any_stage() -> None:
    found = json.loads(answer("lint", "FROM evil.com/x\nFROM alpine\n", ALLOWED)["result.json"])
    assert found["buildError"]["message"].startswith(EVIL)


def test_a_lock_through_a_mirror_holds_the_names_of_the_file() -> None:
    sources = {"https://x.com/y": {"digest": SHA}}
    text = "FROM alpine\nADD https://x.com/y /\n"
    found = answer("lock", text, {**MIRRORED, "REQUIRE": "digest,checksum,no-latest"}, sources=sources)
    rows = found["result.txt"].decode().splitlines()
    assert rows[2] == f"http https://x.com/y {SHA}"
    assert rows[3].startswith("image docker.io/library/alpine:latest sha256:")
    assert rows[4:] == [f"# docker.io/library/alpine:latest: digest of {MIRROR}/alpine:latest ({MIRRORS})"]


def test_a_lock_of_what_is_denied_is_an_error_at_the_line() -> None:
    with pytest.raises(DockerfileError) as caught:
        answer("lock", "FROM alpine\nCOPY --from=evil.com/x / /\n", ALLOWED)
    assert [span.start for span in caught.value.spans] == [2]


# Ways around a policy.


def with_triggers(*triggers: str) -> dict[str, Any]:
    config = {"os": "linux", "architecture": "amd64", "config": {"OnBuild": list(triggers)}}
    return {"base": {"config": config}}


def test_an_image_that_only_a_trigger_needs_is_refused() -> None:
    text = "FROM scratch AS a\nCOPY --from=evil.com/x / /\nFROM alpine AS base-of\nFROM base\nRUN y\n"
    assert refused(text, ALLOWED, images=with_triggers("COPY --from=a / /"))[0] == EVIL


def test_a_download_of_a_trigger_is_refused() -> None:
    message, shown = refused(
        "FROM base\n", {"REQUIRE": "checksum"}, images=with_triggers("ADD https://x.com/y /")
    )
    assert message.startswith("https://x.com/y is denied")
    assert shown == [(1, 1)]


@pytest.mark.parametrize("key", ["alpine", "alpine::linux/amd64", "stage"])
def test_a_context_for_a_platform_or_a_stage_is_refused(key: str) -> None:
    text = "FROM alpine AS stage\nRUN y\nFROM stage\nRUN z\n"
    assert refused(text, ALLOWED, opts={f"context:{key}": "docker-image://evil.com/x"})[0] == EVIL


def test_an_image_that_the_daemon_has_rewritten_is_refused() -> None:
    images = {"alpine": {"ref": "evil.com/x:latest"}}
    message, shown = refused("FROM alpine\nRUN y\n", ALLOWED, images=images)
    assert message.startswith("the image evil.com/x:latest, rewritten from docker.io/library/alpine:latest,")
    assert shown == [(1, 1)]


def test_a_stage_of_another_file_is_refused_there() -> None:
    files = {"context": {"other.dockerfile": "FROM scratch AS a\nCOPY --from=evil.com/x / /\n"}}
    with pytest.raises(DockerfileError) as caught:
        built("FROM ./other.dockerfile#a\nRUN y\n", ALLOWED, files=files)
    assert [(span.file.name, span.start) for span in caught.value.spans] == [("other.dockerfile", 2)]


def test_gates_are_asked_about() -> None:
    assert refused("FROM evil.com/x AS t\nRUN y\nFROM alpine\nRUN --requires=t\n", ALLOWED)[0] == EVIL


def test_every_target_of_a_list_is_asked_about() -> None:
    text = "FROM alpine AS a\nRUN y\nFROM evil.com/x AS b\nRUN z\n"
    assert refused(text, ALLOWED, target="a,b")[0] == EVIL


def test_every_platform_is_asked_about() -> None:
    text = "ARG TARGETARCH\nFROM alpine AS amd64\nFROM evil.com/x AS arm64\nFROM $TARGETARCH\nRUN y\n"
    assert refused(text, ALLOWED, platforms=["linux/amd64", "linux/arm64"])[0] == EVIL


def test_all_images_that_are_denied_are_reported_at_once() -> None:
    text = (
        "FROM evil.com/a AS a\nFROM alpine\nRUN --mount=from=evil.com/b,target=/m x\n"
        "COPY --from=evil.com/c / /\nCOPY --from=a / /\n"
    )
    document = json.loads(answer("lint", text, ALLOWED)["result.json"])
    found = [document["buildError"]["message"], *(one["detail"] for one in document["warnings"])]
    assert [name for name in "abc" if f"evil.com/{name}:latest is denied" in " ".join(found)] == [
        "a",
        "b",
        "c",
    ]
    assert document["buildError"]["location"]["ranges"][0]["start"]["line"] == 1
    bridge = FakeBridge(text)
    policies = {"DOCKERFILE_FRONTEND_REGISTRIES": "docker.io/library"}
    with pytest.raises(DockerfileError):
        build_session(open_session(bridge, bridge.request()._replace(policies=policies)))
    assert len([call for call in bridge.calls if call.startswith("warn:")]) == 2
