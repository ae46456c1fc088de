from __future__ import annotations

from typing import Any

import pytest

from llb.graphs import BASE, LINUX, NEW, OLD, caps_of, last_op
from pyfrontend.errors import DockerfileError
from pyfrontend.llb.execop import BindMount, CacheMount, Exec, SecretMount, SSHMount, TmpfsMount
from pyfrontend.llb.marshal import marshal
from pyfrontend.llb.ops import LinuxResources, OpMeta, Ulimit
from pyfrontend.llb.sources import image, local
from pyfrontend.llb.state import State
from pyfrontend.oci.platforms import Platform
from pyfrontend.pb import ops_pb2 as pb

CONTEXT = local("context", session_id="s").output
ALWAYS = {"exec.meta.base", "exec.meta.setsdefaultpath", "exec.mount.bind"}


def test_mounts_are_numbered_in_the_order_of_their_targets() -> None:
    mounts = BindMount("/z", CONTEXT), BindMount("/b", BASE.output), CacheMount("/Z", None, "//Z")
    op = last_op(BASE.run(["x"], mounts=mounts))
    found = [(mount.dest, mount.input, mount.output) for mount in op.exec.mounts]
    assert found == [("/", 0, 0), ("/Z", -1, -1), ("/b", 0, 1), ("/z", 1, 2)]
    assert len(op.inputs) == 2


@pytest.mark.parametrize(
    "mount",
    [
        BindMount("/m", CONTEXT, readonly=True),
        BindMount("/m", CONTEXT, no_output=True),
        TmpfsMount("/m"),
        CacheMount("/m", CONTEXT, "//m"),
    ],
    ids=["readonly bind", "bind that drops writes", "tmpfs", "cache"],
)
def test_only_writable_binds_have_an_output(mount: BindMount | TmpfsMount | CacheMount) -> None:
    made = BASE.run(["x"], mounts=[mount, BindMount("/out", None)])
    assert [found.output for found in last_op(made).exec.mounts] == [0, -1, 1]
    output = made.mounted("/out").output
    assert output is not None
    assert (output.vertex, output.index) == (made.output and made.output.vertex, 1)


def test_a_mount_without_output_cannot_be_built_on() -> None:
    with pytest.raises(ValueError, match="no output at /m"):
        BASE.run(["x"], mounts=[TmpfsMount("/m")]).mounted("/m")


def test_only_what_ran_has_mounts() -> None:
    with pytest.raises(ValueError, match="nothing ran"):
        BASE.mounted("/")


def test_secrets_and_sockets_follow_the_mounts_in_their_own_order() -> None:
    made = BASE.run(
        ["x"],
        mounts=[BindMount("/z", CONTEXT)],
        secrets=[SecretMount("b", "/b", mode=0), SecretMount("a", "/a", env="A", optional=True)],
        ssh=[SSHMount("key", "/agent")],
    )
    body = last_op(made).exec
    assert [(m.dest, m.input, m.output) for m in body.mounts[2:]] == [
        ("/b", -1, 0),
        ("/a", -1, 0),
        ("/agent", -1, 0),
    ]
    assert body.mounts[2].secretOpt == pb.SecretOpt(ID="b")
    assert body.mounts[3].secretOpt == pb.SecretOpt(ID="a", mode=0o400, optional=True)
    assert body.mounts[4].SSHOpt == pb.SSHOpt(ID="key", mode=0o600)
    assert list(body.secretenv) == [pb.SecretEnv(ID="a", name="A", optional=True)]
    assert caps_of(made) == {*ALWAYS, "exec.mount.secret", "exec.secretenv", "exec.mount.ssh"}


def test_a_secret_variable_needs_no_file() -> None:
    body = last_op(BASE.run(["x"], secrets=[SecretMount("a", env="A")])).exec
    assert len(body.mounts) == 1


def test_an_empty_ssh_option_is_still_there() -> None:
    found = last_op(BASE.run(["x"], ssh=[SSHMount(mode=0)])).exec.mounts[1]
    assert found.HasField("SSHOpt")


def test_sockets_without_target_get_places_and_a_variable() -> None:
    body = last_op(BASE.run(["x"], ssh=[SSHMount(), SSHMount(target="/s"), SSHMount()])).exec
    expected = ["/run/buildkit/ssh_agent.0", "/s", "/run/buildkit/ssh_agent.2"]
    assert [mount.dest for mount in body.mounts[1:]] == expected
    assert list(body.meta.env) == ["SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0"]


def test_the_agent_variable_of_the_user_stays() -> None:
    body = last_op(BASE.with_env("SSH_AUTH_SOCK", "").run(["x"], ssh=[SSHMount()])).exec
    assert list(body.meta.env) == ["SSH_AUTH_SOCK="]


@pytest.mark.parametrize(
    ("mount", "message", "caps"),
    [
        (
            TmpfsMount("/m", selector="/s", readonly=True),
            pb.Mount(
                input=-1, dest="/m", output=-1, selector="/s", readonly=True, mountType="TMPFS", TmpfsOpt={}
            ),
            {"exec.mount.tmpfs", "exec.mount.selector"},
        ),
        (
            TmpfsMount("/m", 64),
            pb.Mount(input=-1, dest="/m", output=-1, mountType="TMPFS", TmpfsOpt={"size": 64}),
            {"exec.mount.tmpfs", "exec.mount.tmpfs.size"},
        ),
        (
            CacheMount("/m", BASE.output, "ns/id", "locked", "/cache"),
            pb.Mount(
                dest="/m",
                output=-1,
                selector="/cache",
                mountType="CACHE",
                cacheOpt={"ID": "ns/id", "sharing": "LOCKED"},
            ),
            {"exec.mount.cache", "exec.mount.cache.sharing", "exec.mount.selector"},
        ),
        (
            CacheMount("/m", None, "/id", "private", readonly=True),
            pb.Mount(
                input=-1,
                dest="/m",
                output=-1,
                readonly=True,
                mountType="CACHE",
                cacheOpt={"ID": "/id", "sharing": "PRIVATE"},
            ),
            {"exec.mount.cache", "exec.mount.cache.sharing"},
        ),
    ],
    ids=["tmpfs", "tmpfs of a size", "cache with content", "empty cache"],
)
def test_mount_is_encoded_with_its_options(
    mount: TmpfsMount | CacheMount, message: pb.Mount, caps: set[str]
) -> None:
    made = BASE.run(["x"], mounts=[mount])
    assert last_op(made).exec.mounts[1] == message
    assert caps_of(made) == ALWAYS | caps


def test_an_empty_root_asks_for_no_bind() -> None:
    made = State(platform=LINUX).run(["x"])
    assert caps_of(made) == {"exec.meta.base", "exec.meta.setsdefaultpath"}
    assert last_op(made).exec.mounts[0].input == -1


@pytest.mark.parametrize(
    ("settings", "field", "value", "cap"),
    [
        ({"network": "host"}, "network", pb.HOST, "exec.meta.network"),
        ({"network": "none"}, "network", pb.NONE, "exec.meta.network"),
        ({"insecure": True}, "security", pb.INSECURE, "exec.meta.security"),
        (
            {"devices": [("v.com/d=x", True)]},
            "cdiDevices",
            [pb.CDIDevice(name="v.com/d=x", optional=True)],
            "exec.meta.cdi",
        ),
    ],
    ids=["host network", "no network", "insecure", "device"],
)
def test_sandbox_setting_brings_its_capability(
    settings: dict[str, Any], field: str, value: object, cap: str
) -> None:
    made = BASE.run(["x"], **settings)
    assert getattr(last_op(made).exec, field) == value
    assert caps_of(made) == {*ALWAYS, cap}


@pytest.mark.parametrize(
    ("settings", "field", "value", "caps"),
    [
        ({"hostname": "h"}, "hostname", "h", set()),
        ({"cgroup_parent": "/g"}, "cgroupParent", "/g", set()),
        ({"extra_hosts": [("h", "::1")]}, "extraHosts", [pb.HostIP(Host="h", IP="::1")], set()),
        (
            {"ulimits": [Ulimit("core", 0, -1)]},
            "ulimit",
            [pb.Ulimit(Name="core", Hard=-1)],
            {"exec.meta.ulimit"},
        ),
        ({"proxy": {"no_proxy": "x"}}, "proxy_env", pb.ProxyEnv(no_proxy="x"), {"exec.meta.proxyenv"}),
    ],
    ids=["hostname", "cgroup", "hosts", "ulimit", "proxy"],
)
def test_process_setting_is_encoded(
    settings: dict[str, Any], field: str, value: object, caps: set[str]
) -> None:
    made = BASE.run(["x"], **settings)
    assert getattr(last_op(made).exec.meta, field) == value
    assert caps_of(made) == ALWAYS | caps


def test_an_empty_proxy_is_none() -> None:
    assert not last_op(BASE.run(["x"], proxy={})).exec.meta.HasField("proxy_env")


def test_resources_ask_for_their_capability_and_stay_out_of_the_op() -> None:
    limited = BASE.run(["x"], meta=OpMeta(resources=LinuxResources(memory=1)))
    assert caps_of(limited) == {*ALWAYS, "exec.meta.linux.resources"}
    assert last_op(limited) == last_op(BASE.run(["x"]))


def test_a_new_daemon_sets_the_path_itself() -> None:
    made = BASE.run(["x"])
    assert "exec.meta.setsdefaultpath" in caps_of(made, NEW)
    assert not last_op(made, NEW).exec.meta.env


def test_an_old_daemon_gets_a_path() -> None:
    made = BASE.with_env("A", "1").run(["x"])
    assert caps_of(made, OLD) == {"exec.meta.base", "exec.mount.bind"}
    path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert list(last_op(made, OLD).exec.meta.env) == ["A=1", path]


def test_an_old_daemon_keeps_the_path_of_the_image() -> None:
    assert list(last_op(BASE.with_env("PATH", "/p").run(["x"]), OLD).exec.meta.env) == ["PATH=/p"]


def test_an_old_daemon_gets_no_path_for_windows() -> None:
    made = image("i", Platform("windows", "amd64")).run(["x"])
    assert not last_op(made, OLD).exec.meta.env


def test_without_a_platform_the_one_of_the_marshal_serves() -> None:
    definition = marshal(State().run(["x"]).output, caps=NEW, platform=Platform("linux", "arm", "v6"))
    op = pb.Op.FromString(getattr(definition, "def")[0])
    assert op.platform == pb.Platform(OS="linux", Architecture="arm", Variant="v6")


def test_a_run_may_name_another_platform() -> None:
    assert last_op(BASE.run(["x"], platform=Platform("linux", "s390x"))).platform.Architecture == "s390x"


def test_mount_stubs_are_always_removed() -> None:
    assert last_op(BASE.run(["x"])).exec.meta.removeMountStubsRecursive


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (BASE.run([]), "arguments are required"),
        (State(BASE.output, cwd="").run(["x"]), "working directory is required"),
    ],
    ids=["no arguments", "no directory"],
)
def test_an_incomplete_process_is_refused(made: State, text: str) -> None:
    assert made.output
    assert isinstance(made.output.vertex, Exec)
    with pytest.raises(DockerfileError) as caught:
        marshal(made.output, caps=NEW)
    assert (caught.value.message, caught.value.spans) == (text, [])
