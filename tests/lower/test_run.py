"""RUN: the command, its heredocs, its mounts, and the settings of the build."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import CAPS, DictResolver, complaint, history, lines, lower
from parity import daemon
from pyfrontend.llb.caps import Capabilities
from pyfrontend.llb.marshal import marshal
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import ops_pb2 as pb

LINE_2 = [(2, 2)]


def process(line: str, **given: Any) -> Any:
    """The last exec op."""
    found = lower(f"FROM x\n{line}", **given)
    encoded = getattr(marshal(found.state.output, caps=given.get("caps", CAPS)), "def")
    return pb.Op.FromString(encoded[-2]).exec


def name(line: str, **given: Any) -> str:
    """What the progress shows of the last op."""
    output = lower(f"FROM x\n{line}", **given).state.output
    assert output is not None
    return output.vertex.meta.description["llb.customname"].partition("] ")[2]


@pytest.mark.parametrize(
    ("line", "args"),
    [
        pytest.param("RUN a  b", ["/bin/sh", "-c", "a  b"], id="text as written"),
        pytest.param('RUN ["a", "b c"]', ["a", "b c"], id="a list is no text"),
        pytest.param('SHELL ["s"]\nRUN a', ["s", "a"], id="the shell of the stage"),
        pytest.param("RUN a \\\n  b", ["/bin/sh", "-c", "a   b"], id="over several lines"),
        pytest.param("RUN <<E\na\nE", ["/bin/sh", "-c", "a\n"], id="a heredoc is the script"),
        pytest.param("RUN <<-E\n\ta\n\tE", ["/bin/sh", "-c", "a\n"], id="without its tabs"),
        pytest.param(
            "RUN <<E\n#!/x\nE",
            ["/bin/sh", "-c", "/dev/pipes/E"],
            id="a heredoc with an interpreter is a file",
        ),
        pytest.param(
            "RUN a <<E\nb\nE", ["/bin/sh", "-c", "a <<E\nb\nE"], id="a heredoc is left to the shell"
        ),
        pytest.param(
            "RUN a <<E <<F\nb\nE\nc\nF", ["/bin/sh", "-c", "a <<E <<F\nb\nE\nc\nF"], id="as are two"
        ),
        pytest.param("RUN <<E\n$A\nE", ["/bin/sh", "-c", "$A\n"], id="variables are the shell's"),
    ],
)
def test_the_command_is_the_one_that_was_written(line: str, args: list[str]) -> None:
    assert list(process(line).meta.args) == args


def test_a_file_with_an_interpreter_is_a_script_on_windows() -> None:
    image = {"config": {"os": "windows", "architecture": "amd64", "rootfs": {"diff_ids": ["sha256:1"]}}}
    given = {"resolver": DictResolver({"x": image}), "platform": Platform("windows", "amd64")}
    assert list(process("RUN <<E\n#!x\nE", **given).meta.args) == ["cmd", "/S", "/C", "#!x\n"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        pytest.param("run  a", "RUN  a", id="the keyword in capitals"),
        pytest.param("RUN echo $A ${B} $NONE", "RUN echo 1 'b' $NONE", id="variables that are set"),
        pytest.param('RUN echo "$A"', 'RUN echo "1"', id="quotes stay"),
        pytest.param("RUN echo ${A", "RUN echo ${A", id="as it is where it cannot be expanded"),
        pytest.param(
            "RUN --mount=type=secret,id=s,env=A echo $A",
            "RUN --mount=type=secret,id=s,env=A echo ****",
            id="secrets are hidden",
        ),
        pytest.param("RUN <<E\n\n a\nE", "RUN <<E (a)", id="a script of one line"),
        pytest.param("RUN <<E\na\r\nb\nE", "RUN <<E (a...)", id="the first line of a longer one"),
        pytest.param("RUN <<E\nE", "RUN <<E ()", id="an empty script"),
        pytest.param("RUN <<E\n\u00a0\x1ca\nE", "RUN <<E (\x1ca)", id="a separator is no whitespace"),
    ],
)
def test_the_progress_shows_what_runs(line: str, shown: str) -> None:
    assert name(f"ENV A=1 B=\"'b'\"\n{line}") == shown


def test_history_has_the_arguments_with_their_values() -> None:
    found = lower("FROM x\nARG A=1 B\nARG C=3\nENV C=4\nRUN x")
    assert history(found)[-1] == "RUN |3 A=1 B= C=4 /bin/sh -c x # buildkit"


@pytest.mark.parametrize(
    ("flag", "option", "network"),
    [
        pytest.param("", "", pb.UNSET, id="sandbox"),
        pytest.param("", "host", pb.HOST, id="of the build"),
        pytest.param("--network=default", "none", pb.NONE, id="default is that of the build"),
        pytest.param("--network=none", "host", pb.NONE, id="the flag wins"),
    ],
)
def test_the_network_is_that_of_the_flag_or_of_the_build(flag: str, option: str, network: int) -> None:
    assert process(f"RUN {flag} x", opts={"force-network-mode": option}).network == network


@pytest.mark.parametrize(
    ("option", "value", "capability", "found"),
    [
        ("ulimit", "nofile=1", "exec.meta.ulimit", lambda op: bool(op.meta.ulimit)),
        ("cgroup-parent", "x", "exec.meta.cgroup.parent", lambda op: bool(op.meta.cgroupParent)),
        ("shm-size", "1", "exec.mount.tmpfs.size", lambda op: len(op.mounts) == 2),
    ],
)
def test_a_limit_is_left_out_for_a_daemon_that_does_not_know_it(
    option: str, value: str, capability: str, found: Any
) -> None:
    old = Capabilities(daemon.LLB - {capability})
    assert found(process("RUN x", opts={option: value}))
    assert not found(process("RUN x", opts={option: value}, caps=old))


def test_devices_are_refused_where_the_daemon_would_leave_them_out() -> None:
    old = Capabilities(daemon.LLB - {"exec.meta.cdi"})
    message = (
        "this engine does not support RUN --device, which needs BuildKit 0.20 (Docker Engine 28.0) or newer"
    )
    assert complaint("FROM x\nRUN --device=d x", caps=old) == (message, LINE_2, None)


@pytest.mark.parametrize(
    ("flags", "devices"),
    [
        pytest.param("--device=v.test/a=x", [("v.test/a=x", True)], id="a device is optional"),
        pytest.param("--device=name=a,required", [("a", False)], id="or required"),
        pytest.param("--device=a,required=false", [("a", True)], id="or said to be optional"),
        pytest.param("--device=b --device=a,required=1", [("b", True), ("a", False)], id="in their order"),
        pytest.param("--device=$A", [("$A", True)], id="a variable is no variable"),
    ],
)
def test_devices_are_those_of_the_flags(flags: str, devices: list[tuple[str, bool]]) -> None:
    found = process(f"ARG A=b\nRUN {flags} x")
    assert [(device.name, device.optional) for device in found.cdiDevices] == devices


def test_a_device_is_all_that_it_adds_to_the_op() -> None:
    """The op of BuildKit's frontend has the device beside what it would have anyway."""
    with_device = process("RUN --device=v.test/a=x a")
    (device,) = with_device.cdiDevices
    assert device == pb.CDIDevice(name="v.test/a=x", optional=True)
    del with_device.cdiDevices[:]
    assert with_device == process("RUN a")


def mount(text: str, **given: Any) -> Any:
    """The mount of the exec op that is not the root."""
    [found] = [
        item for item in process(f"WORKDIR /w\nRUN --mount={text} x", **given).mounts if item.dest != "/"
    ]
    return found


@pytest.mark.parametrize(
    ("text", "dest", "selector"),
    [
        pytest.param("target=t", "/w/t", "", id="below the working directory"),
        pytest.param("target=/t,source=a/../b", "/t", "/b", id="a part of the source"),
        pytest.param("target=/t,source=../..", "/t", "", id="never more than all of it"),
        pytest.param("target=/a/../t", "/a/../t", "", id="an absolute target as written"),
        pytest.param("type=cache,target=c", "/w/c", "", id="a cache"),
        pytest.param("type=cache,target=/c,uid=0", "/c", "/cache", id="a cache with an owner"),
        pytest.param("type=cache,target=/c,uid=0,source=/s", "/c", "/s", id="a part of a cache has its own"),
        pytest.param("type=tmpfs,target=/t", "/t", "", id="memory"),
        pytest.param("type=secret,id=a/b", "/run/secrets/b", "", id="a secret is called as its id"),
        pytest.param("type=secret,target=s", "s", "", id="a secret's target as written"),
    ],
)
def test_a_mount_is_where_it_was_asked_for(text: str, dest: str, selector: str) -> None:
    found = mount(text)
    assert (found.dest, found.selector) == (dest, selector)


@pytest.mark.parametrize(
    ("text", "cache_id"),
    [
        pytest.param("target=/c/", "ns//c", id="its target"),
        pytest.param("target=c", "ns/c", id="its target as written"),
        pytest.param("target=/c,id=/x/", "ns//x/", id="its id"),
        pytest.param("target=$T", "ns//v", id="with variables"),
    ],
)
def test_a_cache_is_known_by_its_id(text: str, cache_id: str) -> None:
    args = {"BUILDKIT_CACHE_MOUNT_NS": "ns"}
    op = process(f"ENV T=/v\nRUN --mount=type=cache,{text} x", build_args=args)
    assert cache_id == op.mounts[1].cacheOpt.ID


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("target=/", 'invalid mount target "/"', id="the root"),
        pytest.param("target=..", 'invalid mount target "/"', id="the root by another name"),
        pytest.param("type=ssh,source=x", "ssh does not support source", id="ssh with a source"),
        pytest.param(
            "type=secret",
            "invalid secret mount. one of source, target required",
            id="a secret without a name",
        ),
        pytest.param(
            "type=cache,target=/c,mode=9",
            "invalid value 9 for mode",
            id="no mode",
        ),
    ],
)
def test_a_mount_that_makes_no_sense_is_reported_at_its_line(text: str, message: str) -> None:
    assert complaint(f"FROM x\nRUN --mount={text} x") == (message, LINE_2, None)


def test_what_is_wrong_with_a_mount_beyond_its_source_counts_only_where_it_is_needed() -> None:
    bad = "RUN --mount=type=$kind,targt=/a x"
    lower(f"FROM x AS unused\n{bad}\nFROM x")
    assert complaint(f"FROM x\n{bad}")[:2] == ('unsupported mount type ""', LINE_2)


def test_a_mount_from_a_later_stage_is_refused() -> None:
    text = "FROM x\nRUN --mount=from=y,target=/t x\nFROM x AS y\n"
    assert complaint(text, all_stages=True) == (
        'cannot mount from stage "y" to "/t", stage needs to be defined before current command',
        LINE_2,
        None,
    )


def test_a_cache_starts_from_a_stage_that_is_called_scratch() -> None:
    run, stage = "RUN --mount=type=cache,target=/t x", "FROM x AS scratch\nRUN y"
    assert complaint(f"FROM x AS z\n{run}\n{stage}\nFROM z") == (
        'cannot mount from stage "scratch" to "/t", stage needs to be defined before current command',
        LINE_2,
        None,
    )
    assert history(lower(f"{stage}\nFROM x\n{run}")) == ["RUN /bin/sh -c x # buildkit"]


def test_the_outline_learns_of_secrets_and_agents() -> None:
    mounts = (
        "--mount=type=secret,id=s,required --mount=type=secret,id=s --mount=type=ssh --mount=type=ssh,id=a"
    )
    usage = lower(f"FROM x\nRUN {mounts} x").stage.usage
    needs = [*usage.secrets.items(), *usage.ssh.items()]
    assert [(name, need.required, lines(need.span)) for name, need in needs] == [
        ("s", True, (2, 2)),
        ("default", False, (2, 2)),
        ("a", False, (2, 2)),
    ]


@pytest.mark.parametrize(
    ("text", "env", "target"),
    [
        pytest.param("type=secret,id=s", [], "/run/secrets/s", id="a file"),
        pytest.param("type=secret,id=s,env=E", [("E", "s")], None, id="a variable"),
        pytest.param("type=secret,id=s,env=E,target=/f", [("E", "s")], "/f", id="both"),
    ],
)
def test_a_secret_is_a_file_or_a_variable(text: str, env: list[tuple[str, str]], target: str | None) -> None:
    op = process(f"RUN --mount={text} x")
    assert [(item.name, item.ID) for item in op.secretenv] == env
    assert [item.dest for item in op.mounts[1:]] == ([] if target is None else [target])
