"""RUN: a process on top of the stage, its command, its mounts and the limits of the build."""

from __future__ import annotations

from pyfrontend.golang.paths import join
from pyfrontend.golang.strings import trim_space
from pyfrontend.llb import caps
from pyfrontend.llb.execop import BindMount, Mounts, TmpfsMount
from pyfrontend.llb.fileop import mkfile
from pyfrontend.llb.ops import COMMAND, CUSTOM_NAME, OpMeta
from pyfrontend.llb.state import State
from pyfrontend.lower.dispatch import lower
from pyfrontend.lower.instructions.config import report_dollars, with_shell
from pyfrontend.lower.scope import names_in
from pyfrontend.lower.stage import shown_text
from pyfrontend.record import NamedTuple
from pyfrontend.syntax.heredocs import parse_heredoc, strip_leading_tabs
from pyfrontend.syntax.instructions import Run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.llb.execop import ExecMount
    from pyfrontend.lower.stage import StageState
    from pyfrontend.syntax.heredocs import Heredoc

#: Where a heredoc with ``#!`` is mounted to be run (HDOC-016).
PIPES = "/dev/pipes/"


class Command(NamedTuple):
    """What a RUN executes: arguments, the text that the progress shows, and the mounts that they need."""

    args: tuple[str, ...]
    shown: str
    mounts: tuple[ExecMount, ...] = ()


@lower.register(Run)
def _run(node: Run, stage: StageState) -> None:
    """``RUN [flags] command`` (area RUN)."""
    lowering = stage.lowering
    options, known = lowering.options, lowering.caps
    stage.paths.add("/")
    command = _command(node, stage)
    _check_variables(node, stage)
    mounts = Mounts()
    env = stage.state.env
    shown_env: Mapping[str, str] = env
    if node.mounts:
        from pyfrontend.lower.instructions.mounts import expand_mounts, lower_mounts, masked

        expanded = expand_mounts(node, stage)
        mounts = lower_mounts(expanded, node, stage)
        shown_env = masked(expanded.values(), env)
    devices = _devices(node, stage)
    shown = shown_text(
        command.shown,
        shown_env,
        escape=lowering.escape,
        meter=lowering.meter,
        raw_quotes=True,
        skip_unset=True,
    )
    stage.state = stage.state.run(
        command.args,
        mounts=(*command.mounts, *mounts.filesystems, *_shared_memory(stage)),
        secrets=mounts.secrets,
        ssh=mounts.sockets,
        network=options.network if node.network == "default" else node.network,
        insecure=node.security == "insecure",
        hostname=options.hostname,
        extra_hosts=options.limits.extra_hosts,
        ulimits=options.limits.ulimits if known.supports(caps.EXEC_META_ULIMIT) else (),
        cgroup_parent=options.cgroup_parent if known.supports(caps.EXEC_META_CGROUP_PARENT) else "",
        proxy=lowering.proxy,
        devices=devices,
        meta=_meta(node, stage, shown),
    )
    if node.extras is not None and node.extras.reports:
        from pyfrontend.lower.instructions.reports import note_reports

        note_reports(node, stage)
    stage.commit(_history(command.args, stage, env), layer=True, suffix=" # buildkit")


def _shared_memory(stage: StageState) -> tuple[ExecMount, ...]:
    """Return ``/dev/shm`` where the build gives it a size (RUN-021)."""
    size = stage.lowering.options.limits.shm_size
    if size <= 0 or not stage.lowering.caps.supports(caps.EXEC_MOUNT_TMPFS_SIZE):
        return ()
    return (TmpfsMount("/dev/shm", size),)  # noqa: S108 - the very mount point


def _meta(node: Run, stage: StageState, shown: str) -> OpMeta:
    lowering = stage.lowering
    limited = lowering.caps.supports(caps.EXEC_META_LINUX_RESOURCES)
    return OpMeta(
        {COMMAND: node.code, CUSTOM_NAME: stage.step_name(shown, stage.state.platform)},
        ignore_cache=stage.ignore_cache or (node.extras is not None and node.extras.no_cache),
        spans=(node.span,),
        resources=lowering.options.limits.resources if limited else None,
    )


def _check_variables(node: Run, stage: StageState) -> None:
    """Report variables of the command that the stage has not, and that are declared out of its sight.

    Where the variables of the base image are not known, it may have set them.
    """
    text = " ".join(node.args)
    if "$" not in text:
        return
    if not node.shell:
        report_dollars(node, node.args, stage)
    elif "PATH" in stage.state.env:
        stage.report_out_of_scope(names_in(text), node, text)


def _command(node: Run, stage: StageState) -> Command:
    """Return what runs, with heredocs as script, as file or handed to the shell (HDOC-015 to HDOC-019)."""
    if not node.heredocs:
        args = with_shell(stage.image, " ".join(node.args)) if node.shell else node.args
        return Command(args, node.code)
    line, first = node.args[0], node.heredocs[0]
    if parse_heredoc(line) is None:
        bodies = "".join(f"\n{heredoc.content}{heredoc.name}" for heredoc in node.heredocs)
        return Command(with_shell(stage.image, line + bodies), node.code)
    shown = f"{node.code} ({_summary(first.content)})"
    script = strip_leading_tabs(first.content) if first.strip_tabs else first.content
    if script.startswith("#!") and stage.image.platform.os != "windows":
        return _script_file(first, script, shown, stage)
    return Command(with_shell(stage.image, script), shown)


def _script_file(heredoc: Heredoc, script: str, shown: str, stage: StageState) -> Command:
    meta = OpMeta({CUSTOM_NAME: "[internal] preparing inline document"})
    made = State().file((mkfile(heredoc.name, 0o755, script),), meta)
    mount = BindMount(PIPES, made.output, selector="/", readonly=True)
    return Command(with_shell(stage.image, join(PIPES, heredoc.name)), shown, (mount,))


def _summary(text: str) -> str:
    """Return the first line of an inline file, with dots for the rest (HDOC-019)."""
    first, *rest = trim_space(text).replace("\r\n", "\n").split("\n")
    return first + "..." if rest else first


def _devices(node: Run, stage: StageState) -> list[tuple[str, bool]]:
    """Return name and whether it is optional of each ``--device`` (RUN-017, RUN-018, LATE-001)."""
    if node.devices:
        stage.require(caps.EXEC_META_CDI, "RUN --device")
    return [(device.name, not device.required) for device in node.devices]


def _history(args: tuple[str, ...], stage: StageState, env: Mapping[str, str]) -> str:
    """Return ``RUN [|N k=v ...] args``, the stage's ARGs in front (RUN-028)."""
    arguments = stage.arguments_text(env)
    return " ".join(("RUN", *((arguments,) if arguments else ()), *args))
