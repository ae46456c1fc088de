"""``frontend.check-FORMAT``: the findings of ``frontend.lint`` in a format for other programs."""

from __future__ import annotations

from pyfrontend.driver.subrequests.lint import check
from pyfrontend.gateway.results import Result
from pyfrontend.lint.formats import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session

#: Formats that are JSON, and so the answer to ``format=json`` too.
DOCUMENTS = ("sarif", "gitlab")


def respond(session: Session) -> Result:
    """Report on the Dockerfile in the format that ends the name of the subrequest."""
    form = (session.options.request_id or "").rpartition("-")[2]
    report = check(session)
    data = render([report], form).encode(errors="replace")
    metadata = {"result.txt": data, "result.statuscode": b"1" if report.fails else b"0"}
    return Result(metadata={**metadata, **({"result.json": data} if form in DOCUMENTS else {})})
