"""The scan of results for their bill of materials."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import FakeBridge
from pyfrontend.driver.serve import serve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.results import BUNDLE, Attestation
from pyfrontend.pb import ops_pb2 as pb

SCANNER = {"os": "linux", "architecture": "amd64", "config": {"Entrypoint": ["scan"], "Cmd": ["all"]}}
SCANNER["config"] |= {"Env": ["A=1", "BUILDKIT_SCAN_SOURCE=x"], "WorkingDir": "/w"}  # type: ignore[operator] # a dict


def attestations(dockerfile: str, config: Any = SCANNER, **given: Any) -> dict[str, list[Attestation]]:
    options = {"attest:sbom": "generator=scanner,LEVEL=2", **given.pop("opts", {})}
    bridge = FakeBridge(dockerfile, images={"scanner": {"config": config}}, opts=options, **given)
    return serve(bridge, bridge.request()).attestations


def scan(attestation: Attestation) -> pb.ExecOp:
    assert attestation.ref is not None
    ops = [pb.Op.FromString(data) for data in getattr(attestation.ref.definition, "def")]
    return next(op.exec for op in ops if "scan" in op.exec.meta.args)


def test_the_scanner_looks_at_the_result() -> None:
    found = attestations("FROM x\nRUN y\n")
    assert list(found) == ["linux/amd64"]
    [attestation] = found["linux/amd64"]
    assert attestation[:1] + attestation[2:4] == (
        BUNDLE,
        "https://spdx.dev/Document",
        {"reason": b"sbom", "sbom-core": b"sbom"},
    )
    op = scan(attestation)
    assert (list(op.meta.args), op.meta.cwd) == (["scan", "all"], "/w")
    assert sorted(op.meta.env) == [
        "A=1",
        "BUILDKIT_SCAN_DESTINATION=/run/out/",
        "BUILDKIT_SCAN_LEVEL=2",
        "BUILDKIT_SCAN_SOURCE=/run/src/core/sbom",
    ]
    assert {mount.dest: mount.readonly for mount in op.mounts} == {
        "/": False,
        "/tmp": False,
        "/run/src/core/sbom": True,
        "/run/out/": False,
    }


def test_the_steps_that_are_scanned_keep_their_lines() -> None:
    [attestation] = attestations("FROM x\nRUN y\n")["linux/amd64"]
    assert attestation.ref is not None
    assert attestation.ref.definition is not None
    [info] = attestation.ref.definition.Source.infos
    assert info.data == b"FROM x\nRUN y\n"
    lines = [
        location.ranges[0].start.line
        for found in attestation.ref.definition.Source.locations.values()
        for location in found.locations
    ]
    assert sorted(lines) == [1, 2]


def test_every_platform_is_scanned() -> None:
    found = attestations("FROM x\nRUN y\n", opts={"platform": "linux/amd64,linux/arm64"})
    assert sorted(found) == ["linux/amd64", "linux/arm64"]


def test_stages_and_context_that_ask_for_it_are_scanned_too() -> None:
    asking = "ARG BUILDKIT_SBOM_SCAN_CONTEXT=1\nFROM x AS b\nARG BUILDKIT_SBOM_SCAN_STAGE=1\n"
    dockerfile = f"{asking}FROM x\nCOPY --from=b / /"
    op = scan(attestations(dockerfile)["linux/amd64"][0])
    assert [mount.dest for mount in op.mounts if "extras" in mount.dest] == [
        "/run/src/extras/sbom-b",
        "/run/src/extras/sbom-context",
    ]
    assert "BUILDKIT_SCAN_SOURCE_EXTRAS=/run/src/extras" in {text.rstrip("/") for text in op.meta.env}


def test_windows_has_no_memory_filesystem() -> None:
    op = scan(attestations("FROM x\nRUN y\n", worker_platforms=["windows/amd64"]).popitem()[1][0])
    [tmp] = [mount for mount in op.mounts if mount.dest == "/tmp"]
    assert (tmp.mountType, tmp.selector) == (pb.BIND, "/tmp")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        pytest.param({}, "scanner docker.io/library/scanner:latest does not have cmd", id="no command"),
        pytest.param(
            [],
            "scanner docker.io/library/scanner:latest: failed to parse image config: it is not an object",
            id="no config",
        ),
    ],
)
def test_a_scanner_that_cannot_run_is_refused(config: Any, message: str) -> None:
    with pytest.raises(DockerfileError) as caught:
        attestations("FROM x\nRUN y\n", config)
    assert caught.value.message == message
