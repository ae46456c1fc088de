"""One lowering from start to end: declare and link stages, resolve bases, lower steps, finish the image."""

from __future__ import annotations

from pyfrontend.errors import located
from pyfrontend.lint import facts
from pyfrontend.llb.ops import Output
from pyfrontend.llb.state import State
from pyfrontend.lower.bases import resolve_bases
from pyfrontend.lower.dispatch import lower_step
from pyfrontend.lower.instructions import config, copy, run, variables  # noqa: F401 - each registers its instructions
from pyfrontend.lower.lowering import Lowering
from pyfrontend.lower.onbuild import pull_triggers
from pyfrontend.lower.plan import plan_stages, reachable
from pyfrontend.lower.scope import EPOCH, SCAN_CONTEXT, SCAN_STAGE, is_enabled_for, proxy_environment
from pyfrontend.lower.stage import Progress, filter_paths
from pyfrontend.oci.image import DEFAULT_PATH
from pyfrontend.oci.platforms import Platform, normalize
from pyfrontend.parallel import Promise
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.lower.ports import Request
    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.image import ImageConfig
    from pyfrontend.oci.timestamp import Moment


class Lowered(NamedTuple):
    """What became of the target stage: its graph, its image config, and what results say about it.

    ``scans`` are further filesystems for the SBOM scanner by name (ATT-010); ``stage`` and
    ``lowering`` let the outline and the stage graph look back.
    """

    state: State
    image: ImageConfig
    base_image: ImageConfig | None
    epoch: Moment | None
    ignore_cache: bool
    scans: dict[str, State]
    stage: StageState
    lowering: Lowering


def lower_target(request: Request) -> Lowered:
    """Lower the target of ``request`` and all that it needs.

    Raises `DockerfileError` with the places of the first error; other errors of the ports pass.
    """
    lowering = Lowering(request)
    _open_scope(lowering)
    target = plan_stages(lowering)
    ignore_file = Promise(lowering.contexts.ignore_patterns)  # read while the bases are looked up
    needed = _resolve(lowering, target)
    _use_ignore_file(lowering, ignore_file.get())
    _lower_stages(lowering, needed)
    target.paths.add("/")
    _finish_image(lowering, target)
    return _result(lowering, target)


def _open_scope(lowering: Lowering) -> None:
    """Evaluate the global ARGs, the epoch among them (ARG-001, SDE-009)."""
    builtin = lowering.builtin_args()
    lowering.linter.report(facts.platform_arguments_known, lowering.request.dockerfile, builtin)
    lowering.open_scope(builtin)
    # An empty build argument is none at all; an empty default is a value like any other.
    if EPOCH in lowering.args or lowering.globals.values.get(EPOCH):
        from pyfrontend.lower.source_date_epoch import resolve_epoch

        resolve_epoch(lowering)
    lowering.proxy = proxy_environment(lowering.args)


def _resolve(lowering: Lowering, target: StageState) -> set[StageState]:
    """Resolve bases until triggers bring no new sources; return the stages that the target needs."""
    while True:
        needed = reachable(target)
        resolve_bases(lowering, needed)
        if not pull_triggers([stage for stage in lowering.graph.stages if stage in needed]):
            return needed


def _lower_stages(lowering: Lowering, needed: set[StageState]) -> None:
    """Run the steps of the needed stages in file order (STG-008)."""
    for stage in list(lowering.graph.stages):
        if lowering.request.all_stages or (stage in needed and not stage.is_ready):
            stage.inherit()
            stage.progress = Progress.READY
            _apply_base_config(stage)
            stage.steps = [lower_step(step, stage) for step in stage.steps]
            _report_skipped(stage)
            _note_scans(stage)


def _report_skipped(stage: StageState) -> None:
    if stage.declared and stage.declared.skipped:
        from pyfrontend.lower.skipped import report_skipped

        for _, node in stage.declared.skipped:
            report_skipped(node, stage)


def _use_ignore_file(lowering: Lowering, patterns: list[str]) -> None:
    if patterns:
        from pyfrontend.dockerignore import Matcher

        lowering.ignores = Matcher(patterns)


def _apply_base_config(stage: StageState) -> None:
    """Let the base image's config decide where the stage starts (FROM-022 to FROM-024)."""
    if stage.platform is None:  # after a named context that is not an image
        stage.platform = Platform("", "")
    image = stage.image
    if stage.os != "windows" and not image.has_env("PATH"):
        image.set_env("PATH", DEFAULT_PATH)
    state = stage.state.with_variables(image.variables())
    stage.state = state.with_user(image.user) if image.user else state
    if image.working_dir:
        with located(stage.span):
            config.set_workdir(stage, image.working_dir)


def _note_scans(stage: StageState) -> None:
    """Note whether the stage, or its context, belongs in the SBOM (ATT-010, ATT-011)."""
    values = stage.lowering.globals.values
    for name in (SCAN_CONTEXT, SCAN_STAGE):
        value = stage.scan_args.get(name, values.get(name))
        if value is not None and is_enabled_for(stage.name, value):
            stage.scan_context |= name == SCAN_CONTEXT
            stage.scan_stage |= name == SCAN_STAGE


def _finish_image(lowering: Lowering, target: StageState) -> None:
    """Apply labels, the linter's verdict, the build context and the platform (IMG-005 to IMG-009)."""
    for key, value in lowering.options.labels.items():
        target.image.set_label(key, value)
    violation = lowering.linter.error()
    if violation is not None:
        raise violation
    paths = {path for stage in lowering.graph.stages for path in stage.context_paths}
    lowering.build_context.fill(lowering.contexts.main_context(filter_paths(paths)))
    image = target.image
    if lowering.request.target_platform is not None:
        image.platform = _result_platform(lowering.target_platform, image.platform)
    image.platform = normalize(image.platform)


def _result_platform(target: Platform, base: Platform) -> Platform:
    same = (target.os, target.architecture) == (base.os, base.architecture)
    return target._replace(
        variant=target.variant if target.variant or not same else base.variant,
        os_version=target.os_version if target.os_version or not same else base.os_version,
        os_features=target.os_features or base.os_features,
    )


def _result(lowering: Lowering, target: StageState) -> Lowered:
    scans: dict[str, State] = {}
    ignore_cache = target.ignore_cache
    if target.scan_context:
        scans["context"] = State(Output(lowering.build_context))
    needed = reachable(target)
    for stage in lowering.graph.stages:  # of equal names the last one's, on every run
        if stage in needed and stage is not target and stage.scan_stage:
            scans[stage.name] = stage.state
            ignore_cache |= stage.ignore_cache
    return Lowered(
        target.state, target.image, target.base_image, lowering.epoch, ignore_cache, scans, target, lowering
    )
