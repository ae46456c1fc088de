"""Gates: stages that a build requires but does not contain, each with its own definition.

A gate is lowered as ``--target`` would lower it.  The definition of the build therefore stays the same as
without the gate, byte for byte and on every BuildKit version; the daemon shares common steps by cache key.
Loaded only for builds with gates.
"""

from __future__ import annotations

from pyfrontend.driver.convert import lowering_request, parse
from pyfrontend.driver.result import Converted
from pyfrontend.errors import WARNING, Diagnostic, DockerfileError
from pyfrontend.gateway.errors import BridgeError, source_details
from pyfrontend.limits import GATE_WORK
from pyfrontend.lint.linter import Linter
from pyfrontend.llb.marshal import marshal
from pyfrontend.lower.plan import reachable
from pyfrontend.lower.target import lower_target
from pyfrontend.oci.platforms import normalize
from pyfrontend.parallel import gather, later
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyfrontend.driver.result import Solved
    from pyfrontend.driver.session import Session
    from pyfrontend.lower.ports import Request
    from pyfrontend.lower.stage import StageState
    from pyfrontend.oci.platforms import Platform
    from pyfrontend.span import Span
    from pyfrontend.syntax.document import Dockerfile

    Solve = Callable[[Session, Converted, bool], Solved]

#: The name of the warning about a gate that a named context stands for.
REPLACED = "GateReplaced"
#: The name of the warning about gates that a graph does not hold.
LOST = "GatesLost"


class GateMeter:
    """What stages may cost that are planned one by one, each with all lines of its file."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        """Begin with `GATE_WORK`."""
        self.left = GATE_WORK

    def spend(self, document: Dockerfile, place: Span | None = None) -> None:
        """Count one stage of ``document``; raises `DockerfileError` at ``place`` for one too many."""
        self.left -= sum(1 + len(stage.instructions) + len(stage.gates) for stage in document.stages)
        if self.left < 0:
            raise DockerfileError(
                "too many stages are targets, required or with reports for a file of this length: each is"
                " planned with all lines of the file; let one stage copy from the others, and name that",
                *([place] if place else []),
                code="TooManyGates",
            )


class Gate(NamedTuple):
    """A stage that is required by ``holder`` at ``span``, ready to be solved for the platform of that."""

    name: str
    holder: str
    span: Span
    converted: Converted


class _Wanted(NamedTuple):
    """A gate before it is lowered; ``origin`` is the conversion in which it was found."""

    name: str
    platform: Platform | None
    holder: str
    span: Span
    origin: Converted


def find_gates(
    session: Session, converted: Iterable[Converted], meter: GateMeter | None = None
) -> list[Gate]:
    """Return the gates of all stages that the conversions reach, and the gates of these, each once.

    Raises `DockerfileError` for errors in their stages, and for more of them than ``meter`` allows.  A gate
    that a named context stands for is reported.
    """
    meter = meter or GateMeter()
    found: dict[tuple[str, str], Gate] = {}
    waiting = list(converted)
    while waiting:
        wanted = {_key(one): one for origin in waiting for one in _wanted(session, origin)}
        new = {key: one for key, one in wanted.items() if key not in found}
        for one in new.values():
            meter.spend(one.origin.lowered.lowering.request.dockerfile, one.span)
        gates = gather([later(_lowered, session, one) for one in new.values()])
        found |= dict(zip(new, gates, strict=True))
        waiting = [gate.converted for gate in gates]
    return list(found.values())


def guarded(solve: Solve, session: Session, gate: Gate) -> Solved:
    """Solve a gate; where it fails, say which line requires it, after the line that has failed."""
    try:
        return solve(session, gate.converted, True)
    except BridgeError as error:
        help_ = f"{_text(gate)}{': ' if error.help else ''}{error.help}"
        details = [*error.details, *source_details([gate.span])]
        raise BridgeError(error.code, error.message, details, help=help_) from error
    except DockerfileError as error:
        error.spans.append(gate.span)
        raise


def report_lost(session: Session, document: Dockerfile) -> None:
    """Report that a graph without a build does not hold what ``document`` requires."""
    spans = [gate.span for stage in document.stages for gate in stage.gates]
    text = "the graph does not hold what --requires asks for: whoever builds it runs none of these stages"
    session.warnings.show(Diagnostic(WARNING, LOST, text, list(dict.fromkeys(spans))))


def _text(gate: Gate) -> str:
    holder = f"stage {gate.holder}" if gate.holder else "the build"
    return f"{holder} requires {gate.name} ({gate.span.file.name}:{gate.span.start})"


def _key(wanted: _Wanted) -> tuple[str, str]:
    platform = wanted.platform
    return wanted.name, str(normalize(platform)) if platform else ""


def _wanted(session: Session, origin: Converted) -> Iterator[_Wanted]:
    """Yield what the stages that ``origin`` reaches require, in file order."""
    lowering = origin.lowered.lowering
    reached = reachable(origin.lowered.stage)
    for holder in lowering.graph.stages:
        if holder in reached:
            for stage, span in holder.gates.items():
                if stage.named_context is not None:
                    _report(session, stage, span)
                name = stage.name if stage.declared and stage.declared.name else _number(stage)
                yield _Wanted(name, _platform(holder, origin), holder.name, span, origin)


def _number(stage: StageState) -> str:
    """Return how a stage without a name is called in the plain file, or the name of a context."""
    return str(stage.declared.index) if stage.declared else stage.base_name


def _platform(holder: StageState, origin: Converted) -> Platform | None:
    """Return the platform of ``holder``; None where the user named none and it has that of the build."""
    platform = holder.platform
    if platform is None or normalize(platform) == normalize(origin.lowered.lowering.target_platform):
        return origin.platform
    return platform


def lower_stage(session: Session, base: Request, name: str, platform: Platform | None) -> Converted:
    """Lower the stage ``name`` of the Dockerfile of ``base`` instead of the target, without linting.

    For another platform than that of ``base`` it is lowered from the plain form that it has there.
    """
    linter, document = Linter(base.linter.config), base.dockerfile
    if platform != base.target_platform:
        document = parse(session, linter, platform)
    lowered = lower_target(lowering_request(session, document, linter, platform)._replace(gate=name))
    target = lowered.lowering.target_platform
    definition = marshal(lowered.state.output, caps=session.bridge.llb_caps, platform=target)
    return Converted(platform, definition, lowered)


def _lowered(session: Session, wanted: _Wanted) -> Gate:
    request = wanted.origin.lowered.lowering.request
    try:
        converted = lower_stage(session, request, wanted.name, wanted.platform)
    except DockerfileError as error:
        error.spans.append(wanted.span)
        raise
    return Gate(wanted.name, wanted.holder, wanted.span, converted)


def _report(session: Session, stage: StageState, span: Span) -> None:
    context = stage.named_context
    text = f"{context.key if context else ''} is a named context here, so none of its tests run"
    session.warnings.show(Diagnostic(WARNING, REPLACED, text, [span]))
