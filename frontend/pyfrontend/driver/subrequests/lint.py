"""``frontend.lint``: the errors and warnings of a Dockerfile, as a document and as text."""

from __future__ import annotations

from pyfrontend import limits
from pyfrontend.driver.convert import Converter
from pyfrontend.driver.diagnostics.extra_warnings import further_errors
from pyfrontend.driver.diagnostics.help import explain
from pyfrontend.driver.diagnostics.other_frontend import may_know
from pyfrontend.driver.subrequests.document import texts
from pyfrontend.errors import ERROR, DockerfileError
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.lint.formats import json, text
from pyfrontend.lint.formats.report import Report
from pyfrontend.lint.rules.errors import MORE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pyfrontend.driver.session import Session
    from pyfrontend.errors import Diagnostic
    from pyfrontend.gateway.results import Result
    from pyfrontend.lint.registry import CheckConfig


def check(session: Session, added: CheckConfig | None = None) -> Report:
    """Check the Dockerfile, all stages of it unless a target is given (SUB-008, STG-020).

    ``added`` are check options in addition to those of the file.
    Never raises for what is wrong with it.  Where the text itself has errors all of them are found.
    """
    found = _Findings()
    try:
        if "," in session.options.target and session.options.extensions:
            _check_each(session, found.add)
        else:
            converter = Converter(session, found.add, session.platform, added)
            converter.lower(session.platform, all_stages=not session.options.target)
    except (DockerfileError, BridgeError) as error:
        for one in diagnostics_of(error, session):
            found.add(one)
    return Report(session.loaded.file, found.all())


class _Findings:
    """The findings of a check, as many as it lists, and how many more there are."""

    def __init__(self) -> None:
        self.listed: list[Diagnostic] = []
        self.more = 0
        self.lines = limits.LineBudget()

    def add(self, found: Diagnostic) -> None:
        # What stops a build is listed even where thousands of warnings came before it.
        if len(self.listed) < limits.CHECK_FINDINGS or (found.severity == ERROR and not self.has_error):
            self.listed.append(self.lines.within(found.displayed()))
        else:
            self.more += 1

    @property
    def has_error(self) -> bool:
        return bool(self.listed) and self.listed[-1].severity == ERROR

    def all(self) -> list[Diagnostic]:
        if not self.more:
            return self.listed
        return [*self.listed, MORE.found(f"and {self.more:,} more")]


def _check_each(session: Session, show: Callable[[Diagnostic], object]) -> None:
    """Check all targets of a list, which have findings in common."""
    from pyfrontend.driver.gates import GateMeter
    from pyfrontend.driver.targets import each_once, for_target, read_targets

    sink, meter = each_once(show), GateMeter()
    for name in read_targets(session.options.target):
        converter = Converter(for_target(session, name), sink, session.platform)
        meter.spend(converter.document)
        converter.lower(session.platform)


def diagnostics_of(error: DockerfileError | BridgeError, session: Session) -> list[Diagnostic]:
    """Return ``error`` of ``session`` with its help, and the errors that the parser found after it."""
    if isinstance(error, BridgeError):
        return [error.diagnostic().displayed()]
    through = explain(error, session.main.ignore_file, [*session.options.contexts.named])
    found = [one.diagnostic() for one in (error, *further_errors(error, through))]
    return [may_know(one, session).displayed() for one in found]


def respond(session: Session) -> Result:
    """Report on the Dockerfile; the status is 1 where the reference would find something (SUB-008)."""
    report = check(session)
    # Clients print the first error themselves, from the document.
    result = texts(json.document(report), text.excerpts(report.warnings, report.errors[1:]))
    result.metadata["result.statuscode"] = b"1" if report.fails else b"0"
    return result
