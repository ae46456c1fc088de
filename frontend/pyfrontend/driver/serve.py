"""One request from the daemon, from start to end: forwarded to another frontend, answered, or built."""

from __future__ import annotations

from pyfrontend.driver.session import open_session
from pyfrontend.parallel import Promise, later

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.driver.options.request import Request
    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.protocol import BridgeProtocol
    from pyfrontend.gateway.results import Result


def serve(bridge: BridgeProtocol, request: Request) -> Result:
    """Do what was asked for and return its result.

    Raises `DockerfileError` for errors of the user, `BridgeError` for what the daemon refused.
    """
    opened = Promise(later(open_session, bridge, request))
    # A third of all imports, done while the daemon fetches the Dockerfile (docs/performance.md).
    from pyfrontend.driver import forward, solve

    session = opened.get()
    return forward.forward(session) or _answer(session) or solve.build(session)


def _answer(session: Session) -> Result | None:
    """Answer anything but an ordinary build; return None for one."""
    options = session.options
    if options.caps_error is not None:
        raise options.caps_error
    if options.request_id is not None:
        from pyfrontend.driver.subrequests import serve_subrequest

        return serve_subrequest(session)
    if "," in options.target and options.extensions:
        from pyfrontend.driver.targets import build_targets

        return build_targets(session)
    return None
