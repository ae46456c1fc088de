"""``frontend.subrequests.describe``: which subrequests there are.

The reference leaves ``lint`` and ``convertllb`` out; here all are listed (SUB-002).
"""

from __future__ import annotations

from pyfrontend.driver.subrequests import PREFIX, SUBREQUESTS, Subrequest
from pyfrontend.driver.subrequests.document import table, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pyfrontend.driver.session import Session
    from pyfrontend.gateway.results import Result


def respond(_session: Session) -> Result:
    """List all subrequests."""
    rows = [("NAME", "VERSION", "DESCRIPTION")]
    rows += [(one.name, one.version, one.description) for one in SUBREQUESTS]
    return texts([_described(one) for one in SUBREQUESTS], table(rows, 1))


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
