"""The pins of the frontend image: all that it is made of has one, and `hack/pins` moves them."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import pyfrontend

ROOT = Path(__file__).parents[1]
NEW = "sha256:" + "ab" * 32


def dockerfile(root: Path = ROOT) -> str:
    return (root / "Dockerfile.frontend").read_text()


def argument(name: str, root: Path = ROOT) -> str:
    (value,) = re.findall(rf"^ARG {name}=(.*)$", dockerfile(root), re.MULTILINE)
    return str(value)


@pytest.mark.parametrize(("kind", "section"), [("run", "build"), ("build", "requires")])
def test_every_wheel_is_pinned_by_version_and_hash_for_both_architectures(kind: str, section: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = {"run": project["project"]["optional-dependencies"], "build": project["build-system"]}
    wanted = parts[kind][section]
    text = (ROOT / f"requirements/{kind}.txt").read_text()
    pinned = re.findall(r"^(\S+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$", text, re.MULTILINE)
    assert text.count("==") == len(pinned), "each pin has a hash"
    versions = {name: version for name, version, _ in pinned}
    for requirement in map(Requirement, wanted):
        assert versions[requirement.name] in requirement.specifier
    compiled = {name for name, _, hashes in pinned if hashes.count("sha256") == 2}
    assert {"grpcio", "protobuf"} <= compiled


def test_base_and_packages_are_pinned() -> None:
    assert re.fullmatch(r"debian:trixie-slim@sha256:[0-9a-f]{64}", argument("BASE"))
    assert re.fullmatch(r"20\d{6}T\d{6}Z", argument("SNAPSHOT"))


def test_labels_without_hack_image_say_version_and_source() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert argument("VERSION") == pyfrontend.__version__
    assert f'image.source="{project["urls"]["Source"]}"' in dockerfile()
    assert f'image.description="{project["description"]}"' in dockerfile()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what hack/pins reads and changes."""
    for name in ("hack/move_pins.py", "hack/wheels", "Dockerfile.frontend", "requirements", "pyproject.toml"):
        target = tmp_path / "checkout" / name
        target.parent.mkdir(exist_ok=True, parents=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    return tmp_path / "checkout"


def move(checkout: Path, *names: str, docker: str = "exit 1", pip: str = "exit 1") -> tuple[int, str, str]:
    """Run hack/pins with programs in the place of docker and Python; return exit code and both outputs."""
    programs = checkout.parent / "programs"
    programs.mkdir()
    for name, script in (("docker", docker), ("python3", pip)):
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    done = subprocess.run(
        [sys.executable, checkout / "hack/move_pins.py", *names],
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_base_is_moved_to_what_its_tag_means_now(checkout: Path) -> None:
    asked = checkout / "asked"
    assert move(checkout, "base", docker=f'echo "$@" >{asked}; echo {NEW}') == (
        0,
        "changed Dockerfile.frontend\n",
        "",
    )
    assert asked.read_text().startswith("buildx imagetools inspect debian:trixie-slim --format")
    before, after = dockerfile().splitlines(), dockerfile(checkout).splitlines()
    assert [line for line in after if line not in before] == [f"ARG BASE=debian:trixie-slim@{NEW}"]


def test_debian_is_moved_to_today(checkout: Path) -> None:
    stamp = datetime.now(UTC).strftime("%Y%m%dT000000Z")
    served = checkout / "archive"
    release = served / "debian" / stamp / "dists/trixie/InRelease"
    release.parent.mkdir(parents=True)
    release.touch()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=served)) as server:
        threading.Thread(target=server.serve_forever).start()
        path = checkout / "Dockerfile.frontend"
        url = f"http://127.0.0.1:{server.server_port}"
        path.write_text(re.sub("^ARG ARCHIVE=.*", f"ARG ARCHIVE={url}", path.read_text(), flags=re.MULTILINE))
        assert move(checkout, "debian")[0] == 0
        server.shutdown()
    assert argument("SNAPSHOT", checkout) == stamp


def test_wheels_are_pinned_to_what_pip_downloads(checkout: Path) -> None:
    # Called with a script on standard input it lists what to download, called with -m it is pip.
    pip = """[ "$1" != - ] || { cat >/dev/null; echo "$3"; exit; }
while [ "$1" != --dest ]; do shift; done
case "$*" in *aarch64*) machine=aarch64 ;; *) machine=x86_64 ;; esac
echo $machine >"$2/Some_Thing-1.2-cp313-cp313-$machine.whl"; echo all >"$2/other-3-py3-none-any.whl"
"""
    code, out, err = move(checkout, "wheels", pip=pip)
    assert (code, err) == (0, "")
    assert out == "changed requirements/run.txt\nchanged requirements/build.txt\n"
    hashes = {word: hashlib.sha256(f"{word}\n".encode()).hexdigest() for word in ("all", "aarch64", "x86_64")}
    some = sorted([hashes["aarch64"], hashes["x86_64"]])
    assert (checkout / "requirements/run.txt").read_text().splitlines()[1:] == [
        "other==3 \\",
        f"    --hash=sha256:{hashes['all']}",
        "some-thing==1.2 \\",
        f"    --hash=sha256:{some[0]} \\",
        f"    --hash=sha256:{some[1]}",
    ]


def test_a_source_that_does_not_answer_leaves_its_pin(checkout: Path) -> None:
    path = checkout / "Dockerfile.frontend"
    path.write_text(path.read_text().replace("http://snapshot.debian.org", "http://127.0.0.1:9"))
    before = {file: file.read_text() for file in (path, *(checkout / "requirements").iterdir())}
    code, out, err = move(checkout, "base", "debian", "wheels")
    assert (code, out) == (1, "")
    assert [line.partition(",")[0] for line in err.splitlines()] == [
        "base: kept as it is",
        "debian: kept as it is",
        "wheels: kept as it is",
    ]
    assert {file: file.read_text() for file in before} == before
