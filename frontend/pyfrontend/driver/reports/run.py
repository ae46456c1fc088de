"""One stage of a test run: solved to its end, and its reports collected, whether it passed or failed."""

from __future__ import annotations

import json
from time import monotonic

from pyfrontend.driver.diagnostics.failed_step import failed_digest
from pyfrontend.driver.reports.failed import rescue
from pyfrontend.driver.reports.passed import Piece, latest, look
from pyfrontend.driver.solve import solve
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import EXIT_URL, SOURCE_URL, BridgeError
from pyfrontend.llb.locations import ops_by_digest
from pyfrontend.record import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyfrontend.driver.reports.bounds import Bounds
    from pyfrontend.driver.reports.find import Skipped
    from pyfrontend.driver.result import Converted
    from pyfrontend.driver.session import Session
    from pyfrontend.lower.reports import Reported
    from pyfrontend.pb import ops_pb2 as pb


class Unit(NamedTuple):
    """A stage to run, under the name that it has in the report."""

    name: str
    converted: Converted


class Failure(NamedTuple):
    """Why a stage failed: the words of the error, file and line (empty and 0: unknown), and the exit code."""

    message: str
    file: str = ""
    line: int = 0
    code: int | None = None


class Ran(NamedTuple):
    """What became of a stage: its report files, and what of them cannot be brought home."""

    name: str
    seconds: float
    failure: Failure | None
    pieces: list[Piece]
    skipped: list[Skipped]


def run(session: Session, unit: Unit, bounds: Bounds) -> Ran:
    """Run the stage of ``unit`` and find its reports; an error of it is part of the answer."""
    begun = monotonic()
    error: BridgeError | DockerfileError | None = None
    try:
        solve(session, unit.converted, True)
    except (BridgeError, DockerfileError) as failure:
        error = failure
    seconds = monotonic() - begun
    pieces, skipped = _reports(session, unit, error, bounds)
    pieces, replaced = latest(pieces)
    return Ran(unit.name, seconds, _failure(error) if error else None, pieces, [*skipped, *replaced])


def _reports(
    session: Session, unit: Unit, error: BridgeError | DockerfileError | None, bounds: Bounds
) -> tuple[list[Piece], list[Skipped]]:
    """Return the report files of the stage's steps, as far as they were run."""
    pieces: list[Piece] = []
    skipped: list[Skipped] = []
    lowered = unit.converted.lowered
    ops = ops_by_digest(unit.converted.definition)
    failed = failed_digest(error, unit.converted.definition) if isinstance(error, BridgeError) else ""
    passed = set(_needs(failed, ops)) if error else set(ops)
    for reported in lowered.stage.reports:
        digest = _digest(reported)
        if digest in passed:
            found, missing = look(session.bridge, reported, lowered.lowering.target_platform, bounds)
            pieces += found
            skipped += missing
        elif digest == failed and isinstance(error, BridgeError):
            rescued = rescue(session.bridge, error, ops.get(failed), reported, bounds)
            pieces += [Piece(file, None, data) for file, data in rescued.files]
            skipped += rescued.skipped
    return pieces, skipped


def _needs(digest: str, ops: dict[str, pb.Op]) -> Iterator[str]:
    """Yield the digests of all ops that one needs: they passed before it began."""
    seen = {digest}
    waiting = [digest] if digest in ops else []
    while waiting:
        for end in ops[waiting.pop()].inputs:
            if end.digest not in seen and end.digest in ops:
                seen.add(end.digest)
                waiting.append(end.digest)
                yield end.digest


def _digest(reported: Reported) -> str:
    """Return the digest of a step, as the definition that was solved has it."""
    vertex = reported.state.output.vertex if reported.state.output else None
    return vertex.encoded.digest if vertex and vertex.encoded else ""


def _failure(error: BridgeError | DockerfileError) -> Failure:
    if isinstance(error, DockerfileError):
        place = error.places[0] if error.places else None
        return Failure(error.helped, place.file.name if place else "", place.start if place else 0)
    file, line, code = "", 0, None
    for detail in error.details:
        if detail.type_url == SOURCE_URL and not file:
            source = json.loads(detail.value)
            file = source.get("info", {}).get("filename", "")
            start = (source.get("ranges") or [{}])[0].get("start", {})
            line = start.get("line", start.get("Line", 0))
        elif detail.type_url == EXIT_URL:
            code = int(json.loads(detail.value).get("Code", 0))
    return Failure(error.helped, file, line, code)
