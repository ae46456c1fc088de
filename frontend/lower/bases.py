"""Base images: every stage that starts from an image or a named context gets its filesystem and config."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from frontend.image import ImageConfig
from frontend.lint import reports
from frontend.llb.ops import OpMeta
from frontend.llb.sources import image as image_source
from frontend.llb.state import State
from frontend.lower.plan import SCRATCH, find_context
from frontend.lower.request import ResolvedImage
from frontend.parallel import gather
from frontend.platforms import Platform, format_all
from frontend.reference import parse_normalized, tag_name_only, with_digest
from frontend.source import DockerfileError, did_you_mean, located

if TYPE_CHECKING:
    from collections.abc import Callable

    from frontend.lower.request import LoadedContext, NamedContext
    from frontend.lower.stage import StageState
    from frontend.lower.target import Lowering
    from frontend.reference import Reference

#: Images that a misspelt base may have meant (features.md FROM-025).
COMMON_IMAGES = ("alpine", "busybox", "centos", "debian", "golang", "ubuntu", "fedora")


class _Lookup(NamedTuple):
    """A stage whose base must be asked for, and what asks for it."""

    stage: StageState
    reference: Reference
    written: str
    platform: Platform
    call: Callable[[], LoadedContext | ResolvedImage]


def resolve_bases(lowering: Lowering, needed: set[StageState]) -> None:
    """Give every stage without a base stage its base: scratch, a named context, or an image.

    The bases that are ``needed`` are asked for at the same time; of the others only the names are
    checked (features.md FROM-027, FROM-028).  A stage is resolved once, however often this runs.
    """
    lookups: list[_Lookup] = []
    for stage in lowering.graph.stages:
        if stage.base is None and not stage.dispatched and not stage.resolved:
            stage.resolved = is_needed = stage in needed or lowering.request.all_stages
            if stage.base_name == SCRATCH and stage.named_context is None:
                _start_from_scratch(stage)
            else:
                _prepare(stage, lookups, needed=is_needed)
    answers = gather([lookup.call for lookup in lookups])
    for lookup, answer in zip(lookups, answers, strict=True):
        with located(lookup.stage.range):
            _accept(lookup, answer)


def _start_from_scratch(stage: StageState) -> None:
    stage.image = ImageConfig.empty(stage.lowering.target_platform)
    stage.platform = stage.lowering.target_platform
    stage.dispatched = stage.unregistered


def _prepare(stage: StageState, lookups: list[_Lookup], *, needed: bool) -> None:
    """Check the name of the base, and queue the look-up of one that is needed."""
    written = stage.base_name
    platform = stage.platform or stage.lowering.target_platform
    with located(stage.range):
        try:
            reference = parse_normalized(written)
        except ValueError as error:
            from frontend.values import go_quote  # noqa: PLC0415 - only on the way to an error

            raise DockerfileError(f"failed to parse stage name {go_quote(written)}: {error}") from None
        stage.base_name = str(tag_name_only(reference))
        if needed:
            context = stage.named_context or find_context(stage.lowering, stage.base_name, platform, stage)
            call = _asker(stage, written, platform, context)
            lookups.append(_Lookup(stage, reference, written, platform, call))
            return
    stage.platform = platform
    stage.dispatched = stage.dispatched or stage.unregistered


def _asker(
    stage: StageState, written: str, platform: Platform, context: NamedContext | None
) -> Callable[[], LoadedContext | ResolvedImage]:
    """Return the call that asks for the base, its errors with the place of the stage."""
    lowering = stage.lowering
    label = f"{format_all(platform)} internal" if lowering.options.multi_platform else "internal"

    def load() -> LoadedContext | ResolvedImage:
        with located(stage.range):
            if context is not None:
                return context.load()
            log_name = f"[{label}] load metadata for {stage.base_name}"
            try:
                return lowering.resolver.image(stage.base_name, platform, log_name)
            except DockerfileError as error:
                hint = did_you_mean(written, (*lowering.graph.names(), *_common_names()))
                error.message = f"{written}: {error.message}{hint}"
                raise

    return load


def _common_names() -> list[str]:
    """Return spellings of the common images, with the slash that upstream leaves out left out as well."""
    names: list[str] = []
    for name in COMMON_IMAGES:
        names += (name, "docker.io/library" + name, name + ":latest", f"docker.io/library{name}:latest")
    return names


def _accept(lookup: _Lookup, answer: LoadedContext | ResolvedImage) -> None:
    stage = lookup.stage
    if isinstance(answer, ResolvedImage):
        _use_image(lookup, answer)
    elif stage.named_context is not None:
        _replace_stage(stage, answer)
    else:
        _use_context(lookup, answer)
    stage.dispatched = stage.dispatched or stage.unregistered


def _replace_stage(stage: StageState, answer: LoadedContext) -> None:
    """Let a named context stand for a whole stage, whose steps then never run (features.md STG-016)."""
    stage.dispatched = True
    stage.state = answer.state
    image = answer.image
    if image is not None:
        image.created = ""
        stage.image = image
        if image.platform.architecture and image.platform.os:
            stage.platform = image.platform


def _use_context(lookup: _Lookup, answer: LoadedContext) -> None:
    """Start the stage from a named context (features.md NCTX-017, NCTX-018)."""
    stage = lookup.stage
    image = answer.image or ImageConfig.empty(lookup.platform)
    stage.base_image = image.clone()
    image.created = ""
    stage.image = image
    stage.state = answer.state.with_platform(lookup.platform)
    stage.platform = lookup.platform


def _use_image(lookup: _Lookup, answer: ResolvedImage) -> None:
    """Start the stage from an image (features.md FROM-010 to FROM-012, FROM-019 to FROM-022)."""
    stage, platform, reference = lookup.stage, lookup.platform, lookup.reference
    if str(reference) != answer.name:
        reference = _parse_answer(answer.name)
    try:
        image = ImageConfig.from_json(answer.config)
    except ValueError as error:
        raise DockerfileError(f"failed to parse image config: {error}") from None
    stage.base_image = image.clone()
    image.created = ""
    lowering = stage.lowering
    if stage.platform is None and lowering.request.target_platform is None:
        platform = _detect_platform(image.platform, platform, lowering.build_platforms)
    if answer.digest:
        reference = with_digest(reference, answer.digest)
    stage.base_name = str(reference)
    stage.image = image
    stage.platform = platform
    if _has_layers(image):
        stage.state = _image_state(stage, platform)
        if stage.declared is not None:
            source = stage.declared.source
            reports.report_base_platform(lowering.linter, source, lookup.written, platform, image.platform)


def _parse_answer(name: str) -> Reference:
    try:
        return parse_normalized(name)
    except ValueError as error:
        from frontend.values import go_quote  # noqa: PLC0415 - only on the way to an error

        raise DockerfileError(f"failed to parse ref {go_quote(name)}: {error}") from None


def _has_layers(image: ImageConfig) -> bool:
    """Tell whether the image has files: layers, or for very old images a history of them (FROM-020)."""
    return bool(image.diff_ids) or any(not entry.empty_layer for entry in image.history())


def _image_state(stage: StageState, platform: Platform) -> State:
    name = stage.from_name(f"FROM {stage.base_name}", platform)
    meta = OpMeta(
        description={"com.docker.dockerfile.v1.command": stage.code, "llb.customname": name},
        ranges=(stage.range,) if stage.range else (),
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
