"""The stages of a test run: the option ``target`` and the Dockerfile in, stages to solve out."""

from __future__ import annotations

from collections import Counter

from pyfrontend.driver.convert import Converter, lowering_request
from pyfrontend.driver.gates import GateMeter, find_gates, lower_stage
from pyfrontend.driver.reports.run import Unit
from pyfrontend.driver.result import Converted
from pyfrontend.driver.targets import read_targets
from pyfrontend.errors import DockerfileError
from pyfrontend.lower.plan import reachable
from pyfrontend.oci.platforms import format_all
from pyfrontend.parallel import gather, later
from pyfrontend.spelling import nearest, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyfrontend.driver.session import Session
    from pyfrontend.syntax.document import Dockerfile, Stage

NO_TESTS = (
    "no stage has tests to run: mark a step with RUN --report=PATH, require a stage with"
    " RUN --requires=STAGE, or name stages with --target"
)


class WrongRequest(Exception):  # noqa: N818 - it ends as an answer, and not as an error
    """What is wrong with the request, in words for the user."""


def find_units(session: Session) -> list[Unit]:
    """Return the stages to run, in file order.

    These are the targets, or without any all stages with reports; the gates of the targets, or of the
    default one; and, where there are targets, the stages with reports that all of these are built from.
    Raises `WrongRequest` if there is none, `DockerfileError` for errors in the Dockerfile.
    """
    platforms = session.options.platforms
    if len(platforms) > 1:
        raise WrongRequest("tests run for one platform: choose it with --platform")
    converter = Converter(session, session.warnings.show, platforms[0] if platforms else None)
    document = converter.document
    base = lowering_request(session, document, converter.linter, converter.platform)
    names, meter = _targets(session, document), GateMeter()
    for _ in names:
        meter.spend(document)
    roots = gather([later(lower_stage, session, base, name, base.target_platform) for name in names])
    starts = roots or [_default(converter)]
    gates = [gate.converted for gate in find_gates(session, starts, meter)]
    reached = set(_reached([*roots, *gates])) if names else None
    found = {_key(one): one for one in (*roots, *gates)}
    more = [stage for stage in _with_reports(document) if reached is None or stage.index in reached]
    for stage in more:
        meter.spend(document, stage.span)
        one = lower_stage(session, base, stage.name or str(stage.index), base.target_platform)
        found.setdefault(_key(one), one)
    if not found:
        raise WrongRequest(NO_TESTS)
    counts = Counter(name for _, name, _ in found)
    return [_unit(found[key], key, with_platform=counts[key[1]] > 1) for key in sorted(found)]


def _targets(session: Session, document: Dockerfile) -> list[str]:
    """Return the names of the stages that the option asks for, as the plain file has them."""
    try:
        names = read_targets(session.options.target if document.target is None else document.target)
    except DockerfileError as error:
        raise WrongRequest(error.message) from None
    known = {stage.name for stage in document.stages}
    for name in names:
        if name.lower() not in known:
            meant = nearest(name, sorted(known))
            raise WrongRequest(f'target stage "{name}" could not be found{suggestion(meant)}')
    return names


def _default(converter: Converter) -> Converted:
    lowered = converter.lower(converter.platform)
    return Converted(converter.platform, converter.marshal(lowered), lowered)


def _reached(converted: Iterable[Converted]) -> Iterator[int]:
    """Yield the indexes of all stages that the conversions are built from."""
    for one in converted:
        yield from (stage.declared.index for stage in reachable(one.lowered.stage) if stage.declared)


def _with_reports(document: Dockerfile) -> list[Stage]:
    return [
        stage
        for stage in document.stages
        if any(node.extras and node.extras.reports for node in stage.instructions)
    ]


def _key(converted: Converted) -> tuple[int, str, str]:
    """Return what tells two stages to run apart: number (-1: a named context), name and platform."""
    stage = converted.lowered.stage
    platform = format_all(stage.platform or converted.lowered.lowering.target_platform)
    if stage.declared is None:
        return -1, stage.named_context.key if stage.named_context else stage.base_name, platform
    return stage.declared.index, stage.declared.name or f"stage-{stage.declared.index}", platform


def _unit(converted: Converted, key: tuple[int, str, str], *, with_platform: bool) -> Unit:
    _, name, platform = key
    return Unit(f"{name}-{platform.replace('/', '-')}" if with_platform else name, converted)
