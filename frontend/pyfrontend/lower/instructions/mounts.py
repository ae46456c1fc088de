"""RUN --mount: values of the flag in, mounts of the exec op out."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import clean, join
from pyfrontend.golang.quote import go_quote
from pyfrontend.llb import caps, execop
from pyfrontend.llb.fileop import Owner, mkdir
from pyfrontend.llb.ops import CUSTOM_NAME, OpMeta, Output
from pyfrontend.llb.state import State
from pyfrontend.lower.scope import Need
from pyfrontend.syntax.inputs import SCRATCH
from pyfrontend.syntax.mounts import (
    BindMount,
    CacheMount,
    Mount,
    SecretMount,
    SSHMount,
    TmpfsMount,
    expand_mount,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeGuard

    from pyfrontend.llb.env import Env
    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.instructions import Run

SECRETS = "/run/secrets/"
HIDDEN = "****"


def expand_mounts(node: Run, stage: StageState) -> dict[str, Mount]:
    """Return the mounts of ``node`` by the keys of its inputs, values expanded and checked (MNT-019)."""
    return {
        one.key: expand_mount(one.mount, lambda word: stage.expand(word, node))
        for one in node.inputs()
        if one.mount is not None
    }


def lower_mounts(mounts: Mapping[str, Mount], node: Run, stage: StageState) -> execop.Mounts:
    """Return the ``mounts`` for the exec op; each has a stage among the sources of the step (MNT-040)."""
    filesystems: list[execop.ExecMount] = []
    secrets: list[execop.SecretMount] = []
    sockets: list[execop.SSHMount] = []
    for key, mount in mounts.items():
        source = stage.sources[key]
        _check_source(mount, source)
        match mount:
            case SecretMount():
                secrets.append(_secret(mount, node, stage))
            case SSHMount():
                sockets.append(_agent(mount, node, stage))
            case _:
                filesystems.append(_directory(mount, stage, source))
    return execop.Mounts(filesystems, secrets, sockets)


def masked(mounts: Iterable[Mount], env: Env) -> Env:
    """Return ``env`` with the variables that hold secrets hidden, for display (VAR-023)."""
    hidden = {m.env: HIDDEN for m in mounts if isinstance(m, SecretMount) and m.env is not None}
    return env.covered(hidden) if hidden else env


def _check_source(mount: Mount, source: StageState) -> None:
    # A cache without ``from`` begins as scratch, which may be the name of a stage.
    name = mount.from_ or (SCRATCH if isinstance(mount, CacheMount) else "")
    if name and not source.is_ready:
        raise DockerfileError(
            f"cannot mount from stage {go_quote(name)} to {go_quote(mount.target)}, stage needs to be"
            " defined before current command",
            code="UndefinedStage",
        )


def _directory(
    mount: BindMount | CacheMount | TmpfsMount, stage: StageState, source: StageState
) -> execop.ExecMount:
    """Return a bind, cache or tmpfs mount (MNT-020 to MNT-027)."""
    target = _target(mount.target, stage)
    selector = join("/", mount.source)
    from_context = not mount.from_ and not isinstance(mount, CacheMount)
    (stage.context_paths if from_context else source.paths).add(selector)
    content = Output(stage.lowering.build_context) if from_context else source.state.output
    if isinstance(mount, TmpfsMount):
        return execop.TmpfsMount(target, mount.size, "" if selector == "/" else selector, mount.readonly)
    if selector == "/" and _has_owner(mount):
        content, selector = _owned_directory(mount, content), "/cache"
    selector = "" if selector == "/" else selector
    if isinstance(mount, CacheMount):
        cache_id = f"{stage.lowering.options.cache_mount_ns}/{mount.id or clean(mount.target)}"
        return execop.CacheMount(
            target, content, cache_id, mount.sharing or "shared", selector, mount.readonly
        )
    no_output = not mount.readonly and stage.lowering.caps.supports(caps.EXEC_MOUNT_BIND_NO_OUTPUT)
    return execop.BindMount(target, content, selector, mount.readonly, no_output)


def _target(text: str, stage: StageState) -> str:
    """Return the mount point: a relative one below the working directory (MNT-007)."""
    target = text if text.startswith("/") else join("/", stage.state.cwd, text)
    if target == "/":
        code = "InvalidMountTarget" if text else "MissingMountTarget"
        raise DockerfileError('invalid mount target "/"', code=code)
    return target


def _has_owner(mount: BindMount | CacheMount) -> TypeGuard[CacheMount]:
    return isinstance(mount, CacheMount) and (mount.uid, mount.gid, mount.mode) != (None, None, None)


def _owned_directory(mount: CacheMount, content: Output | None) -> Output | None:
    """Return a directory with the owner and mode that a cache mount should start with (MNT-025)."""
    mode = 0o755 if mount.mode is None else mount.mode
    action = mkdir("/cache", mode=mode, owner=Owner(mount.uid or 0, mount.gid or 0))
    meta = OpMeta({CUSTOM_NAME: "[internal] setting cache mount permissions"})
    return State(content).file((action,), meta).output


def _secret(mount: SecretMount, node: Run, stage: StageState) -> execop.SecretMount:
    """Return a secret as a file, a variable, or both (MNT-028 to MNT-032)."""
    secret_id = mount.source or mount.id or _base(mount.target)
    stage.usage.secrets.setdefault(secret_id, Need(mount.required, node.span))
    target = mount.target or None
    if mount.env is None:
        target = mount.target or SECRETS + _base(secret_id)
    return execop.SecretMount(
        secret_id,
        target=target,
        env=mount.env,
        uid=mount.uid or 0,
        gid=mount.gid or 0,
        mode=0o400 if mount.mode is None else mount.mode,
        optional=not mount.required,
    )


def _agent(mount: SSHMount, node: Run, stage: StageState) -> execop.SSHMount:
    """Return the socket of an SSH agent (MNT-034 to MNT-037)."""
    if mount.source:
        raise DockerfileError("ssh does not support source", code="ConflictingMountKeys")
    stage.usage.ssh.setdefault(mount.id or "default", Need(mount.required, node.span))
    return execop.SSHMount(
        mount.id,
        target=mount.target,
        uid=mount.uid or 0,
        gid=mount.gid or 0,
        mode=0o600 if mount.mode is None else mount.mode,
        optional=not mount.required,
    )


def _base(path: str) -> str:
    """Return the last element of ``path``, which is not empty, as Go's ``path.Base`` does."""
    return path.rstrip("/").rpartition("/")[2] or "/"
