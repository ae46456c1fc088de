"""One request of the daemon from start to end: handed over to another frontend, answered, or built."""

from __future__ import annotations

from pyfrontend.driver.forward import forward
from pyfrontend.driver.session import open_session
from pyfrontend.driver.solve import build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.options.request import Request
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Result


def serve(bridge: BridgeProtocol, request: Request) -> Result:
    """Do what was asked for and return its result.

    Raises `DockerfileError` for errors of the user, `BridgeError` for what the daemon refused.
    """
    session = open_session(bridge, request)
    forwarded = forward(session)
    if forwarded is not None:
        return forwarded
    if session.options.caps_error is not None:
        raise session.options.caps_error
    if session.options.request_id is None:
        if "," in session.options.target and session.options.extensions:
            from pyfrontend.driver.targets import build_targets

            return build_targets(session)
        return build(session)
    from pyfrontend.driver.subrequests import serve_subrequest

    return serve_subrequest(session)
