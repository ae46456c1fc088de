"""Requests that reach our image first: what it builds itself, and what it hands to another frontend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import build, build_text, docker
from engine.control import RefusedError, control
from engine.files import write_files
from engine.servers import web
from pyfrontend.llb.fileop import mkfile
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.state import State
from pyfrontend.pb.ops_pb2 import Definition

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from engine.control import Control

ECHO = "pyfrontend-test-echo"
RESULT = "pyfrontend-test-forwarding"
OWN = "FROM scratch\nLABEL built=here\n"
NOWHERE = f"# syntax=nowhere.invalid/x\n{OWN}"
FORWARDED = f"# syntax={ECHO} with words\n{OWN}"


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory, image: str, root: Path) -> str:
    """Another frontend: it tells in labels what it was asked for."""
    folder = tmp_path_factory.mktemp("echo")
    text = f"FROM {image}\nCOPY echo_frontend.py /\n"
    text += 'ENTRYPOINT ["/usr/bin/python3", "-I", "-S", "/echo_frontend.py"]\n'
    write_files(folder, {"echo_frontend.py": (root / "tests/engine/echo_frontend.py").read_text()})
    done = build_text(folder, text, f"--tag={ECHO}", "--load", "--provenance=false")
    assert done.code == 0, done.output
    return ECHO


@pytest.fixture(scope="module")
def engine_api() -> Iterator[Control]:
    (known,) = json.loads(docker("context", "inspect"))
    host = known["Endpoints"]["docker"]["Host"]
    if not host.startswith("unix://"):
        pytest.skip(f"the engine's API is reached through a unix socket only, and not {host}")
    with control(host) as api:
        yield api


class Row(NamedTuple):
    """A Dockerfile and options, and labels of the image: those of our build, or what the other one got."""

    promise: str
    text: str
    options: Mapping[str, str]
    labels: Mapping[str, str]


HERE = {"built": "here"}
OPTIONS = {"build-arg:A": "1=2\n3", "x": "y", "no-cache": ""}
ARG = "build-arg:BUILDKIT_SYNTAX"
CAP = "moby.buildkit.frontend"
ROWS = [
    Row("no syntax line", OWN, {}, HERE),
    Row("syntax line", FORWARDED, {}, {"source": ECHO, "cmdline": f"{ECHO} with words"}),
    Row("all options go along", FORWARDED, OPTIONS, OPTIONS),
    Row(
        "build argument", OWN, {ARG: f"{ECHO} x"}, {"source": ECHO, "cmdline": f"{ECHO} x", ARG: f"{ECHO} x"}
    ),
    Row("build argument wins", NOWHERE, {ARG: ECHO}, {"source": ECHO, "cmdline": ECHO}),
    Row("already handed over", FORWARDED, {"cmdline": "us"}, HERE),
    Row("already handed over by an argument", FORWARDED, {"cmdline": "us", ARG: ECHO}, HERE),
    Row("handed to ourselves", "# syntax={image}\n" + OWN, {}, HERE),
    Row("known capabilities", OWN, {"frontend.caps": f"{CAP}.inputs,{CAP}.gitquerystring+forward"}, HERE),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.promise)
def test_the_frontend_that_is_named_builds(
    tmp_path: Path, image: str, echo: str, engine_api: Control, row: Row
) -> None:
    assert echo == ECHO
    write_files(tmp_path, {"Dockerfile": row.text.format(image=image)})
    with web(tmp_path) as server:
        engine_api.solve(image, {"context": f"{server.url}/Dockerfile", **row.options}, RESULT)
    (found,) = json.loads(docker("image", "inspect", RESULT))
    labels = found["Config"]["Labels"]
    assert {name: labels.get(name) for name in row.labels} == row.labels


TWO = "linux/amd64,linux/arm64"


class Bad(NamedTuple):
    """A request that fails: the message, and a part of the details."""

    promise: str
    text: str
    options: Mapping[str, str]
    message: str
    detail: bytes


BAD = [
    Bad(
        "a frontend that is nowhere, named in line 1",
        NOWHERE,
        {},
        "nowhere.invalid",
        b'"ranges":[{"start":{"line":1},"end":{"line":1}}]',
    ),
    Bad(
        "a frontend that is nowhere, named by an argument",
        OWN,
        {ARG: "nowhere.invalid/x"},
        f"failed with {ARG} = nowhere.invalid/x: ",
        b"",
    ),
    Bad("a capability of nobody", OWN, {"frontend.caps": f"{CAP}.new"}, f"{CAP}.new", b"errdefs.FrontendCap"),
    Bad("a bad number", OWN, {"memory": "x"}, "failed to parse resource limits: invalid memory value", b""),
    Bad("a bad network", OWN, {"force-network-mode": "some"}, "invalid netmode some", b""),
    Bad("a bad mode", OWN, {"image-resolve-mode": "some"}, "invalid image-resolve-mode: some", b""),
    Bad("a bad host", OWN, {"add-hosts": "x"}, "additional hosts: invalid key-value pair x", b""),
    Bad(
        "two platforms in one",
        OWN,
        {"platform": TWO, "multi-platform": "0"},
        "multiple target platforms",
        b"",
    ),
]


@pytest.mark.parametrize("row", BAD, ids=lambda row: row.promise)
def test_a_request_that_fails_says_why(tmp_path: Path, image: str, engine_api: Control, row: Bad) -> None:
    write_files(tmp_path, {"Dockerfile": row.text})
    with web(tmp_path) as server, pytest.raises(RefusedError) as caught:
        engine_api.solve(image, {"context": f"{server.url}/Dockerfile", **row.options})
    assert row.message in str(caught.value)
    assert row.detail in caught.value.details


#: A graph that has the Dockerfile in it.
DOCKERFILE = marshal(State().file([mkfile("/Dockerfile", 0o644, OWN)]).output, caps=None)
EMPTY = "failed to get frontend inputs: invalid nil input definition to definition op"


@pytest.mark.parametrize("name", ["context", "dockerfile", "unused"])
def test_an_empty_input_is_refused_whether_it_is_used_or_not(
    image: str, engine_api: Control, name: str
) -> None:
    inputs = {"dockerfile": DOCKERFILE, name: Definition()}
    with pytest.raises(RefusedError, match=EMPTY):
        engine_api.solve(image, {}, inputs=inputs)


def test_an_input_may_hold_the_dockerfile(image: str, engine_api: Control) -> None:
    engine_api.solve(image, {}, RESULT, {"dockerfile": DOCKERFILE})
    (found,) = json.loads(docker("image", "inspect", RESULT))
    assert found["Config"]["Labels"] == HERE


LIMITS = {
    "memory": str(64 << 20),
    "memswap": str(128 << 20),
    "cpushares": "512",
    "cpuperiod": "50000",
    "cpuquota": "25000",
    "cpusetcpus": "0",
    "cpusetmems": "0",
}


def test_limits_and_hostname(tmp_path: Path, image: str, engine_api: Control) -> None:
    """The client of this Docker has no options for these."""
    text = """FROM busybox
RUN hostname >/hostname && cd /sys/fs/cgroup && (cat memory/memory.limit_in_bytes || cat memory.max) >/limit
"""
    write_files(tmp_path, {"Dockerfile": text})
    options = {**LIMITS, "hostname": "chosen", "no-cache": ""}
    with web(tmp_path) as server:
        engine_api.solve(image, {"context": f"{server.url}/Dockerfile", **options}, RESULT)
    hostname, limit = docker("run", "--rm", "--network=none", RESULT, "cat", "/hostname", "/limit").split()
    assert hostname == "chosen"
    if limit != LIMITS["memory"]:
        pytest.skip("this engine's BuildKit lacks the capability exec.meta.linux.resources")


@pytest.mark.parametrize("other", ["dockerfile.v0", "{image}"])
def test_the_user_chooses_the_frontend(tmp_path: Path, image: str, syntax: str, other: str) -> None:
    name = other.format(image=image)
    text = OWN if name == image else syntax + OWN
    done = build(write_files(tmp_path, {"Dockerfile": text}), f"--build-arg=BUILDKIT_SYNTAX={name}")
    if name == "dockerfile.v0" and "docker.io/library/dockerfile.v0" in done.output:
        pytest.skip("this engine's BuildKit does not know its built-in frontend by the name dockerfile.v0")
    assert done.code == 0, done.output
    assert any(image in step for step in done.steps) == (name == image)
