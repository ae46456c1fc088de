"""ONBUILD: the triggers of a base image or base stage become the first steps of the stage on top of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.errors import DockerfileError
from pyfrontend.lower.plan import link_step
from pyfrontend.lower.stage import Progress
from pyfrontend.syntax.document import parse_instruction
from pyfrontend.syntax.instructions import Onbuild

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyfrontend.lower.stage import StageState


def pull_triggers(stages: Iterable[StageState]) -> bool:
    """Put waiting triggers before the steps of ``stages``; tell whether any of them names a new source.

    Each stage takes the triggers of its image and of its base stage once (OBD-005 to OBD-007,
    OBD-012).  Errors and ops point at the FROM line (OBD-010).  The triggers of images that only a flag
    names never run, but their sources are needed and their mistakes count all the same.
    """
    found_sources = False
    for stage in stages:
        stage.inherit()
        triggers = list(stage.image.on_build)
        if stage.base is not None and stage.progress == Progress.DECLARED:
            triggers += _declared_triggers(stage.base)
            stage.settle_base()
        if triggers:
            found_sources |= _prepend(stage, triggers)
            stage.image.on_build = ()
    return found_sources


def _declared_triggers(base: StageState) -> list[str]:
    return [step.node.expression for step in base.steps if isinstance(step.node, Onbuild)]


def _prepend(stage: StageState, triggers: Sequence[str]) -> bool:
    try:
        _check_circle(stage)
        steps = [
            link_step(stage.lowering, stage, parse_instruction(text).at(stage.place), triggered=True)
            for text in triggers
        ]
    except DockerfileError as error:
        failure = error.at(*((stage.span,) if stage.span else ()))
        failure.fallback = stage.lowering.graph.user_of(stage)
        raise failure from None
    for source in (source for step in steps for source in step.sources.values() if source.implicit):
        source.trigger_of = stage
    stage.steps[:0] = steps
    stage.step_total += len(steps)
    return any(step.sources for step in steps)


def _check_circle(stage: StageState) -> None:
    """Raise if triggers led to the image of ``stage`` from that image itself: they would lead on for ever."""
    user = stage.trigger_of
    while user is not None:
        if (user.base_name, user.platform) == (stage.base_name, stage.platform):
            name = stage.base_name
            raise DockerfileError(
                f"circular dependency detected on image: {name}: its ONBUILD triggers take files from it",
                code="CircularDependency",
            )
        user = user.trigger_of
