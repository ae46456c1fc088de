"""RUN --device: in the labs image a device of the daemon, in the usual one an error."""

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

LABS = "pyfrontend-test-labs"
DOCKERFILE = """FROM busybox AS look
RUN --device={device} echo "$THING" >/with
RUN echo "$THING" >/without
FROM scratch
COPY --from=look /with /without /
"""


@pytest.fixture(scope="module")
def labs(root: Path, second_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The first line of a Dockerfile for the labs image, as our Dockerfile makes it, in both engines."""
    env = os.environ | {"PYFRONTEND_IMAGE": LABS}
    subprocess.run([root / "hack/image", "--target=labs"], env=env, check=True, capture_output=True)
    archive = str(tmp_path_factory.mktemp("labs") / "image.tar")
    docker("save", "--output", archive, LABS)
    second_engine.docker("load", "--input", archive)
    return f"# syntax={LABS}\n"


@pytest.mark.parametrize("flag", [DEVICE, f"{DEVICE},required", f"name={DEVICE},required=true"])
def test_a_device_is_there_for_its_step_alone(
    tmp_path: Path, labs: str, second_engine: Engine, flag: str
) -> None:
    write_files(tmp_path, {"Dockerfile": labs + DOCKERFILE.format(device=flag)})
    found = built_files(tmp_path, env={"DOCKER_HOST": second_engine.host})
    assert found.texts == {"with": "here\n", "without": "\n"}


def test_a_device_that_is_not_there_is_missed_only_if_it_is_required(tmp_path: Path, labs: str) -> None:
    flag = "example.test/other=two"
    write_files(tmp_path, {"Dockerfile": labs + DOCKERFILE.format(device=flag)})
    assert built_files(tmp_path).texts == {"with": "\n", "without": "\n"}
    done = build_text(tmp_path, labs + DOCKERFILE.format(device=f"{flag},required"))
    assert done.code != 0
    assert f'required device "{flag}" is not registered' in done.message


def test_the_usual_image_has_no_devices(tmp_path: Path, syntax: str) -> None:
    done = build_text(tmp_path, syntax + DOCKERFILE.format(device=DEVICE))
    assert done.code != 0
    assert done.marked == [3]
    assert done.message.endswith(
        "device feature is only supported in Dockerfile frontend 1.14.0-labs or later"
    )
