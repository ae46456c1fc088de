"""Help for a RUN that fails before its command does anything: the daemon's error in, with help out."""

from __future__ import annotations

import re

from pyfrontend.gateway.errors import BridgeError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.pb import ops_pb2 as pb

UNKNOWN_NAME = re.compile(
    r"unable to find (user|group) (\S{1,200}): (?:no matching entries in \w+ file|(invalid argument))$"
)
#: What a step may do only if the client and the daemon allow it.
NOT_ALLOWED = re.compile(r"(network\.host|security\.insecure|device) is not allowed$")
#: The end of an error about a command that ran, or could not be started.
EXIT_CODE = re.compile(r"did not complete successfully: exit code: (\d+)$")
#: Only the end of a message is looked at: it may hold a command of any length.
TAIL = 600
#: Programs that create one, on most systems and on Alpine.
CREATORS = {"user": ("useradd", "adduser -D"), "group": ("groupadd", "addgroup")}
#: What shells mean by an exit code.
MEANINGS = {
    "126": "the program cannot be executed: use COPY --chmod=755, or call its interpreter",
    "127": (
        "a command was not found; if it is a script that exists, its first line names an interpreter that"
        " does not, or ends with CR LF"
    ),
}
#: The exit code of a command that could not be started.
NOT_STARTED = "1"


def explained(error: BridgeError, op: pb.Op | None) -> BridgeError:
    """Return ``error`` about the failed ``op`` with the cause as its help; unchanged for other errors."""
    help_ = error.help or _help(error.message[-TAIL:], op)
    return BridgeError(error.code, error.message, error.details, help=help_) if help_ else error


def _help(end: str, op: pb.Op | None) -> str:
    unknown, code = UNKNOWN_NAME.search(end), EXIT_CODE.search(end)
    if unknown:
        kind, name = unknown[1], unknown[2]
        if unknown[3]:
            file = "passwd" if kind == "user" else kind
            return f"this stage has no /etc/{file} to look {name} up in: give a number, such as USER 1000"
        usual, alpine = CREATORS[kind]
        commands = f"{usual} {name}, on Alpine {alpine} {name}"
        return f"create the {kind} in a RUN above ({commands}), or give a number"
    refused = NOT_ALLOWED.search(end)
    if refused:
        return f"pass --allow {refused[1]} to the build; the daemon must allow it too"
    if code and code[1] == NOT_STARTED and op is not None and _is_empty(op):
        return (
            "this stage is empty, without a shell or any other program: start it from an image that has one"
        )
    return MEANINGS.get(code[1], "") if code else ""


def _is_empty(op: pb.Op) -> bool:
    """Tell whether the command of ``op`` has nothing below its root."""
    return any(mount.dest == "/" and mount.input < 0 for mount in op.exec.mounts)
