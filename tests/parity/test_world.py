"""The daemon that a case describes answers as README.md of the cases says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parity import graph
from parity.cases import Case
from parity.registry import lookup, platform_text, read_platform
from parity.world import World, options
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.lookups import ImageQuery
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import ops_pb2 as pb

AMD64 = Platform("linux", "amd64")
REF = "docker.io/library/busybox:latest"


def _world(**members: Any) -> World:
    return World(Case("area", "area-001", "", {"dockerfile": "FROM busybox\n"} | members, {}))


def _source(identifier: str) -> pb.Definition:
    op = pb.Op(source=pb.SourceOp(identifier=identifier))
    return graph.definition_of([op.SerializeToString()])


@pytest.mark.parametrize(
    ("names", "reference", "found"),
    [
        ([REF, f"{REF}::linux/amd64"], REF, f"{REF}::linux/amd64"),
        (["busybox::linux/amd64", REF], REF, REF),
        (["busybox", "busybox:latest"], REF, "busybox:latest"),
        (["busybox", "busybox::linux/arm64"], REF, "busybox"),
        (["busybox::linux/arm64"], REF, None),
        (["corp/app"], "docker.io/corp/app:latest", "corp/app"),
        (["app"], "docker.io/corp/app:latest", None),
        (["quay.io/app"], "quay.io/app:latest", "quay.io/app"),
    ],
)
def test_an_image_is_found_by_its_most_exact_name(
    names: list[str], reference: str, found: str | None
) -> None:
    images = {name: {"digest": name} for name in names}

    digest = lookup(images, reference, AMD64).digest

    assert digest == found if found else digest.startswith("sha256:")


def test_an_image_that_nobody_described_has_one_layer_and_a_path() -> None:
    digest = "sha256:" + "a" * 64
    found = lookup({}, f"docker.io/library/x@{digest}", Platform("linux", "arm", "v7"))

    config = json.loads(found.config)
    assert found.digest == digest
    assert (config["os"], config["architecture"], config["variant"]) == ("linux", "arm", "v7")
    assert len(config["rootfs"]["diff_ids"]) == 1
    assert config["config"]["Env"][0].startswith("PATH=")
    assert (
        json.loads(lookup({}, "docker.io/library/x:1", Platform("windows", "amd64")).config)["config"] == {}
    )


@pytest.mark.parametrize("text", ["linux/amd64", "linux/arm/v7", "windows(10.0.17763.1)/amd64"])
def test_a_platform_reads_back_as_written(text: str) -> None:
    assert platform_text(read_platform(text)) == text


def test_a_lookup_is_remembered_also_when_it_fails() -> None:
    world = _world(images={"gone": {"error": "no such image"}}, worker_platforms=["linux/arm64"])

    with pytest.raises(BridgeError, match=r"^no such image$"):
        world.resolve_image(ImageQuery("docker.io/library/gone:latest", log_name="x"))

    gone = {"ref": "docker.io/library/gone:latest", "platform": "linux/arm64", "log_name": "x"}
    assert world.lookups == [gone | {"error": "no such image"}]


@pytest.mark.parametrize(
    ("members", "source", "path", "content"),
    [
        ({}, "local://dockerfile", "Dockerfile", "FROM busybox\n"),
        ({}, "local://context", "Dockerfile", None),
        ({}, "local://dockerfile", ".dockerignore", None),
        ({"dockerignore": "a"}, "local://context", ".dockerignore", "a"),
        ({"dockerignore": "a"}, "local://dockerfile", ".dockerignore", None),
        ({"dockerfile_dockerignore": "b"}, "local://dockerfile", "Dockerfile.dockerignore", "b"),
        ({"filename": "other"}, "local://dockerfile", "Dockerfile", None),
        ({"filename": "other"}, "local://dockerfile", "other", "FROM busybox\n"),
        ({"opts": {"dockerfilekey": "k"}}, "local://k", "Dockerfile", "FROM busybox\n"),
        ({"opts": {"dockerfilekey": "k"}}, "local://dockerfile", "Dockerfile", None),
        ({}, "git://example.org/x", "Dockerfile", "FROM busybox\n"),
        ({}, "https://example.org/x", "context", "FROM busybox\n"),
        ({"files": {"https://example.org/x": {"context": "BZh"}}}, "https://example.org/x", "context", "BZh"),
        ({"files": {"theme": {".dockerignore": "c"}}}, "local://theme", ".dockerignore", "c"),
    ],
)
def test_a_file_is_read_from_the_source_that_has_it(
    members: dict[str, Any], source: str, path: str, content: str | None
) -> None:
    world = _world(**members)
    ref = world.solve(SolveRequest(_source(source))).ref
    assert ref is not None

    if content is None:
        with pytest.raises(BridgeError, match=r"^open .*: no such file or directory$"):
            world.read_file(ref, path)
    else:
        assert world.read_file(ref, path) == content.encode()
        assert world.read_file(ref, path, offset=1, length=2) == content.encode()[1:3]


def test_a_capability_can_be_taken_away() -> None:
    world = _world(disable_caps=["mergeop"])

    assert not world.llb_caps.supports("mergeop")
    assert world.llb_caps.supports("file.base")
    assert world.api_caps.supports("gateway.warnings")


def test_options_are_flat_and_the_plain_ones_win() -> None:
    request = {
        "target": "one",
        "build_args": {"A": "b"},
        "labels": {"l": ""},
        "platforms": ["linux/amd64", "linux/arm64"],
        "no_cache": "",
        "opts": {"target": "two"},
    }

    assert options(request) == {
        "target": "two",
        "build-arg:A": "b",
        "label:l": "",
        "platform": "linux/amd64,linux/arm64",
        "no-cache": "",
    }
