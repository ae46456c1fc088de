"""Dockerfile.lock over time: a tag moves in a registry, and builds stay or follow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine import machines
from engine.client import build, build_text
from engine.extended.calls import call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine.client import Build

POLICY = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY"


class Project(NamedTuple):
    """A project whose base image is in a registry; it copies the version out of that."""

    folder: Path
    registry: str

    def publish(self, version: str) -> None:
        """Move the tag of the base image to ``version``."""
        base = self.folder.with_name(f"base-{version}")
        base.mkdir(exist_ok=True)
        text = f"FROM scratch\nCOPY <<E /version\n{version}\nE\n"
        done = build_text(base, text, f"--output=type=registry,name={self.registry}/base:1")
        assert done.code == 0, done.output

    def write(self, syntax: str, more: str = "") -> None:
        text = (
            f"{syntax}FROM {self.registry}/base:1 AS base\nFROM scratch\nCOPY --from=base /version /\n{more}"
        )
        (self.folder / "Dockerfile").write_text(text)

    def build(self, *options: str, **env: str) -> Build:
        return build(self.folder, f"--output={self.folder / 'out'}", *options, env=env)

    def version(self, *options: str, **env: str) -> str:
        """Build, and return the version of the base image that is in the result."""
        done = self.build(*options, **env)
        assert done.code == 0, done.output
        return (self.folder / "out/version").read_text().strip()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, syntax: str) -> Iterator[Project]:
    """A project that was locked before the tag of its base image moved."""
    if reason := machines.missing_registry():
        pytest.skip(reason)
    with machines.registry(tmp_path_factory.mktemp("registry")) as address:
        made = Project(tmp_path_factory.mktemp("moving") / "project", address)
        made.folder.mkdir()
        made.write(syntax.replace("\n", " lock\n"))
        made.publish("one")
        written = call(made.folder, "lock", "--output", str(made.folder))
        assert written.returncode == 0, written.stderr
        assert made.version() == "one"
        made.publish("two")
        yield made


def test_a_locked_build_stays_where_an_unlocked_one_follows_the_tag(project: Project) -> None:
    assert project.version() == "one"
    assert project.version("--build-arg=BUILDKIT_DOCKERFILE_LOCK=frozen") == "one"
    assert project.version("--build-arg=BUILDKIT_DOCKERFILE_LOCK=off") == "two"


def test_a_check_of_the_lock_tells_that_the_tag_has_moved(project: Project) -> None:
    done = call(project.folder, "lock-check")
    assert done.returncode == 1
    assert done.stdout.strip().startswith(f"~ image {project.registry}/base:1 sha256:")


def test_the_policy_holds_the_built_in_frontend_to_the_lock(project: Project, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text(call(project.folder, "lock-policy").stdout)
    assert json.loads(policy.read_text())["rules"]
    lock = (project.folder / "Dockerfile.lock").read_text()
    project.write("")
    try:
        assert project.version() == "two"
        assert project.version(**{POLICY: str(policy)}) == "one"
    finally:
        project.write("# syntax=ourorg/pyfrontend lock\n")
    assert (project.folder / "Dockerfile.lock").read_text() == lock


def test_a_frozen_lock_refuses_a_new_image_and_names_the_command_that_adds_it(
    project: Project, syntax: str
) -> None:
    project.write(syntax.replace("\n", " lock=frozen\n"), f"COPY --from={project.registry}/new:1 /x /\n")
    done = project.build()
    assert done.code != 0
    assert done.message.endswith(
        f"{project.registry}/new:1 is not in Dockerfile.lock, which is frozen;"
        " add it with docker buildx build --call=lock -o . ."
    )
    assert done.marked == [5]


def test_a_refreshed_lock_has_the_image_that_the_tag_names_now(project: Project, syntax: str) -> None:
    project.write(syntax.replace("\n", " lock=frozen\n"))
    assert call(project.folder, "lock", "--output", str(project.folder)).returncode == 0
    assert call(project.folder, "lock-check").returncode == 0
    assert project.version() == "two"
