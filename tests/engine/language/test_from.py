"""FROM: by image, digest, stage, scratch and platform, and the graph of stages that comes of it."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from engine.built import build_image
from engine.client import build_text, docker

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def test_from_digest(tmp_path: Path, syntax: str) -> None:
    (known,) = json.loads(docker("image", "inspect", "busybox"))
    name = known["RepoDigests"][0]
    built = build_image(tmp_path, f"{syntax}FROM {name}\nCOPY --from={name} /etc/passwd /copied\n")
    assert built.text("/copied").startswith("root:")
    assert "/bin/busybox" in built.tree
    assert built.digests[: len(known["RootFS"]["Layers"])] == known["RootFS"]["Layers"]


def test_from_scratch_has_nothing_but_what_is_copied(tmp_path: Path, syntax: str) -> None:
    (tmp_path / "file").write_text("content")
    built = build_image(tmp_path, f"{syntax}FROM scratch\nCOPY file /\n")
    assert sorted(built.tree) == ["/file"]
    assert built.config["WorkingDir"] == "/"
    assert built.image["architecture"] == MACHINE


def test_from_stage_inherits_files_and_configuration(tmp_path: Path, syntax: str) -> None:
    text = "FROM busybox AS Base\nRUN echo base >/base\nENV A=1\nUSER 7\nFROM base\nRUN id -u >/tmp/id\n"
    built = build_image(tmp_path, syntax + text)
    assert (built.text("/base"), built.text("/tmp/id")) == ("base\n", "7\n")
    assert (built.config["User"], built.config["Env"][-1]) == ("7", "A=1")


def test_stage_name_may_come_again_and_the_latest_counts(tmp_path: Path, syntax: str) -> None:
    text = (
        "FROM busybox AS x\nRUN echo one >/file\nFROM x AS x\nRUN echo two >>/file\n"
        "FROM scratch\nCOPY --from=x /file /\n"
    )
    assert build_image(tmp_path, syntax + text).text("/file") == "one\ntwo\n"


@pytest.mark.parametrize(
    ("target", "text"),
    [("one", "1\n"), ("TWO", "1\n2\n"), ("", "1\n2\n3\n")],
    ids=["by name", "in another case", "the last by default"],
)
def test_the_target_is_built(tmp_path: Path, syntax: str, target: str, text: str) -> None:
    stages = (
        "FROM busybox AS one\nRUN echo 1 >/file\nFROM one AS two\nRUN echo 2 >>/file\n"
        "FROM two\nRUN echo 3 >>/file\n"
    )
    assert build_image(tmp_path, syntax + stages, f"--target={target}").text("/file") == text


def test_stages_that_are_not_needed_are_not_built_and_their_images_not_looked_up(
    tmp_path: Path, syntax: str
) -> None:
    text = "FROM nobody.invalid/x AS unused\nRUN false\nFROM busybox\nRUN true\n"
    built = build_text(tmp_path, syntax + text)
    assert built.code == 0, built.excerpt
    assert not [name for name in built.steps if "nobody.invalid" in name or "unused" in name]


PLATFORMS = """
FROM --platform=$BUILDPLATFORM busybox AS build
ARG TARGETPLATFORM
RUN echo "$TARGETPLATFORM on $(uname -m)" >/note
FROM --platform=$TARGETPLATFORM scratch
COPY --from=build /note /note
"""


def test_platform_of_the_build_is_the_platform_of_the_image(tmp_path: Path, syntax: str) -> None:
    built = build_image(tmp_path, syntax + PLATFORMS, "--platform=linux/arm/v7")
    assert (built.image["architecture"], built.image["variant"]) == ("arm", "v7")
    assert built.text("/note") == f"linux/arm/v7 on {platform.machine()}\n"


def test_platform_of_a_stage_is_an_expression(tmp_path: Path, syntax: str) -> None:
    tag = f"pyfrontend-test-from-{uuid4().hex}"
    foreign = f"{syntax}FROM scratch\nLABEL is=foreign\n"
    options = ("--platform=linux/s390x", "--tag", tag, "--load", "--provenance=false")
    assert build_text(tmp_path, foreign, *options).code == 0
    text = f"{syntax}ARG WANTED=s390x\nFROM --platform=linux/${{WANTED:-arm64}} {tag}\nCOPY Dockerfile /\n"
    try:
        built = build_image(tmp_path, text)
    finally:
        docker("image", "rm", tag)
    assert (built.image["os"], built.image["architecture"]) == ("linux", "s390x")
    assert built.config["Labels"] == {"is": "foreign"}


def test_platform_without_an_image_for_it_is_reported(tmp_path: Path, syntax: str) -> None:
    built = build_text(tmp_path, f"{syntax}FROM --platform=linux/nothing busybox\nRUN true\n")
    assert built.code != 0
    assert built.marked in ([1], [2])


def test_base_image_gets_a_name_from_global_args(tmp_path: Path, syntax: str) -> None:
    text = "ARG NAME=wrong TAG\nFROM ${NAME}:${TAG:-latest}\nRUN echo $0 >/file\n"
    assert build_image(tmp_path, syntax + text, "--build-arg=NAME=busybox").text("/file") == "/bin/sh\n"


def test_named_context_takes_the_place_of_an_image_and_of_a_stage(tmp_path: Path, syntax: str) -> None:
    extra = tmp_path / "extra"
    extra.mkdir()
    (extra / "file").write_text("extra")
    text = "FROM x.invalid/x AS image\nRUN false\nFROM busybox AS stage\nRUN false\nFROM x.invalid/y\n"
    copies = "COPY --from=image /file /from-image\nCOPY --from=stage /file /from-stage\n"
    options = [f"--build-context={name}={extra}" for name in ("image", "stage")]
    options.append("--build-context=x.invalid/y=docker-image://busybox")
    built = build_image(tmp_path, syntax + text + copies, *options)
    assert (built.text("/from-image"), built.text("/from-stage")) == ("extra", "extra")
    assert "/bin/busybox" in built.tree
