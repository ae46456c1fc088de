"""The public LLB builder, `pyfrontend.llb`: sources and states in, a definition out.

It is a thin layer over the vertices of this package: it converts user-facing names to those on the wire, and
gives every op a name that clients show.
"""

from __future__ import annotations

from hashlib import sha256

from pyfrontend.giturl import GitRef, parse_git_ref
from pyfrontend.llb import execop, fileop, sources
from pyfrontend.llb import state as states
from pyfrontend.llb.extraops import Diff, Remove
from pyfrontend.llb.json_view import op_to_json
from pyfrontend.llb.marshal import head
from pyfrontend.llb.marshal import marshal as to_definition
from pyfrontend.llb.ops import CUSTOM_NAME, Merge, OpMeta, Output
from pyfrontend.oci.platforms import Platform, normalize
from pyfrontend.oci.platforms import parse as parse_platform
from pyfrontend.oci.reference import parse_normalized, tag_name_only
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from pyfrontend.llb.execop import ExecMount, SecretMount, SSHMount
    from pyfrontend.pb import ops_pb2 as pb

# ruff: noqa: SLF001 - functions in this module may read the private parts of states
# ruff: noqa: A002 - `id` is what BuildKit and Dockerfiles call it

#: Runs a command given as text.
SHELL = ("/bin/sh", "-c")
NETWORKS = ("", "host", "none")


class Definition:
    """A graph in wire format, as read by ``buildctl build``."""

    def __init__(self, message: pb.Definition) -> None:
        """Wrap a protobuf message."""
        self.message = message

    def to_bytes(self) -> bytes:
        """Return the encoded definition: ``python build.py | buildctl build``."""
        return self.message.SerializeToString(deterministic=True)

    @property
    def ops(self) -> list[dict[str, Any]]:
        """The ops as JSON values, each after its inputs; fields are named as in BuildKit's ``ops.proto``."""
        return [op_to_json(data) for data in self._data()]

    @property
    def digests(self) -> list[str]:
        """The digests of the ops, in the same order."""
        return [f"sha256:{sha256(data).hexdigest()}" for data in self._data()]

    @property
    def head(self) -> str:
        """The digest of the op that is built; empty for the empty filesystem."""
        return head(self.message).digest

    def _data(self) -> Sequence[bytes]:
        data: Sequence[bytes] = getattr(self.message, "def")
        return data[:-1]  # the last one only says which op is meant

    def __repr__(self) -> str:
        return f"Definition({len(self._data())} ops)"


class Mount(NamedTuple):
    """A mount for one command, created by `bind`, `cache`, `tmpfs`, `secret` or `ssh`."""

    filesystem: ExecMount | None = None
    secret: SecretMount | None = None
    socket: SSHMount | None = None


class State:
    r"""A filesystem, and what commands on top of it inherit; immutable: every method returns a new state.

    It starts with a source: `image`, `local`, `git`, `http` or `scratch`.

    >>> from pyfrontend import llb
    >>> tools = llb.image("alpine:3.20").run("apk add curl", mounts=[llb.cache("/var/cache/apk")])
    >>> app = llb.scratch().mkdir("/app").copy(tools, "/usr/bin/curl", "/app/").mkfile("/app/version", "1\n")
    >>> app.marshal("linux/arm64")
    Definition(5 ops)
    """

    __slots__ = ("_inner",)

    def __init__(self, inner: states.State | None = None) -> None:
        """Create an empty state, or wrap an internal one."""
        self._inner = inner or states.State()

    # -------------------------------------------------------------------------- what commands inherit

    def env(self, name: str, value: str) -> State:
        """Set an environment variable for the commands that follow."""
        return State(self._inner.with_env(name, value))

    def cwd(self, path: str) -> State:
        """Change the working directory for what follows; a relative path is relative to the current one."""
        return State(self._inner.with_cwd(path))

    def user(self, user: str) -> State:
        """Run the commands that follow as ``user[:group]``."""
        return State(self._inner.with_user(user))

    # ----------------------------------------------------------------------------- what changes files

    def run(  # noqa: PLR0913 - the settings of a process are many
        self,
        command: str | Sequence[str],
        *,
        mounts: Sequence[Mount] = (),
        env: Mapping[str, str] | None = None,
        cwd: str = "",
        user: str = "",
        network: str = "",
        insecure: bool = False,
        hostname: str = "",
        extra_hosts: Mapping[str, str] | None = None,
        platform: str = "",
        ignore_cache: bool = False,
        name: str = "",
    ) -> State:
        """Run a command, and return the state with the files it has changed.

        - ``command``: text for ``/bin/sh -c``, or the arguments of a process
        - ``env``, ``cwd``, ``user``: only for this command
        - ``network``: ``none`` or ``host``; like ``insecure``, ``host`` must be allowed by the user
        - ``extra_hosts``: addresses by host name; ``platform``: that of the process, for emulation
        - ``ignore_cache``: run it every time; ``name``: what clients show, by default the command

        Raises ValueError for an unknown network or an empty command.
        """
        if not command:
            raise ValueError("there is no command: give a text, or a list of arguments")
        if network not in NETWORKS:
            raise ValueError(f"there is no network {network}: use none or host, or leave it out")
        args = [*SHELL, command] if isinstance(command, str) else list(command)
        around = self._inner
        for key, value in (env or {}).items():
            around = around.with_env(key, value)
        around = around.with_cwd(cwd) if cwd else around
        around = around.with_user(user) if user else around
        made = around.run(
            args,
            platform=_platform(platform),
            mounts=[mount.filesystem for mount in mounts if mount.filesystem is not None],
            secrets=[mount.secret for mount in mounts if mount.secret is not None],
            ssh=[mount.socket for mount in mounts if mount.socket is not None],
            network=network,
            insecure=insecure,
            hostname=hostname,
            extra_hosts=list((extra_hosts or {}).items()),
            meta=_meta(name or (command if isinstance(command, str) else " ".join(args)), ignore_cache),
        )
        return State(self._inner.with_output(made.output))

    def mounted(self, target: str) -> State:
        """Return the files of the writable `bind` mount at ``target``; call it directly after `run`.

        Raises ValueError if there is no such mount.
        """
        return State(self._inner.mounted(target))

    def copy(  # noqa: PLR0913 - what can be said of a copy
        self,
        source: State,
        src: str,
        dest: str,
        *,
        owner: str = "",
        mode: int | None = None,
        contents: bool = True,
        wildcard: bool = True,
        unpack: bool = False,
        follow_links: bool = True,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        name: str = "",
    ) -> State:
        """Copy ``src`` of another state to ``dest``, as ``COPY --from`` does.

        If ``dest`` ends with a slash, it is a directory.  Missing directories are created.

        - ``owner``: ``user[:group]``; ``mode``: permissions such as ``0o755``, by default those of the source
        - ``contents``: copy the contents of a directory instead of the directory itself
        - ``wildcard``: ``*`` and ``?`` in ``src`` match any number of files, including none
        - ``unpack``: unpack an archive; ``follow_links``: copy the target of a symbolic link
        - ``include``, ``exclude``: patterns for paths below ``src``
        """
        action = fileop.copy(
            source._inner.output,
            src,
            dest,
            owner=owner,
            mode=fileop.KEEP if mode is None else mode,
            dir_copy_contents=contents,
            create_dest_path=True,
            allow_wildcard=wildcard,
            allow_empty_wildcard=wildcard,
            unpack=unpack,
            follow_symlink=follow_links,
            include_patterns=tuple(include),
            exclude_patterns=tuple(exclude),
        )
        return self._with(action, name or f"copy {src} {dest}")

    def mkdir(
        self, path: str, *, mode: int = 0o755, parents: bool = False, owner: str = "", name: str = ""
    ) -> State:
        """Create a directory; with ``parents``, also missing parents, and it may already exist."""
        return self._with(fileop.mkdir(path, mode, parents, owner), name or f"mkdir {path}")

    def mkfile(
        self, path: str, data: str | bytes, *, mode: int = 0o644, owner: str = "", name: str = ""
    ) -> State:
        """Create a file that contains ``data``; its directory must exist."""
        text = data if isinstance(data, str) else data.decode("utf-8", "surrogateescape")
        return self._with(fileop.mkfile(path, mode, text, owner), name or f"mkfile {path}")

    def rm(self, path: str, *, wildcard: bool = False, missing_ok: bool = False, name: str = "") -> State:
        """Remove a file or a directory; with ``wildcard``, ``*`` and ``?`` match several."""
        meta = _meta(name or f"rm {path}")
        made = Remove(
            self._inner.output, self._inner.with_cwd(path).cwd, meta, wildcard=wildcard, missing_ok=missing_ok
        )
        return State(self._inner.with_output(Output(made)))

    def _with(self, action: fileop.Action, name: str) -> State:
        return State(self._inner.file([action], _meta(name)))

    # ----------------------------------------------------------------------------------- wire format

    def marshal(self, platform: str = "") -> Definition:
        """Return the graph of this state for ``platform``, by default that of this machine.

        Raises `pyfrontend.DockerfileError` for text that is not UTF-8, ValueError for an invalid platform.
        """
        return Definition(to_definition(self._inner.output, caps=None, platform=_platform(platform)))


# ------------------------------------------------------------------------------------------------- sources


def scratch() -> State:
    """Return the empty filesystem."""
    return State()


def image(ref: str, *, platform: str = "", resolve_mode: str = "", name: str = "") -> State:
    """Return the files of an image in a registry; ``alpine`` means ``docker.io/library/alpine:latest``.

    Its environment and working directory are not known here; `Client.image` looks them up.
    ``resolve_mode`` is ``pull`` or ``local``.  Raises ValueError for an invalid reference.
    """
    full = str(tag_name_only(parse_normalized(ref)))
    found = sources.image(full, _platform(platform), resolve_mode=resolve_mode, meta=_meta(name))
    return State(found)


def local(
    name: str = "context",
    *,
    paths: Sequence[str] = (),
    exclude: Sequence[str] = (),
    session: str = "",
    unique: str = "",
) -> State:
    """Return a directory of the client, such as ``--local context=.`` of buildctl.

    ``paths`` are the paths to send, by default all; ``exclude`` are patterns of paths not to send.
    ``session`` is the id of a client's session; ``unique`` distinguishes directories of several clients that
    have the same name.
    """
    found = sources.local(
        name,
        follow_paths=list(paths),
        exclude_patterns=list(exclude),
        session_id=session,
        unique=unique,
        shared_key=name,
        meta=_meta(f"load {name}"),
    )
    return State(found)


def git(url: str, *, keep_git_dir: bool = False, checksum: str = "", name: str = "") -> State:
    """Return the files of a git repository: ``https://host/repo.git#branch:directory``.

    ``checksum`` is the expected commit.  Raises ValueError if the URL is not that of a repository.
    """
    ref: GitRef | None = parse_git_ref(url)
    if ref is None:
        raise ValueError(f"{url} is no repository: over https the path ends in .git")
    return State(sources.git(ref, keep_git_dir=keep_git_dir, checksum=checksum, meta=_meta(name)))


def http(url: str, *, filename: str = "", checksum: str = "", name: str = "") -> State:
    """Return a downloaded file, named ``filename``; ``checksum`` is its expected digest."""
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url} is no address of a file: it begins with https:// or http://")
    return State(sources.http(url, filename=filename, checksum=checksum, meta=_meta(name)))


# -------------------------------------------------------------------------------------------- combinations


def merge(*layers: State, name: str = "") -> State:
    """Layer filesystems on top of each other, lowest first; commands inherit the settings of the lowest."""
    if not layers:
        return State()
    lowest = layers[0]._inner
    outputs = tuple(layer._inner.output for layer in layers)
    filled = tuple(output for output in outputs if output is not None)
    if len(filled) < 2:
        return State(lowest.with_output(filled[0] if filled else None))
    return State(lowest.with_output(Output(Merge(filled, _meta(name)))))


def diff(lower: State, upper: State, *, name: str = "") -> State:
    """Return what ``upper`` adds to, changes in and removes from ``lower``, for use in `merge`."""
    ends = lower._inner.output, upper._inner.output
    if ends[0] is None:
        return upper
    return State(upper._inner.with_output(Output(Diff(*ends, _meta(name)))))


# ------------------------------------------------------------------------------------------------ mounts


def bind(source: State, target: str, *, path: str = "", writable: bool = False) -> Mount:
    """Mount the files of a state, or those below ``path`` in it, at ``target``.

    Writing to a ``writable`` mount does not change ``source``: `State.mounted` returns the written files.
    """
    end = source._inner.output
    return Mount(execop.BindMount(target, end, selector=path, readonly=not writable))


def cache(target: str, *, id: str = "", sharing: str = "shared", source: State | None = None) -> Mount:
    """Mount a persistent cache directory at ``target``, identified by ``id``, by default the target.

    ``sharing`` is ``shared``, ``private`` or ``locked``; ``source`` is its initial content.
    """
    if sharing not in ("shared", "private", "locked"):
        raise ValueError(f"there is no sharing {sharing}: use shared, private or locked")
    start = source._inner.output if source else None
    return Mount(execop.CacheMount(target, start, id or target, sharing))


def tmpfs(target: str, *, size: int = 0) -> Mount:
    """Mount an empty in-memory directory at ``target``, of at most ``size`` bytes; 0 means no limit."""
    return Mount(execop.TmpfsMount(target, size))


def secret(id: str, *, target: str = "", env: str = "", optional: bool = False) -> Mount:
    """Mount the client's secret ``id`` as a file, by default in ``/run/secrets``, or as variable ``env``."""
    place = target or (None if env else f"/run/secrets/{id}")
    return Mount(secret=execop.SecretMount(id, place, env or None, optional=optional))


def ssh(id: str = "default", *, target: str = "", optional: bool = False) -> Mount:
    """Mount the socket of the client's SSH agent ``id``."""
    return Mount(socket=execop.SSHMount(id, target, optional=optional))


def _platform(text: str) -> Platform | None:
    return normalize(parse_platform(text)) if text else None


def _meta(name: str, ignore_cache: bool = False) -> OpMeta:  # noqa: FBT001, FBT002 - private
    return OpMeta({CUSTOM_NAME: " ".join(name.split())} if name else {}, ignore_cache)
