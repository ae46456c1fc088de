"""What ``hack/release`` does without an engine: what it refuses, the SBOM, and the layout that repeats."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

HACK = Path(__file__).parents[1] / "hack"
DATED = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-30

### Added

- A thing.

## [1.2.2] - 2026-01-02
"""


def run(*command: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYFRONTEND_")}
    return subprocess.run(command, cwd=cwd, env=known | env, capture_output=True, text=True, check=False)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository of version 1.2.3 with the scripts, all of it committed."""
    folder = tmp_path / "tree"
    for name in ("release", "lib.sh", "lib-image.sh"):
        (folder / "hack").mkdir(parents=True, exist_ok=True)
        shutil.copy(HACK / name, folder / "hack")
    (folder / "frontend/pyfrontend").mkdir(parents=True)
    (folder / "frontend/pyfrontend/__init__.py").write_text('__version__ = "1.2.3"\n')
    (folder / "CHANGELOG.md").write_text(DATED)
    run("git", "init", "--quiet", ".", cwd=folder)
    commit(folder)
    return folder


def commit(tree: Path) -> None:
    run("git", "add", "--all", ".", cwd=tree)
    author = ("-c", "user.name=test", "-c", "user.email=test@example.test")
    run("git", *author, "commit", "--quiet", "--message", "all", cwd=tree)


@pytest.mark.parametrize(
    ("arguments", "changelog", "message", "fix"),
    [
        (["1.2.4"], DATED, "this tree is version 1.2.3, not 1.2.4", "frontend/pyfrontend/__init__.py"),
        (["v1.2.3"], DATED, "this tree is version 1.2.3, not v1.2.3", "frontend/pyfrontend/__init__.py"),
        (["1.2.3"], "# Changelog\n", "no section of 1.2.3 with a date", "## [1.2.3] - 20"),
        (["1.2.3"], DATED.replace(" - 2026-11-30", ""), "no section of 1.2.3 with a date", "## [1.2.3] - 20"),
        (["1.2.3"], DATED.replace("### Added\n\n- A thing.\n", ""), "no section of 1.2.3", "## [1.2.3] - 20"),
        (["1.2.3", "--unpined"], DATED, "release does not know '--unpined'", "--unpinned"),
    ],
    ids=["version", "tag", "no section", "no date", "empty section", "option"],
)
def test_what_is_no_release_is_refused_before_anything_is_made(
    tree: Path, arguments: list[str], changelog: str, message: str, fix: str
) -> None:
    (tree / "CHANGELOG.md").write_text(changelog)
    commit(tree)
    done = run(tree / "hack/release", *arguments, cwd=tree)
    assert done.returncode == 1
    assert message in done.stderr
    assert fix in done.stderr
    assert not (tree / "dist").exists()


def test_a_tree_with_changes_is_not_released(tree: Path) -> None:
    (tree / "new.py").touch()
    done = run(tree / "hack/release", "1.2.3", cwd=tree)
    assert (done.returncode, done.stdout) == (1, "")
    assert "files have changed since the last commit" in done.stderr


def test_a_folder_with_other_things_in_it_is_left_as_it_is(tree: Path, tmp_path: Path) -> None:
    for name in ("DIGESTS", "letters/love.txt"):
        (tmp_path / "out" / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / "out" / name).write_text("mine")
    done = run(tree / "hack/release", "1.2.3", tmp_path / "out", cwd=tree)
    assert done.returncode == 1
    assert "has more in it than a release: letters" in done.stderr
    assert {path.read_text() for path in (tmp_path / "out").rglob("*") if path.is_file()} == {"mine"}
    assert (tmp_path / "out/DIGESTS").exists()


@pytest.mark.parametrize(
    ("algorithm", "message"),
    [("", "openssl cannot read the key in"), ("ED25519", "cosign verifies no image by an Ed25519 key")],
    ids=["no key", "Ed25519"],
)
def test_a_key_that_will_not_do_is_refused(tree: Path, tmp_path: Path, algorithm: str, message: str) -> None:
    key = tmp_path / "key.pem"
    key.write_text("no key\n")
    if algorithm:
        run("openssl", "genpkey", "-algorithm", algorithm, "-out", key, cwd=tmp_path)
    done = run(tree / "hack/release", "1.2.3", cwd=tree, PYFRONTEND_SIGNING_KEY=str(key))
    assert done.returncode == 1
    assert message in done.stderr
    assert not (tree / "dist").exists()


STATUS = """\
Package: libstdc++6
Status: install ok installed
Architecture: arm64
Version: 1:14.2.0+x-19
Source: gcc-14 (14.2.0-19)
Maintainer: Debian GCC Maintainers <gcc@example.test>
Description: a library
 Version: 0 is not its version

Package: base-files
Status: install ok installed
Architecture: arm64
Version: 13.8
Maintainer: Somebody <somebody@example.test>
"""


@pytest.fixture
def rootfs(tmp_path: Path) -> Path:
    """An image's files, of which the metadata of its packages are what counts."""
    folder = tmp_path / "core"
    files = {
        "var/lib/dpkg/status": STATUS,
        "usr/lib/os-release": 'ID=debian\nVERSION_ID="13"\n',
        "usr/lib/python3.13/typing_extensions-4.16.0.dist-info/METADATA": (
            "Name: typing_extensions\nVersion: 4.16.0\nLicense-Expression: PSF-2.0\n\nName: not this\n"
        ),
        "usr/lib/python3.13/free-1.dist-info/METADATA": "Name: free\nVersion: 1\nLicense: as you like it\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def scanned(rootfs: Path, out: Path) -> str:
    out.mkdir()
    done = run(
        *(sys.executable, HACK / "sbom.py"),
        cwd=out,
        BUILDKIT_SCAN_SOURCE=str(rootfs),
        BUILDKIT_SCAN_DESTINATION=str(out),
        SOURCE_DATE_EPOCH="1700000000",
    )
    assert done.returncode == 0, done.stderr
    return (out / "core.spdx.json").read_text()


def test_the_sbom_lists_what_the_image_says_it_is_made_of(rootfs: Path, tmp_path: Path) -> None:
    statement = json.loads(scanned(rootfs, tmp_path / "out"))
    assert statement["predicateType"] == "https://spdx.dev/Document"
    document = statement["predicate"]
    assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    listed = {
        package["name"]: (
            package["externalRefs"][0]["referenceLocator"],
            package["supplier"],
            package["licenseDeclared"],
        )
        for package in document["packages"]
    }
    assert listed == {
        "base-files": (
            "pkg:deb/debian/base-files@13.8?arch=arm64&distro=debian-13",
            "Person: Somebody (somebody@example.test)",
            "NOASSERTION",
        ),
        "libstdc++6": (
            "pkg:deb/debian/libstdc%2B%2B6@1:14.2.0%2Bx-19?arch=arm64&distro=debian-13&upstream=gcc-14",
            "Person: Debian GCC Maintainers (gcc@example.test)",
            "NOASSERTION",
        ),
        "free": ("pkg:pypi/free@1", "NOASSERTION", "NOASSERTION"),
        "typing_extensions": ("pkg:pypi/typing-extensions@4.16.0", "NOASSERTION", "PSF-2.0"),
    }
    described = {relation["relatedSpdxElement"] for relation in document["relationships"]}
    assert described == {package["SPDXID"] for package in document["packages"]}


def test_the_sbom_is_the_same_for_the_same_image_and_another_for_another(
    rootfs: Path, tmp_path: Path
) -> None:
    first, second = (scanned(rootfs, tmp_path / name) for name in ("first", "second"))
    assert first == second
    (rootfs / "usr/lib/os-release").write_text("VERSION_ID=14\n")
    third = scanned(rootfs, tmp_path / "third")
    names = [json.loads(text)["predicate"]["documentNamespace"] for text in (first, third)]
    assert names[0] != names[1]


def test_the_scanner_started_by_hand_says_who_starts_it(tmp_path: Path) -> None:
    done = run(sys.executable, HACK / "sbom.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "BuildKit runs this, with BUILDKIT_SCAN_SOURCE" in done.stderr


class Archive:
    """An archive as buildx writes it: blobs, and an index that names the first."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, content: dict[str, Any] | bytes, **more: Any) -> dict[str, Any]:
        data = content if isinstance(content, bytes) else json.dumps(content, indent=2).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blobs[digest] = data
        return {"digest": digest, "size": len(data), **more}

    def write(self, path: Path, index: dict[str, Any]) -> None:
        with tarfile.open(path, "w") as archive:
            members = {f"blobs/{digest.replace(':', '/')}": data for digest, data in self.blobs.items()}
            members["index.json"] = json.dumps({"manifests": [index]}).encode()
            for name, data in members.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))


def written(path: Path, name: str, started: str) -> Path:
    """Write an archive with an image of one platform, and provenance of a build that began at ``started``."""
    archive = Archive()
    config = archive.put({"architecture": "arm64"})
    image = archive.put({"config": config, "layers": [archive.put(b"layer")]})
    metadata = {"buildInvocationID": started, "buildStartedOn": started, "buildFinishedOn": started}
    config_of_build = {"llbDefinition": [{"id": "step0"}], "digestMapping": {started: "step0"}}
    predicate = {
        "materials": [{"uri": "pkg:docker/busybox"}],
        "metadata": metadata | {"reproducible": False, "source": {"infos": [config_of_build]}},
        "buildConfig": config_of_build,
    }
    sbom = {"buildStartedOn": "is not taken out of an SBOM"}
    kinds = {"https://slsa.dev/provenance/v0.2": predicate, "https://spdx.dev/Document": sbom}
    layers = [
        archive.put({"predicate": found}, annotations={"in-toto.io/predicate-type": kind})
        for kind, found in kinds.items()
    ]
    diff_ids = [layer["digest"] for layer in layers]
    attestation = archive.put(
        {"config": archive.put({"rootfs": {"type": "layers", "diff_ids": diff_ids}}), "layers": layers}
    )
    index = {
        "manifests": [
            {**image, "platform": {"os": "linux", "architecture": "arm64"}},
            {
                **attestation,
                "platform": {"os": "unknown", "architecture": "unknown"},
                "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
            },
        ]
    }
    archive.write(path, archive.put(index, annotations={"io.containerd.image.name": f"docker.io/{name}"}))
    return path


def settled(out: Path, *archives: Path) -> subprocess.CompletedProcess[str]:
    options = ("--out", out, "--epoch", "1700000000")
    return run(sys.executable, HACK / "layout.py", *options, *archives, cwd=out.parent)


def layout(path: Path) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return the images of an archive, and its blobs, each of which has the digest that it is called by."""
    with tarfile.open(path) as archive:
        files = {name: file.read() for name in archive.getnames() if (file := archive.extractfile(name))}
    blobs = {name.removeprefix("blobs/sha256/"): data for name, data in files.items() if name[:5] == "blobs"}
    assert all(hashlib.sha256(data).hexdigest() == name for name, data in blobs.items())
    return json.loads(files["index.json"])["manifests"], blobs


def test_two_builds_of_the_same_give_the_same_layout(tmp_path: Path) -> None:
    for number in ("1", "2"):
        archive = written(tmp_path / f"{number}.tar", "ourorg/pyfrontend:1", f"2026-11-30T00:00:0{number}Z")
        done = settled(tmp_path / f"out{number}.tar", archive)
        assert done.returncode == 0, done.stderr
    first, second = (tmp_path / f"out{number}.tar" for number in "12")
    assert first.read_bytes() == second.read_bytes()
    text = b"".join(layout(first)[1].values())
    assert b"2026-11-30" not in text
    assert b'"buildStartedOn":"is not taken out of an SBOM"' in text
    assert b"pkg:docker/busybox" in text
    assert b'"llbDefinition":[{"id":"step0"}]' in text


def test_images_keep_their_digests_and_every_reference_leads_somewhere(tmp_path: Path) -> None:
    archives = [
        written(tmp_path / f"{tag}.tar", f"ourorg/pyfrontend:{tag}", "now") for tag in ("1", "1-labs")
    ]
    done = settled(tmp_path / "out.tar", *archives)
    images, blobs = layout(tmp_path / "out.tar")
    assert len(images) == 2
    reached = set()
    waiting = [image["digest"] for image in images]
    while waiting:
        digest = waiting.pop().removeprefix("sha256:")
        reached.add(digest)
        document = json.loads(blobs[digest]) if blobs[digest][:1] == b"{" else {}
        entries = [*document.get("manifests", ()), *document.get("layers", ())]
        assert all(entry["size"] == len(blobs[entry["digest"].removeprefix("sha256:")]) for entry in entries)
        waiting += [entry["digest"] for entry in [*entries, document.get("config")] if entry]
        waiting += document.get("rootfs", {}).get("diff_ids", ())
    assert reached == blobs.keys()
    original = Archive()
    image = original.put(
        {"config": original.put({"architecture": "arm64"}), "layers": [original.put(b"layer")]}
    )
    assert done.stdout.splitlines() == [
        f"{images[0]['digest']} ourorg/pyfrontend:1",
        f"{image['digest']} ourorg/pyfrontend:1 linux/arm64",
        f"{images[1]['digest']} ourorg/pyfrontend:1-labs",
        f"{image['digest']} ourorg/pyfrontend:1-labs linux/arm64",
    ]


def test_an_archive_that_is_no_layout_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "1.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("manifest.json"))
    done = settled(tmp_path / "out.tar", tmp_path / "1.tar")
    assert done.returncode == 1
    assert done.stderr == f"stopped: {tmp_path}/1.tar has no index.json\n"


def test_a_blob_with_other_content_is_refused(tmp_path: Path) -> None:
    archive = written(tmp_path / "1.tar", "ourorg/pyfrontend:1", "now")
    archive.write_bytes(archive.read_bytes().replace(b"layer\0", b"lawyer"))
    done = settled(tmp_path / "out.tar", archive)
    assert done.returncode != 0
    assert "has other content" in done.stderr
    assert not (tmp_path / "out.tar").exists()


RELEASED = "sha256:" + "ab" * 32
DIGESTS = """\
sha256:1 ourorg/pyfrontend:1.2.3
sha256:2 ourorg/pyfrontend:1.2.3 linux/amd64
sha256:3 ourorg/pyfrontend:1.2.3-labs
sha256:4 ourorg/pyfrontend:1.2.3-labs linux/amd64
"""


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ({"repo": "ourorg/pyfrontend", "checksum": RELEASED, "hasProvenance": True}, True),
        ({"repo": "ci/pyfrontend", "checksum": RELEASED, "hasProvenance": True}, True),
        ({"repo": "ourorg/pyfrontend", "checksum": RELEASED}, False),
        ({"repo": "ourorg/pyfrontend", "checksum": "sha256:" + "cd" * 32, "hasProvenance": True}, False),
        ({"repo": "ourorg/pyfrontend", "tag": "latest"}, False),
        ({"repo": "library/alpine", "tag": "latest"}, True),
        ({"repo": "ourorg/pyfrontend-docs", "tag": "latest"}, True),
        (None, True),
    ],
    ids=["released", "mirror", "no provenance", "another", "tag", "another image", "like it", "no image"],
)
def test_the_policy_lets_the_frontend_in_by_its_digest_only(
    image: dict[str, Any] | None, allowed: object
) -> None:
    regopy = pytest.importorskip("regopy", reason="no interpreter of Rego is installed: pip install regopy")
    policy = (HACK.parent / "docs/frontend.rego").read_text()
    rego = regopy.Interpreter()
    rego.add_module("policy", policy.replace("0" * 64, RELEASED.removeprefix("sha256:")))
    reference = f"registry.example.com/{image['repo']}:1" if image else ""
    rego.set_input({"image": image | {"ref": reference}} if image else {"local": {"name": "context"}})
    answer = json.loads(str(rego.query("data.docker.decision")))["expressions"][0]
    denied = f"{reference} is no verified release of pyfrontend: see docs/release.md"
    assert answer == {"allow": allowed, "deny_msg": [] if allowed else [denied]}


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """A folder like one that hack/release makes."""
    folder = tmp_path / "1.2.3"
    folder.mkdir()
    files = {"pyfrontend-1.2.3.oci.tar": "layout", "DIGESTS": DIGESTS, "NOTES.md": "notes"}
    for name, text in files.items():
        (folder / name).write_text(text)
    sums = subprocess.run(
        ["sha256sum", *files], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    (folder / "SHA256SUMS").write_text(sums)
    return folder


def published(
    released: Path, *arguments: str, **env: str
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run hack/publish, with programs that only write down how they are called."""
    programs = released.parent / "programs"
    programs.mkdir()
    log = released.parent / "log"
    log.touch()
    for name in ("oras", "cosign", "gh"):
        (programs / name).write_text(f'#!/bin/sh\necho "{name} $*" >>"{log}"\n')
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    done = run(HACK / "publish", *arguments, cwd=released.parent, PATH=path, **env)
    return done, log.read_text().splitlines()


def test_both_images_are_pushed_by_two_names_and_signed_by_their_digests(released: Path) -> None:
    done, calls = published(
        released,
        "1.2.3",
        "registry.example.com/ci/pyfrontend",
        PYFRONTEND_SIGNING_KEY="key.pem",
        GH_TOKEN="token",
        REGISTRY_USER="me",
        REGISTRY_TOKEN="secret",
    )
    assert done.returncode == 0, done.stderr
    name, layout = "registry.example.com/ci/pyfrontend", "1.2.3/pyfrontend-1.2.3.oci.tar"
    files = " ".join(f"1.2.3/{file}" for file in ("DIGESTS", "NOTES.md", "SHA256SUMS", layout[6:]))
    told = [re.sub(r"/\S*/key\b", "KEY", call) for call in calls]
    sign = "cosign sign --key KEY.key --yes --use-signing-config=false --tlog-upload=false"
    assert told == [
        "oras login --username me --password-stdin registry.example.com",
        "cosign import-key-pair --key key.pem --output-key-prefix KEY",
        f"oras copy --no-tty --from-oci-layout {layout}:1.2.3 {name}:1.2.3,latest",
        f"{sign} {name}@sha256:1",
        f"oras copy --no-tty --from-oci-layout {layout}:1.2.3-labs {name}:1.2.3-labs,labs",
        f"{sign} {name}@sha256:3",
        f"gh release create v1.2.3 --verify-tag --title pyfrontend 1.2.3 --notes-file 1.2.3/NOTES.md {files}",
    ]


@pytest.mark.parametrize(
    ("folder", "key", "change", "message"),
    [
        ("1.2.3", "", "", "no key to sign the images with"),
        ("1.2.4", "key.pem", "", "1.2.4 is no folder that hack/release made"),
        ("1.2.3", "key.pem", "NOTES.md", "the files are not those that hack/release made"),
    ],
    ids=["no key", "no release", "changed"],
)
def test_what_is_no_release_is_not_published(
    released: Path, folder: str, key: str, change: str, message: str
) -> None:
    if change:
        (released / change).write_text("other")
    env = {"PYFRONTEND_SIGNING_KEY": key, "GH_TOKEN": "token"}
    done, calls = published(released, folder, "registry.example.com/ci/pyfrontend", **env)
    assert done.returncode == 1
    assert message in done.stderr
    assert calls == []
