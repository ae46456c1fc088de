"""The frontend image itself: what it says, what it weighs, and that it can build itself."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

from engine.client import docker
from engine.files import files_of_image

if TYPE_CHECKING:
    from pathlib import Path

CAPS = {
    "moby.buildkit.frontend.inputs",
    "moby.buildkit.frontend.subrequests",
    "moby.buildkit.frontend.contexts",
    "moby.buildkit.frontend.gitquerystring",
}


def inspect(image: str) -> dict[str, Any]:
    """Return what the engine knows of ``image``."""
    (known,) = json.loads(docker("image", "inspect", image))
    return dict(known)


def test_labels_tell_what_the_frontend_needs_and_can(image: str) -> None:
    labels = inspect(image)["Config"]["Labels"]
    assert labels["moby.buildkit.frontend.network.none"] == "true"
    assert set(labels["moby.buildkit.frontend.caps"].split(",")) == CAPS


def test_image_is_small(image: str) -> None:
    assert inspect(image)["Size"] <= 20_000_000
    files = files_of_image(image)
    assert len(files) <= 600
    assert not [name for name in files if name.endswith(".py")], "sources are compiled"


def test_image_builds_itself_with_the_same_layers(
    root: Path, image: str, syntax: str, tmp_path: Path
) -> None:
    dockerfile = tmp_path / "Dockerfile.frontend"
    dockerfile.write_text(syntax + (root / "Dockerfile.frontend").read_text())
    ignore = root / "Dockerfile.frontend.dockerignore"
    (tmp_path / ignore.name).write_text(ignore.read_text())
    layers = {}
    for tag, options in (("reference", ()), ("self", ("--file", str(dockerfile)))):
        name = f"pyfrontend-test-{tag}"
        command = [root / "hack/image", "--progress=plain", *options]
        environment = os.environ | {"PYFRONTEND_IMAGE": name}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (f"docker-image://docker.io/{image}" in done.stderr) == (tag == "self"), done.stderr
        layers[tag] = inspect(name)["RootFS"]["Layers"]
    assert layers["self"] == layers["reference"]
