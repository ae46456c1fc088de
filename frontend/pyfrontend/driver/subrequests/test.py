"""``frontend.test``: run stages, each to its end, and return the reports of their tests."""

from __future__ import annotations

from pyfrontend.display import one_line
from pyfrontend.driver.reports.bounds import Bounds
from pyfrontend.driver.reports.passed import folder
from pyfrontend.driver.reports.run import run
from pyfrontend.driver.reports.units import WrongRequest, find_units
from pyfrontend.driver.subrequests.document import table, texts
from pyfrontend.driver.subrequests.graph.labels import listed
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.parallel import gather, later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from pyfrontend.driver.reports.run import Failure, Ran
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result

#: Exit codes: all stages passed, one has failed, the request asks for nothing that can be run.
PASSED, FAILED, WRONG = b"0", b"1", b"2"
#: So many names are listed for a reason, in the document and in the text.
MOST_NAMES, MOST_SHOWN = 100, 4
HEADING = ("STAGE", "RESULT", "TIME", "REPORTS", "FAILED AT")


def respond(session: Session) -> Result:
    """Run the stages that were asked for; the status is 1 where one fails, 2 where there is nothing to run.

    Raises `DockerfileError` for errors in the Dockerfile, `BridgeError` for what the daemon refuses.
    """
    try:
        units = find_units(session)
    except WrongRequest as error:
        result = texts({"error": str(error)}, f"{one_line(str(error))}\n")
        result.metadata["result.statuscode"] = WRONG
        return result
    bounds = Bounds()
    ran = gather([later(run, session, unit, bounds) for unit in units])
    ref, lost = None, ""
    try:
        ref = folder(session.bridge, {one.name: one.pieces for one in ran})
    except (BridgeError, DockerfileError) as error:
        lost = one_line(f"reports unavailable: {error.message}") + "\n"
        ran = [one._replace(pieces=[]) for one in ran]
    result = texts(_document(ran), _text(ran) + lost)
    result.ref = ref
    result.metadata["result.statuscode"] = FAILED if any(one.failure for one in ran) else PASSED
    return result


def _document(ran: Sequence[Ran]) -> dict[str, Any]:
    """Return the answer for programs."""
    return {"passed": not any(one.failure for one in ran), "stages": list(map(_stage, ran))}


def _stage(ran: Ran) -> dict[str, Any]:
    failure = ran.failure
    return {
        "name": ran.name,
        "passed": failure is None,
        "seconds": round(ran.seconds, 3),
        **({"failure": _failure(failure)} if failure else {}),
        "reports": [
            {"path": f"{ran.name}/{file.name}", "size": file.size}
            for file in (piece.file for piece in ran.pieces)
        ],
        "skipped": [
            {"reason": reason, "count": len(names), "paths": names[:MOST_NAMES]}
            for reason, names in _by_reason(ran).items()
        ],
    }


def _failure(failure: Failure) -> dict[str, Any]:
    members = {"file": failure.file, "line": failure.line, "exitCode": failure.code}
    return {"message": failure.message, **{name: value for name, value in members.items() if value}}


def _text(ran: Sequence[Ran]) -> str:
    """Return the answer for people: a row for each stage, what is missing, and how to get the files."""
    lines = [table([HEADING, *map(_row, ran)], 3), *_missing(ran)]
    count = sum(len(one.pieces) for one in ran)
    if count:
        files = "1 report file" if count == 1 else f"{count} report files"
        lines.append(f"\n{files}; --output=DIR writes them to DIR/STAGE/PATH\n")
    return "".join(lines)


def _row(ran: Ran) -> tuple[str, ...]:
    result = "FAILED" if ran.failure else "passed"
    return ran.name, result, f"{ran.seconds:.1f}s", str(len(ran.pieces)), _where(ran.failure)


def _where(failure: Failure | None) -> str:
    """Return the line of the step that failed, with its exit code, else with the error."""
    if failure is None:
        return ""
    place = f"{failure.file}:{failure.line} " if failure.file else ""
    return one_line(place + (f"exit code: {failure.code}" if failure.code else failure.message))


def _missing(ran: Sequence[Ran]) -> Iterator[str]:
    """Yield a line for each reason why something of a stage is not in the reports."""
    for one in ran:
        for reason, names in _by_reason(one).items():
            shown = listed(names, MOST_SHOWN)
            yield one_line(f"not in the reports of {one.name}: {shown}: {reason}") + "\n"


def _by_reason(ran: Ran) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for skipped in ran.skipped:
        found.setdefault(skipped.reason, []).append(skipped.name)
    return found
