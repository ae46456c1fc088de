"""Many targets in one call, and many machines behind one builder: bake, compose, remote builders."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from engine.client import build, buildx, docker
from engine.files import built_files, read_files, write_files
from engine.layout import read_layout
from engine.machines import builder_behind_a_port

if TYPE_CHECKING:
    from pathlib import Path

    from engine.machines import Engine

#: Two images from one stage that is built once.
SHARED = """FROM --platform=$BUILDPLATFORM busybox AS shared
ARG STAMP
RUN cat /proc/sys/kernel/random/uuid >/id; echo "$STAMP" >/stamp
FROM scratch AS one
ARG NAME=one
COPY --from=shared /id /stamp /
COPY <<E /name
$NAME
E
FROM scratch AS two
ARG NAME=two
COPY --from=shared /id /stamp /
COPY <<E /name
$NAME
E
"""
CROSS = """FROM --platform=$BUILDPLATFORM busybox AS build
ARG TARGETARCH
RUN cat /proc/sys/kernel/random/uuid >/id; echo $TARGETARCH >/for
FROM scratch
COPY --from=build /id /for /
"""


def test_bake_builds_a_group_from_one_shared_stage(tmp_path: Path, syntax: str) -> None:
    write_files(tmp_path, {"Dockerfile": syntax + SHARED})
    common = {"args": {"STAMP": str(tmp_path)}, "attest": ["type=provenance,disabled=true"]}
    targets: dict[str, dict[str, Any]] = {
        "common": common,
        "one": {"inherits": ["common"], "target": "one", "output": ["type=local,dest=out/one"]},
        "two": {
            "inherits": ["common"],
            "target": "two",
            "args": {"NAME": "second"},
            "platforms": ["linux/amd64", "linux/arm64"],
            "output": ["type=local,dest=out/two"],
        },
        "unasked": {"inherits": ["common"], "dockerfile-inline": "FROM nothing"},
    }
    targets["two"]["dockerfile-inline"] = syntax + SHARED.replace(
        "FROM busybox", "FROM --platform=amd64 busybox"
    )
    bake = {"group": {"default": {"targets": ["one", "two"]}}, "target": targets}
    write_files(tmp_path, {"docker-bake.json": json.dumps(bake)})

    done = buildx(["bake"], cwd=tmp_path)

    assert done.code == 0, done.output
    texts = read_files(tmp_path / "out")
    assert {name: text for name, text in texts.items() if name.endswith("name")} == {
        "one/name": "one\n",
        "two/linux_amd64/name": "second\n",
        "two/linux_arm64/name": "second\n",
    }
    assert len({text for name, text in texts.items() if name.endswith("id")}) == 1, "built once for all"


@pytest.mark.parametrize("call", ["check", "outline", "targets", "graph"])
def test_a_call_of_bake_knows_a_context_that_is_a_target(tmp_path: Path, syntax: str, call: str) -> None:
    target = {
        "contexts": {"base": "target:base"},
        "dockerfile-inline": f"{syntax}FROM base\nARG Y=1\nRUN x\n",
    }
    base = {"dockerfile-inline": f"{syntax}FROM busybox\n"}
    write_files(tmp_path, {"docker-bake.json": json.dumps({"target": {"child": target, "base": base}})})
    done = buildx(["bake", f"--call={call}"], "child", cwd=tmp_path)
    assert done.code == 0, done.output


def test_bake_builds_a_matrix(tmp_path: Path, syntax: str) -> None:
    hcl = """target "default" {
  name = "app-${word}"
  matrix = { word = ["a", "b"] }
  target = "two"
  args = { NAME = word }
  attest = ["type=provenance,disabled=true"]
  output = ["type=local,dest=out/${word}"]
}
"""
    write_files(tmp_path, {"Dockerfile": syntax + SHARED, "docker-bake.hcl": hcl})
    done = buildx(["bake"], cwd=tmp_path)
    assert done.code == 0, done.output
    texts = read_files(tmp_path / "out")
    assert (texts["a/name"], texts["b/name"]) == ("a\n", "b\n")


COMPOSE = """name: pyfrontend-test-compose
services:
  base:
    build: {context: ., dockerfile: base.Dockerfile}
    image: pyfrontend-test-compose-base
  app:
    build:
      context: app
      target: app
      args: {WORD: composed}
      labels: {from: compose}
      additional_contexts: {base: "service:base", more: ./more}
      extra_hosts: ["somewhere:10.1.2.3"]
      shm_size: 64m
      ulimits: {nofile: {soft: 1000, hard: 2000}}
    image: pyfrontend-test-compose-app
"""


def test_compose_builds_services_that_build_on_each_other(tmp_path: Path, syntax: str) -> None:
    if not docker("compose", "version", check=False):
        pytest.skip("docker compose is not here (hack/engine up unpacks it)")
    app = """FROM base AS app
ARG WORD
RUN echo $WORD >/word; grep -o 'somewhere' /etc/hosts >/host; ulimit -n >/limit
COPY --from=more /more /
CMD ["cat", "/word", "/base", "/more", "/host", "/limit"]
FROM nothing.invalid/at/all
"""
    write_files(
        tmp_path,
        {
            "compose.yaml": COMPOSE,
            "base.Dockerfile": f"{syntax}FROM busybox\nRUN echo base >/base\n",
            "app/Dockerfile": syntax + app,
            "more/more": "more\n",
        },
    )
    file = ("compose", "--file", str(tmp_path / "compose.yaml"))
    try:
        docker(*file, "build", "--quiet")
        run = ("run", "--rm", "--network=none", "pyfrontend-test-compose-app")
        words = docker(*run).split()
        assert words == ["composed", "base", "more", "somewhere", "1000"]
        (known,) = json.loads(docker("image", "inspect", "pyfrontend-test-compose-app"))
        assert known["Config"]["Labels"]["from"] == "compose"
    finally:
        docker(*file, "down", "--rmi=all", check=False)


def test_a_remote_builder_builds_what_the_own_engine_does(
    tmp_path: Path, syntax: str, remote_builder: str
) -> None:
    text = """FROM busybox AS build
RUN --mount=type=secret,id=word cat /run/secrets/word >/secret
COPY . /sent
FROM scratch
COPY --from=build /secret /sent/file /
COPY --from=named /named /
"""
    named = write_files(tmp_path / "named", {"named": "named"})
    word = write_files(tmp_path / "secret", {"word": "word"}) / "word"
    context = write_files(tmp_path / "context", {"Dockerfile": syntax + text, "file": "file"})
    options = (f"--secret=id=word,src={word}", f"--build-context=named={named}")
    found = built_files(context, *options, f"--builder={remote_builder}")
    assert found.texts == {"secret": "word", "file": "file", "named": "named"}
    assert found.build.ran("RUN --mount=type=secret")
    layout = _exported(tmp_path, context, *options, f"--builder={remote_builder}")
    assert list(read_layout(layout)) == ["linux/amd64"]


def test_each_machine_builds_its_platform(tmp_path: Path, syntax: str, second_engine: Engine) -> None:
    (own,) = [context["Endpoints"]["docker"]["Host"] for context in json.loads(docker("context", "inspect"))]
    context = write_files(tmp_path / "context", {"Dockerfile": syntax + CROSS})
    platforms = ("linux/amd64", "linux/arm64")
    with builder_behind_a_port(own, second_engine.host, platforms=platforms) as builder:
        options = (f"--platform={','.join(platforms)}", "--no-cache", f"--builder={builder}")
        found = built_files(context, *options)
    assert (found.texts["linux_amd64/for"], found.texts["linux_arm64/for"]) == ("amd64\n", "arm64\n")
    alone = built_files(context, "--platform=linux/arm64", env={"DOCKER_HOST": second_engine.host})
    assert alone.texts["id"] == found.texts["linux_arm64/id"], "the second machine has it in its cache"


def _exported(tmp_path: Path, context: Path, *options: str) -> Path:
    layout = tmp_path / "layout"
    done = build(context, f"--output=type=oci,tar=false,dest={layout}", "--provenance=false", *options)
    assert done.code == 0, done.output
    return layout
