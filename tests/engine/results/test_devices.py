"""RUN --device: a device of the daemon for one step."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from engine.client import build_text, docker
from engine.files import built_files, write_files
from engine.machines import DEVICE

if TYPE_CHECKING:
    from pathlib import Path

    from engine.machines import Engine

DOCKERFILE = """FROM busybox AS look
RUN --device={device} echo "$THING" >/with
RUN echo "$THING" >/without
FROM scratch
COPY --from=look /with /without /
"""


@pytest.fixture(scope="module")
def engine_with_device(image: str, second_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine that has a device, and our image."""
    archive = str(tmp_path_factory.mktemp("image") / "image.tar")
    docker("save", "--output", archive, image)
    second_engine.docker("load", "--input", archive)
    return second_engine


@pytest.mark.parametrize("flag", [DEVICE, f"{DEVICE},required", f"name={DEVICE},required=true"])
def test_a_device_is_there_for_its_step_alone(
    tmp_path: Path, syntax: str, engine_with_device: Engine, flag: str
) -> None:
    write_files(tmp_path, {"Dockerfile": syntax + DOCKERFILE.format(device=flag)})
    found = built_files(tmp_path, env={"DOCKER_HOST": engine_with_device.host})
    assert found.texts == {"with": "here\n", "without": "\n"}


def test_a_device_that_is_not_there_is_missed_only_if_it_is_required(tmp_path: Path, syntax: str) -> None:
    flag = "example.test/other=two"
    write_files(tmp_path, {"Dockerfile": syntax + DOCKERFILE.format(device=flag)})
    assert built_files(tmp_path).texts == {"with": "\n", "without": "\n"}
    done = build_text(tmp_path, syntax + DOCKERFILE.format(device=f"{flag},required"))
    assert done.code != 0
    assert f'required device "{flag}" is not registered' in done.message


def test_the_labs_image_is_the_usual_one(root: Path) -> None:
    names = {target: f"pyfrontend-test-{target}" for target in ("stable", "labs")}
    for target, name in names.items():
        env = os.environ | {"PYFRONTEND_IMAGE": name}
        subprocess.run([root / "hack/image", f"--target={target}"], env=env, check=True, capture_output=True)
    ids = {docker("image", "inspect", "--format={{.Id}}", name) for name in names.values()}
    docker("image", "rm", *names.values())
    assert len(ids) == 1
