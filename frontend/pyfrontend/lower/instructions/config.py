"""Instructions that change only the image config, and WORKDIR, which also creates a directory."""

from __future__ import annotations

from pyfrontend.errors import DockerfileError
from pyfrontend.golang.paths import is_abs, normalize_workdir, to_slash
from pyfrontend.golang.quote import quote_list
from pyfrontend.lint import facts
from pyfrontend.llb.caps import START_INTERVAL
from pyfrontend.llb.fileop import mkdir
from pyfrontend.llb.ops import CUSTOM_NAME, OpMeta
from pyfrontend.lower.dispatch import lower
from pyfrontend.lower.instructions import expose  # noqa: F401 - registers EXPOSE
from pyfrontend.lower.scope import names_in
from pyfrontend.oci.image import Healthcheck as HealthcheckConfig
from pyfrontend.syntax.instructions import (
    Cmd,
    Entrypoint,
    Healthcheck,
    Label,
    Maintainer,
    Onbuild,
    Shell,
    Stopsignal,
    User,
    Volume,
    Workdir,
)
from pyfrontend.units import parse_signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.image import ImageConfig
    from pyfrontend.syntax.declare import Instruction


def set_workdir(stage: StageState, path: str) -> str:
    """Change the working directory of stage and image; return it with forward slashes (INS-041, INS-046)."""
    stage.image.working_dir = normalize_workdir(stage.image.working_dir, path, stage.os)
    directory = to_slash(stage.image.working_dir, stage.os)
    stage.state = stage.state.with_cwd(directory)
    return directory


def with_shell(image: ImageConfig, text: str) -> tuple[str, ...]:
    """Return the command that runs ``text`` in the image's shell (RUN-001, WIN-001)."""
    default = ("cmd", "/S", "/C") if image.platform.os == "windows" else ("/bin/sh", "-c")
    return (*(image.shell or default), text)


@lower.register(Workdir)
def _workdir(node: Workdir, stage: StageState) -> None:
    """``WORKDIR path`` makes the directory, owned by the current user (INS-041 to INS-044)."""
    if Workdir.keyword not in stage.last_seen and not is_abs(node.path, stage.os):
        stage.report(facts.workdir_is_relative, node)
    stage.last_seen[Workdir.keyword] = node.span
    directory = set_workdir(stage, node.path)
    if directory != "/":
        epoch = stage.lowering.epoch
        action = mkdir(
            directory,
            mode=0o755,
            make_parents=True,
            owner=stage.image.user,
            timestamp=-1 if epoch is None else epoch.nanoseconds,
        )
        name = stage.step_name(stage.shown(node.code), stage.platform)
        meta = OpMeta(description={CUSTOM_NAME: name}, spans=(node.span,))
        stage.state = stage.state.file((action,), meta)
    stage.commit(f"WORKDIR {directory}", layer=directory != "/")


@lower.register(User)
def _user(node: User, stage: StageState) -> None:
    stage.state = stage.state.with_user(node.user)
    stage.image.user = node.user
    if node.user[-1:] == ":" or node.user[:1] == ":" or (" " in node.user and "\\" not in node.user):
        stage.report(facts.owner_incomplete, node, node.user)
    stage.commit(f"USER {node.user}")


@lower.register(Label)
def _label(node: Label, stage: StageState) -> None:
    if node.legacy:
        stage.report(facts.old_form_used, node)
    for key, value in node.pairs:
        stage.image.set_label(key, value)
    stage.commit("LABEL " + " ".join(f"{key}={value}" for key, value in node.pairs))


@lower.register(Cmd)
def _cmd(node: Cmd, stage: StageState) -> None:
    """``CMD`` also marks its arguments as escaped, on every system (INS-006, IMG-014)."""
    stage.image.cmd = _command(node, node.args, stage, shell=node.shell)
    stage.image.args_escaped = True
    stage.commit(f"CMD {quote_list(stage.image.cmd)}")


@lower.register(Entrypoint)
def _entrypoint(node: Entrypoint, stage: StageState) -> None:
    """``ENTRYPOINT`` drops a CMD that came with the base (INS-009, IMG-015)."""
    stage.image.entrypoint = _command(node, node.args, stage, shell=node.shell)
    if Cmd.keyword not in stage.last_seen:
        stage.image.cmd = ()
    stage.commit(f"ENTRYPOINT {quote_list(stage.image.entrypoint)}")


def _command(node: Instruction, args: tuple[str, ...], stage: StageState, *, shell: bool) -> tuple[str, ...]:
    _note_only_once(node, stage)
    if not shell:
        if not (isinstance(node, Cmd) and stage.image.entrypoint):
            report_dollars(node, args, stage)
        return args
    if not stage.image.shell:
        stage.report(facts.default_shell_used, node)
    return with_shell(stage.image, " ".join(args))


def report_dollars(node: Instruction, args: Sequence[str], stage: StageState) -> None:
    """Report a command in exec form, ``args``, that seems to rely on a variable."""
    text = " ".join(args)
    if "$" in text:
        known = [name for name in names_in(text) if name in stage.build_args or name in stage.state.env]
        stage.report(facts.dollar_in_exec_form, node, args, frozenset(known))


def _note_only_once(node: Instruction, stage: StageState) -> None:
    """Report an instruction of which only the last counts, at the earlier one (LINT-022)."""
    earlier = stage.last_seen.get(node.keyword)
    if earlier is not None:
        stage.report(facts.instruction_replaced, node, earlier)
    stage.last_seen[node.keyword] = node.span


@lower.register(Healthcheck)
def _healthcheck(node: Healthcheck, stage: StageState) -> None:
    """``HEALTHCHECK`` replaces the whole check; the history shows it as Go prints a struct (INS-031)."""
    from pyfrontend.golang.durations import format_duration

    _note_only_once(node, stage)
    if node.test[0] == "CMD":
        report_dollars(node, node.test[1:], stage)
    if node.start_interval and START_INTERVAL in stage.lowering.caps.drops:
        raise DockerfileError(
            "this engine does not support HEALTHCHECK --start-interval,"
            " which needs Docker Engine 25.0 or newer",
            code="OldEngine",
        )
    check = HealthcheckConfig(
        node.test, node.interval, node.timeout, node.start_period, node.start_interval, node.retries
    )
    stage.image.healthcheck = check
    stage.commit(
        f"HEALTHCHECK {{Test:[{' '.join(check.test)}] Interval:{format_duration(check.interval)}"
        f" Timeout:{format_duration(check.timeout)} StartPeriod:{format_duration(check.start_period)}"
        f" StartInterval:{format_duration(check.start_interval)} Retries:{check.retries}}}"
    )


@lower.register(Shell)
def _shell(node: Shell, stage: StageState) -> None:
    stage.image.shell = node.args
    stage.commit(f"SHELL [{' '.join(node.args)}]")


@lower.register(Stopsignal)
def _stopsignal(node: Stopsignal, stage: StageState) -> None:
    try:
        parse_signal(node.signal)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidSignal", name=node.signal) from None
    stage.image.stop_signal = node.signal
    stage.commit(f"STOPSIGNAL {node.signal}")


@lower.register(Volume)
def _volume(node: Volume, stage: StageState) -> None:
    if "" in node.paths:
        raise DockerfileError("VOLUME specified can not be an empty string", code="EmptyVolume")
    stage.image.add_volumes(node.paths)
    stage.commit(f"VOLUME [{' '.join(node.paths)}]")


@lower.register(Maintainer)
def _maintainer(node: Maintainer, stage: StageState) -> None:
    stage.image.author = node.name
    stage.commit(f"MAINTAINER {node.name}")


@lower.register(Onbuild)
def _onbuild(node: Onbuild, stage: StageState) -> None:
    """``ONBUILD`` waits for the stage on top, or for the image to be a base (OBD-004)."""
    stage.image.on_build += (node.expression,)
