"""A filesystem and what processes on top of it inherit: environment, directory, user, platform."""

from __future__ import annotations

from pyfrontend.golang.paths import join
from pyfrontend.llb.env import EMPTY, Env
from pyfrontend.llb.execop import Exec, Mounts, Process, Sandbox
from pyfrontend.llb.fileop import File
from pyfrontend.llb.ops import NO_META, Merge, Output
from pyfrontend.oci.platforms import Platform, normalize
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyfrontend.llb.execop import ExecMount, SecretMount, SSHMount
    from pyfrontend.llb.fileop import Action
    from pyfrontend.llb.ops import OpMeta, Ulimit


class State(NamedTuple):
    """Immutable; every method returns a new state.  Without an ``output`` the filesystem is empty."""

    output: Output | None = None
    env: Env = EMPTY
    cwd: str = "/"
    user: str = ""
    platform: Platform | None = None

    def with_output(self, output: Output | None) -> State:
        """Return the same environment on another filesystem."""
        return State(output, self.env, self.cwd, self.user, self.platform)

    def with_env(self, key: str, value: str) -> State:
        """Set a variable; one that is set already moves to the end (LLB-007)."""
        return State(self.output, self.env.set(key, value), self.cwd, self.user, self.platform)

    def with_variables(self, values: Mapping[str, str]) -> State:
        """Set several variables; those that are set already move to the end (LLB-007)."""
        return State(self.output, self.env.update(values), self.cwd, self.user, self.platform)

    def with_cwd(self, path: str) -> State:
        """Change the working directory; a relative ``path`` starts from the one before."""
        path = path if path.startswith("/") else join(self.cwd or "/", path)
        return State(self.output, self.env, path, self.user, self.platform)

    def with_user(self, user: str) -> State:
        """Run the processes that follow as ``user``, ``user[:group]`` as written."""
        return State(self.output, self.env, self.cwd, user, self.platform)

    def with_platform(self, platform: Platform) -> State:
        """Run the processes that follow on ``platform``, normalized."""
        return State(self.output, self.env, self.cwd, self.user, normalize(platform))

    def run(  # noqa: PLR0913 - the settings of a process are many
        self,
        args: Sequence[str],
        *,
        platform: Platform | None = None,
        mounts: Sequence[ExecMount] = (),
        secrets: Sequence[SecretMount] = (),
        ssh: Sequence[SSHMount] = (),
        network: str = "",
        insecure: bool = False,
        hostname: str = "",
        extra_hosts: Sequence[tuple[str, str]] = (),
        ulimits: Sequence[Ulimit] = (),
        cgroup_parent: str = "",
        proxy: Mapping[str, str] | None = None,
        devices: Sequence[tuple[str, bool]] = (),
        meta: OpMeta = NO_META,
    ) -> State:
        """Run ``args`` on top of the filesystem, and return the state with the resulting files.

        `pyfrontend.llb.execop.Sandbox` explains the settings.
        """
        process = Process(args, self.env, self.cwd, self.user, platform or self.platform)
        sandbox = Sandbox(
            network, insecure, hostname, extra_hosts, ulimits, cgroup_parent, proxy or {}, devices
        )
        made = Exec(self.output, process, Mounts(mounts, secrets, ssh), sandbox, meta)
        return self.with_output(made.output())

    def mounted(self, target: str) -> State:
        """Return, right after `run`, what the writable mount at ``target`` holds; ValueError without one."""
        vertex = self.output.vertex if self.output else None
        if not isinstance(vertex, Exec):
            raise ValueError("nothing ran")  # noqa: TRY004 - a state of the wrong kind, not a type
        return State(vertex.output(target))

    def file(self, actions: Sequence[Action], meta: OpMeta = NO_META) -> State:
        """Do ``actions`` in one op; relative paths start from the working directory."""
        return self.with_output(Output(File(self.output, tuple(actions), self.cwd, meta)))


def merge(lower: State, upper: State, meta: OpMeta = NO_META) -> State:
    """Layer ``upper`` on top of ``lower`` and keep the environment of the latter.

    Where one of the two is empty, the filesystem of the other is there as it is (LLB-021).
    """
    if lower.output is None or upper.output is None:
        return lower.with_output(upper.output if lower.output is None else lower.output)
    return lower.with_output(Output(Merge((lower.output, upper.output), meta)))
