"""Help for a RUN whose secret or SSH agent the client does not have: the daemon's error in, with help out."""

from __future__ import annotations

import re

from pyfrontend.gateway.errors import BridgeError

SECRET = re.compile(r"secret (\S{1,200}): not found$")
AGENT = re.compile(
    r'(?:unset ssh forward key (\S{1,200})|no SSH key "([^"]{1,200})" forwarded from the client)$'
)
#: Only the end of a message is looked at: it may hold a command of any length.
TAIL = 600


def explained(error: BridgeError) -> BridgeError:
    """Return ``error`` with what to add to the command line as its help; unchanged for other errors."""
    end = error.message[-TAIL:]
    secret, agent = SECRET.search(end), AGENT.search(end)
    if secret:
        name = secret[1]
        help_ = f"pass it to the build: --secret id={name},src=FILE, or --secret id={name},env=VARIABLE"
    elif agent:
        name = agent[1] or agent[2]
        key = "" if name == "default" else "=FILE"
        help_ = f"pass it to the build: --ssh {name}{key}"
    else:
        return error
    return BridgeError(error.code, error.message, error.details, help=help_)
