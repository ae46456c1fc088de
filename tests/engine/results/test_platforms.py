"""Builds for several platforms: one result for each, made at the same time, with nothing emulated."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import pytest

from engine.client import build, build_text
from engine.files import built_files, write_files
from engine.layout import read_layout

if TYPE_CHECKING:
    from pathlib import Path

    from engine.client import Vertex
    from engine.layout import Image

#: A cross build: the first stage runs here whatever the target is.
CROSS = """
FROM --platform=$BUILDPLATFORM busybox AS build
ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM
RUN echo "$BUILDPLATFORM makes $TARGETPLATFORM: $TARGETOS $TARGETARCH $TARGETVARIANT" >/made \\
    && date +%s.%N >/begun; sleep 2; touch /$TARGETARCH
FROM scratch
ARG TARGETARCH
COPY --from=build /made /
COPY common /
LABEL for=$TARGETARCH
"""
#: The platform that is asked for, the id of the result, and what the image says of itself.
PLATFORMS = {
    "linux/amd64": ("linux/amd64", ("linux", "amd64", None)),
    "linux/arm64": ("linux/arm64", ("linux", "arm64", None)),
    "linux/arm/v7": ("linux/arm/v7", ("linux", "arm", "v7")),
    "linux/riscv64": ("linux/riscv64", ("linux", "riscv64", None)),
}


def _layout(tmp_path: Path, text: str, *options: str) -> tuple[dict[str, Image], dict[str, Vertex]]:
    write_files(tmp_path / "here", {"common": "common", "Dockerfile": text})
    output = f"--output=type=oci,tar=false,dest={tmp_path}/layout"
    done = build(tmp_path / "here", output, "--provenance=false", *options)
    assert done.code == 0, done.output
    return read_layout(tmp_path / "layout"), done.steps


def test_every_platform_has_an_image_of_its_own(tmp_path: Path, syntax: str) -> None:
    images, steps = _layout(tmp_path, syntax + CROSS, "--no-cache", f"--platform={','.join(PLATFORMS)}")

    assert list(images) == [name for name, _ in PLATFORMS.values()]
    for name, (os, architecture, variant) in PLATFORMS.values():
        config = images[name].config
        assert (config["os"], config["architecture"], config.get("variant")) == (os, architecture, variant)
        assert config["config"]["Labels"] == {"for": architecture}
    first_layers = {image.layers[0] for image in images.values()}
    assert len(first_layers) == len(PLATFORMS)
    assert len({image.layers[1] for image in images.values()}) == 1, "what is common is copied once"

    runs = [step for name, step in steps.items() if "sleep 2" in name]
    assert len(runs) == len(PLATFORMS)
    ends = [(run.started, run.completed) for run in runs]
    latest = max(start for start, _ in ends if start)
    assert all(end > latest for _, end in ends if end), "each was under way when the last one began"
    assert {name.split(" RUN ")[0] for name in steps if "sleep 2" in name} == {
        "[linux/amd64 build 2/2]",
        "[linux/amd64->arm64 build 2/2]",
        "[linux/amd64->arm/v7 build 2/2]",
        "[linux/amd64->riscv64 build 2/2]",
    }


def test_the_files_of_each_platform_are_what_was_made_for_it(tmp_path: Path, syntax: str) -> None:
    write_files(tmp_path, {"common": "common", "Dockerfile": syntax + CROSS.replace("sleep 2", "true")})
    found = built_files(tmp_path, "--platform=linux/amd64,linux/arm/v7")
    assert found.texts == {
        "linux_amd64/made": "linux/amd64 makes linux/amd64: linux amd64 \n",
        "linux_amd64/common": "common",
        "linux_arm_v7/made": "linux/amd64 makes linux/arm/v7: linux arm v7\n",
        "linux_arm_v7/common": "common",
    }


def test_one_platform_that_is_not_the_own_one(tmp_path: Path, syntax: str) -> None:
    images, steps = _layout(tmp_path, f"{syntax}FROM scratch\nCOPY common /\n", "--platform=linux/s390x")
    assert list(images) == ["linux/s390x"]
    assert "[1/1] COPY common /" in steps, "a single platform needs no name"


@pytest.mark.parametrize("forced", ["1", "true"])
def test_one_platform_is_a_list_if_that_is_forced(tmp_path: Path, syntax: str, forced: str) -> None:
    write_files(tmp_path, {"common": "common", "Dockerfile": f"{syntax}FROM scratch\nCOPY common /\n"})
    found = built_files(
        tmp_path, "--platform=linux/arm64", "--build-arg", f"BUILDKIT_MULTI_PLATFORM={forced}"
    )
    assert found.names == ["linux_arm64/common"]


def test_a_base_without_the_platform_says_so(tmp_path: Path, syntax: str) -> None:
    done = build_text(tmp_path, f"{syntax}FROM busybox\nRUN true\n", "--platform=linux/s390x")
    assert done.code != 0
    assert done.message.startswith("failed to solve: busybox: ")
    assert "there is no busybox for linux/s390x" in done.message
    assert done.message.endswith("(no match for platform in manifest: not found)")
    assert done.marked == [2]


def test_a_failure_on_one_platform_fails_the_build(tmp_path: Path, syntax: str) -> None:
    text = """FROM --platform=$BUILDPLATFORM busybox AS build
ARG TARGETARCH
RUN test $TARGETARCH = amd64 && touch /made
FROM scratch
COPY --from=build /made /
"""
    done = build_text(tmp_path, syntax + text, "--platform=linux/amd64,linux/arm64")
    assert done.code != 0
    assert done.marked == [4]


def test_a_failure_on_one_platform_does_not_wait_for_the_others(tmp_path: Path, syntax: str) -> None:
    text = f"""{syntax}FROM --platform=$BUILDPLATFORM busybox
ARG TARGETARCH
COPY common /
RUN if [ $TARGETARCH = arm64 ]; then exit 7; fi; sleep 60
"""
    write_files(tmp_path, {"common": "common", "Dockerfile": text})
    began = monotonic()
    done = build(tmp_path, "--no-cache", "--platform=linux/amd64,linux/arm64", "--output=type=cacheonly")
    assert done.code != 0
    assert done.message.endswith("did not complete successfully: exit code: 7")
    assert monotonic() - began < 40


def test_windows_is_only_put_together(tmp_path: Path, syntax: str) -> None:
    text = f'{syntax}FROM scratch\nCOPY common C:/app/\nWORKDIR C:/app\nCMD ["app.exe"]\n'
    images, _ = _layout(tmp_path, text, "--platform=windows/amd64")
    assert list(images) == ["windows/amd64"]
    config = images["windows/amd64"].config["config"]
    assert (config["WorkingDir"], config["Cmd"]) == ("\\app", ["app.exe"])
