"""``frontend.lint``: everything that is wrong with a Dockerfile, as a document and as a text."""

from __future__ import annotations

from pyfrontend.driver.convert import Converter
from pyfrontend.driver.diagnostics.extra_warnings import further_errors
from pyfrontend.driver.diagnostics.help import explain
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.lint.formats import json, text
from pyfrontend.lint.formats.report import Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic
    from pyfrontend.gateway.results import Result


def check(session: Session) -> Report:
    """Check the Dockerfile, all stages of it unless a target is given (SUB-008, STG-020).

    Never raises for what is wrong with it.  Where the text itself has errors all of them are found.
    """
    found: list[Diagnostic] = []
    try:
        converter = Converter(session, found.append, session.platform)
        converter.lower(session.platform, all_stages=not session.options.target)
    except (DockerfileError, BridgeError) as error:
        found += diagnostics_of(error, session)
    return Report(session.loaded.file, found)


def diagnostics_of(error: DockerfileError | BridgeError, session: Session) -> list[Diagnostic]:
    """Return ``error`` of ``session`` with its help, and the errors that the parser found after it."""
    if isinstance(error, BridgeError):
        return [error.diagnostic()]
    explain(error, session.main.ignore_file, [*session.options.contexts.named])
    return [error.diagnostic(), *(one.diagnostic() for one in further_errors(error))]


def respond(session: Session) -> Result:
    """Report on the Dockerfile; the status is 1 where the reference would find something (SUB-008)."""
    report = check(session)
    # Clients print the first error themselves, from the document.
    result = texts(json.document(report), text.excerpts(report.warnings, report.errors[1:]))
    result.metadata["result.statuscode"] = b"1" if report.fails else b"0"
    return result
