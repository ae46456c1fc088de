"""The frontend image itself: what it says, what it weighs, and that it can build itself."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from importlib.metadata import distributions
from typing import TYPE_CHECKING, Any

import pytest

from engine.client import docker
from engine.files import files_of_image

if TYPE_CHECKING:
    from pathlib import Path

CAPS = {
    "moby.buildkit.frontend.inputs",
    "moby.buildkit.frontend.subrequests",
    "moby.buildkit.frontend.contexts",
    "moby.buildkit.frontend.gitquerystring",
    "moby.buildkit.frontend.contexts.zstd",
}
#: Bytes of the compressed layers together.
LARGEST = 16_500_000


def inspect(image: str) -> dict[str, Any]:
    """Return what the engine knows of ``image``."""
    (known,) = json.loads(docker("image", "inspect", image))
    return dict(known)


def make(root: Path, name: str, *options: str) -> str:
    """Build the frontend image by hack/image under ``name``; returns what the build wrote."""
    command = [str(root / "hack/image"), "--progress=plain", *options]
    environment = os.environ | {"PYFRONTEND_IMAGE": name}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def tree(image: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the image, in a folder."""
    folder = tmp_path_factory.mktemp("image")
    name = docker("create", image).strip()
    try:
        docker("export", "--output", str(folder / "all.tar"), name)
    finally:
        docker("rm", name)
    with tarfile.open(folder / "all.tar") as archive:
        archive.extractall(folder / "tree", filter="tar")
    return folder / "tree"


def test_labels_say_what_the_frontend_needs_and_can(image: str) -> None:
    labels = inspect(image)["Config"]["Labels"]
    assert labels["moby.buildkit.frontend.network.none"] == "true"
    assert set(labels["moby.buildkit.frontend.caps"].split(",")) == CAPS


def test_labels_say_which_version_of_what_it_is(root: Path) -> None:
    make(root, "pyfrontend-test-labels")
    labels = inspect("pyfrontend-test-labels")["Config"]["Labels"]
    describe = ["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    git = subprocess.run(describe, capture_output=True, text=True, check=False)
    prefix = "org.opencontainers.image."
    assert {name.removeprefix(prefix) for name in labels if name.startswith(prefix)} == {
        "title",
        "description",
        "version",
        "revision",
        "source",
        "licenses",
    }
    assert labels[f"{prefix}revision"] == (git.stdout.strip() or "unknown")
    assert labels[f"{prefix}version"] in docker("run", "--rm", "pyfrontend-test-labels", "--version")
    docker("image", "rm", "pyfrontend-test-labels")


def test_nothing_runs_as_root_or_belongs_to_the_user(image: str, tree: Path) -> None:
    user = inspect(image)["Config"]["User"]
    assert all(int(number) >= 1000 for number in user.split(":"))
    assert {(path.lstat().st_mode & 0o022, path.is_symlink()) for path in tree.glob("usr/**/*")} <= {
        (0, False),
        (0o022, True),
    }
    found = docker("run", "--rm", "--interactive", image, "check", text="FROM scratch\nCOPY a b\n")
    assert "no" in found.lower()


def test_image_is_small(image: str, tree: Path) -> None:
    assert inspect(image)["Size"] <= LARGEST
    assert len(files_of_image(image)) <= 600
    assert not list(tree.rglob("*.py")), "sources are compiled"


def test_scanners_find_the_packages_of_debian_with_their_licences(tree: Path) -> None:
    admin = f"--admindir={tree}/var/lib/dpkg"
    status = subprocess.run(["dpkg-query", admin, "--show"], capture_output=True, text=True, check=True)
    packages = dict(line.split("\t") for line in status.stdout.splitlines())
    names = {name.partition(":")[0] for name in packages}
    assert {"libc6", "libstdc++6", "python3.13-minimal", "zlib1g"} <= names
    assert all(packages.values()), "each has a version"
    for name in names:
        text = (tree / "usr/share/doc" / name / "copyright").read_text()
        assert "icense" in text
    assert "ID=debian" in (tree / "etc/os-release").resolve().read_text().splitlines()


def test_scanners_find_the_wheels_and_our_package_with_their_licences(root: Path, tree: Path) -> None:
    (modules,) = tree.glob("usr/lib/python3.*")
    found = {item.name: item for item in distributions(path=[str(modules)])}
    pinned = [line.partition(" ")[0] for line in (root / "requirements/run.txt").read_text().splitlines()]
    versions = dict(line.split("==") for line in pinned if "==" in line)
    del versions["typing-extensions"]  # for the Python around gRPC's core, of which the image has nothing
    assert {name.replace("_", "-"): item.version for name, item in found.items()} == versions | {
        "pyfrontend": found["pyfrontend"].version
    }
    for item in found.values():
        assert list(modules.glob(f"{item.name}-{item.version}.dist-info/**/*LICENSE"))
        assert all((modules / str(path)).is_file() for path in item.files or ())
    assert any(str(path).endswith(".so") for path in found["grpcio"].files or ())


def test_image_is_the_same_when_all_of_ours_is_built_again(root: Path) -> None:
    names = [f"pyfrontend-test-{number}" for number in (1, 2)]
    for name in names:
        make(root, name, "--no-cache-filter=sites,protobuf,rootfs")
    first, second = (inspect(name)["Id"] for name in names)
    docker("image", "rm", *names)
    assert first == second


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
        wrote = make(root, name, *options)
        assert (f"docker-image://docker.io/{image}" in wrote) == (tag == "self"), wrote
        layers[tag] = inspect(name)["RootFS"]["Layers"]
    assert layers["self"] == layers["reference"]
