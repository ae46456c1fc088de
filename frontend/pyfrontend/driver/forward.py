"""Forwarding a build to the frontend named by ``# syntax=`` or BUILDKIT_SYNTAX (DIR-009)."""

from __future__ import annotations

from pyfrontend.driver.contexts.base import read_inputs
from pyfrontend.driver.options.build_options import SYNTAX_ARG
from pyfrontend.errors import DAEMON_ERROR, DockerfileError, located
from pyfrontend.gateway.caps import INPUTS
from pyfrontend.gateway.errors import BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.golang.strings import trim_space
from pyfrontend.syntax.directives import detect_syntax

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result
    from pyfrontend.span import Span


def forward(session: Session) -> Result | None:
    """Return the result of the frontend that the build names, None where it names none.

    A ``cmdline`` says that this very frontend was started that way: then nothing is forwarded
    (GW-021, SARG-001).  Raises the other frontend's error, with the place of the syntax line
    if it has no location of its own (ERR-010).
    """
    if session.options.cmdline is not None:
        return None
    cmdline = session.options.syntax
    if cmdline is not None:
        source = _permitted(session, trim_space(cmdline).partition(" ")[0], None)
        try:
            return _call(session, source, cmdline)
        except BridgeError as error:
            if error.has_source:
                raise
            raise error.wrapped(f"failed with {SYNTAX_ARG} = {cmdline}") from error
    syntax = detect_syntax(session.loaded.file)
    if syntax is None:
        return None
    source = _permitted(session, syntax.ref, syntax.span)
    try:
        return _call(session, source, syntax.cmdline)
    except BridgeError as error:
        if error.has_source:
            raise
        raise DockerfileError(error.message, syntax.span, code=DAEMON_ERROR) from error


def _permitted(session: Session, source: str, place: Span | None) -> str:
    """Return the image of the other frontend; raises `DockerfileError` for one that policies deny."""
    if session.guard is None:
        return source
    with located(place):
        return session.guard.frontend(source, place)


def _call(session: Session, source: str, cmdline: str) -> Result:
    bridge, inputs = session.bridge, {}
    if bridge.api_caps.supports(INPUTS):
        try:
            inputs = {name: graph.definition for name, graph in read_inputs(bridge).items()}
        except BridgeError as error:
            raise error.wrapped("failed to get frontend inputs") from error
    options = session.options.for_frontend(source, cmdline)
    return bridge.solve(SolveRequest(frontend="gateway.v0", options=options, inputs=inputs))
