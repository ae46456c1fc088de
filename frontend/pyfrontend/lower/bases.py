"""Base images: every stage based on an image or a named context gets its filesystem and config."""

from __future__ import annotations

from pyfrontend.errors import SOURCE_DENIED, DockerfileError, located
from pyfrontend.golang.quote import go_quote
from pyfrontend.lint import facts
from pyfrontend.llb.ops import COMMAND, CUSTOM_NAME, OpMeta
from pyfrontend.llb.sources import image as image_source
from pyfrontend.lookups import ImageMeta, ImageQuery
from pyfrontend.lower.lowering import find_context
from pyfrontend.lower.stage import Progress
from pyfrontend.oci.image import ImageConfig
from pyfrontend.oci.image_json import read_image
from pyfrontend.oci.platforms import Platform, format_all
from pyfrontend.oci.reference import parse_normalized, tag_name_only, with_digest
from pyfrontend.parallel import Outcome, later, settle
from pyfrontend.record import NamedTuple
from pyfrontend.spelling import did_you_mean
from pyfrontend.syntax.inputs import SCRATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.llb.state import State
    from pyfrontend.lower.lowering import Lowering
    from pyfrontend.lower.ports import LoadedContext, NamedContext
    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.reference import Reference

    _Answer = LoadedContext | ImageMeta

#: Images that a misspelt base may have meant (FROM-025).
COMMON_IMAGES = ("alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora")


class _Lookup(NamedTuple):
    """A stage whose base is known by name only; ``context`` replaces the image where the user gave one."""

    stage: StageState
    reference: Reference
    written: str
    platform: Platform
    context: NamedContext | None


def resolve_bases(lowering: Lowering, needed: set[StageState]) -> None:
    """Give every stage without a base stage its base: scratch, a named context, or an image.

    The bases that are ``needed`` are looked up in parallel, an image once for all its stages; of
    the others only the names are checked (FROM-027, FROM-028).  A stage is resolved once,
    however often this runs.
    """
    checks: list[Outcome[_Lookup | None]] = []
    for stage in lowering.graph.stages:
        if stage.base is None and stage.progress == Progress.DECLARED:
            wanted = stage in needed or lowering.request.all_stages
            if stage.base_name == SCRATCH and stage.named_context is None:
                _start_from_scratch(stage, wanted=wanted)
            else:
                checks.append(Outcome(later(_check_name, stage, wanted)))
    calls: dict[object, Callable[[], _Answer]] = {}
    asked = [_queue(check, calls) for check in checks]
    outcomes = settle(list(calls.values()), failed=any(check.error for check in checks))
    answers = dict(zip(calls, outcomes, strict=True))
    found = list(zip(checks, asked, strict=True))
    first: BaseException | None = None
    # In the reference the last stage is the first to start: its finding, or its failure, comes first.
    for check, ask in (*found[-1:], *found[:-1]):
        answer = answers[ask[1]] if ask else None
        if ask is None:
            first = first or check.error
        elif answer is not None and not (first and answer.error):
            # Without an answer it was not waited for, since another has failed.  A second failure is not
            # worded: thousands of misspelt images would each be compared with thousands of stages.
            accepted = Outcome(later(_accept, ask[0], answer))
            first = first or accepted.error
    if isinstance(first, DockerfileError) and first.code == SOURCE_DENIED:
        from pyfrontend.lower.policed import all_denied

        raise all_denied([check.error for check in checks]) or first
    if first is not None:
        raise first


def _start_from_scratch(stage: StageState, *, wanted: bool) -> None:
    stage.image = ImageConfig.empty(stage.lowering.target_platform)
    stage.platform = stage.lowering.target_platform
    if wanted or stage.implicit:
        stage.settle_base()


def _check_name(stage: StageState, wanted: bool) -> _Lookup | None:  # noqa: FBT001 - `later` has no names
    """Check the name of the base; return what must be looked up, None where nothing needs it."""
    written = stage.base_name
    platform = stage.platform or stage.lowering.target_platform
    with located(stage.span):
        try:
            reference = parse_normalized(written)
        except ValueError as error:
            message = f"failed to parse stage name {go_quote(written)}: {error}"
            failure = DockerfileError(message, code="InvalidImageName", name=written)
            failure.fallback = stage.lowering.graph.user_of(stage)
            raise failure from None
        stage.base_name = str(tag_name_only(reference))
        if wanted:
            context = stage.named_context or find_context(stage.lowering, stage.base_name, platform, stage)
            policies = stage.lowering.request.policies
            if context is None and policies is not None:
                from pyfrontend.lower.policed import permitted_image

                reference = permitted_image(policies, stage, reference, written, platform)
            return _Lookup(stage, reference, written, platform, context)
    stage.platform = platform
    if stage.implicit:  # never looked up, even if a trigger needs it later
        stage.settle_base()
        stage.state = _image_state(stage, platform)
    stage.step_index += stage.step_total > 0  # as the reference counts, should a trigger need it later
    return None


def _queue(
    check: Outcome[_Lookup | None], calls: dict[object, Callable[[], _Answer]]
) -> tuple[_Lookup, object] | None:
    """Put the call for a base into ``calls``, under a key that stages with the same image share."""
    lookup = None if check.error else check.get()
    if lookup is None:
        return None
    if lookup.context is not None:
        calls[lookup.stage] = lookup.context.load
        return lookup, lookup.stage
    key = (lookup.stage.base_name, lookup.platform)
    calls.setdefault(key, later(_ask, lookup.stage.lowering, *key))
    return lookup, key


def _ask(lowering: Lowering, name: str, platform: Platform) -> ImageMeta:
    label = f"{format_all(platform)} internal" if lowering.options.multi_platform else "internal"
    log_name = f"[{label}] load metadata for {name}"
    return lowering.images.resolve(ImageQuery(name, platform, log_name, lowering.options.resolve_mode))


def _common_names() -> list[str]:
    """Return spellings of the common images, with the slash that upstream leaves out left out as well."""
    names: list[str] = []
    for name in COMMON_IMAGES:
        names += (name, "docker.io/library" + name, name + ":latest", f"docker.io/library{name}:latest")
    return names


def _accept(lookup: _Lookup, outcome: Outcome[_Answer]) -> None:
    """Give the stage what was found, or raise what was wrong at its line."""
    stage = lookup.stage
    stage.settle_base()
    with located(stage.span):
        try:
            answer = outcome.get()
        except DockerfileError as error:
            if lookup.context is not None or error.code == SOURCE_DENIED:
                raise error.at(*error.spans) from error
            reason = error.message.partition(f"{stage.base_name}: ")[2]
            hint = did_you_mean(lookup.written, (*stage.lowering.graph.names(), *_common_names()))
            failure = DockerfileError(
                f"{lookup.written}: {error.message}{hint}",
                code="ImageNotResolved",
                written=lookup.written,
                **{"from": "" if stage.implicit else "yes"},
                platform=format_all(lookup.platform),
                stages="\n".join(stage.lowering.graph.names()),
                hint=hint,
                reason=reason,
            )
            # What the registry said is of use once nothing was misspelt.
            failure.detail = reason + hint
            failure.fallback = stage.lowering.graph.user_of(stage)
            raise failure from error
        if isinstance(answer, ImageMeta):
            _use_image(lookup, answer)
        elif stage.named_context is not None:
            _replace_stage(stage, answer)
        else:
            _use_context(lookup, answer)


def _replace_stage(stage: StageState, answer: LoadedContext) -> None:
    """Let a named context stand for a whole stage, whose steps then never run (STG-016)."""
    stage.progress = Progress.READY
    stage.state = answer.state
    image = answer.image
    if image is not None:
        image.created = ""
        stage.image = image
        if image.platform.architecture and image.platform.os:
            stage.platform = image.platform


def _use_context(lookup: _Lookup, answer: LoadedContext) -> None:
    """Start the stage from a named context (NCTX-017, NCTX-018)."""
    stage = lookup.stage
    image = answer.image or ImageConfig.empty(lookup.platform)
    stage.base_image = image.clone()
    image.created = ""
    stage.image = image
    stage.state = answer.state.with_platform(lookup.platform)
    stage.platform = lookup.platform


def _use_image(lookup: _Lookup, answer: ImageMeta) -> None:
    """Start the stage from an image (FROM-010 to FROM-012, FROM-019 to FROM-022)."""
    stage, platform, reference = lookup.stage, lookup.platform, lookup.reference
    if str(reference) != answer.name:
        reference = _parse_answer(answer.name)
    image = read_image(answer.config)
    stage.base_image = image.clone()
    image.created = ""
    lowering = stage.lowering
    if stage.platform is None and lowering.request.target_platform is None:
        platform = _detect_platform(image.platform, platform, lowering.build_platforms)
    if answer.digest:
        reference = _pinned(reference, answer.digest)
    stage.base_name = str(reference)
    stage.image = image
    stage.platform = platform
    if _has_layers(image):
        stage.state = _image_state(stage, platform)
        found = image.platform
        if (found.os, found.architecture) != (platform.os, platform.architecture):
            stage.report(facts.base_for_other_platform, stage.span, lookup.written, platform, found)


def _pinned(reference: Reference, digest: str) -> Reference:
    try:
        return with_digest(reference, digest)
    except ValueError as error:
        raise DockerfileError(str(error), code="InvalidImageDigest") from None


def _parse_answer(name: str) -> Reference:
    try:
        return parse_normalized(name)
    except ValueError as error:
        raise DockerfileError(
            f"failed to parse ref {go_quote(name)}: {error}", code="InvalidImageName", name=name
        ) from None


def _has_layers(image: ImageConfig) -> bool:
    """Tell whether the image has files: layers, or for very old images a history of them (FROM-020)."""
    return bool(image.diff_ids) or any(not entry.empty_layer for entry in image.history())


def _image_state(stage: StageState, platform: Platform) -> State:
    name = stage.from_name(f"FROM {stage.base_name}", platform)
    meta = OpMeta(
        description={COMMAND: stage.code, CUSTOM_NAME: name},
        spans=(stage.place,),
    )
    return image_source(
        stage.base_name, platform, resolve_mode=stage.lowering.options.resolve_mode, meta=meta
    )


def _detect_platform(image: Platform, target: Platform, supported: tuple[Platform, ...]) -> Platform:
    """Return the build platform that the image was made for, where the user asked for none (FROM-019)."""
    if (image.os, image.architecture) == (target.os, target.architecture):
        return target
    for platform in supported:
        if (image.os, image.architecture) == (platform.os, platform.architecture):
            return platform
    return target
