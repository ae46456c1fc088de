"""The command ``plugins``: the plugins of an image in, what they declare out, or what is wrong with one.

A derived image runs it while it is built, so that a broken plugin fails that build and no other.
"""

from __future__ import annotations

from pyfrontend.cli.terminal import FINE, UNUSABLE, WRONG, complain, print_out
from pyfrontend.errors import DockerfileError
from pyfrontend.plugins.check import checked
from pyfrontend.plugins.load import VARIABLE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyfrontend.plugins.gather import Plugins


def show_plugins(plugins: Plugins | None) -> int:
    """Check ``plugins`` and print what they declare; return the exit code."""
    if plugins is None:
        return complain(f"no plugins: {VARIABLE} is not set. Set it by ENV above this line", UNUSABLE)
    try:
        lines = checked(plugins)
    except DockerfileError as error:
        return complain(error.diagnostic().displayed().helped, WRONG)
    print_out("".join(f"{line}\n" for line in lines).encode(errors="replace"))
    return FINE
