"""The exec op: a process in a container, with its mounts and the sandbox around it."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.llb import caps
from pyfrontend.llb.ops import NO_META, Output, Vertex
from pyfrontend.oci.image import DEFAULT_PATH
from pyfrontend.pb import ops_pb2 as pb
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyfrontend.llb.env import Env
    from pyfrontend.llb.ops import Inputs, OpMeta, Ulimit
    from pyfrontend.oci.platforms import Platform

# Values of `pb` by name: they are looked up when an op is encoded, for a check can do without protobuf.
_SHARING = {"shared": "SHARED", "private": "PRIVATE", "locked": "LOCKED"}
_NETWORKS = {"": "UNSET", "host": "HOST", "none": "NONE"}


class BindMount(NamedTuple):
    """``source``, or its path ``selector``, at ``target``.

    Writes make a new output of the op, unless ``no_output`` says to drop them, which the daemon must be
    able to (capability exec.mount.bind.readwrite-nooutput, MNT-021).
    """

    target: str
    source: Output | None
    selector: str = ""
    readonly: bool = False
    no_output: bool = False


class CacheMount(NamedTuple):
    """A directory ``id`` that outlives the build, at ``target``; ``source`` is its first content.

    ``sharing`` is shared, private or locked.
    """

    target: str
    source: Output | None
    id: str
    sharing: str = "shared"
    selector: str = ""
    readonly: bool = False


class TmpfsMount(NamedTuple):
    """An empty filesystem in memory at ``target``, of ``size`` bytes at most where that is not zero."""

    target: str
    size: int = 0
    selector: str = ""
    readonly: bool = False


class SecretMount(NamedTuple):
    """The client's secret ``id`` as a file at ``target``, as the variable ``env``, or both."""

    id: str
    target: str | None = None
    env: str | None = None
    uid: int = 0
    gid: int = 0
    mode: int = 0o400
    optional: bool = False


class SSHMount(NamedTuple):
    """The client's agent ``id`` as a socket at ``target``; an empty target gets its own path."""

    id: str = ""
    target: str = ""
    uid: int = 0
    gid: int = 0
    mode: int = 0o600
    optional: bool = False


ExecMount = BindMount | CacheMount | TmpfsMount


class Sandbox(NamedTuple):
    """The environment of a process apart from its filesystem.

    ``network`` is ``host``, ``none`` or empty.  ``extra_hosts`` are pairs of name and address, ``devices``
    pairs of CDI name and whether the process can do without, ``proxy`` has the field names of `pb.ProxyEnv`.
    """

    network: str = ""
    insecure: bool = False
    hostname: str = ""
    extra_hosts: Sequence[tuple[str, str]] = ()
    ulimits: Sequence[Ulimit] = ()
    cgroup_parent: str = ""
    proxy: Mapping[str, str] = {}
    devices: Sequence[tuple[str, bool]] = ()


class Process(NamedTuple):
    """What runs: ``args`` with ``env`` in ``cwd`` as ``user``, on ``platform``."""

    args: Sequence[str]
    env: Env
    cwd: str
    user: str
    platform: Platform | None


#: Nothing around the process that it would not have anyway.
PLAIN = Sandbox()


class Mounts(NamedTuple):
    """Everything mounted: filesystems, then secrets and agent sockets, which BuildKit keeps apart."""

    filesystems: Sequence[ExecMount] = ()
    secrets: Sequence[SecretMount] = ()
    sockets: Sequence[SSHMount] = ()


class Exec(Vertex):
    """A process; its root filesystem after it ran is one of the outputs."""

    __slots__ = ("mounts", "process", "sandbox", "secrets", "sockets")

    def __init__(
        self,
        root: Output | None,
        process: Process,
        mounts: Mounts = Mounts(),  # noqa: B008 - immutable
        sandbox: Sandbox = PLAIN,
        meta: OpMeta = NO_META,
    ) -> None:
        """Run ``process`` on top of ``root``."""
        super().__init__(meta)
        self.process = process
        self.sandbox = sandbox
        self.mounts: Sequence[ExecMount] = (BindMount("/", root),)
        if mounts.filesystems:
            # BuildKit numbers the mounts in the order of their targets (LLB-006).
            self.mounts = sorted((*self.mounts, *mounts.filesystems), key=lambda mount: mount.target)
        self.secrets = mounts.secrets
        self.sockets = _with_targets(mounts.sockets)

    def output(self, target: str = "/") -> Output:
        """Return what the writable bind mount at ``target`` holds in the end; ValueError without one."""
        index = 0
        for mount in self.mounts:
            if _has_output(mount):
                if mount.target == target:
                    return Output(self, index)
                index += 1
        raise ValueError(f"no output at {target}")

    def inputs(self) -> Sequence[Output]:
        """Return the sources of the mounts, in the order of their targets."""
        ends = [mount.source for mount in self.mounts if not isinstance(mount, TmpfsMount)]
        return [end for end in ends if end is not None]

    def encode(self, inputs: Inputs) -> tuple[pb.Op, Platform | None, tuple[str, ...]]:
        """Encode as `Vertex.encode` says (RUN-003 and WIRE-8)."""
        process = self.process
        if not process.args:
            raise DockerfileError("arguments are required", code="MissingCommand")
        if not process.cwd:
            raise DockerfileError("working directory is required", code="InvalidDefinition")
        platform = inputs.settings.fill(process.platform)
        op, needs = pb.Op(), [caps.EXEC_META_BASE]
        body = op.exec
        env = self._env(inputs.settings.caps, platform, needs)
        _add_process(body.meta, process, env)
        if self.sandbox != PLAIN:
            _add_sandbox(body, self.sandbox, needs)
        if self.meta.resources is not None:
            needs.append(caps.EXEC_META_LINUX_RESOURCES)
        index = 0
        for mount in self.mounts:
            message = body.mounts.add()
            _add_mount(message, mount, inputs, needs)
            message.output = index if _has_output(mount) else -1
            index += _has_output(mount)
        if self.secrets:
            _add_secrets(body, self.secrets, needs)
        if self.sockets:
            _add_sockets(body, self.sockets, needs)
        return op, platform, tuple(dict.fromkeys(needs))

    def _env(self, known: caps.Capabilities | None, platform: Platform, needs: list[str]) -> Env:
        """Return the variables with those that BuildKit expects its client to set (RUN-006, MNT-035)."""
        env = self.process.env
        if self.sockets and "SSH_AUTH_SOCK" not in env:
            env = env.set("SSH_AUTH_SOCK", self.sockets[0].target)
        if known is None:
            return env
        if known.supports(caps.EXEC_META_SETS_DEFAULT_PATH):
            needs.append(caps.EXEC_META_SETS_DEFAULT_PATH)
        elif platform.os != "windows" and "PATH" not in env:
            env = env.set("PATH", DEFAULT_PATH)
        return env


def _with_targets(sockets: Sequence[SSHMount]) -> Sequence[SSHMount]:
    return [
        socket if socket.target else socket._replace(target=f"/run/buildkit/ssh_agent.{number}")
        for number, socket in enumerate(sockets)
    ]


def _has_output(mount: ExecMount) -> bool:
    return isinstance(mount, BindMount) and not mount.readonly and not mount.no_output


def _add_process(meta: pb.Meta, process: Process, env: Env) -> None:
    # The encoded variables are shared by all ops with the same environment, so that a long one costs
    # each op no more than a copy of its bytes.
    meta.MergeFromString(env.encoded())
    meta.args.extend(process.args)
    meta.cwd = process.cwd
    meta.user = process.user
    meta.removeMountStubsRecursive = True


def _add_sandbox(body: pb.ExecOp, sandbox: Sandbox, needs: list[str]) -> None:
    meta = body.meta
    meta.hostname = sandbox.hostname
    meta.cgroupParent = sandbox.cgroup_parent
    for host, address in sandbox.extra_hosts:
        meta.extraHosts.add(Host=host, IP=address)
    for name, soft, hard in sandbox.ulimits:
        meta.ulimit.add(Name=name, Soft=soft, Hard=hard)
    for name, optional in sandbox.devices:
        body.cdiDevices.add(name=name, optional=optional)
    if sandbox.proxy:
        meta.proxy_env.CopyFrom(pb.ProxyEnv(**sandbox.proxy))
    body.network = getattr(pb, _NETWORKS[sandbox.network])
    body.security = pb.INSECURE if sandbox.insecure else pb.SANDBOX
    used = (
        (sandbox.ulimits, caps.EXEC_META_ULIMIT),
        (sandbox.devices, caps.EXEC_META_CDI),
        (sandbox.proxy, caps.EXEC_META_PROXY),
        (sandbox.network, caps.EXEC_META_NETWORK),
        (sandbox.insecure, caps.EXEC_META_SECURITY),
    )
    needs += [name for value, name in used if value]


def _add_mount(message: pb.Mount, mount: ExecMount, inputs: Inputs, needs: list[str]) -> None:
    message.dest = mount.target
    message.readonly = mount.readonly
    if mount.selector:
        message.selector = mount.selector
        needs.append(caps.EXEC_MOUNT_SELECTOR)
    if isinstance(mount, TmpfsMount):
        message.input = -1
        message.mountType = pb.TMPFS
        message.TmpfsOpt.SetInParent()
        message.TmpfsOpt.size = mount.size
        needs.append(caps.EXEC_MOUNT_TMPFS)
        if mount.size:
            needs.append(caps.EXEC_MOUNT_TMPFS_SIZE)
        return
    message.input = inputs.add(mount.source)
    if isinstance(mount, CacheMount):
        message.mountType = pb.CACHE
        message.cacheOpt.ID = mount.id
        message.cacheOpt.sharing = getattr(pb, _SHARING[mount.sharing])
        needs += (caps.EXEC_MOUNT_CACHE, caps.EXEC_MOUNT_CACHE_SHARING)
    elif mount.source is not None:
        needs.append(caps.EXEC_MOUNT_BIND)


def _add_secrets(body: pb.ExecOp, secrets: Sequence[SecretMount], needs: list[str]) -> None:
    """Add secrets: input -1, output left 0 (LLB-009)."""
    needs.append(caps.EXEC_MOUNT_SECRET)
    for secret in secrets:
        if secret.env is not None:
            needs.append(caps.EXEC_SECRET_ENV)
            body.secretenv.add(ID=secret.id, name=secret.env, optional=secret.optional)
        if secret.target is not None:
            message = body.mounts.add(input=-1, dest=secret.target, mountType=pb.SECRET)
            message.secretOpt.SetInParent()
            _add_owner(message.secretOpt, secret)


def _add_sockets(body: pb.ExecOp, sockets: Sequence[SSHMount], needs: list[str]) -> None:
    """Add agent sockets: input -1, output left 0 (LLB-009)."""
    needs.append(caps.EXEC_MOUNT_SSH)
    for socket in sockets:
        message = body.mounts.add(input=-1, dest=socket.target, mountType=pb.SSH)
        message.SSHOpt.SetInParent()
        _add_owner(message.SSHOpt, socket)


def _add_owner(message: pb.SecretOpt | pb.SSHOpt, mount: SecretMount | SSHMount) -> None:
    message.ID = mount.id
    message.uid = mount.uid
    message.gid = mount.gid
    message.mode = mount.mode
    message.optional = mount.optional
