"""The examples on older engines: only in `hack/test engines`, as their base images are large."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.serving import need_images
from engine.test_example_node import secrets

if TYPE_CHECKING:
    from pathlib import Path

    from engine.releases.conftest import OldEngine

pytestmark = pytest.mark.skipif(
    os.environ.get("PYFRONTEND_ENGINES") != "all",
    reason="hack/test engines builds the examples on old engines",
)


class Example(NamedTuple):
    """A folder of ours, its Dockerfile, and a command that shows that the image works, with its answer."""

    name: str
    bases: tuple[str, ...]
    command: tuple[str, ...]
    answer: str
    dockerfile: str = "Dockerfile"


NGINX, JDK, JRE, TOMCAT = "nginx", "eclipse-temurin:21-jdk", "eclipse-temurin:21-jre", "tomcat:10.1-jre21"
EXAMPLES = [
    Example("nginx-with-cert", ("alpine", NGINX), (NGINX, "-T"), "listen"),
    Example("nginx-with-cert", ("alpine", NGINX), (NGINX, "-T"), "listen", "Dockerfile.named"),
    Example("pipeline", ("busybox",), (), "1\tone\n2\ttwo\n3\tthree\n"),
    Example("cross-platform", ("golang:1.24",), (), "hello from linux/"),
    Example("java-jar", (JDK, JRE), ("ls", "/app"), "app.jar"),
    Example("java-war", (JDK, TOMCAT), ("ls", "webapps"), "ROOT.war"),
    Example("node-app", ("node:22-slim",), ("ls", "node_modules"), "express"),
]


@pytest.mark.timeout(900)  # base images are made, and copied from engine to engine
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.name} {one.dockerfile}")
def test_an_example_builds(root: Path, old_engine: OldEngine, tmp_path: Path, example: Example) -> None:
    need_images(root, *example.bases)
    old_engine.load(*example.bases)
    tag = "pyfrontend-test-example"
    folder = root / "examples" / example.name
    options = ["--file", str(folder / example.dockerfile), "--tag", tag, *secrets(tmp_path)]
    done = old_engine.build(folder, *options)
    assert done.code == 0, done.output
    program, *arguments = example.command or ("",)
    entrypoint = ["--entrypoint", program] if program else []
    assert example.answer in old_engine.docker("run", "--rm", *entrypoint, tag, *arguments)
    old_engine.docker("image", "rm", "--force", tag)
