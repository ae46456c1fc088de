"""Options of a build as a user gives them, and what they change for the steps that run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.client import build, build_text
from engine.files import built_files, write_files
from engine.servers import web

if TYPE_CHECKING:
    from pathlib import Path

#: Each line of the result is what a step found around itself.
DOCKERFILE = """ARG GLOBAL=unset
FROM busybox AS look
ARG GLOBAL
ARG WORD=default
ARG BUILDKIT_SANDBOX_HOSTNAME
RUN mkdir /found && cd /found && hostname >hostname && cat /etc/hosts >hosts && ulimit -n >nofile \\
    && df /dev/shm | tail -n 1 | awk '{ print $2 }' >shm && cat /proc/self/cgroup >cgroup \\
    && ls /sys/class/net >network && echo "$GLOBAL $WORD $BUILDKIT_SANDBOX_HOSTNAME" >args
RUN --network=none ls /sys/class/net >/found/network-none
RUN --network=default ls /sys/class/net >/found/network-default
RUN --security=sandbox true
FROM scratch AS other
COPY <<E /other
$TARGETSTAGE
E
FROM scratch AS found
COPY --from=look /found /
FROM look AS last
RUN exit 1
"""


def test_all_options_together_build(tmp_path: Path, syntax: str) -> None:
    write_files(tmp_path, {"Dockerfile": syntax + DOCKERFILE})
    args = {"GLOBAL": "global", "WORD": "two words", "BUILDKIT_SANDBOX_HOSTNAME": "sandbox", "UNKNOWN": "x"}
    found = built_files(
        tmp_path,
        "--target=FOUND",
        *(f"--build-arg={name}={value}" for name, value in args.items()),
        "--add-host=one.test:10.1.2.3",
        "--add-host=six.test=::6",
        "--shm-size=32m",
        "--ulimit=nofile=123:456",
        "--network=none",
        "--cgroup-parent=pyfrontend-test",
    ).texts
    assert found["args"] == "global two words sandbox\n"
    assert found["hostname"] == "sandbox\n"
    assert {"10.1.2.3\tone.test", "::6\tsix.test"} <= set(found["hosts"].splitlines())
    assert found["nofile"] == "123\n"
    assert found["shm"] == "32768\n"
    # In a namespace of its own, a step sees itself at the root.
    assert "/pyfrontend-test/" in found["cgroup"] or found["cgroup"] == "0::/\n"
    assert [found[name].split() for name in ("network", "network-none", "network-default")] == [["lo"]] * 3


def test_a_build_without_options_has_the_defaults(tmp_path: Path, syntax: str) -> None:
    write_files(tmp_path, {"Dockerfile": syntax + DOCKERFILE})
    found = built_files(tmp_path, "--target=found", "--no-cache").texts
    assert found["args"] == "unset default \n"
    assert found["hostname"] == "buildkitsandbox\n"
    assert "one.test" not in found["hosts"]
    assert found["shm"] == "65536\n"
    assert found["network-none"].split() == ["lo"]
    assert len(found["network"].split()) > 1
    assert found["network-default"] == found["network"]


def test_the_target_is_all_that_is_built(tmp_path: Path, syntax: str) -> None:
    write_files(tmp_path, {"Dockerfile": syntax + DOCKERFILE})
    found = built_files(tmp_path, "--target=other")
    assert found.names == ["other"]
    assert not found.build.ran(" RUN ")
    unknown = build(tmp_path, "--target=fuond")
    assert "fuond" in unknown.message
    assert "did you mean found?" in unknown.message


class Mode(NamedTuple):
    """How the network of all steps is forced, and what a step then sees."""

    option: str
    alone: bool


@pytest.mark.parametrize(
    "mode", [Mode("host", alone=False), Mode("default", alone=False), Mode("none", alone=True)]
)
def test_the_network_of_all_steps(tmp_path: Path, syntax: str, mode: Mode) -> None:
    text = (
        f"{syntax}FROM busybox AS look\nRUN ls /sys/class/net >/net\nFROM scratch\nCOPY --from=look /net /\n"
    )
    write_files(tmp_path, {"Dockerfile": text})
    allowed = ("--allow=network.host",) if mode.option == "host" else ()
    found = built_files(tmp_path, f"--network={mode.option}", *allowed)
    assert (found.texts["net"].split() == ["lo"]) == mode.alone


def test_labels_of_the_command_line_win(tmp_path: Path, syntax: str) -> None:
    done = build_text(
        tmp_path,
        f"{syntax}FROM scratch\nLABEL kept=file changed=file\n",
        f"--output=type=oci,tar=false,dest={tmp_path}/layout",
        "--provenance=false",
        "--label=changed=option",
        "--label=more=a=b",
    )
    assert done.code == 0, done.output
    blobs = [path.read_bytes() for path in (tmp_path / "layout/blobs/sha256").iterdir()]
    (config,) = [json.loads(blob) for blob in blobs if b'"rootfs"' in blob]
    assert config["config"]["Labels"] == {"kept": "file", "changed": "option", "more": "a=b"}


def test_pull_looks_at_the_registry_for_an_image_that_is_here(tmp_path: Path, syntax: str) -> None:
    name = "pyfrontend-test-only-here.invalid/image:1"
    tagged = build_text(tmp_path, f"{syntax}FROM busybox\n", f"--tag={name}")
    assert tagged.code == 0, tagged.output
    text = f"{syntax}FROM {name}\n"
    assert build_text(tmp_path, text).code == 0
    pulled = build_text(tmp_path, text, "--pull")
    assert pulled.code != 0
    assert f"failed to resolve source metadata for {name}: " in pulled.message
    assert "(failed to do request: Head" in pulled.message


class Policy(NamedTuple):
    """A rule of a source policy, and what becomes of a build from image ``missing.invalid/base``."""

    promise: str
    rule: dict[str, object]
    message: str


IMAGE = "docker-image://missing.invalid/base:1"
POLICIES = [
    Policy(
        "another image instead",
        {
            "action": "CONVERT",
            "selector": {"identifier": IMAGE},
            "updates": {"identifier": "docker-image://docker.io/library/busybox:latest"},
        },
        "",
    ),
    Policy("denied", {"action": "DENY", "selector": {"identifier": IMAGE}}, "denied by policy"),
]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.promise)
def test_source_policies(tmp_path: Path, syntax: str, policy: Policy) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"rules": [policy.rule]}))
    text = f"{syntax}FROM missing.invalid/base:1\nRUN echo made >/made\n"
    for options in ((), ("--build-context=missing.invalid/base:1=docker-image://missing.invalid/base:1",)):
        write_files(tmp_path / "here", {"Dockerfile": text})
        done = build(tmp_path / "here", *options, env={"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": str(file)})
        assert (done.code == 0) == (not policy.message), done.output
        assert policy.message in done.message


def test_a_source_policy_may_make_something_else_of_an_image(tmp_path: Path, syntax: str) -> None:
    write_files(tmp_path / "served", {"file": "served"})
    write_files(tmp_path, {"Dockerfile": f"{syntax}FROM scratch\nCOPY --from=named /context /\n"})
    with web(tmp_path / "served") as server:
        rule = {
            "action": "CONVERT",
            "selector": {"identifier": IMAGE},
            "updates": {"identifier": f"{server.url}/file"},
        }
        file = tmp_path / "policy.json"
        file.write_text(json.dumps({"rules": [rule]}))
        env = {"EXPERIMENTAL_BUILDKIT_SOURCE_POLICY": str(file)}
        found = built_files(tmp_path, f"--build-context=named={IMAGE}", env=env)
    assert found.texts == {"context": "served"}


class Bad(NamedTuple):
    """A build argument that is an option, with a value that it cannot have."""

    promise: str
    argument: str
    message: str


BAD = [
    Bad("multi platform", "BUILDKIT_MULTI_PLATFORM=maybe", "invalid boolean value for multi-platform: maybe"),
    Bad("removed option", "BUILDKIT_DISABLE_FILEOP=1", "was removed in BuildKit 0.11"),
    Bad("check", "BUILDKIT_DOCKERFILE_CHECK=nonsense", "nonsense"),
    Bad("time", "SOURCE_DATE_EPOCH=soon", 'parsing "soon": invalid syntax'),
]


@pytest.mark.parametrize("row", BAD, ids=lambda row: row.promise)
def test_bad_values_of_special_arguments(tmp_path: Path, syntax: str, row: Bad) -> None:
    done = build_text(tmp_path, f"{syntax}FROM scratch\nCOPY Dockerfile /\n", f"--build-arg={row.argument}")
    assert done.code != 0
    assert row.message in done.message
