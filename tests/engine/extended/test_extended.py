"""The extended language on a real engine: examples, the plain files they stand for, and a lock."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from engine.client import build, build_text, docker
from engine.extended.calls import call
from engine.servers import git, web

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLES = [
    ("monorepo", "api.Dockerfile", "api, built with tools 2.1\n"),
    ("monorepo", "web.Dockerfile", "web, built with tools 2.1\n"),
    ("conditions", "Dockerfile", "64 bits of x86\n"),
]


def config_and_layers(tag: str) -> tuple[object, object]:
    """Return what two images have in common if they are the same but for their times."""
    found = json.loads(docker("image", "inspect", tag))[0]
    return found["Config"], found["RootFS"]


@pytest.mark.parametrize("row", EXAMPLES, ids=[row[1] for row in EXAMPLES])
def test_an_example_builds_and_its_plain_form_builds_the_same_by_the_built_in_frontend(
    root: Path, tmp_path: Path, image: str, row: tuple[str, str, str]
) -> None:
    example, file, said = row
    folder = tmp_path / example
    shutil.copytree(root / "examples" / example, folder)
    dockerfile = folder / file
    dockerfile.write_text(dockerfile.read_text().replace("ourorg/pyfrontend", image))
    tags = f"pyfrontend-test-{file.lower()}", f"pyfrontend-test-{file.lower()}-plain"
    options = ("--provenance=false", "--load", "--file")
    done = build(folder, "--tag", tags[0], *options, str(dockerfile))
    assert done.code == 0, done.output
    assert docker("run", "--rm", tags[0]) == said
    plain = call(folder, "plain", "--file", str(dockerfile))
    assert plain.returncode == 0, plain.stderr
    (folder / "plain.Dockerfile").write_text(plain.stdout)
    again = build(folder, "--tag", tags[1], *options, str(folder / "plain.Dockerfile"))
    assert again.code == 0, again.output
    assert not again.ran("docker-image://docker.io/")
    assert config_and_layers(tags[0]) == config_and_layers(tags[1])


def test_a_step_with_no_cache_runs_every_time(tmp_path: Path, syntax: str) -> None:
    text = f"{syntax}FROM busybox\nRUN echo one\nRUN --no-cache echo two\n"
    assert build_text(tmp_path, text).code == 0
    again = build_text(tmp_path, text)
    assert [step.cached for step in again.ran("echo one")] == [True]
    assert [step.cached for step in again.ran("echo two")] == [False]


def test_an_error_in_an_included_file_shows_the_excerpt_of_that_file(tmp_path: Path, syntax: str) -> None:
    (tmp_path / "part.inc").write_text("ENV A=1\nRUN --netwrk=none true\n")
    done = build_text(tmp_path, f"{syntax}FROM busybox\nINCLUDE part.inc\n")
    assert done.code != 0
    assert "part.inc:2" in done.excerpt
    assert done.marked == [3, 2]
    assert "unknown flag: --netwrk" in done.message


@pytest.fixture
def locked(root: Path, tmp_path: Path, image: str) -> Path:
    """The example with a lock, written by the call."""
    folder = tmp_path / "lock"
    shutil.copytree(root / "examples/lock", folder)
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("ourorg/pyfrontend", image))
    written = call(folder, "lock", "--output", str(folder))
    assert written.returncode == 0, written.stderr
    assert (folder / "Dockerfile.lock").read_text() == written.stdout.strip() + "\n"
    return folder


def test_a_lock_holds_every_image_and_builds_what_an_unlocked_build_does(locked: Path) -> None:
    entries = [line.split() for line in (locked / "Dockerfile.lock").read_text().splitlines()[2:]]
    assert [entry[1] for entry in entries] == [
        "docker.io/library/alpine:latest",
        "docker.io/library/busybox:latest",
    ]
    options = ("--provenance=false", "--load", "--tag")
    assert build(locked, *options, "pyfrontend-test-locked").code == 0
    off = ("--build-arg", "BUILDKIT_DOCKERFILE_LOCK=off")
    assert build(locked, *off, *options, "pyfrontend-test-unlocked").code == 0
    assert config_and_layers("pyfrontend-test-locked") == config_and_layers("pyfrontend-test-unlocked")


def test_a_check_of_the_lock_says_what_differs(locked: Path) -> None:
    same = call(locked, "lock-check")
    assert (same.returncode, same.stdout.strip()) == (0, "Dockerfile.lock is up to date")
    lock = locked / "Dockerfile.lock"
    old, new = lock.read_text().split()[-1], "sha256:" + 64 * "0"
    lock.write_text(lock.read_text().replace(old, new))
    moved = call(locked, "lock-check")
    assert moved.returncode == 1
    assert f"~ image docker.io/library/busybox:latest {new} -> {old}" in moved.stdout
    lock.write_text("\n".join(line for line in lock.read_text().splitlines() if "busybox" not in line) + "\n")
    missing = call(locked, "lock-check")
    assert missing.returncode == 1
    assert missing.stdout.strip().startswith("+ image docker.io/library/busybox:latest sha256:")


def test_a_frozen_lock_refuses_an_image_without_an_entry_at_its_line(locked: Path) -> None:
    dockerfile = locked / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("FROM alpine", "FROM debian:trixie-slim"))
    done = build(locked, "--build-arg", "BUILDKIT_DOCKERFILE_LOCK=frozen")
    assert done.code != 0
    assert "docker.io/library/debian:trixie-slim is not in Dockerfile.lock, which is frozen" in done.message
    assert done.marked == [4]


def test_the_policy_of_a_lock_names_each_image_with_its_digest(locked: Path) -> None:
    rules = json.loads(call(locked, "lock-policy").stdout)["rules"]
    assert [rule["action"] for rule in rules] == ["CONVERT", "CONVERT"]
    for rule in rules:
        found = rule["selector"]["identifier"]
        assert rule["updates"]["identifier"].startswith(f"{found}@sha256:")


def test_a_lock_holds_downloads_by_their_content_and_repositories_by_their_commit(
    tmp_path: Path, syntax: str
) -> None:
    top, folder = tmp_path / "served", tmp_path / "project"
    folder.mkdir()
    repository = top / "source"
    repository.mkdir(parents=True)
    (repository / "a").write_text("a")
    git(repository, "init", "--quiet", "--initial-branch=main")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=x")
    git(top, "clone", "--quiet", "--bare", str(repository), "r.git")
    git(top / "r.git", "update-server-info")
    (top / "f").write_text("one")
    with web(top) as server:
        text = f"FROM scratch\nADD {server.url}/f /f\nADD {server.url}/r.git#main /r\n"
        (folder / "Dockerfile").write_text(syntax.replace("\n", " lock=frozen\n") + text)
        assert call(folder, "lock", "--output", str(folder)).returncode == 0
        entries = (folder / "Dockerfile.lock").read_text().splitlines()[2:]
        assert entries == [
            f"git {server.url}/r.git#main {git(repository, 'rev-parse', 'HEAD')}",
            f"http {server.url}/f sha256:{sha256(b'one').hexdigest()}",
        ]
        done = build(folder, f"--output={tmp_path / 'out'}")
        assert done.code == 0, done.output
        assert (tmp_path / "out/f").read_text() == "one"
        (top / "f").write_text("two")
        moved = call(folder, "lock-check")
    assert moved.returncode == 1
    assert moved.stdout.strip().startswith(f"~ http {server.url}/f sha256:")


def test_a_step_that_fails_in_an_included_file_shows_the_lines_that_lead_there(
    tmp_path: Path, syntax: str
) -> None:
    (tmp_path / "one.inc").write_text("INCLUDE two.inc\n")
    (tmp_path / "two.inc").write_text("\nRUN exit 3\n")
    done = build_text(tmp_path, f"{syntax}FROM busybox\nINCLUDE one.inc\n")
    assert done.code != 0
    assert done.marked == [3, 1, 2]
    assert "exit code: 3" in done.message


def test_a_derived_image_switches_the_extensions_off(tmp_path: Path, image: str) -> None:
    off = "pyfrontend-test/off"
    derived = build_text(
        tmp_path, f"FROM {image}\nENV DOCKERFILE_FRONTEND_EXTENSIONS=off\n", f"--tag={off}", "--load"
    )
    assert derived.code == 0, derived.output
    for line, message in {
        "RUN --if=TARGETOS true": "unknown flag: --if",
        "INCLUDE x": "unknown instruction: INCLUDE",
        "COPY --from=./x a b": 'failed to parse stage name "./x": invalid reference format',
    }.items():
        done = build_text(tmp_path, f"# syntax={off}\nFROM busybox\n{line}\n")
        assert done.code != 0
        assert message in done.message
    done = build_text(tmp_path, f"# syntax={off} lock\nFROM busybox\n")
    assert "this image has extensions switched off" in done.message
    assert done.marked == [1]
