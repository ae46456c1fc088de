"""A whole build: the Dockerfile of a session converted and solved for all platforms, a `Result` out."""

from __future__ import annotations

from pyfrontend.driver.convert import Converter, warn_beside
from pyfrontend.driver.result import Converted, Solved, gathered
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import READ_DIR
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.llb.caps import FILE_COPY_REQUIRED
from pyfrontend.parallel import gather, later, race
from pyfrontend.syntax.inputs import CONTEXT, REMOTE, SCRATCH, STAGE
from pyfrontend.syntax.instructions import Copy, Run, User

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyfrontend.driver.convert import Sink
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Result
    from pyfrontend.lower.stage import StageState
    from pyfrontend.lower.target import Lowered
    from pyfrontend.oci.platforms import Platform


def build(session: Session) -> Result:
    """Build the target for every platform that was asked for (WIRE-3).

    Raises `DockerfileError` for errors of the user, `BridgeError` for what the daemon refused.
    """
    scanner = None
    if session.options.sbom is not None:
        from pyfrontend.driver.sbom import Scanner

        scanner = Scanner(session, session.options.sbom)
    converted = gather(conversions(session))
    solved = solve_all(session, converted)
    attestations = scanner.scan_all(solved) if scanner else {}
    return gathered(solved, attestations, multi_platform=session.options.multi_platform)


def solve_all(session: Session, converted: Sequence[Converted]) -> list[Solved]:
    """Solve definitions and all of their gates in parallel.

    The first failure ends the build, without waiting for those that still run.
    """
    if not any(one.lowered.lowering.request.dockerfile.has_gates for one in converted):
        return race([later(solve, session, one) for one in converted])
    from pyfrontend.driver.gates import find_gates, guarded

    with _more_warnings(session):
        gates = find_gates(session, converted)
    calls = [later(solve, session, one, bool(gates)) for one in converted]
    return race([*calls, *(later(guarded, solve, session, gate) for gate in gates)])[: len(converted)]


def conversions(session: Session) -> list[Callable[[], Converted]]:
    """Parse, and return a call for each requested platform that converts for it; only the first lints."""
    platforms: list[Platform | None] = [*session.options.platforms] or [None]
    with _more_warnings(session):
        converter = Converter(session, session.warnings.show, platforms[0])
    return [later(_convert, converter, platform, not n) for n, platform in enumerate(platforms)]


def conversion(session: Session, platform: Platform | None, sink: Sink) -> Converted:
    """Parse and convert for one platform; warnings go to ``sink``."""
    with _more_warnings(session):
        converter = Converter(session, sink, platform)
    return _convert(converter, platform, True)


def _convert(converter: Converter, platform: Platform | None, lints: bool) -> Converted:  # noqa: FBT001 - `later` has no names
    with _more_warnings(converter.session, warns=lints):
        lowered = converter.lower(platform, lints=lints)
    try:
        definition = converter.marshal(lowered)
    except DockerfileError as error:
        raise error.wrapped("failed to marshal LLB definition") from error
    return Converted(platform, definition, lowered)


class _more_warnings:  # noqa: N801 - reads as a keyword: `with _more_warnings(session):`
    """Adds the help to an error that passes, and shows what else is wrong if this call ``warns``."""

    __slots__ = ("session", "warns")

    def __init__(self, session: Session, *, warns: bool = True) -> None:
        self.session, self.warns = session, warns

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, DockerfileError):
            warn_beside(self.session, error, warns=self.warns)


def solve(session: Session, converted: Converted, evaluates: bool = False) -> Solved:  # noqa: FBT001, FBT002 - as above
    """Solve a definition; where a failure could be explained, do not leave it to the export.

    A build with gates ``evaluates`` in any case: nothing is handed out before all of them have succeeded.

    The daemon does the same work either way, but only an evaluated solve informs this process of a
    failure while it can still say why, and where.
    """
    copies = _copies_files(session.bridge, converted.lowered)
    explains = evaluates or (
        session.options.evaluate
        and (copies or any(map(_fails_without_place, converted.lowered.lowering.graph.stages)))
    )
    imports = session.options.cache_imports
    request = SolveRequest(converted.definition, cache_imports=imports, evaluate=explains)
    try:
        result = session.bridge.solve(request)
    except BridgeError as error:
        if not explains:
            raise
        from pyfrontend.driver.diagnostics import failed_command
        from pyfrontend.driver.diagnostics.failed_step import failed_op, placed

        failure = placed(error, converted.definition)
        if copies:
            from pyfrontend.driver.diagnostics.missing_files import explained

            failure = explained(failure, session.main, converted.lowered, converted.definition)
        if any(_asks_the_client(stage) for stage in converted.lowered.lowering.graph.stages):
            from pyfrontend.driver.diagnostics import missing_secrets

            failure = missing_secrets.explained(failure)
        failure = failed_command.explained(failure, failed_op(failure, converted.definition))
        raise failure from error
    if copies and explains and not session.bridge.llb_caps.supports(FILE_COPY_REQUIRED):
        _require_paths(session, converted)
    return Solved(converted, result.single_ref())


def _require_paths(session: Session, converted: Converted) -> None:
    """See to it that COPY --parents has found its files, with a daemon that does not."""
    stages = converted.lowered.lowering.graph.stages
    nodes = (step.node for stage in stages if stage.is_ready for step in stage.steps)
    if any(isinstance(node, Copy) and node.parents for node in nodes):
        from pyfrontend.driver.diagnostics.missing_files import require_paths

        require_paths(session.main, converted.lowered, converted.definition)


def _copies_files(bridge: BridgeProtocol, lowered: Lowered) -> bool:
    """Tell whether the build takes files from a context or another stage, into which one can look."""
    if not bridge.api_caps.supports(READ_DIR):
        return False
    inputs = (one for stage in lowered.lowering.graph.stages if stage.is_ready for one in stage.inputs())
    return any(one.kind in (CONTEXT, STAGE) for one in inputs)


def _fails_without_place(stage: StageState) -> bool:
    """Tell whether a step of ``stage`` can fail in a way that the daemon gives no line or no cause for."""
    if not stage.is_ready:
        return False
    if _asks_the_client(stage) or _may_not_start(stage):
        return True
    permitted = any(step.node.entitlements() for step in stage.steps)
    return permitted or any(one.kind in REMOTE for one in stage.inputs())


def _may_not_start(stage: StageState) -> bool:
    """Tell whether a RUN of ``stage`` may fail before it begins, for want of a user or of any file."""
    nodes = [step.node for step in stage.steps]
    if not any(isinstance(node, Run) for node in nodes):
        return False
    named = any(isinstance(node, User) and not node.user[:1].isdecimal() for node in nodes)
    return named or stage.base_name == SCRATCH


def _asks_the_client(stage: StageState) -> bool:
    """Tell whether a step of ``stage`` takes a secret or an SSH agent, which the client may not have."""
    return bool(stage.is_ready and (stage.usage.secrets or stage.usage.ssh))
