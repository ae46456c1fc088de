"""ONBUILD: the triggers of a base image or base stage become the first steps of the stage on top of it."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.errors import DockerfileError
from pyfrontend.lower.plan import link_step
from pyfrontend.lower.stage import Progress
from pyfrontend.record import NamedTuple
from pyfrontend.span import SourceFile, Span
from pyfrontend.syntax.document import parse_instruction
from pyfrontend.syntax.instructions import Onbuild

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyfrontend.lower.stage import StageState


class _Trigger(NamedTuple):
    """An instruction as text, and where it was declared: in a base stage, or in the config of an image."""

    text: str
    span: Span


def pull_triggers(stages: Iterable[StageState]) -> bool:
    """Put waiting triggers before the steps of ``stages``; return whether any of them names a new source.

    Each stage takes the triggers of its image and of its base stage once (OBD-005 to OBD-007,
    OBD-012).  Errors and ops point at the FROM line (OBD-010).  The triggers of images that only a flag
    names never run, but their sources are needed and their errors count all the same.
    """
    found_sources = False
    for stage in stages:
        stage.inherit()
        triggers = _triggers_of_image(stage)
        if stage.base is not None and stage.progress == Progress.DECLARED:
            triggers += _declared_triggers(stage.base)
            stage.settle_base()
        if triggers:
            found_sources |= _prepend(stage, triggers)
            stage.image.on_build = ()
    return found_sources


def _triggers_of_image(stage: StageState) -> list[_Trigger]:
    texts = stage.image.on_build
    if not texts:
        return []
    data = "".join(f"ONBUILD {text}\n" for text in texts).encode("utf-8", "surrogateescape")
    file = SourceFile(f"triggers of {stage.base_name}", data)
    found, line = [], 1
    for text in texts:
        end = line + text.count("\n")
        found.append(_Trigger(text, Span(file, line, end)))
        line = end + 1
    return found


def _declared_triggers(base: StageState) -> list[_Trigger]:
    nodes = [step.node for step in base.steps]
    return [_Trigger(node.expression, node.span) for node in nodes if isinstance(node, Onbuild)]


def _prepend(stage: StageState, triggers: Sequence[_Trigger]) -> bool:
    with _blaming(stage):
        _check_origin(stage)
        _count(stage, len(triggers))
    steps = []
    for trigger in triggers:
        with _blaming(stage, trigger.span):
            node = parse_instruction(trigger.text).at(stage.place)
            steps.append(link_step(stage.lowering, stage, node, trigger.span))
    for source in (source for step in steps for source in step.sources.values() if source.implicit):
        source.trigger_of = stage
    stage.steps[:0] = steps
    stage.step_total += len(steps)
    return any(step.sources for step in steps)


class _blaming:  # noqa: N801 - reads as a keyword: `with _blaming(stage, trigger):`
    """Lets errors of ``triggers`` point at the FROM of ``stage``; the triggers are what they are about."""

    __slots__ = ("stage", "triggers")

    def __init__(self, stage: StageState, *triggers: Span) -> None:
        self.stage, self.triggers = stage, triggers

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, DockerfileError):
            failure = error.at(*((self.stage.span,) if self.stage.span else ()))
            failure.fallback = self.stage.lowering.graph.user_of(self.stage)
            failure.related = self.triggers
            raise failure from None


def _check_origin(stage: StageState) -> None:
    """Raise if triggers led to the image of ``stage`` from that image itself, or through too many others.

    Either way they might lead on for ever.
    """
    user, depth = stage.trigger_of, 1
    while user is not None:
        depth += 1
        if (user.base_name, user.platform) == (stage.base_name, stage.platform):
            name = stage.base_name
            raise DockerfileError(
                f"circular dependency detected on image: {name}: its ONBUILD triggers take files from it",
                code="CircularTriggers",
            )
        user = user.trigger_of
    if depth > limits.TRIGGER_DEPTH:
        raise DockerfileError(
            f"ONBUILD triggers take files from images whose triggers do so too, more than"
            f" {limits.TRIGGER_DEPTH} images deep",
            code="TooManyTriggers",
        )


def _count(stage: StageState, number: int) -> None:
    """Add ``number`` triggers to those of the build; raises once there are too many."""
    lowering = stage.lowering
    lowering.triggers += number
    if lowering.triggers > limits.TRIGGERS:
        raise DockerfileError(
            f"the ONBUILD triggers of this build are more than {limits.TRIGGERS:,}", code="TooManyTriggers"
        )
