"""Handing a build over: to the frontend that ``# syntax=`` or BUILDKIT_SYNTAX names (DIR-009)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyfrontend.driver.contexts.main import read_inputs
from pyfrontend.errors import DockerfileError
from pyfrontend.gateway.caps import INPUTS
from pyfrontend.gateway.errors import DAEMON_ERROR, BridgeError
from pyfrontend.gateway.requests import SolveRequest
from pyfrontend.golang.strings import trim_space
from pyfrontend.syntax.directives import detect_syntax

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyfrontend.driver.contexts.main import Loaded
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Result

SYNTAX_ARG = "build-arg:BUILDKIT_SYNTAX"


def forward(bridge: BridgeProtocol, options: Mapping[str, str], loaded: Loaded) -> Result | None:
    """Return the result of the frontend that the build names, None where it names none.

    The option ``cmdline`` says that this very frontend was started that way: then nothing is forwarded
    (GW-021, SARG-001).  Raises the other frontend's error, with the place of the syntax line
    where it has no place of its own (ERR-010).
    """
    if "cmdline" in options:
        return None
    cmdline = options.get(SYNTAX_ARG)
    if cmdline is not None:
        try:
            return _call(bridge, options, trim_space(cmdline).partition(" ")[0], cmdline)
        except BridgeError as error:
            if error.has_source:
                raise
            raise error.wrapped(f"failed with {SYNTAX_ARG} = {cmdline}") from error
    syntax = detect_syntax(loaded.file)
    if syntax is None:
        return None
    try:
        return _call(bridge, options, syntax.ref, syntax.cmdline)
    except BridgeError as error:
        if error.has_source:
            raise
        raise DockerfileError(error.message, syntax.span, code=DAEMON_ERROR) from error


def _call(bridge: BridgeProtocol, options: Mapping[str, str], source: str, cmdline: str) -> Result:
    inputs = {}
    if bridge.api_caps.supports(INPUTS):
        try:
            inputs = {name: graph.definition for name, graph in read_inputs(bridge).items()}
        except BridgeError as error:
            raise error.wrapped("failed to get frontend inputs") from error
    passed = {**options, "cmdline": cmdline, "source": source}
    return bridge.solve(SolveRequest(frontend="gateway.v0", options=passed, inputs=inputs))
