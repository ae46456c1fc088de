"""``frontend.subrequests.describe``: the list of subrequests.

The reference omits ``lint`` and ``convertllb``; here all are listed (SUB-002).
"""

from __future__ import annotations

from pyfrontend.driver.subrequests import PREFIX, SUBREQUESTS, Subrequest
from pyfrontend.driver.subrequests.document import table, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result


#: That of the calls of plugins.
VERSION = "1.0.0"


def respond(session: Session) -> Result:
    """List all subrequests, those of plugins last."""
    plugged = session.plugins.calls.values() if session.plugins else ()
    known = [*SUBREQUESTS, *(Subrequest(call.name, VERSION, "", call.help) for call in plugged)]
    rows = [("NAME", "VERSION", "DESCRIPTION")]
    rows += [(one.name, one.version, one.description) for one in known]
    return texts([_described(one) for one in known], table(rows, 1))


def _described(subrequest: Subrequest) -> dict[str, Any]:
    options = subrequest.options
    return {
        "name": PREFIX + subrequest.name,
        "version": subrequest.version,
        "type": "rpc",
        "description": subrequest.description,
        "opts": None if options is None else [_named(*option) for option in options],
        "inputs": None,
        "metadata": [_named(name, "") for name in subrequest.metadata],
        "refs": None,
    }


def _named(name: str, description: str) -> dict[str, str]:
    return {"name": name, "description": description}
