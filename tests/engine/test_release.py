"""``hack/release`` makes all files of a release from a commit, twice the same, and they are what they say."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine import machines
from engine.client import TIMEOUT, build_text, docker
from engine.layout import read_tagged_layout
from pyfrontend import __version__

if TYPE_CHECKING:
    from engine.layout import Image

PLATFORMS = {"linux/amd64", "linux/arm64"}
#: As docs/versions.md shows it.
DIGEST_ONLY = '{{printf "%s" .Manifest.Digest}}'
SPDX = "https://spdx.dev/Document"
SLSA = "https://slsa.dev/provenance/v0.2"


class Release(NamedTuple):
    """The files of a release, the images of its layout by tag and platform, and the key that signed it."""

    folder: Path
    layout: Path
    images: dict[str, dict[str, Image]]
    key: Path


@pytest.fixture(scope="module")
def tree(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed of this tree, in a clone that has its Python environment."""
    clone = tmp_path_factory.mktemp("clone") / "pyfrontend"
    subprocess.run(["git", "clone", "--quiet", root, clone], check=True)
    (clone / ".venv").mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (clone / ".venv" / part).symlink_to(Path(sys.prefix) / part)
    key = hashlib.sha256((clone / "pyproject.toml").read_bytes()).hexdigest()[:16]
    (clone / ".venv/.made-for").write_text(key)
    return clone


def made(tree: Path, folder: Path, key: Path) -> None:
    """Run hack/release."""
    # Where the pins cannot be reached this is a trial: two of them are the same as well.
    command: list[str | Path] = [tree / "hack/release", __version__, folder, "--unpinned"]
    env = os.environ | {"PYFRONTEND_SIGNING_KEY": str(key)}
    done = subprocess.run(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=3 * TIMEOUT, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.fixture(scope="module")
def release(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("release")
    key = folder / "key.pem"
    subprocess.run(
        [
            "openssl",
            "genpkey",
            "-quiet",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            key,
        ],
        check=True,
    )
    made(tree, folder / "files", key)
    layout = folder / "layout"
    with tarfile.open(folder / "files" / f"pyfrontend-{__version__}.oci.tar") as archive:
        archive.extractall(layout, filter="data")
    return Release(folder / "files", layout, read_tagged_layout(layout), key)


def test_all_files_are_there_and_their_sums_are_signed(release: Release) -> None:
    names = {path.name for path in release.folder.iterdir()}
    start = f"pyfrontend-{__version__}"
    files = {f"{start}.oci.tar", f"{start}.tar.gz", f"{start}-py3-none-any.whl", "NOTES.md", "DIGESTS"}
    assert names == {*files, "SHA256SUMS", "SHA256SUMS.sig"}
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=release.folder,
        capture_output=True,
        check=True,
    )
    assert {line.partition(":")[0] for line in checked.stdout.decode().splitlines()} == files
    public = public_key(release)
    verify: list[str | Path] = [
        "openssl",
        "dgst",
        "-sha256",
        "-verify",
        public,
        "-signature",
        "SHA256SUMS.sig",
        "SHA256SUMS",
    ]
    subprocess.run(verify, cwd=release.folder, check=True)


def test_a_commit_gives_the_same_bytes_again(tree: Path, release: Release, tmp_path: Path) -> None:
    made(tree, tmp_path / "again", release.key)
    for path in release.folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_both_images_are_there_for_both_platforms_with_what_is_known_of_them(
    release: Release, root: Path
) -> None:
    assert set(release.images) == {__version__, f"{__version__}-labs"}
    for tag, images in release.images.items():
        assert set(images) == PLATFORMS
        for platform, image in images.items():
            assert image.config["architecture"] == platform.partition("/")[2]
            (provenance,) = image.statements[SLSA]
            predicate = provenance["predicate"]
            assert predicate["invocation"]["parameters"]["args"]["build-arg:VERSION"] == __version__
            assert predicate["buildConfig"]["llbDefinition"], "mode=max has the steps"
            assert str(root) not in str(provenance), "the place of the clone is in nothing"
            assert predicate["invocation"]["parameters"]["args"].get("target", "") == tag.partition("-")[2]
            (sbom,) = image.statements[SPDX]
            packages = {package["name"] for package in sbom["predicate"]["packages"]}
            assert {"libc6", "python3.13-minimal", "grpcio", "pyfrontend"} <= packages
            assert f"arch={image.config['architecture']}" in str(sbom)


def test_published_it_is_the_same_and_cosign_verifies_it(
    tree: Path, release: Release, tmp_path: Path
) -> None:
    if reason := machines.missing_registry():
        pytest.skip(reason)
    with machines.registry(tmp_path) as address:
        name = f"{address}/ci/pyfrontend"
        env = os.environ | {"PYFRONTEND_SIGNING_KEY": str(release.key), "REGISTRY_PLAIN": "yes"}
        command: list[str | Path] = [tree / "hack/publish", release.folder, name]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        for alias, tag in (("latest", __version__), ("labs", f"{__version__}-labs")):
            shown = docker("buildx", "imagetools", "inspect", f"{name}:{alias}", "--format", DIGEST_ONLY)
            assert f"{shown.strip()} ourorg/pyfrontend:{tag}\n" in (release.folder / "DIGESTS").read_text()
        assert cosign(public_key(release), f"{name}:latest").returncode == 0
        other = tmp_path / "other.pem"
        generate(other)
        assert cosign(public_key(release._replace(key=other)), f"{name}:latest").returncode != 0


def cosign(public: Path, image: str) -> subprocess.CompletedProcess[str]:
    """Verify an image by the command that docs/release.md shows."""
    state = Path(
        os.environ.get("PYFRONTEND_STATE") or Path(os.environ.get("XDG_STATE_HOME", "/var/lib"), "pyfrontend")
    )
    env = os.environ | {"PATH": f"{os.environ['PATH']}:{state}/tools/usr/bin"}
    options = ("--key", str(public), "--insecure-ignore-tlog=true", "--allow-http-registry")
    command = ["cosign", "verify", *options, image]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def generate(key: Path) -> None:
    command = ["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
    subprocess.run([*command, "-out", key], check=True)


def public_key(release: Release) -> Path:
    public = release.key.with_suffix(".pub")
    subprocess.run(["openssl", "pkey", "-in", release.key, "-pubout", "-out", public], check=True)
    return public


def test_the_image_of_the_release_builds(release: Release, tmp_path: Path) -> None:
    name = "example.invalid/released:1"
    options = ("--build-context", f"{name}=oci-layout://{release.layout}:{__version__}-labs")
    built = build_text(tmp_path, f"# syntax={name}\nFROM scratch\nCOPY Dockerfile /\n", *options)
    assert built.code == 0, built.output


def test_the_wheel_is_this_version_and_the_notes_are_those_of_it(root: Path, release: Release) -> None:
    with zipfile.ZipFile(release.folder / f"pyfrontend-{__version__}-py3-none-any.whl") as wheel:
        metadata = message_from_bytes(wheel.read(f"pyfrontend-{__version__}.dist-info/METADATA"))
    assert metadata["Version"] == __version__
    section = (
        (root / "CHANGELOG.md").read_text().partition(f"## [{__version__}] - ")[2].partition("\n## [")[0]
    )
    notes = (release.folder / "NOTES.md").read_text()
    assert notes.startswith(section.partition("\n")[2].strip())
    assert (release.folder / "DIGESTS").read_text() in notes
